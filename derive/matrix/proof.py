"""Prove that a matrix form says the same as the step that it was recognised in."""

from __future__ import annotations

import math
import random
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from derive.arithmetic import Array
from derive.index_arrays import Named, Scope, aligned, value_of
from derive.matrix.patterns import pattern_of, pattern_of_form
from derive.matrix.tree import (
    Broadcast,
    Elementwise,
    Form,
    Hadamard,
    Name,
    Plus,
    PrependOne,
    Product,
    Scalar,
    SumOver,
    Tail,
    Transpose,
)
from derive.nodes import elements_by_name, elements_in, nodes, spelled
from derive.prime_field import FIELD, PRIME
from derive.program import Step, Tensor, name_of

_Places = dict[sp.Indexed, list[tuple[sp.Symbol, int]]]
"""For each element the index along each axis, and how far beyond that index the element stands."""

_TOSSES = 36
"""How often a comparison is made: a branch that is never taken shows nothing."""

_SIZES = (3, 6, 9, 12, 15, 18, 21)
"""Pairwise distinct, because square shapes hide a lost transpose; and with one more or less as well."""


def holds(step: Step, form: Form, tensors: Mapping[str, Tensor], vectors: str = "column") -> bool:
    """Whether a matrix form equals the step, element by element.

    Both are expanded at pairwise distinct sizes over a prime field, at random points: a lost
    transpose does not fit, and any other difference shows with a probability of error of about
    ``1e-17`` (Schwartz, Zippel). Functions such as ``exp`` are opaque; so are comparisons, and a wrong
    branch shows with a probability of error of ``1e-10``.

    Parameters
    ----------
    step : Step
    form : Form
    tensors : mapping of str to Tensor
    vectors : {"column", "row"}

    Notes
    -----
    A step whose indices do not run over whole axes, such as a convolution, is not decided: the answer is
    False.
    """
    places = _places(step, tensors)
    sizes = None if places is None else _distinct_sizes(step, places)
    if places is None or sizes is None:
        return False
    return _is_proved(_claimed(step, form, _shapes(places, sizes), sizes, vectors))


@dataclass(frozen=True)
class _Claim:
    """That a form says the same as a step; two claims are one where only the names of tensors differ."""

    pattern: Hashable
    step: Step = field(compare=False)
    form: Form = field(compare=False)
    shapes: Mapping[str, tuple[int, ...]] = field(compare=False)
    sizes: dict[sp.Symbol, int] = field(compare=False)
    vectors: str


def _claimed(
    step: Step,
    form: Form,
    shapes: Mapping[str, tuple[int, ...]],
    sizes: dict[sp.Symbol, int],
    vectors: str,
) -> _Claim:
    names: dict[str, int] = {}
    sides = pattern_of(step.expr, names), pattern_of_form(form, names)
    pattern = (*sides, step.indices, *sizes.items(), *((names.get(n), shape) for n, shape in shapes.items()))
    return _Claim(pattern, step, form, shapes, sizes, vectors)


@lru_cache(maxsize=1024)
def _is_proved(claim: _Claim) -> bool:
    """Compare the two sides at random points, once for all layers of a kind."""
    chance = random.Random(20260101)  # noqa: S311  # reproducible points, not secrets
    rounds = range(_rounds(claim.step.expr, claim.sizes))
    return all(_agree(claim, chance) for _ in rounds)


def _rounds(expr: sp.Expr, sizes: Mapping[sp.Symbol, int]) -> int:
    """Return at how many random points to compare: more than one where few elements are compared in cases.

    Comparisons are opaque too, each true at about half of all points: `_TOSSES` of them try every branch.
    """
    compared = [node for node in nodes(expr, Relational, sp.Max, sp.Min) if elements_in(node)]
    indices = ({k for element in elements_in(node) for k in element.free_symbols} for node in compared)
    least = min((math.prod(sizes[k] for k in found & sizes.keys()) for found in indices), default=_TOSSES)
    return -(-_TOSSES // least)


def _agree(claim: _Claim, chance: random.Random) -> bool:
    """Whether a form and a step have the same value at one random point."""
    step, form, shapes, sizes, vectors = claim.step, claim.form, claim.shapes, claim.sizes, claim.vectors
    values = {name: _random(shape, chance) for name, shape in shapes.items()}
    others = sorted(_symbols_beside(step.expr) - sizes.keys(), key=str)
    constants = {symbol: chance.randrange(2, 50) for symbol in others}
    ranges = {k: (0, size - 1) for k, size in sizes.items()}
    found = value_of(step.expr, Scope(FIELD, values, constants, ranges, sizes))
    shape = tuple(sizes[k] for k in step.indices)
    expected = _as_matrix(np.broadcast_to(aligned(found, step.indices), shape), vectors)
    try:
        given = _matrix(form, values, vectors, Scope(FIELD, values, constants))
    except ValueError:
        return False
    return bool(given.shape == expected.shape and np.all(expected % PRIME == given % PRIME))


def _random(shape: tuple[int, ...], chance: random.Random) -> Array:
    """Return numbers of the field, none of them 0."""
    flat = [chance.getrandbits(60) + 1 for _ in range(math.prod(shape))]
    return np.array(flat, dtype=object).reshape(shape)


def _symbols_beside(expr: sp.Expr) -> set[sp.Symbol]:
    """Return the symbols that stand outside elements: sizes, and indices of sums."""
    found: set[sp.Symbol] = set()
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, sp.Symbol):
            found.add(node)
        elif not isinstance(node, sp.Indexed):
            stack.extend(node.args)
    return found


