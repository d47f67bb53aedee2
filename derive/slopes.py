"""The derivative of an expression by one of its leaves, by the rules of sums, products and chains."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp


class NoRuleError(Exception):
    """There is a function in the expression for which no rule stands here."""


def slope(expr: sp.Expr, leaf: sp.Expr) -> sp.Expr:
    """Return the derivative of an expression by a symbol, an element or a sum in it.

    Elements and sums are constants, but for the one that the derivative is taken by. The result is what
    SymPy's ``diff`` gives by symbols in their place; that asks of every step what it may be simplified to,
    and writes a power as ``exp(n log u)`` first.

    Raises
    ------
    NoRuleError
        If the expression holds anything but sums, products, integer powers and functions of one argument
        that state their derivative.
    """
    if expr == leaf:
        return sp.Integer(1)
    if isinstance(expr, sp.Indexed | sp.Sum) or not expr.args:
        return sp.Integer(0)
    if isinstance(expr, sp.Add):
        return sp.Add(*(slope(term, leaf) for term in expr.args))
    if isinstance(expr, sp.Mul):
        return sp.Add(*_product_rule(expr, leaf))
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Integer):
        inner = slope(expr.base, leaf)
        return expr * (inner * expr.exp / expr.base) if inner != 0 else inner
    if isinstance(expr, sp.Function) and len(expr.args) == 1 and _states_its_derivative(expr.__class__):
        inner = slope(expr.args[0], leaf)
        return expr.fdiff(1) * inner if inner != 0 else inner
    raise NoRuleError


def _product_rule(expr: sp.Mul, leaf: sp.Expr) -> list[sp.Expr]:
    terms = []
    for place, factor in enumerate(expr.args):
        inner = slope(factor, leaf)
        if inner != 0:
            terms.append(sp.Mul(*expr.args[:place], inner, *expr.args[place + 1 :]))
    return terms


@lru_cache(maxsize=1024)
def _states_its_derivative(head: type) -> bool:
    from derive.activations import Activated
    from derive.functions import Elementary

    return issubclass(head, sp.exp | sp.log | Activated | Elementary)
