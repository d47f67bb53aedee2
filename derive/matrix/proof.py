"""Prove that a matrix form says the same as the step that it was recognised in."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from derive.arithmetic import Array
from derive.evaluate import evaluate_step
from derive.index_arrays import Named, Scope, value_of
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
from derive.prime_field import FIELD, PRIME
from derive.program import Step, Tensor, name_of

_SIZES = (3, 6, 9, 12, 15, 18, 21)
"""Pairwise distinct, because square shapes hide a lost transpose; and with one more or less as well."""


def holds(step: Step, form: Form, tensors: Mapping[str, Tensor], vectors: str = "column") -> bool:
    """Whether a matrix form equals the step, element by element.

    Both are expanded at pairwise distinct sizes over a prime field, at random points: a lost
    transpose does not fit, and any other difference shows with a probability of error of about
    ``1e-17`` (Schwartz, Zippel). Functions such as ``exp`` are opaque.

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
    resized = _at_distinct_sizes(step, tensors)
    if resized is None:
        return False
    small, shapes, sizes = resized
    chance = random.Random(20260101)  # noqa: S311  # reproducible points, not secrets
    values = {name: _random(shape, chance) for name, shape in shapes.items()}
    constants = {s: chance.randrange(2, 50) for s in sorted(_size_symbols(step), key=str) if s not in sizes}
    scope = Scope(FIELD, values, constants)
    expected = evaluate_step(small, scope)
    try:
        given = _matrix(form, values, vectors, scope)
        shape = _as_matrix(expected, vectors).shape
        agree = np.broadcast_shapes(given.shape, shape) == shape and given.shape == shape
    except ValueError:
        return False
    return bool(agree and np.all(_as_matrix(expected, vectors) % PRIME == given % PRIME))


def _random(shape: tuple[int, ...], chance: random.Random) -> Array:
    flat = [chance.randrange(1, PRIME) for _ in range(int(np.prod(shape, dtype=int)))]
    return np.array(flat, dtype=object).reshape(shape)


def _size_symbols(step: Step) -> set[sp.Symbol]:
    indices = set(step.indices) | {k for s in step.expr.atoms(sp.Sum) for k, _, _ in s.limits}
    labels = {node.base.label for node in step.expr.atoms(sp.Indexed)}
    return {s for s in step.expr.free_symbols if isinstance(s, sp.Symbol)} - indices - labels


def _at_distinct_sizes(
    step: Step, tensors: Mapping[str, Tensor]
) -> tuple[Step, dict[str, tuple[int, ...]], dict[sp.Symbol, int]] | None:
    """Give every index a size of its own, and every tensor the shape that its indices imply."""
    if not _runs_over_whole_axes(step, tensors):
        return None
    classes = _index_classes(step)
    roots = list(dict.fromkeys(classes.values()))
    if len(roots) > len(_SIZES):
        return None
    size = {k: _SIZES[roots.index(root)] for k, root in classes.items()}
    shapes: dict[str, tuple[int, ...]] = {}
    for node in step.expr.atoms(sp.Indexed):
        if not tensors[name_of(node)].shape:
            shapes[name_of(node)] = ()
            continue
        shape = tuple(_extent(k, size) for k in node.indices)
        shapes[name_of(node)] = tuple(
            max(pair) for pair in zip(shape, shapes.get(name_of(node), shape), strict=True)
        )

    def resize(expr: sp.Expr) -> sp.Expr:
        if isinstance(expr, sp.Sum):
            return sp.Sum(resize(expr.function), *((k, 0, size[k] - 1) for k, _, _ in expr.limits))
        return expr.func(*map(resize, expr.args)) if expr.has(sp.Sum) else expr

    extents = tuple(sp.Integer(size[k]) for k in step.indices)
    tensor = Tensor(step.tensor.name, step.tensor.role, extents)
    return Step(tensor, step.indices, resize(step.expr), step.rule), shapes, size


def _runs_over_whole_axes(step: Step, tensors: Mapping[str, Tensor]) -> bool:
    """Whether ``k`` runs over all of every axis that it indexes, and ``k + 1`` over all but the first."""
    extents = dict(zip(step.indices, step.tensor.shape, strict=True))
    for k, low, high in (limit for s in step.expr.atoms(sp.Sum) for limit in s.limits):
        if low != 0 or extents.setdefault(k, high + 1) != high + 1:
            return False
    for node in step.expr.atoms(sp.Indexed):
        for where, extent in zip(node.indices, tensors[name_of(node)].shape, strict=False):
            k = next(iter(where.free_symbols & extents.keys()), None)
            if k is None or where - k not in (-1, 0, 1) or extents[k] + (where - k) != extent:
                return False
    return True


def _index_classes(step: Step) -> dict[sp.Symbol, sp.Symbol]:
    """Group the indices that run along the same axis of some tensor (``z[i]`` and ``z[k]``)."""
    bound = [k for s in step.expr.atoms(sp.Sum) for k, _, _ in s.limits]
    group = {k: k for k in (*step.indices, *sorted(bound, key=str))}
    along: dict[tuple[str, int], sp.Symbol] = {}
    for node in sorted(step.expr.atoms(sp.Indexed), key=str):
        for axis, where in enumerate(node.indices):
            if where.is_Symbol and where in group:
                first = group[along.setdefault((name_of(node), axis), where)]
                old = group[where]
                group = {k: first if root == old else root for k, root in group.items()}
    return group


def _extent(where: sp.Expr, size: Mapping[sp.Symbol, int]) -> int:
    symbols = [s for s in where.free_symbols if s in size]
    return int(where.subs({s: size[s] - 1 for s in symbols})) + 1


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
    names = {slot: sp.Indexed(f"{slot}_", r, c) for slot in slots}
    held = {f"{slot}_": np.broadcast_to(d, shape) for slot, d in zip(slots, data, strict=True)}
    inner = Scope(FIELD, held, scope.sizes).inside(r, 0, shape[0] - 1).inside(c, 0, shape[1] - 1)
    value: Named = value_of(expr.xreplace(names), inner)
    return np.asarray(value.data if value.axes == (r, c) else np.transpose(value.data))
