"""Recognise sums of products in index notation as matrix algebra."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from derive.activations import Activated
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
    transposed,
)
from derive.program import Step, Tensor, name_of

Axes = tuple[sp.Symbol | None, sp.Symbol | None]


class _NoFormError(Exception):
    """The expression has no matrix form of the kinds known here."""


@dataclass(frozen=True)
class _Placed:
    """A form together with the indices that run along its rows and columns (None: length 1)."""

    form: Form
    axes: Axes

    @property
    def indices(self) -> frozenset[sp.Symbol]:
        return frozenset(k for k in self.axes if k is not None)

    def turned(self, axes: Axes) -> _Placed:
        """Return the same matrix with the given axes, transposed if needed."""
        if self.axes == axes:
            return self
        if self.axes == axes[::-1]:
            return _Placed(transposed(self.form), axes)
        raise _NoFormError


def matrix_form(step: Step, tensors: Mapping[str, Tensor], vectors: str = "column") -> Form | None:
    """Return the matrix form of a step, or None where it has none.

    Parameters
    ----------
    step : Step
    tensors : mapping of str to Tensor
        Everything that the step may use.
    vectors : {"column", "row"}
        How a tensor with one axis stands as a matrix.

    Notes
    -----
    The form is a proposal; `derive.matrix.proof.holds` compares it with the step.
    """
    if len(step.indices) > 2 or any(len(tensors[name].shape) > 2 for name in step.uses):
        return None
    target = _oriented(step.indices, vectors)
    try:
        return _spread(_form(step.expr, target, vectors), target).form
    except _NoFormError:
        return None


def _oriented(where: tuple[sp.Symbol, ...], vectors: str) -> Axes:
    if len(where) == 2:
        return where[0], where[1]
    if len(where) == 1:
        return (where[0], None) if vectors == "column" else (None, where[0])
    return None, None


def _form(expr: sp.Expr, target: Axes, vectors: str) -> _Placed:
    if isinstance(expr, sp.Indexed):
        return _settled(_element(expr, vectors), target)
    if not expr.has(sp.Indexed):
        if expr.free_symbols & {k for k in target if k is not None}:
            raise _NoFormError
        return _Placed(Scalar(expr), (None, None))
    if not expr.has(sp.Sum) and _is_pointwise(expr):
        return _elementwise(expr, target, vectors)
    if isinstance(expr, sp.Add):
        return _sum_of([_form(term, target, vectors) for term in _in_order(expr)], target)
    if isinstance(expr, sp.Mul):
        return _product([_form(factor, target, vectors) for factor in expr.args], target)
    if isinstance(expr, sp.Sum):
        return _contraction(expr, target, vectors)
    if isinstance(expr, sp.Piecewise):
        found = _prepended(expr, target, vectors)
        if found is not None:
            return found
    return _elementwise(expr, target, vectors)


def _is_pointwise(expr: sp.Expr) -> bool:
    """Whether a sum or a product holds a quotient, a power or a function that is no activation."""
    if not isinstance(expr, (sp.Add, sp.Mul)):
        return False
    if len({node.indices for node in expr.atoms(sp.Indexed)}) != 1:
        return False
    return any(
        not isinstance(node, (sp.Add, sp.Mul, sp.Indexed, sp.Number, Activated)) and node.has(sp.Indexed)
        for node in _inner(expr)
    )


def _inner(expr: sp.Expr) -> list[sp.Expr]:
    if isinstance(expr, (sp.Add, sp.Mul)):
        return [node for arg in expr.args for node in _inner(arg)]
    return [expr]


def _in_order(expr: sp.Add) -> list[sp.Expr]:
    """Terms as an author orders them: sums of products first, what is subtracted last."""
    return sorted(
        expr.args,
        key=lambda t: (t.could_extract_minus_sign(), not t.has(sp.Sum), isinstance(t, sp.Indexed), str(t)),
    )


def _element(expr: sp.Indexed, vectors: str) -> _Placed:
    where: list[sp.Symbol] = []
    tails: list[int] = []
    if expr.indices == (sp.Integer(0),):
        return _Placed(Name(name_of(expr)), (None, None))
    for axis, k in enumerate(expr.indices):
        if k.is_Symbol:
            where.append(k)
        elif isinstance(k, sp.Add) and len(k.args) == 2 and k.args[0] == 1 and k.args[1].is_Symbol:
            where.append(k.args[1])
            tails.append(axis)
        else:
            raise _NoFormError
    if len(set(where)) != len(where):
        raise _NoFormError
    axes = _oriented(tuple(where), vectors)
    form: Form = Name(name_of(expr))
    for axis in tails:
        form = Tail(form, axes.index(where[axis]))
    return _Placed(form, axes)


def _settled(placed: _Placed, target: Axes) -> _Placed:
    """Turn a matrix so that an index of the target lies along its own axis, if it can."""
    row, column = target
    wrong_row = row is not None and placed.axes[1] == row
    wrong_column = column is not None and placed.axes[0] == column
    return placed.turned(placed.axes[::-1]) if wrong_row or wrong_column else placed


def _spread(placed: _Placed, target: Axes) -> _Placed:
    """Repeat along every axis of the target that the matrix lacks."""
    placed = _settled(placed, target)
    form = placed.form
    for axis in (0, 1):
        if placed.axes[axis] is None and target[axis] is not None:
            form = Broadcast(form, axis)
        elif placed.axes[axis] != target[axis]:
            raise _NoFormError
    return _Placed(form, target)


def _union(parts: list[_Placed]) -> Axes:
    axes: list[sp.Symbol | None] = [None, None]
    for part in parts:
        for axis in (0, 1):
            k = part.axes[axis]
            if k is not None and axes[axis] not in (None, k):
                raise _NoFormError
            axes[axis] = axes[axis] if k is None else k
    return axes[0], axes[1]


def _sum_of(terms: list[_Placed], target: Axes) -> _Placed:
    settled = [_settled(term, target) for term in terms]
    axes = _union(settled)
    spread = (term.form if not term.indices else _spread(term, axes).form for term in settled)
    return _Placed(Plus(tuple(spread)), axes)


def _product(factors: list[_Placed], target: Axes) -> _Placed:
    """Multiply factors that share no summed index: Hadamard where axes agree, outer product where not."""
    scalars = [f for f in factors if not f.indices]
    rest = [_settled(f, target) for f in factors if f.indices]
    groups: dict[frozenset[sp.Symbol], list[_Placed]] = {}
    for factor in rest:
        groups.setdefault(factor.indices, []).append(factor)
    merged = [_hadamard(group) for group in groups.values()]
    if len(merged) == 2 and all(len(m.indices) == 1 for m in merged):
        merged = [_outer(merged[0], merged[1], target)]
    if not merged:
        return _Placed(_times([s.form for s in scalars], ()), (None, None))
    axes = _union(merged)
    return _Placed(_times([s.form for s in scalars], tuple(m.form for m in merged)), axes)


def _hadamard(group: list[_Placed]) -> _Placed:
    axes = group[0].axes
    return _Placed(_times([], tuple(f.turned(axes).form for f in group)), axes)


def _times(scalars: list[Form], factors: tuple[Form, ...]) -> Form:
    flat = [*scalars]
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Hadamard) else (factor,))
    return flat[0] if len(flat) == 1 else Hadamard(tuple(flat))


def _outer(left: _Placed, right: _Placed, target: Axes) -> _Placed:
    (a,), (b,) = left.indices, right.indices
    if (b, a) == target:
        left, right, a, b = right, left, b, a
    return _Placed(Product(left.turned((a, None)).form, right.turned((None, b)).form), (a, b))


def _contraction(expr: sp.Sum, target: Axes, vectors: str) -> _Placed:
    if any(low != 0 or high.free_symbols & {k for k in target if k} for _, low, high in expr.limits):
        raise _NoFormError
    body, limits = expr.function, [k for k, _, _ in expr.limits]
    if isinstance(body, sp.Mul):
        factors = [_form(f, target, vectors) for f in body.args]
    else:
        factors = [_form(body, _natural(body, target, limits, vectors), vectors)]
    for k in limits:
        factors = _contract_one(factors, k, target)
    return _product(factors, target) if len(factors) > 1 else factors[0]


def _natural(body: sp.Expr, target: Axes, bound: list[sp.Symbol], vectors: str) -> Axes:
    """Let the summed indices lie as the first tensor of the body has them, or as the target says."""
    nodes = sorted(body.atoms(sp.Indexed), key=lambda node: (-len(node.indices), str(node)))
    if {k for node in nodes for k in node.indices} & {k for k in target if k is not None}:
        free = list(bound)
        row, column = ((k if k is not None or not free else free.pop(0)) for k in target)
        return row, column
    return _element(nodes[0], vectors).axes


def _contract_one(factors: list[_Placed], k: sp.Symbol, target: Axes) -> list[_Placed]:
    groups: dict[frozenset[sp.Symbol], list[_Placed]] = {}
    for factor in factors:
        groups.setdefault(factor.indices, []).append(factor)
    merged = [_hadamard(group) for group in groups.values()]
    having = [m for m in merged if k in m.indices]
    others = [m for m in merged if k not in m.indices]
    if len(having) == 1:
        only = having[0]
        axis = only.axes.index(k)
        left: Axes = (None, only.axes[1]) if axis == 0 else (only.axes[0], None)
        return [*others, _settled(_Placed(SumOver(only.form, axis), left), target)]
    if len(having) != 2:
        raise _NoFormError
    first, second = having
    a, b = (next((i for i in m.indices if i != k), None) for m in having)
    if a is not None and a == b:
        both = _hadamard([first, second])
        return _contract_one([*others, both], k, target)
    if (
        (a is None and target[0] is None and b is not None)
        or (b == target[0] and b is not None)
        or (a is not None and a == target[1])
    ):
        swap = b == target[0] and (b is not None or a is not None)
        if swap or a == target[1]:
            first, second, a, b = second, first, b, a
    product = Product(first.turned((a, k)).form, second.turned((k, b)).form)
    return [*others, _settled(_Placed(product, (a, b)), target)]


def _prepended(expr: sp.Piecewise, target: Axes, vectors: str) -> _Placed | None:
    """Recognise ``1 if k == 0 else u[k - 1]``."""
    (one, guard), (rest, otherwise) = expr.args[0].args, expr.args[-1].args
    fits = len(expr.args) == 2 and one == 1 and otherwise == sp.true and isinstance(guard, sp.Eq)
    if not fits or not isinstance(rest, sp.Indexed):
        return None
    k = next((s for s in target if s is not None and sp.Eq(s, 0) == guard), None)
    if k is None:
        return None
    placed = _form(rest.xreplace({k - 1: k}), target, vectors)
    return _Placed(PrependOne(placed.form, placed.axes.index(k)), placed.axes)


def _elementwise(expr: sp.Expr, target: Axes, vectors: str) -> _Placed:
    """Anything else: a function of the elements of matrices with the same axes."""
    if expr.has(sp.Sum):
        return _function_of_one(expr, target, vectors)
    nodes = sorted(expr.atoms(sp.Indexed), key=str)
    placed = [_settled(_form(node, target, vectors), target) for node in nodes]
    axes = _union(placed)
    slots = tuple(sp.Symbol(f"u{number}", real=True) for number in range(len(nodes)))
    body = expr.xreplace(dict(zip(nodes, slots, strict=True)))
    if body.free_symbols & {k for k in axes if k is not None}:
        raise _NoFormError
    return _Placed(Elementwise(body, slots, tuple(_spread(p, axes).form for p in placed)), axes)


def _function_of_one(expr: sp.Expr, target: Axes, vectors: str) -> _Placed:
    """A power or a function of one argument that holds a sum: ``1 / Sum(exp(z[k]), k)``."""
    inner = [arg for arg in expr.args if arg.has(sp.Indexed)]
    if len(inner) != 1:
        raise _NoFormError
    slot = sp.Symbol("u0", real=True)
    argument = _form(inner[0], target, vectors)
    body = expr.func(*(slot if arg is inner[0] else arg for arg in expr.args))
    return _Placed(Elementwise(body, (slot,), (argument.form,)), argument.axes)
