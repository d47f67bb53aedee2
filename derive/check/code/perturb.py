"""Numbers in place of what a document writes out or draws, so that agreement cannot be chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from derive.check.code.shapes import Array, as_array
from derive.check.world import World
from derive.read.code import AssignTarget, CodeSpan

GivenKey = tuple[CodeSpan, str, int]
"""The place of a statement, what it sets, and how often it had been executed before."""


class Supply:
    """Random draws of the document: the example's numbers where a shape fits, in the order of the network.

    What is shuffled keeps its order unless the document shows what came of it: that is one outcome of many.
    """

    def __init__(self, world: World, printed: bool = False) -> None:
        self._printed = printed
        example = world.example_inputs
        names = [*world.network.parameter_shapes, "y"]
        self._left = [np.asarray(example[name], dtype=float) for name in names if name in example]

    def draw(self, kind: str, shape: tuple[int, ...], span: CodeSpan) -> Array | None:
        """Return numbers of a shape, or None for the generator's own."""
        del span
        if kind == "shuffle":
            return None if self._printed else np.arange(shape[0], dtype=float)
        for position, known in enumerate(self._left):
            same = known.shape == shape or (
                known.ndim == 1 and known.size > 1 and shape in _vectors(known.size)
            )
            if same:
                return self._left.pop(position).reshape(shape)
        return None


def _vectors(size: int) -> set[tuple[int, ...]]:
    return {(size,), (size, 1), (1, size)}


class Perturb:
    """Put random numbers where the document writes out its givens, and printed ones where they are known."""

    def __init__(
        self,
        givens: Mapping[GivenKey, str],
        inputs: Mapping[str, Any] | None,
        adopted: Mapping[tuple[CodeSpan, int], Array],
    ) -> None:
        self._givens, self._inputs, self._adopted = givens, inputs, adopted

    def override(self, target: AssignTarget, value: Any) -> Any:
        """Return the number to use instead, in the shape that the document uses."""
        array = as_array(value)
        known = self._adopted.get((target.span, target.count))
        if known is not None and array is not None and known.size == array.size:
            return known.reshape(array.shape) if array.ndim else float(known.ravel()[0])
        name = self._givens.get((target.span, target.resolved, target.count))
        if name is None or array is None or self._inputs is None or name not in self._inputs:
            return None
        fresh = np.asarray(self._inputs[name], dtype=float)
        if array.ndim == 0:
            return float(fresh.ravel()[0]) if fresh.size == 1 else None
        if fresh.size != array.size:
            return None
        turned = fresh.ndim == 2 and fresh.shape != array.shape and fresh.T.shape == array.shape
        return (fresh.T if turned else fresh).reshape(array.shape).copy()
