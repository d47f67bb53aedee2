"""Formulas by cases that are one formula: a maximum, or cases that meet without a step."""

from __future__ import annotations

import sympy as sp

from derive.functions import Expm1
from derive.nodes import contains


def joined_cases(expr: sp.Expr, branchless: bool) -> sp.Expr:
    """Return the expression with its cases as maxima and minima where they are nothing else.

    Parameters
    ----------
    expr : sympy.Expr
    branchless : bool
        Whether to join ``z`` above 0 with ``g(min(z, 0))`` below, too (elu and its derivative).
    """
    if contains(expr, sp.sign):
        expr = expr.replace(lambda e: isinstance(e, sp.sign), _odd)
    if not contains(expr, sp.Piecewise):
        return expr
    return expr.replace(lambda e: isinstance(e, sp.Piecewise), lambda e: _joined(e, branchless))


def _odd(sign: sp.Expr) -> sp.Expr:
    return -sp.sign(-sign.args[0]) if sign.args[0].could_extract_minus_sign() else sign


def _joined(cases: sp.Piecewise, branchless: bool) -> sp.Expr:
    if len(cases.args) != 2 or not isinstance(cases.args[0].cond, sp.StrictGreaterThan | sp.StrictLessThan):
        return cases
    (first, guard), (other, _) = cases.args[0].args, cases.args[1].args
    above = guard.gts - guard.lts
    # Theorem: u where c (u - v) > 0 with c > 0, and v elsewhere, is max(u, v).
    ratio = sp.cancel((first - other) / above) if first.has(sp.Indexed) and not other.has(sp.Min) else None
    if ratio is not None and ratio.is_number and ratio.is_nonzero and not first.has(sp.Function):
        return (sp.Max if ratio.is_positive else sp.Min)(first, other)
    if not branchless or guard.lts != 0:
        return cases
    # Theorem: min(z, 0) is 0 where z > 0, so that g(min(z, 0)) is g(0) there.
    z, below = guard.gts, sp.Dummy(real=True)
    g = other.xreplace({sp.Min(z, 0): below})
    if not g.has(below) or g.has(z):
        return cases
    at_zero = g.xreplace({below: sp.Integer(0)}).replace(Expm1, lambda u: sp.exp(u) - 1)
    if first == at_zero:
        return other
    return sp.Max(z, 0) + other if first == z and at_zero == 0 else cases
