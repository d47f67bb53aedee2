"""Code that goes through its samples one at a time: which they are, and how many make a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.places import Places
from derive.check.code.shapes import Array, as_array
from derive.check.world import World, world
from derive.network import Network
from derive.read.code import Assigned, Run

_MOST = 4096
Loops = tuple[str, ...]


def fitting(known: World, run: Run) -> World:
    """Return a world with as many samples as the code has, where it has data of its own.

    Where the code goes through its samples one at a time, those that it takes between two updates count.
    """
    count = _samples(known.network, run)
    if count is None or count == known.derivation.samples or (count == 1 and not known.derivation.samples):
        return known
    return world(known.network, None, None if count == 1 else count)


def _samples(network: Network, run: Run) -> int | None:
    passes: dict[tuple[str, ...], int] = {}
    arrays: list[int] = []
    for event in run.events:
        if not isinstance(event, Assigned) or (hint := hint_of(event.resolved)) is None or hint.kind != "x":
            continue
        value = as_array(event.value)
        if value is None:
            continue
        if event.loops and value.size == network.inputs:
            passes.setdefault(tuple(name for name, _ in event.loops), 0)
            if all(number == 0 for _, number in event.loops[:-1]):
                key = tuple(name for name, _ in event.loops)
                passes[key] = max(passes[key], event.loops[-1][1] + 1)
        elif event.given or event.drawn:
            arrays.extend(_counted(value, network))
    if passes:
        return next(iter(passes.values()))
    return arrays[0] if arrays else None


def _counted(value: Array, network: Network) -> Iterator[int]:
    """Yield how many samples an array holds, with or without the constant 1 of a folded bias."""
    widths = {network.inputs, network.inputs + 1} if network.bias_of(1) == "folded" else {network.inputs}
    if value.ndim == 1 and value.size in widths:
        yield 1
    elif value.ndim == 2 and value.shape[1] in widths:
        yield value.shape[0]
    elif value.ndim == 2 and value.shape[0] in widths:
        yield value.shape[1]


@dataclass
class Samples:
    """The samples that the code has taken up one at a time.

    Attributes
    ----------
    inside : tuple of str or None
        The loops in which a sample was taken up last; None before the first one.
    taken : dict of str to list
        The inputs and targets of this round, each with one array for each run.
    """

    network: Network
    inside: Loops | None = None
    taken: dict[str, list[list[Array]]] = field(default_factory=lambda: {"x": [], "y": []})
    _before: tuple[int, ...] = ()

    def take(self, event: Assigned, values: Sequence[Array], places: Places) -> str | None:
        """Take a sample up; return ``x`` or ``y``, or None if the event brings none."""
        if not event.loops or event.given or event.kind not in ("loop", "assign"):
            return None
        hint = hint_of(event.resolved)
        sizes = {"x": self.network.inputs, "y": self.network.sizes[-1]}
        if (
            hint is None
            or values[0].size != sizes.get(hint.kind, 0)
            or not (event.kind == "loop" or places.copied(event))
        ):
            return None
        names = tuple(name for name, _ in event.loops)
        outer = tuple(number for _, number in event.loops[:-1])
        if hint.kind == "x" and (names != self.inside or outer != self._before or event.loops[-1][1] == 0):
            self.taken = {"x": [], "y": []}
            self.inside, self._before = names, outer
        if self.inside != names:
            return None
        self.taken[hint.kind].append([v.ravel() for v in values])
        return hint.kind

    def holds(self, event: Assigned) -> bool:
        """Whether an event belongs to the round of one sample."""
        return self.inside is not None and tuple(n for n, _ in event.loops)[: len(self.inside)] == self.inside

    def batch(self, samples: object) -> Mapping[str, list[Array]]:
        """Return the inputs and targets of a whole round, where it has as many samples as that."""
        found: dict[str, list[Array]] = {}
        for name, taken in self.taken.items():
            if len(taken) == samples and taken:
                found[name] = [np.stack(rows) for rows in zip(*taken, strict=True)]
        return found


def single(known: World) -> World:
    """Return the world of one sample."""
    return world(known.network, None, None)


def inputs_of_one(given: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the inputs of each run without the data, which the code takes up one sample at a time."""
    return [
        {name: value for name, value in inputs.items() if name not in ("x", "y", "X1")} for inputs in given
    ]
