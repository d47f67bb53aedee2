"""The style ``scalar``: one sample, every element a float with a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from codegen.modules import StyleError, description
from codegen.modules.lines import statement
from codegen.modules.numbers import flat_literal
from codegen.modules.unrolled import calls, unrolled
from derive.adjoint import adjoint_name
from derive.derivation import derive
from derive.network import Network

if TYPE_CHECKING:
    from derive.spec import Spec

MAX_WEIGHTS = 5_000


def context(spec: Spec, fast_math: bool) -> dict[str, Any]:
    """Return what the template of a scalar module shows.

    Raises
    ------
    StyleError
        If the network has more than `MAX_WEIGHTS` weights.
    """
    network = spec.network
    if network.weights > MAX_WEIGHTS:
        raise StyleError(
            f"the network has {network.weights:,} weights; unrolled, more than {MAX_WEIGHTS:,} are slower"
            " than arrays, and too long to read: use --style array"
        )
    forward = [f"{kind}{n}" for n in range(1, len(network.layers) + 1) for kind in "za"]
    derivation = derive(network, None)
    flat = unrolled(derivation.fast if fast_math else derivation.numeric, forward)
    gradient = list(map(adjoint_name, flat.parameters))
    step, new = flat.step_apart()
    bodies = {
        "forward": flat.body(forward),
        "loss": flat.body(["L"]),
        "gradient": flat.body(["L", *gradient]),
        "step": step,
        "train": flat.step(indent=12),
    }
    functions, helpers = calls(line for lines in (*bodies.values(), new) for line in lines)
    given = {"params": flat.elements(*flat.parameters), "x": flat.elements("x"), "y": flat.elements("y")}
    loss, slopes = flat.values("L")[0], flat.values(*gradient)
    return {
        "title": description.title(spec),
        "version": description.version(),
        "network": description.network_lines(network),
        "conventions": description.conventions(network, fast_math),
        "expressions": description.has_expressions(network),
        "operations": description.operation_lines(flat.computed, None),
        "shapes": network.parameter_shapes,
        "weights": network.weights,
        "inputs": network.sizes[0],
        "outputs": network.sizes[-1],
        "sizes": {name: len(names) for name, names in given.items()},
        "widths": {name: network.sizes[int(name[1:])] for name in forward},
        "order": _order(network),
        "math": functions,
        "helpers": helpers,
        "bodies": bodies,
        "unpack": {name: statement("", name, names, 12) for name, names in given.items()},
        "return_forward": statement("return", "", flat.values(*forward)),
        "return_loss": loss,
        "return_gradient": _pair(loss, slopes),
        "return_step": [f"return {loss}, (", *(line.removeprefix("    ") for line in new), ")"],
        "return_train": _pair("tuple(losses)", given["params"]),
        "mean": network.reduction == "mean",
        "example": _example(spec),
    }


def _pair(first: str, numbers: Sequence[str]) -> list[str]:
    opening, *rest = statement(f"return {first},", "", numbers)
    if not rest:
        comma = "," if len(numbers) == 1 else ""
        return [f"return {first}, ({', '.join(numbers)}{comma})"]
    return [opening, *rest]


def _order(network: Network) -> list[str]:
    """Return the order of the flat parameters, one line for each."""
    start, lines = 0, []
    for name, shape in network.parameter_shapes.items():
        size = shape[0] * (shape[1] if len(shape) > 1 else 1)
        rows = " row by row" if len(shape) > 1 else ""
        lines.append(f"{start} to {start + size - 1}: {name}, of shape {shape},{rows or ' in order'}")
        start += size
    return lines


def _example(spec: Spec) -> dict[str, Any] | None:
    if spec.example is None:
        return None
    example = spec.example
    return {
        "parameters": flat_literal(list(example.parameters.values()), 4),
        "x": flat_literal(example.x if example.samples is None else example.x[0], 4),
        "y": flat_literal(example.y if example.samples is None else example.y[0], 4),
        "learning_rate": example.learning_rate,
        "samples": example.samples,
    }
