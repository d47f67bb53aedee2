"""The views of one step: index, element, path and matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import sympy as sp

from derive.calculus import partials, substitute
from derive.fusion import through_outputs
from derive.matrix import Form
from derive.printing import Printable
from derive.program import Program, Step, name_of

At = tuple[int, ...]
Cell = tuple[str, At]
"""One element of a tensor: its name and its indices, from 0."""

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
    return _without_sums(substitute(step.expr, values))


def _without_sums(expr: sp.Expr) -> sp.Expr:
    if isinstance(expr, sp.Sum):
        names = [k for k, _, _ in expr.limits]
        ranges = [range(int(low), int(high) + 1) for _, low, high in expr.limits]
        terms = (
            _without_sums(substitute(expr.function, dict(zip(names, map(sp.Integer, at), strict=True))))
            for at in product(*ranges)
        )
        return sp.Add(*terms)
    return expr.func(*map(_without_sums, expr.args)) if expr.has(sp.Sum) else expr


def elements(step: Step, limit: int = MAX_ELEMENTS) -> Iterator[At]:
    """Yield the indices of every element of a step, row by row.

    Raises
    ------
    TooLargeError
        If there are more than `limit`.
    """
    extents = [int(extent) for extent in step.tensor.shape]
    count = 1
    for extent in extents:
        count *= extent
    if count > limit:
        raise TooLargeError(
            f"{step.tensor.name} has {count:,} elements; more than {limit:,} are written with --force only"
        )
    return product(*map(range, extents))


Edges = Mapping[Cell, tuple[tuple[Cell, sp.Expr], ...]]


def edges(program: Program, through: frozenset[str]) -> dict[Cell, list[tuple[Cell, sp.Expr]]]:
    """Return, for each element of the steps, the elements it depends on with the partial derivatives.

    Parameters
    ----------
    program : Program
        With integer shapes.
    through : frozenset of str
        The tensors that a path may visit.
    """
    found: dict[Cell, list[tuple[Cell, sp.Expr]]] = {}
    for step in program.steps:
        if step.tensor.name not in through:
            continue
        for used in sorted(step.uses & through):
            for use in partials(step.expr, used):
                value = through_outputs(use.value, program)
                names = (*step.indices, *(k for k, _, _ in use.bound))
                spans = [
                    *(range(int(extent)) for extent in step.tensor.shape),
                    *(range(int(low), int(high) + 1) for _, low, high in use.bound),
                ]
                for at in product(*spans):
                    put = dict(zip(names, map(sp.Integer, at), strict=True))
                    slope = _without_sums(substitute(value, put))
                    if slope == 0:
                        continue
                    where = tuple(int(substitute(e, put)) for e in use.at)
                    own = at[: len(step.indices)] or (0,)
                    found.setdefault((step.tensor.name, own), []).append(((used, where), slope))
    return found


def count_paths(graph: Mapping[Cell, Any], start: Cell, goal: Cell) -> int:
    """Return the number of paths between two elements, without walking them all."""
    counts: dict[Cell, int] = {goal: 1}
    stack = [start]
    while stack:
        cell = stack[-1]
        open_ends = [to for to, _ in graph.get(cell, ()) if to not in counts]
        if open_ends and cell not in counts:
            stack.extend(open_ends)
            continue
        counts.setdefault(cell, sum(counts[to] for to, _ in graph.get(cell, ())))
        stack.pop()
    return counts[start]


def path_view(program: Program, loss: str, weight: Cell, limit: int = MAX_PATHS) -> PathView:
    """Return every path from the loss to one weight.

    Raises
    ------
    TooLargeError
        If there are more than `limit` paths.
    """
    name, _ = weight
    through = _between(program, name)
    graph = edges(program, through)
    start: Cell = (loss, (0,))
    count = count_paths(graph, start, weight)
    if count > limit:
        raise TooLargeError(
            f"{name}{list(weight[1])} has {count:,} paths; more than {limit:,} are written with "
            "--force only. The delta form says the same in one product"
        )
    found: list[tuple[Factor, ...]] = []
    stack: list[tuple[Cell, tuple[Factor, ...]]] = [(start, ())]
    while stack:
        cell, so_far = stack.pop()
        if cell == weight:
            found.append(so_far)
            continue
        ends = [(to, value) for to, value in graph.get(cell, ()) if count_paths(graph, to, weight)]
        stack.extend((to, (*so_far, Factor(cell, to, value))) for to, value in reversed(ends))
    return PathView(weight, tuple(found), program)


def _between(program: Program, name: str) -> frozenset[str]:
    """Return the tensors that depend on `name`, and `name`."""
    found = {name}
    for step in program.steps:
        if step.uses & found:
            found.add(step.tensor.name)
    return frozenset(found)


def value_at(expr: sp.Expr, tensors: Mapping[str, Any]) -> Any:
    """Return the number that an expression with integer indices has, given the values of the tensors."""
    from derive.arithmetic import FLOAT
    from derive.index_arrays import Scope, value_of

    return value_of(
        expr, Scope(FLOAT, {name_of(n): tensors[name_of(n)] for n in expr.atoms(sp.Indexed)}, {})
    ).data
