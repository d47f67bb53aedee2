"""Quotients in lowest terms where all that is divided by is a product: polynomials with negative powers."""

from __future__ import annotations

import math

import sympy as sp

from derive.activations import Activated

Monomial = frozenset[tuple[sp.Expr, int]]
"""Bases, each with its exponent, none of which is 0."""

_ONE: Monomial = frozenset()

MOST_TERMS = 32


def in_lowest_terms(expr: sp.Expr) -> sp.Expr | None:
    """Return what SymPy's ``cancel(together(expr))`` gives, or None where polynomials are needed for it.

    Multiplied out, an expression that divides by products alone is a sum of monomials. Over their common
    denominator nothing is left to cancel: each of its factors is missing in some numerator.
    """
    terms = _multiplied_out(expr)
    if not terms:
        return None
    least: dict[sp.Expr, int] = {}
    for base in {base for monomial in terms for base, _ in monomial}:
        least[base] = min(0, *(dict(monomial).get(base, 0) for monomial in terms))
    scale = math.lcm(*(int(coefficient.q) for coefficient in terms.values()))
    below = sp.Mul(sp.Integer(scale), *(base**-power for base, power in least.items()))
    above = []
    for monomial, coefficient in terms.items():
        powers = {**dict.fromkeys(least, 0), **dict(monomial)}
        factors = (base ** (power - least[base]) for base, power in powers.items())
        above.append(sp.Mul(coefficient * scale, *factors))
    return sp.Add(*above) / below


def _multiplied_out(expr: sp.Expr) -> dict[Monomial, sp.Rational] | None:
    """Return the coefficient of every monomial; None for anything else, and for very many terms."""
    if isinstance(expr, sp.Rational):
        return {_ONE: expr} if expr else {}
    if isinstance(expr, sp.Add):
        return _sum([_multiplied_out(term) for term in expr.args])
    if isinstance(expr, sp.Mul):
        product: dict[Monomial, sp.Rational] | None = {_ONE: sp.Integer(1)}
        for factor in expr.args:
            product = _product(product, _multiplied_out(factor))
        return product
    base, power = expr.args if isinstance(expr, sp.Pow) else (expr, sp.Integer(1))
    if isinstance(base, sp.Symbol | sp.Indexed | sp.Sum | Activated) and isinstance(power, sp.Integer):
        return {frozenset({(base, int(power))}): sp.Integer(1)}
    return None


def _sum(parts: list[dict[Monomial, sp.Rational] | None]) -> dict[Monomial, sp.Rational] | None:
    found: dict[Monomial, sp.Rational] = {}
    for part in parts:
        if part is None:
            return None
        for monomial, coefficient in part.items():
            found[monomial] = found.get(monomial, sp.Integer(0)) + coefficient
    return {monomial: coefficient for monomial, coefficient in found.items() if coefficient}


def _product(
    left: dict[Monomial, sp.Rational] | None, right: dict[Monomial, sp.Rational] | None
) -> dict[Monomial, sp.Rational] | None:
    if left is None or right is None or len(left) * len(right) > MOST_TERMS:
        return None
    return _sum([{_times(m, n): a * b} for m, a in left.items() for n, b in right.items()])


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for base, power in right:
        powers[base] = powers.get(base, 0) + power
    return frozenset((base, power) for base, power in powers.items() if power)
