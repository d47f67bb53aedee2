"""Evaluate a program with numbers: whole tensors at a time, in any arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activated, formula, stable_formula
from derive.arithmetic import FLOAT, Arithmetic, Array
from derive.functions import Elementary, IndexMax, Z
from derive.program import Program, Step, Tensor, name_of


@dataclass(frozen=True)
class Named:
    """An array whose axes are named by indices."""

    data: Any
    axes: tuple[sp.Symbol, ...] = ()


@dataclass
class _Scope:
    arithmetic: Arithmetic
    tensors: dict[str, Array]
    sizes: dict[sp.Symbol, int]
    ranges: dict[sp.Symbol, tuple[int, int]] = field(default_factory=dict)

    def inside(self, k: sp.Symbol, low: int, high: int) -> _Scope:
        return _Scope(self.arithmetic, self.tensors, self.sizes, {**self.ranges, k: (low, high)})


def evaluate(
    program: Program, values: Mapping[str, Any], arithmetic: Arithmetic = FLOAT
) -> dict[str, Array]:
    """Return the value of every tensor of a program.

    Parameters
    ----------
    program : Program
    values : mapping of str to array_like
        The inputs, by name. Symbols in the shapes (the number of samples) are read off these arrays.
    arithmetic : Arithmetic
        Floats by default; ``precise(40)`` for the truth to 40 digits.

    Returns
    -------
    dict of str to numpy.ndarray
        Inputs and steps; scalars are arrays of shape ``()``.

    Raises
    ------
    ValueError
        If an input is missing, or its shape does not fit.
    """
    sizes: dict[sp.Symbol, int] = {}
    tensors: dict[str, Array] = {}
    for tensor in program.inputs:
        if tensor.name not in values:
            raise ValueError(f"there is no value for the {tensor.role.value} {tensor.name}")
        tensors[tensor.name] = arithmetic.array(values[tensor.name])
        _fit(tensor, tensors[tensor.name], sizes)
    scope = _Scope(arithmetic, tensors, sizes)
    for step in program.steps:
        tensors[step.tensor.name] = evaluate_step(step, scope)
    return tensors


def _fit(tensor: Tensor, data: Array, sizes: dict[sp.Symbol, int]) -> None:
    expected = tuple(sizes.get(extent, extent) for extent in tensor.shape)
    fits = data.ndim == len(expected) and all(
        isinstance(e, sp.Symbol) or int(e) == given for e, given in zip(expected, data.shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "") + ")"
        raise ValueError(f"{tensor.name} has the shape {data.shape}; expected {wanted}")
    sizes.update({e: n for e, n in zip(expected, data.shape, strict=True) if isinstance(e, sp.Symbol)})


def evaluate_step(step: Step, scope: _Scope) -> Array:
    """Return the value of one step, with the axes in the order of its indices."""
    for k, extent in zip(step.indices, step.tensor.shape, strict=True):
        scope = scope.inside(k, 0, _size(extent, scope) - 1)
    value = _value(step.expr, scope)
    shape = tuple(_size(extent, scope) for extent in step.tensor.shape)
    data = np.broadcast_to(_aligned(value, step.indices), shape)
    return np.array(data, dtype=scope.arithmetic.dtype)


def _size(extent: sp.Expr, scope: _Scope) -> int:
    return int(extent.xreplace(scope.sizes)) if extent.free_symbols else int(extent)


def _aligned(value: Named, axes: tuple[sp.Symbol, ...]) -> Any:
    """Transpose and pad the data so that its axes are `axes`, with length 1 where it has none."""
    data = np.asarray(value.data)
    order = [value.axes.index(k) for k in axes if k in value.axes]
    moved = data.transpose(order) if order else data
    return moved[tuple(slice(None) if k in value.axes else None for k in axes)]


def _together(values: list[Named]) -> tuple[list[Any], tuple[sp.Symbol, ...]]:
    axes = tuple(dict.fromkeys(k for value in values for k in value.axes))
    return [_aligned(value, axes) for value in values], axes


def _value(expr: sp.Expr, scope: _Scope) -> Named:
    for kind, rule in _RULES:
        if isinstance(expr, kind):
            return rule(expr, scope)
    raise TypeError(f"no rule evaluates {type(expr).__name__}: {expr}")


def _number(expr: sp.Expr, scope: _Scope) -> Named:
    return Named(scope.arithmetic.number(expr))


def _symbol(expr: sp.Symbol, scope: _Scope) -> Named:
    if expr in scope.ranges:
        low, high = scope.ranges[expr]
        return Named(np.arange(low, high + 1), (expr,))
    return Named(scope.sizes[expr])


def _indexed(expr: sp.Indexed, scope: _Scope) -> Named:
    data = scope.tensors[name_of(expr)]
    if data.ndim == 0:
        return Named(data)
    where = expr.indices
    if all(k in scope.ranges for k in where) and len(set(where)) == len(where):
        window = tuple(slice(scope.ranges[k][0], scope.ranges[k][1] + 1) for k in where)
        if all(0 <= w.start and w.stop <= n for w, n in zip(window, data.shape, strict=True)):
            return Named(data[window], where)
    places, axes = _together([_value(k, scope) for k in where])
    # Out of range only where a condition or the limits of a sum discard the element.
    inside = [np.clip(np.asarray(p, dtype=int), 0, n - 1) for p, n in zip(places, data.shape, strict=True)]
    return Named(data[tuple(np.broadcast_arrays(*inside))], axes)


def _add(expr: sp.Add, scope: _Scope) -> Named:
    parts, axes = _together([_value(arg, scope) for arg in expr.args])
    result = parts[0]
    for part in parts[1:]:
        result = scope.arithmetic.reduce(result + part)
    return Named(result, axes)


def _mul(expr: sp.Mul, scope: _Scope) -> Named:
    parts, axes = _together([_value(arg, scope) for arg in expr.args])
    result = parts[0]
    for part in parts[1:]:
        result = scope.arithmetic.reduce(result * part)
    return Named(result, axes)


def _pow(expr: sp.Pow, scope: _Scope) -> Named:
    if expr.base is sp.E:
        return _call(sp.exp, expr.exp, scope)
    (base, exponent), axes = _together([_value(arg, scope) for arg in expr.args])
    return Named(scope.arithmetic.power(base, exponent), axes)


def _sum(expr: sp.Sum, scope: _Scope) -> Named:
    body, masks = expr.function, []
    for k, low, high in reversed(expr.limits):
        ends = [_value(end, scope) for end in (low, high)]
        scope = scope.inside(k, int(np.min(ends[0].data)), int(np.max(ends[1].data)))
        if ends[0].axes or ends[1].axes:
            (first, last, here), axes = _together([*ends, _value(k, scope)])
            masks.append(Named((first <= here) & (here <= last), axes))
    bound = [k for k, _, _ in expr.limits]
    if not masks and scope.arithmetic.dtype is np.float64 and isinstance(body, sp.Mul):
        return _einsum([_value(arg, scope) for arg in body.args], bound)
    (data, *kept), axes = _together([_value(body, scope), *masks])
    data = np.broadcast_to(data, np.broadcast_shapes(data.shape, *(m.shape for m in kept)))
    for mask in kept:
        data = np.where(mask, data, 0)
    for k in bound:
        if k in axes:
            data, axes = data.sum(axis=axes.index(k)), tuple(a for a in axes if a != k)
        else:
            low, high = scope.ranges[k]
            data = data * (high - low + 1)
    return Named(scope.arithmetic.reduce(data), axes)


def _einsum(factors: list[Named], bound: list[sp.Symbol]) -> Named:
    axes = tuple(dict.fromkeys(k for value in factors for k in value.axes))
    number = {k: position for position, k in enumerate(axes)}
    operands: list[Any] = []
    for value in factors:
        operands += [np.asarray(value.data, dtype=float), [number[k] for k in value.axes]]
    kept = tuple(k for k in axes if k not in bound)
    return Named(np.einsum(*operands, [number[k] for k in kept], optimize=len(factors) > 1), kept)


def _maximum_over(expr: IndexMax, scope: _Scope) -> Named:
    (k, low, high), = expr.limits
    inner = scope.inside(k, *(int(_value(end, scope).data) for end in (low, high)))
    body = _value(expr.body, inner)
    return Named(body.data.max(axis=body.axes.index(k)), tuple(a for a in body.axes if a != k))


def _piecewise(expr: sp.Piecewise, scope: _Scope) -> Named:
    branches = [_value(b.expr, scope) for b in expr.args]
    guards = [_value(b.cond, scope) for b in expr.args]
    parts, axes = _together([*branches, *guards])
    values, conditions = parts[: len(branches)], parts[len(branches) :]
    result = values[-1]
    for value, condition in zip(reversed(values), reversed(conditions), strict=True):
        result = np.where(np.asarray(condition, dtype=bool), value, result)
    return Named(result, axes)


_COMPARE = {
    sp.StrictLessThan: np.less,
    sp.LessThan: np.less_equal,
    sp.StrictGreaterThan: np.greater,
    sp.GreaterThan: np.greater_equal,
    sp.Equality: np.equal,
    sp.Unequality: np.not_equal,
}


def _relational(expr: Any, scope: _Scope) -> Named:
    (left, right), axes = _together([_value(arg, scope) for arg in expr.args])
    return Named(_COMPARE[type(expr)](left, right).astype(bool), axes)


def _fold(ufunc: Any) -> Any:
    def rule(expr: sp.Expr, scope: _Scope) -> Named:
        parts, axes = _together([_value(arg, scope) for arg in expr.args])
        result = parts[0]
        for part in parts[1:]:
            result = ufunc(result, part)
        return Named(result, axes)

    return rule


def _activated(expr: Activated, scope: _Scope) -> Named:
    exact = scope.arithmetic.exact_forms
    body = (formula if exact else stable_formula)(expr.activation, expr.order)
    if scope.arithmetic.name == "prime field":
        return _call(type(expr), expr.args[0], scope)
    return _with_argument(body, expr.args[0], scope)


def _function(expr: sp.Function, scope: _Scope) -> Named:
    if type(expr) in scope.arithmetic.functions or not isinstance(expr, Elementary):
        return _call(type(expr), expr.args[0], scope)
    return _with_argument(expr.formula, expr.args[0], scope)


def _with_argument(body: sp.Expr, argument: sp.Expr, scope: _Scope) -> Named:
    """Evaluate a formula in ``z`` at an argument that is evaluated once."""
    value = _value(argument, scope)
    held = _Scope(scope.arithmetic, {**scope.tensors, "_z": np.asarray(value.data)}, scope.sizes)
    for k, n in zip(value.axes, np.shape(value.data), strict=True):
        held = held.inside(k, 0, n - 1)
    at = sp.Indexed("_z", *value.axes) if value.axes else sp.Indexed("_z", 0)
    return _value(body.xreplace({Z: at}), held)


def _call(head: type, argument: sp.Expr, scope: _Scope) -> Named:
    value = _value(argument, scope)
    return Named(scope.arithmetic.functions[head](value.data), value.axes)


def _whole(ufunc: Any) -> Any:
    def rule(expr: sp.Expr, scope: _Scope) -> Named:
        value = _value(expr.args[0], scope)
        return Named(ufunc(np.asarray(value.data, dtype=float)).astype(int), value.axes)

    return rule


def _conjunction(expr: Any, scope: _Scope) -> Named:
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
    (sp.Max, _fold(np.maximum)),
    (sp.Min, _fold(np.minimum)),
    ((sp.floor, sp.ceiling), lambda e, s: _whole(np.floor if isinstance(e, sp.floor) else np.ceil)(e, s)),
    (Activated, _activated),
    (sp.exp, lambda e, s: _call(sp.exp, e.args[0], s)),
    (sp.Function, _function),
    (sp.logic.boolalg.BooleanAtom, lambda e, s: Named(bool(e))),
    (sp.Symbol, _symbol),
    (sp.Expr, _number),
)
