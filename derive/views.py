"""The views of one step: index, element, path and matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import sympy as sp

from derive.calculus import substitute
from derive.matrix import Form
from derive.nodes import elements_in
from derive.paths import At, Cell, count_paths, edges, path_numbers, walk, without_sums
from derive.printing import Printable
from derive.program import Program, Step, Tensor, name_of

__all__ = [
    "MAX_ELEMENTS",
    "MAX_PATHS",
    "At",
    "Cell",
    "ElementView",
    "Factor",
    "IndexView",
    "MatrixView",
    "PathView",
    "TooLargeError",
    "count_paths",
    "edges",
    "elements",
    "expanded",
    "path_view",
    "value_at",
]

MAX_PATHS = 1_000
MAX_ELEMENTS = 200_000


class TooLargeError(ValueError):
    """A view that would be too long to read; the message says how long, and how to have it all the same."""


@dataclass(frozen=True)
class IndexView(Printable):
    """A step as it stands, for all indices at once."""

    step: Step
    program: Program = field(repr=False)


@dataclass(frozen=True)
class ElementView(Printable):
    """A step at given indices."""

    step: Step
    at: At
    program: Program = field(repr=False)

    @property
    def expr(self) -> sp.Expr:
        """The right-hand side with the indices put in and its sums written out."""
        return expanded(self.step, self.at)


@dataclass(frozen=True)
class MatrixView(Printable):
    """A step as matrix algebra; ``form`` is None where there is none, and the index form stands."""

    step: Step
    form: Form | None
    vectors: str
    program: Program = field(repr=False)


@dataclass(frozen=True)
class Factor:
    """One partial derivative ``d of / d by`` of a chain, and its value."""

    of: Cell
    by: Cell
    value: sp.Expr


@dataclass(frozen=True)
class PathView(Printable):
    """The derivative by one weight as a sum over the paths from the loss to it.

    Each path is the product of its factors.
    """

    weight: Cell
    paths: tuple[tuple[Factor, ...], ...]
    program: Program = field(repr=False)


def expanded(step: Step, at: At) -> sp.Expr:
    """Return the right-hand side of a step at integer indices, sums written out."""
    values = dict(zip(step.indices, map(sp.Integer, at), strict=True))
    return without_sums(substitute(step.expr, values))


def elements(step: Step, limit: int = MAX_ELEMENTS) -> Iterator[At]:
    """Yield the indices of every element of a step, row by row.

    Raises
    ------
    TooLargeError
        If there are more than `limit`.
    ValueError
        If the number of samples is a symbol.
    """
    extents = _sizes(step.tensor)
    count = 1
    for extent in extents:
        count *= extent
    if count > limit:
        raise TooLargeError(
            f"{step.tensor.name} has {count:,} elements; more than {limit:,} are written with --force only"
        )
    return product(*map(range, extents))


def path_view(program: Program, loss: str, weight: Cell, limit: int = MAX_PATHS) -> PathView:
    """Return every path from the loss to one weight.

    Raises
    ------
    TooLargeError
        If there are more than `limit` paths.
    """
    name, at = weight
    for tensor in program.tensors.values():
        _sizes(tensor)
    numbers = path_numbers(program, weight)
    count = float(numbers.get(loss, 0.0))
    if count > limit:
        shown = f"{int(count):,}" if count < 2**53 else f"about {count:.1e}"
        raise TooLargeError(
            f"{name}{list(at)} has {shown} paths; more than {limit:,} are written with "
            "--force only. The delta form says the same in one product"
        )
    paths = walk(program, loss, weight, numbers)
    found = (tuple(Factor(of, by, value) for of, (by, value) in path) for path in paths)
    return PathView(weight, tuple(found), program)


def _sizes(tensor: Tensor) -> tuple[int, ...]:
    if any(extent.free_symbols for extent in tensor.shape):
        shape = ", ".join(map(str, tensor.shape))
        raise ValueError(f"{tensor.name} has the shape ({shape}): give the number of samples to see elements")
    return tuple(int(extent) for extent in tensor.shape)


def value_at(expr: sp.Expr, tensors: Mapping[str, Any]) -> Any:
    """Return the number that an expression with integer indices has, given the values of the tensors."""
    from derive.arithmetic import FLOAT
    from derive.index_arrays import Scope, value_of

    return value_of(expr, Scope(FLOAT, {name_of(n): tensors[name_of(n)] for n in elements_in(expr)}, {})).data