def _places(step: Step, tensors: Mapping[str, Tensor]) -> _Places | None:
    """Say how the elements of tensors are indexed, where whole axes are.

    An index ``k`` has to run over all of every axis along which it stands, and ``k + 1`` over all but the
    first; otherwise the answer is None.
    """
    extents = dict(zip(step.indices, step.tensor.shape, strict=True))
    for k, low, high in (limit for inner in nodes(step.expr, sp.Sum) for limit in inner.limits):
        if low != 0 or extents.setdefault(k, high + 1) != high + 1:
            return None
    places: _Places = {}
    for node in elements_by_name(step.expr):
        places[node] = []
        for where, extent in zip(node.indices, tensors[name_of(node)].shape, strict=False):
            place = _place(where, extents)
            if place is None or extents[place[0]] + place[1] != extent:
                return None
            places[node].append(place)
    return places


def _place(where: sp.Expr, extents: Mapping[sp.Symbol, sp.Expr]) -> tuple[sp.Symbol, int] | None:
    if where in extents:
        return where, 0
    k = next(iter(where.free_symbols & extents.keys()), None)
    return (k, int(where - k)) if k is not None and where - k in (-1, 1) else None


def _distinct_sizes(step: Step, places: _Places) -> dict[sp.Symbol, int] | None:
    """Give every index a size of its own, the same to those that run along one axis (``z[i]``, ``z[k]``)."""
    bound = [k for inner in nodes(step.expr, sp.Sum) for k, _, _ in inner.limits]
    group = {k: k for k in (*step.indices, *sorted(bound, key=spelled))}
    along: dict[tuple[str, int], sp.Symbol] = {}
    for node, where in places.items():
        for axis, (k, beyond) in enumerate(where):
            if not beyond:
                first = group[along.setdefault((name_of(node), axis), k)]
                old = group[k]
                group = {m: first if root == old else root for m, root in group.items()}
    roots = list(dict.fromkeys(group.values()))
    if len(roots) > len(_SIZES):
        return None
    return {k: _SIZES[roots.index(root)] for k, root in group.items()}


def _shapes(places: _Places, sizes: Mapping[sp.Symbol, int]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor that its indices imply."""
    shapes: dict[str, tuple[int, ...]] = {}
    for node, where in places.items():
        shape = tuple(sizes[k] + beyond for k, beyond in where)
        shapes[name_of(node)] = tuple(map(max, shape, shapes.get(name_of(node), shape)))
    return shapes


def _as_matrix(data: Array, vectors: str) -> Array:
    if data.ndim == 2:
        return data
    if data.ndim == 1:
        return data[:, None] if vectors == "column" else data[None, :]
    return data.reshape(1, 1)


def _matrix(form: Form, values: Mapping[str, Array], vectors: str, scope: Scope) -> Array:
    def of(inner: Form) -> Array:
        return _matrix(inner, values, vectors, scope)

    match form:
        case Name(name):
            return _as_matrix(values[name], vectors)
        case Scalar(value):
            return np.array([[value_of(value, scope).data]], dtype=object)
        case Transpose(inner):
            return of(inner).T
        case Product(left, right):
            return (of(left) @ of(right)) % PRIME
        case Hadamard(factors):
            return _folded(factors, of, lambda u, v: u * v % PRIME)
        case Plus(terms):
            return _added(terms, of)
        case SumOver(inner, axis):
            return of(inner).sum(axis=axis, keepdims=True) % PRIME
        case Broadcast(inner, axis):
            return _one_along(of(inner), axis)
        case PrependOne(inner, axis):
            data = of(inner)
            return np.concatenate([np.ones_like(np.take(data, [0], axis)), data], axis)
        case Tail(inner, axis):
            return np.delete(of(inner), 0, axis)
        case Elementwise(expr, slots, inner_forms):
            return _apply(expr, slots, [of(inner) for inner in inner_forms], scope)


def _one_along(data: Array, axis: int) -> Array:
    if data.shape[axis] != 1:
        raise ValueError("only an axis of length 1 is repeated")
    return data


def _added(terms: tuple[Form, ...], of: Any) -> Array:
    """Add matrices of one shape; only numbers, and what a `Broadcast` says, are repeated."""
    parts = [of(term) for term in terms]
    shape = np.broadcast_shapes(*(part.shape for part in parts))
    for term, part in zip(terms, parts, strict=True):
        if part.shape != shape and part.shape != (1, 1) and not isinstance(term, Broadcast):
            raise ValueError("matrices of different shapes are added")
    return np.asarray(sum(parts) % PRIME)


def _folded(parts: tuple[Form, ...], of: Any, combine: Any) -> Array:
    result = of(parts[0])
    for part in parts[1:]:
        result = combine(result, of(part))
    return np.asarray(result)


def _apply(expr: sp.Expr, slots: tuple[sp.Symbol, ...], data: list[Array], scope: Scope) -> Array:
    r, c = sp.Symbol("r_"), sp.Symbol("c_")
    shape = np.broadcast_shapes(*(d.shape for d in data))
    held = {slot: Named(np.broadcast_to(d, shape), (r, c)) for slot, d in zip(slots, data, strict=True)}
    value = value_of(expr, Scope(FIELD, {}, scope.sizes, symbols=held))
    return np.asarray(value.data if value.axes == (r, c) else np.transpose(value.data))
