"""Paths from the loss to an element: the partial derivatives along them, and how many there are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activated
from derive.arithmetic import FLOAT, Array
from derive.calculus import Limit, Partial, partials, substitute
from derive.contraction import contract
from derive.evaluate import evaluate_step
from derive.fusion import through_outputs
from derive.index_arrays import Scope
from derive.program import Program, Step, Tensor, index
from derive.recognise import recognise

At = tuple[int, ...]
Cell = tuple[str, At]
"""One element of a tensor: its name and its indices, from 0."""

Edge = tuple[Cell, sp.Expr]
"""An element that another depends on, with the partial derivative."""

Numbers = dict[sp.Expr, sp.Expr]


def without_sums(expr: sp.Expr) -> sp.Expr:
    """Return an expression with its sums written out; their ranges must be integers."""
    if isinstance(expr, sp.Sum):
        *inner, (k, low, high) = expr.limits
        body = sp.Sum(expr.function, *inner) if inner else expr.function
        values = map(sp.Integer, range(int(low), int(high) + 1))
        return sp.Add(*(without_sums(substitute(body, {k: value})) for value in values))
    return expr.func(*map(without_sums, expr.args)) if expr.has(sp.Sum) else expr


def edges(program: Program, through: frozenset[str]) -> dict[Cell, list[Edge]]:
    """Return, for each element of the steps, the elements it depends on with the partial derivatives.

    Parameters
    ----------
    program : Program
        With integer shapes.
    through : frozenset of str
        The tensors that a path may visit.
    """
    graph = _Graph(program, through)
    found: dict[Cell, list[Edge]] = {}
    for step in program.steps:
        if step.tensor.name in through:
            for at in np.ndindex(*(int(extent) for extent in step.tensor.shape)):
                ends = list(graph.ends((step.tensor.name, at or (0,))))
                if ends:
                    found[step.tensor.name, at or (0,)] = ends
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


def path_numbers(program: Program, weight: Cell) -> dict[str, Array]:
    """Return, for every element of the steps, the number of paths from it to one weight.

    The paths are counted by the calculus of the gradient with 1 for every partial derivative that is
    not 0, a whole tensor at a time. Numbers beyond ``2**53`` are rounded.

    Parameters
    ----------
    program : Program
        With integer shapes.
    weight : tuple of str and tuple of int
    """
    name, at = weight
    chance = np.random.default_rng(0)
    shapes = {n: tuple(int(extent) for extent in t.shape) for n, t in program.tensors.items()}
    somewhere = {n: chance.uniform(0.5, 1.5, shape) for n, shape in shapes.items()}
    found: dict[str, Array] = {name: np.zeros(shapes[name])}
    found[name][at if shapes[name] else ()] = 1.0
    for step in program.steps:
        for used in sorted(step.uses & found.keys()):
            uses = _local(step, used)
            scope = Scope(FLOAT, somewhere | {_NUMBER: found[used]}, {})
            with np.errstate(all="ignore"):
                if _are_distinct(uses) or found[used].size * math.prod(shapes[step.tensor.name]) > MAX_PAIRS:
                    here = np.sum([_summed(step, use, scope) for use in uses], axis=0)
                else:
                    here = _collected(step, uses, program.tensors[used], scope)
            found[step.tensor.name] = here + found.get(step.tensor.name, 0.0)
    return found


@lru_cache(maxsize=256)
def _local(step: Step, used: str) -> list[Partial]:
    """Return the partial derivatives of a step, which are the same for every weight that paths lead to."""
    return partials(step.expr, used, taken=step.indices)


MAX_PAIRS = 10_000_000
"""Beyond this many pairs of elements, one that is used twice counts twice: there are too many paths."""

_NUMBER = "number of paths"


def _are_distinct(uses: list[Partial]) -> bool:
    """Whether no element is used twice: each bound index has an axis of the tensor for itself."""
    bound = {k for use in uses for k, _, _ in use.bound}
    alone = [e.free_symbols & bound for use in uses for e in use.at]
    return len(uses) == 1 and all({k} in alone for k in bound)


def _summed(step: Step, use: Partial, scope: Scope) -> Array:
    return evaluate_step(_count(step, use), scope)


@lru_cache(maxsize=256)
def _count(step: Step, use: Partial) -> Step:
    """Return a step that sums the numbers of paths over one use; it is the same for every weight."""
    there = sp.Indexed(_NUMBER, *use.at) * _is_not_zero(use.value)
    terms = sp.Sum(there, *use.bound) if use.bound else there
    return Step(step.tensor, step.indices, terms, step.rule)


def _collected(step: Step, uses: list[Partial], used: Tensor, scope: Scope) -> Array:
    """Count an element once that is used more than once, as a softmax uses its inputs."""
    where = tuple(index(f"_{axis}") for axis, _ in enumerate(used.shape))
    wanted = tuple((p, sp.Integer(0), extent - 1) for p, extent in zip(where, used.shape, strict=True))
    terms = (contract(_is_not_zero(u.value), u.bound, u.at[: len(where)], wanted) for u in uses)
    pairs = Tensor("pairs", step.tensor.role, (*step.tensor.shape, *used.shape))
    depends = evaluate_step(Step(pairs, (*step.indices, *where), sp.Add(*terms), step.rule), scope) > 0
    return np.tensordot(depends, scope.tensors[_NUMBER], len(where))


def _is_not_zero(value: sp.Expr) -> sp.Expr:
    """Return 1 where a partial derivative is not 0 whatever the values are, and 0 elsewhere."""
    value = value.replace(
        lambda e: isinstance(e, Activated) or _depends_on_values(e), lambda _: sp.Integer(1)
    )
    return sp.Piecewise((1, sp.Ne(value, 0)), (0, True)) if value.free_symbols else sp.Integer(1)


def _depends_on_values(expr: sp.Expr) -> bool:
    cases = isinstance(expr, sp.Piecewise) and any(branch.cond.has(sp.Indexed) for branch in expr.args)
    return cases or isinstance(expr, Activated)


Path = tuple[tuple[Cell, Edge], ...]
"""The edges from the loss down, each with the element that it starts from."""


def walk(program: Program, loss: str, weight: Cell, numbers: Mapping[str, Array]) -> Iterator[Path]:
    """Yield every path from the loss to one weight; `numbers` are its `path_numbers`."""
    graph = _Graph(program, frozenset(numbers), numbers)
    known: dict[Cell, list[Edge]] = {}
    goal = (weight[0], weight[1] or (0,))
    stack: list[tuple[Cell, Path]] = [((loss, (0,)), ())]
    while stack:
        cell, so_far = stack.pop()
        if cell == goal:
            yield so_far
            continue
        if cell not in known:
            known[cell] = list(graph.ends(cell))
        stack.extend((edge[0], (*so_far, (cell, edge))) for edge in reversed(known[cell]))


class _Graph:
    """The dependences between elements, each found when it is asked for."""

    def __init__(
        self, program: Program, through: frozenset[str], numbers: Mapping[str, Array] | None = None
    ) -> None:
        self.program, self.through, self.numbers = program, through, numbers
        self.uses: dict[str, list[tuple[Tensor, Partial]]] = {}

    def ends(self, cell: Cell) -> Iterator[Edge]:
        """Yield what an element depends on; with `numbers`, only what leads to the weight."""
        name, at = cell
        step = self.program.defining(name)
        if step is None:
            return
        own: Numbers = dict(zip(step.indices, map(sp.Integer, at), strict=False))
        slopes: dict[Cell, sp.Expr] = {}
        for tensor, use in self._uses(step):
            for numbers in _assignments(use.bound, own):
                where = tuple(int(substitute(e, numbers)) for e in use.at)
                if self._leads_on(tensor, where):
                    slope = without_sums(substitute(use.value, numbers))
                    slopes[tensor.name, where] = slopes.get((tensor.name, where), sp.Integer(0)) + slope
        yield from ((to, slope) for to, slope in slopes.items() if slope != 0)

    def _uses(self, step: Step) -> list[tuple[Tensor, Partial]]:
        if step.tensor.name not in self.uses:
            self.uses[step.tensor.name] = [
                (self.program.tensors[used], replace(p, value=_named(p.value, self.program)))
                for used in sorted(step.uses & self.through)
                for p in _local(step, used)
            ]
        return self.uses[step.tensor.name]

    def _leads_on(self, tensor: Tensor, where: At) -> bool:
        if not all(0 <= k < extent for k, extent in zip(where, tensor.shape, strict=False)):
            return False
        return self.numbers is None or bool(self.numbers[tensor.name][where if tensor.shape else ()])


@lru_cache(maxsize=256)
def _named(value: sp.Expr, program: Program) -> sp.Expr:
    return through_outputs(recognise(value, program), program)


def _assignments(bound: tuple[Limit, ...], own: Numbers) -> Iterator[Numbers]:
    """Yield the values of bound indices; the range of each may depend on those of the limits after it."""
    if not bound:
        yield own
        return
    *inner, (k, low, high) = bound
    for value in range(int(substitute(low, own)), int(substitute(high, own)) + 1):
        yield from _assignments(tuple(inner), {**own, k: sp.Integer(value)})
