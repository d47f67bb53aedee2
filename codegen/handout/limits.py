"""How long a handout may grow without being asked twice."""

from __future__ import annotations

from derive.network import Network

MOST_WEIGHTS = 80
"""With more parameters, lines for single elements are written with --force only."""

MOST_PATHS = 120
"""With more paths in all, the chains for single weights are written with --force only."""

MOST_FORCED = 20_000
"""With more paths, or terms in the lines for single elements, even --force is refused."""


class HandoutError(ValueError):
    """A handout that cannot be made; the message says why, and what to do."""


def paths(network: Network) -> int:
    """Return how many paths lead from the loss to all parameters together."""
    count, onward = 0, 1
    for layer in range(len(network.layers), 0, -1):
        units, inputs = network.sizes[layer], network.sizes[layer - 1]
        count += units * (inputs + (network.bias_of(layer) != "none")) * onward
        onward *= units
    return count


def chains_possible(network: Network) -> bool:
    """Return whether chains can be written: a softmax in the middle joins every unit with every other."""
    return not any(network.activation_of(layer).normalised for layer in range(1, len(network.layers)))


def refuse_too_long(network: Network) -> None:
    """Refuse to write a document that could not be opened.

    Raises
    ------
    HandoutError
        If there are more than `MOST_FORCED` paths.
    """
    if paths(network) > MOST_FORCED:
        raise HandoutError(
            f"the handout would hold {paths(network):,} paths from the loss to a parameter: "
            f"even with --force, {MOST_FORCED:,} is the most. Leave --force out, or use --detail brief"
        )
