"""The value of an expression in index notation, as an array with an axis for each free index."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activated, formula, stable_formula
from derive.arithmetic import ORDER, Arithmetic, Array
from derive.functions import Elementary, IndexMax, OneWhereZero, Z
from derive.program import name_of


@dataclass(frozen=True)
class Named:
    """An array whose axes are named by indices."""

    data: Any
    axes: tuple[sp.Symbol, ...] = ()


@dataclass
class Scope:
    """What names stand for during an evaluation: tensors, symbolic sizes, ranges of indices.

    An index in `extents` runs from 0 over that many values in every sum, whatever the limits there say.
    A symbol in `symbols` stands for values, as an element does.
    """

    arithmetic: Arithmetic
    tensors: dict[str, Array]
    sizes: dict[sp.Symbol, int]
    ranges: dict[sp.Symbol, tuple[int, int]] = field(default_factory=dict)
    extents: dict[sp.Symbol, int] = field(default_factory=dict)
    symbols: dict[sp.Symbol, Named] = field(default_factory=dict)

    def inside(self, k: sp.Symbol, low: int, high: int) -> Scope:
        """Return the scope in which the index `k` runs from `low` to `high`."""
        ranges = {**self.ranges, k: (low, high)}
        return Scope(self.arithmetic, self.tensors, self.sizes, ranges, self.extents, self.symbols)


def aligned(value: Named, axes: tuple[sp.Symbol, ...]) -> Any:
    """Transpose and pad the data so that its axes are `axes`, with length 1 where it has none."""
    data = np.asarray(value.data, dtype=object if isinstance(value.data, int) else None)
    order = [value.axes.index(k) for k in axes if k in value.axes]
    moved = data.transpose(order) if order else data
    # With an ellipsis, the element of an array without axes stays an array of its kind of numbers.
    return moved[(..., *(slice(None) if k in value.axes else None for k in axes))]


def _together(values: list[Named]) -> tuple[list[Any], tuple[sp.Symbol, ...]]:
    axes = tuple(dict.fromkeys(k for value in values for k in value.axes))
    return [aligned(value, axes) for value in values], axes


def value_of(expr: sp.Expr, scope: Scope) -> Named:
    """Return the value of an expression; its axes are the free indices."""
    rule = _rule_of(expr.__class__)
    if rule is None:
        raise TypeError(f"no rule evaluates {type(expr).__name__}: {expr}")
    result: Named = rule(expr, scope)
    return result


@lru_cache(maxsize=1024)
def _rule_of(kind: type) -> Any:
    return next((rule for kinds, rule in _RULES if issubclass(kind, kinds)), None)


def _number(expr: sp.Expr, scope: Scope) -> Named:
    return Named(scope.arithmetic.number(expr))


def _symbol(expr: sp.Symbol, scope: Scope) -> Named:
    if expr in scope.symbols:
        return scope.symbols[expr]
    if expr in scope.ranges:
        low, high = scope.ranges[expr]
        return Named(np.arange(low, high + 1), (expr,))
    if expr not in scope.sizes:
        raise ValueError(f"{expr} has no value: it is no index here, and the extent of no input")
    return Named(scope.arithmetic.number(sp.Integer(scope.sizes[expr])))


def _indexed(expr: sp.Indexed, scope: Scope) -> Named:
    data = scope.tensors[name_of(expr)]
    if data.ndim == 0:
        return Named(data)
    where = expr.indices
    if all(k in scope.ranges for k in where) and len(set(where)) == len(where):
        window = tuple(slice(scope.ranges[k][0], scope.ranges[k][1] + 1) for k in where)
        if all(w.start >= 0 and w.stop <= n for w, n in zip(window, data.shape, strict=True)):
            return Named(data[window], where)
    places, axes = _together([value_of(k, scope) for k in where])
    # Out of range only where a condition or the limits of a sum discard the element.
    inside = [np.clip(np.asarray(p, dtype=int), 0, n - 1) for p, n in zip(places, data.shape, strict=True)]
    return Named(data[tuple(np.broadcast_arrays(*inside))], axes)


def _add(expr: sp.Add, scope: Scope) -> Named:
    parts, axes = _together([value_of(arg, scope) for arg in expr.args])
    result = parts[0]
    for part in parts[1:]:
        result = scope.arithmetic.reduce(result + part)
    return Named(result, axes)


def _mul(expr: sp.Mul, scope: Scope) -> Named:
    parts, axes = _together([value_of(arg, scope) for arg in expr.args])
    result = parts[0]
    for part in parts[1:]:
        result = scope.arithmetic.reduce(result * part)
    return Named(result, axes)


def _pow(expr: sp.Pow, scope: Scope) -> Named:
    if expr.base is sp.E:
        return _call(sp.exp, expr.exp, scope)
    values = [value_of(arg, scope) for arg in expr.args]
    if not values[1].axes:
        return Named(scope.arithmetic.power(values[0].data, values[1].data), values[0].axes)
    (base, exponent), axes = _together(values)
    return Named(scope.arithmetic.power(base, exponent), axes)


def _sum(expr: sp.Sum, scope: Scope) -> Named:
    body, masks = expr.function, []
    for k, low, high in reversed(expr.limits):
        if k in scope.extents:
            scope = scope.inside(k, 0, scope.extents[k] - 1)
            continue
        ends = [value_of(end, scope) for end in (low, high)]
        scope = scope.inside(k, int(np.min(ends[0].data)), int(np.max(ends[1].data)))
        if ends[0].axes or ends[1].axes:
            (first, last, here), axes = _together([*ends, value_of(k, scope)])
            masks.append(Named((first <= here) & (here <= last), axes))
    bound = [k for k, _, _ in expr.limits]
    if not masks and scope.arithmetic.dtype is np.float64 and isinstance(body, sp.Mul):
        found, idle = _einsum([value_of(arg, scope) for arg in body.args], bound)
        return Named(found.data * math.prod(_length(k, scope) for k in idle), found.axes)
    (data, *kept), axes = _together([value_of(body, scope), *masks])
    data = np.broadcast_to(data, np.broadcast_shapes(np.shape(data), *(m.shape for m in kept)))
    for mask in kept:
        data = np.where(mask, data, 0)
    for k in bound:
        if k in axes:
            data, axes = data.sum(axis=axes.index(k)), tuple(a for a in axes if a != k)
        else:
            data = data * _length(k, scope)
    return Named(scope.arithmetic.reduce(data), axes)


def _length(k: sp.Symbol, scope: Scope) -> int:
    low, high = scope.ranges[k]
    return max(high - low + 1, 0)


def _einsum(factors: list[Named], bound: list[sp.Symbol]) -> tuple[Named, list[sp.Symbol]]:
    """Sum a product over the bound indices that it has, and return those that it has not."""
    axes = tuple(dict.fromkeys(k for value in factors for k in value.axes))
    number = {k: position for position, k in enumerate(axes)}
    operands: list[Any] = []
    for value in factors:
        operands += [np.asarray(value.data, dtype=float), [number[k] for k in value.axes]]
    kept = tuple(k for k in axes if k not in bound)
    found = np.einsum(*operands, [number[k] for k in kept], optimize=len(factors) > 1)
    return Named(found, kept), [k for k in bound if k not in axes]


def _maximum_over(expr: IndexMax, scope: Scope) -> Named:
    ((k, low, high),) = expr.limits
    inner = scope.inside(k, *(int(value_of(end, scope).data) for end in (low, high)))
    body = value_of(expr.body, inner)
    return Named(body.data.max(axis=body.axes.index(k)), tuple(a for a in body.axes if a != k))


def _piecewise(expr: sp.Piecewise, scope: Scope) -> Named:
    branches = [value_of(b.expr, scope) for b in expr.args]
    guards = [value_of(b.cond, scope) for b in expr.args]
    parts, axes = _together([*branches, *guards])
    values, conditions = parts[: len(branches)], parts[len(branches) :]
    result = values[-1]
    for value, condition in zip(reversed(values), reversed(conditions), strict=True):
        result = np.where(np.asarray(condition, dtype=bool), value, result)
    return Named(result, axes)


def _relational(expr: Any, scope: Scope) -> Named:
    (left, right), axes = _together([value_of(arg, scope) for arg in expr.args])
    return Named(np.asarray(_order_of(expr, scope)(left, right), dtype=bool), axes)


def _extreme(expr: sp.Expr, scope: Scope) -> Named:
    return _fold(_order_of(expr, scope))(expr, scope)


def _order_of(expr: Any, scope: Scope) -> Any:
    """Indices are ordered as integers in every arithmetic."""
    of_values = expr.has(sp.Indexed) or not scope.symbols.keys().isdisjoint(expr.free_symbols)
    return (scope.arithmetic.order if of_values else ORDER)[type(expr)]


def _fold(ufunc: Any) -> Any:
    def rule(expr: sp.Expr, scope: Scope) -> Named:
        parts, axes = _together([value_of(arg, scope) for arg in expr.args])
        result = parts[0]
        for part in parts[1:]:
            result = ufunc(result, part)
        return Named(result, axes)

    return rule


def _activated(expr: Activated, scope: Scope) -> Named:
    exact = scope.arithmetic.exact_forms
    body = (formula if exact else stable_formula)(expr.activation, expr.order)
    if scope.arithmetic.name == "prime field":
        return _call(type(expr), expr.args[0], scope)
    return _with_argument(body, expr.args[0], scope)


def _function(expr: sp.Function, scope: Scope) -> Named:
    if type(expr) in scope.arithmetic.functions or not isinstance(expr, Elementary):
        return _call(type(expr), expr.args[0], scope)
    return _with_argument(expr.formula, expr.args[0], scope)


def _with_argument(body: sp.Expr, argument: sp.Expr, scope: Scope) -> Named:
    """Evaluate a formula in ``z`` at an argument that is evaluated once."""
    value = value_of(argument, scope)
    held = Named(np.asarray(value.data), value.axes)
    return value_of(body, Scope(scope.arithmetic, {}, scope.sizes, symbols={Z: held}))


def _call(head: type, argument: sp.Expr, scope: Scope) -> Named:
    value = value_of(argument, scope)
    try:
        function = scope.arithmetic.functions[head]
    except KeyError:
        raise TypeError(f"there is no function {head.__name__} in {scope.arithmetic.name}") from None
    return Named(function(value.data), value.axes)


def _whole(ufunc: Any) -> Any:
    def rule(expr: sp.Expr, scope: Scope) -> Named:
        value = value_of(expr.args[0], scope)
        return Named(ufunc(np.asarray(value.data, dtype=float)).astype(int), value.axes)

    return rule


def _one_where_zero(expr: OneWhereZero, scope: Scope) -> Named:
    (condition, value), axes = _together([value_of(arg, scope) for arg in expr.args])
    return Named(
        np.where(np.asarray(condition == 0, dtype=bool), scope.arithmetic.number(sp.Integer(1)), value), axes
    )


def _conjunction(expr: Any, scope: Scope) -> Named:
    return _fold(np.logical_and)(expr, scope)


_RULES: tuple[tuple[Any, Any], ...] = (
    (sp.Indexed, _indexed),
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    (sp.Sum, _sum),
    (IndexMax, _maximum_over),
    (sp.Piecewise, _piecewise),
    (sp.core.relational.Relational, _relational),
    (sp.And, _conjunction),
    ((sp.Max, sp.Min), _extreme),
    ((sp.floor, sp.ceiling), lambda e, s: _whole(np.floor if isinstance(e, sp.floor) else np.ceil)(e, s)),
    (Activated, _activated),
    (OneWhereZero, _one_where_zero),
    (sp.exp, lambda e, s: _call(sp.exp, e.args[0], s)),
    (sp.Function, _function),
    (sp.logic.boolalg.BooleanAtom, lambda e, _: Named(bool(e))),
    (sp.Symbol, _symbol),
    (sp.Expr, _number),
)
