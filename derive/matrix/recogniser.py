"""Recognise sums of products in index notation as matrix algebra."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from derive.activations import Activated
from derive.building import replaced
from derive.functions import IndexMax
from derive.matrix.placed import (
    Axes,
    NoFormError,
    Placed,
    contract_one,
    product_of,
    settled,
    spread,
    sum_of,
    union,
)
from derive.matrix.tree import Elementwise, Form, Name, PrependOne, Scalar, Tail
from derive.nodes import contains, elements_by_name, elements_in, in_order
from derive.program import Step, Tensor, name_of


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
    if contains(step.expr, IndexMax):
        return None
    target = _oriented(step.indices, vectors)
    try:
        return spread(_form(step.expr, target, vectors), target).form
    except NoFormError:
        return None


def _oriented(where: tuple[sp.Symbol, ...], vectors: str) -> Axes:
    if len(where) == 2:
        return where[0], where[1]
    if len(where) == 1:
        return (where[0], None) if vectors == "column" else (None, where[0])
    return None, None


def _form(expr: sp.Expr, target: Axes, vectors: str) -> Placed:
    if isinstance(expr, sp.Indexed):
        return settled(_element(expr, vectors), target)
    if not elements_in(expr):
        if expr.free_symbols & {k for k in target if k is not None}:
            raise NoFormError
        return Placed(Scalar(expr), (None, None))
    if not contains(expr, sp.Sum) and _is_pointwise(expr):
        return _elementwise(expr, target, vectors)
    if isinstance(expr, sp.Add):
        return sum_of([_form(term, target, vectors) for term in _in_order(expr)], target)
    if isinstance(expr, sp.Mul):
        return product_of([_form(factor, target, vectors) for factor in expr.args], target)
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
    if len({node.indices for node in elements_in(expr)}) != 1:
        return False
    return any(
        not isinstance(node, (sp.Add, sp.Mul, sp.Indexed, sp.Number, Activated)) and elements_in(node)
        for node in _inner(expr)
    )


def _inner(expr: sp.Expr) -> list[sp.Expr]:
    if isinstance(expr, (sp.Add, sp.Mul)):
        return [node for arg in expr.args for node in _inner(arg)]
    return [expr]


def _in_order(expr: sp.Add) -> list[sp.Expr]:
    """Terms as an author orders them: sums of products first, what is subtracted last."""
    return in_order(
        expr.args,
        lambda t: (t.could_extract_minus_sign(), not contains(t, sp.Sum), isinstance(t, sp.Indexed)),
    )


def _element(expr: sp.Indexed, vectors: str) -> Placed:
    where: list[sp.Symbol] = []
    tails: list[int] = []
    if expr.indices == (sp.Integer(0),):
        return Placed(Name(name_of(expr)), (None, None))
    for axis, k in enumerate(expr.indices):
        if k.is_Symbol:
            where.append(k)
        elif isinstance(k, sp.Add) and len(k.args) == 2 and k.args[0] == 1 and k.args[1].is_Symbol:
            where.append(k.args[1])
            tails.append(axis)
        else:
            raise NoFormError
    if len(set(where)) != len(where):
        raise NoFormError
    axes = _oriented(tuple(where), vectors)
    form: Form = Name(name_of(expr))
    for axis in tails:
        form = Tail(form, axes.index(where[axis]))
    return Placed(form, axes)


def _contraction(expr: sp.Sum, target: Axes, vectors: str) -> Placed:
    if any(low != 0 or high.free_symbols & {k for k in target if k} for _, low, high in expr.limits):
        raise NoFormError
    body, limits = expr.function, [k for k, _, _ in expr.limits]
    if isinstance(body, sp.Mul):
        factors = [_form(f, target, vectors) for f in body.args]
    else:
        factors = [_form(body, _natural(body, target, limits, vectors), vectors)]
    for k in limits:
        factors = contract_one(factors, k, target)
    return product_of(factors, target) if len(factors) > 1 else factors[0]


def _natural(body: sp.Expr, target: Axes, bound: list[sp.Symbol], vectors: str) -> Axes:
    """Let the summed indices lie as the first tensor of the body has them, or as the target says."""
    nodes = sorted(elements_by_name(body), key=lambda node: -len(node.indices))
    if {k for node in nodes for k in node.indices} & {k for k in target if k is not None}:
        free = list(bound)
        row, column = ((k if k is not None or not free else free.pop(0)) for k in target)
        return row, column
    return _element(nodes[0], vectors).axes


def _prepended(expr: sp.Piecewise, target: Axes, vectors: str) -> Placed | None:
    """Recognise ``1 if k == 0 else u[k - 1]``."""
    (one, guard), (rest, otherwise) = expr.args[0].args, expr.args[-1].args
    fits = len(expr.args) == 2 and one == 1 and otherwise == sp.true and isinstance(guard, sp.Eq)
    if not fits or not isinstance(rest, sp.Indexed):
        return None
    k = next((s for s in target if s is not None and sp.Eq(s, 0) == guard), None)
    if k is None:
        return None
    placed = _form(rest.xreplace({k - 1: k}), target, vectors)
    return Placed(PrependOne(placed.form, placed.axes.index(k)), placed.axes)


def _elementwise(expr: sp.Expr, target: Axes, vectors: str) -> Placed:
    """Anything else: a function of the elements of matrices with the same axes."""
    if contains(expr, sp.Sum):
        return _function_of_one(expr, target, vectors)
    nodes = elements_by_name(expr)
    placed = [settled(_form(node, target, vectors), target) for node in nodes]
    axes = union(placed)
    slots = tuple(sp.Symbol(f"u{number}", real=True) for number in range(len(nodes)))
    body = replaced(expr, dict(zip(nodes, slots, strict=True)))
    if body.free_symbols & {k for k in axes if k is not None}:
        raise NoFormError
    return Placed(Elementwise(body, slots, tuple(spread(p, axes).form for p in placed)), axes)


def _function_of_one(expr: sp.Expr, target: Axes, vectors: str) -> Placed:
    """A power or a function of one argument that holds a sum: ``1 / Sum(exp(z[k]), k)``."""
    inner = [arg for arg in expr.args if elements_in(arg)]
    if len(inner) != 1:
        raise NoFormError
    slot = sp.Symbol("u0", real=True)
    argument = _form(inner[0], target, vectors)
    body = expr.func(*(slot if arg is inner[0] else arg for arg in expr.args))
    return Placed(Elementwise(body, (slot,), (argument.form,)), argument.axes)
