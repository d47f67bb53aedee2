"""Contraction: the sum over all uses of an element, with every delta used up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from derive.calculus import Limit, substitute, summed


@dataclass(frozen=True)
class _Selection:
    """A sum in the making: what is left after some deltas have been used up."""

    body: sp.Expr
    limits: tuple[Limit, ...]


def contract(
    body: sp.Expr, limits: tuple[Limit, ...], at: tuple[sp.Expr, ...], wanted: tuple[Limit, ...]
) -> sp.Expr:
    """Sum ``body`` over ``limits`` restricted to ``at == wanted``.

    Theorem: ``Sum(f(k) [g(k) = p], k) = f(s) [low <= s <= high]`` where ``k = s`` solves ``g(k) = p``. The
    bracket becomes limits of a remaining sum where one is left (the clipped borders of a
    convolution), a condition on ``p`` otherwise, and nothing where ``p`` cannot leave the range.

    Parameters
    ----------
    body : sympy.Expr
    limits : tuple of (index, low, high)
        The indices summed over.
    at : tuple of sympy.Expr
        Index expressions of a use, in the summed indices.
    wanted : tuple of (index, low, high)
        The indices of the result with their ranges, one for each of `at`.
    """
    state = _Selection(body, limits)
    equations = list(zip(at, wanted, strict=True))
    while equations:
        equations.sort(key=lambda e: not e[0].is_Symbol)
        where, (p, p_low, p_high) = equations.pop(0)
        solved = _solve(where, p, state.limits)
        if solved is None:
            state = _Selection(state.body * _delta(p, where), state.limits)
            continue
        k, value = solved
        _, low, high = next(limit for limit in state.limits if limit[0] == k)
        remaining = tuple(
            (m, substitute(first, {k: value}), substitute(last, {k: value}))
            for m, first, last in state.limits
            if m != k
        )
        equations = [(substitute(e, {k: value}), w) for e, w in equations]
        state = _Selection(substitute(state.body, {k: value}), remaining)
        state = _restrict(state, value, low, high, {p: (p_low, p_high)})
    return summed(state.body, state.limits)


def _solve(where: sp.Expr, p: sp.Symbol, limits: tuple[Limit, ...]) -> tuple[sp.Symbol, sp.Expr] | None:
    """Solve ``where == p`` for a summed index that occurs with the coefficient 1 or -1.

    An index that bounds the range of another one in `where` is left: the range would bound itself.
    """
    if where.is_Symbol:
        return (where, p) if any(k == where for k, _, _ in limits) else None
    bounds = {s for m, *ends in limits if where.has(m) for end in ends for s in end.free_symbols}
    for k, _, _ in limits:
        if k not in bounds and where.has(k) and where.is_polynomial(k) and sp.Poly(where, k).degree() == 1:
            slope = sp.Poly(where, k).coeff_monomial(k)
            if slope in (1, -1):
                return k, sp.expand((p - where.subs(k, 0)) / slope)
    return None


def _delta(p: sp.Expr, where: sp.Expr) -> sp.Expr:
    return sp.Piecewise((1, sp.Eq(p, where)), (0, True))


def _restrict(
    state: _Selection,
    value: sp.Expr,
    low: sp.Expr,
    high: sp.Expr,
    wanted: Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]],
) -> _Selection:
    """Keep ``low <= value <= high`` true: by ranges, by the limits of a remaining sum, or by a condition."""
    if value in wanted and wanted[value] == (low, high):
        return state
    bounds = {s for _, *ends in state.limits for end in ends for s in end.free_symbols}
    bounds |= low.free_symbols | high.free_symbols
    for position, (k, k_low, k_high) in enumerate(state.limits):
        if k not in bounds and value.has(k) and value.is_polynomial(k) and sp.Poly(value, k).degree() == 1:
            slope = sp.Poly(value, k).coeff_monomial(k)
            ends = [(low - value.subs(k, 0)) / slope, (high - value.subs(k, 0)) / slope]
            first, last = ends if slope > 0 else ends[::-1]
            new = (k, sp.Max(k_low, sp.ceiling(first)), sp.Min(k_high, sp.floor(last)))
            return _Selection(state.body, (*state.limits[:position], new, *state.limits[position + 1 :]))
    gaps = (value - low, high - value)
    conditions = [sp.Ge(gap, 0) for gap in gaps if not _never_negative(gap, wanted)]
    if not conditions:
        return state
    return _Selection(state.body * sp.Piecewise((1, sp.And(*conditions)), (0, True)), state.limits)


def _never_negative(gap: sp.Expr, wanted: Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]]) -> bool:
    """Whether an affine expression is at least 0 at both ends of the range of each wanted index."""
    for p, ends in wanted.items():
        if gap.has(p):
            return all(_never_negative(gap.subs(p, end), {}) for end in ends)
    return bool(sp.expand(gap).is_nonnegative)
