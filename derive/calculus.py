"""Index calculus: local derivatives, contraction of deltas, renaming, sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from derive.program import fresh_letters, index, name_of

Limit = tuple[sp.Symbol, sp.Expr, sp.Expr]


@dataclass(frozen=True)
class Partial:
    """One use of a tensor in an expression, with the derivative by it.

    ``d expr / d u[p]`` is the sum, over all uses, of ``value`` summed over ``bound`` where ``at == p``.

    Attributes
    ----------
    bound : tuple of (index, low, high)
        Sums inside the expression that surround the use.
    at : tuple of sympy.Expr
        The indices with which the tensor is used.
    value : sympy.Expr
    """

    bound: tuple[Limit, ...]
    at: tuple[sp.Expr, ...]
    value: sp.Expr


def partials(expr: sp.Expr, name: str, letters: Iterator[sp.Symbol] | None = None) -> list[Partial]:
    """Differentiate an expression by every use of a tensor in it.

    SymPy differentiates with every element replaced by a real symbol and every ``Sum`` by another;
    the derivative of a sum is the sum of the derivatives.

    Parameters
    ----------
    expr : sympy.Expr
    name : str
        The tensor to differentiate by.
    letters : iterator of sympy.Symbol, optional
        Where new names for bound indices come from.
    """
    letters = letters or fresh_letters(str(s) for s in expr.atoms(sp.Symbol))
    leaves = list(dict.fromkeys(_leaves(expr)))
    dummies = {leaf: sp.Dummy(real=True) for leaf in leaves}
    back = {dummy: leaf for leaf, dummy in dummies.items()}
    opened = expr.xreplace(dummies)
    found: list[Partial] = []
    for leaf in leaves:
        if isinstance(leaf, sp.Indexed):
            if name_of(leaf) == name:
                found.append(Partial((), leaf.indices, sp.diff(opened, dummies[leaf]).xreplace(back)))
            continue
        if name not in {name_of(node) for node in leaf.atoms(sp.Indexed)}:
            continue
        outer = sp.diff(opened, dummies[leaf]).xreplace(back)
        new = {k: next(letters) if outer.has(k) else k for k, _, _ in leaf.limits}
        limits = tuple((new[k], low, high) for k, low, high in leaf.limits)
        inside = partials(substitute(leaf.function, new), name, letters)
        found += [Partial(limits + p.bound, p.at, outer * p.value) for p in inside]
    return _merged([p for p in found if p.value != 0])


def _merged(found: list[Partial]) -> list[Partial]:
    together: dict[tuple[tuple[Limit, ...], tuple[sp.Expr, ...]], sp.Expr] = {}
    for p in found:
        together[p.bound, p.at] = together.get((p.bound, p.at), sp.Integer(0)) + p.value
    return [Partial(bound, at, value) for (bound, at), value in together.items()]


def _leaves(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the outermost sums and elements of an expression."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (sp.Indexed, sp.Sum)):
            yield node
        else:
            stack.extend(reversed(node.args))


def substitute(expr: sp.Expr, values: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Replace free indices; bound ones are renamed first where a new value would be captured."""
    values = {old: new for old, new in values.items() if old != new}
    if not values or not (expr.free_symbols & values.keys()):
        return expr
    if isinstance(expr, sp.Sum):
        arriving = {s for new in values.values() for s in new.free_symbols}
        limits, body = [], expr.function
        letters = fresh_letters(str(s) for s in (*expr.atoms(sp.Symbol), *arriving))
        for k, low, high in expr.limits:
            bound = next(letters) if k in arriving else k
            body = substitute(body, {k: bound})
            limits.append((bound, substitute(low, values), substitute(high, values)))
        bound_now = {k for k, _, _ in limits}
        return sp.Sum(substitute(body, {o: n for o, n in values.items() if o not in bound_now}), *limits)
    if not expr.args:
        return values.get(expr, expr)
    return expr.func(*(substitute(arg, values) for arg in expr.args))


def summed(body: sp.Expr, limits: Iterable[Limit]) -> sp.Expr:
    """Return ``Sum(body, *limits)`` with every factor that no index needs moved out, term by term."""
    limits = tuple(limits)
    if not limits or body == 0:
        return body
    if isinstance(body, sp.Add):
        return sp.Add(*(summed(term, limits) for term in body.args))
    moving = {k for k, _, _ in limits}
    inside: list[sp.Expr] = []
    outside: list[sp.Expr] = []
    for factor in sp.Mul.make_args(body):
        (inside if factor.free_symbols & moving else outside).append(factor)
    used = {s for factor in inside for s in factor.free_symbols}
    idle = [high - low + 1 for k, low, high in limits if k not in used]
    kept = [limit for limit in limits if limit[0] in used]
    core = sp.Mul(*inside)
    return sp.Mul(*outside, *idle, sp.Sum(core, *kept) if kept else core)


def tidied(expr: sp.Expr) -> sp.Expr:
    """Return an equal expression with numbers and signs in front of its sums, not inside."""
    if expr.has(sp.Sum) and not isinstance(expr, sp.Sum):
        return sp.factor_terms(expr.func(*(tidied(arg) for arg in expr.args)))
    if not isinstance(expr, sp.Sum):
        return expr
    scale, body = sp.factor_terms(tidied(expr.function)).as_coeff_Mul()
    if body.could_extract_minus_sign():
        scale, body = -scale, -body
    return scale * sp.Sum(body, *expr.limits)


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
        remaining = tuple(limit for limit in state.limits if limit[0] != k)
        equations = [(substitute(e, {k: value}), w) for e, w in equations]
        state = _Selection(substitute(state.body, {k: value}), remaining)
        state = _restrict(state, value, low, high, {p: (p_low, p_high)})
    return summed(state.body, state.limits)


def _solve(where: sp.Expr, p: sp.Symbol, limits: tuple[Limit, ...]) -> tuple[sp.Symbol, sp.Expr] | None:
    """Solve ``where == p`` for a summed index that occurs with the coefficient 1 or -1."""
    for k, _, _ in limits:
        if where.has(k) and where.is_polynomial(k) and sp.Poly(where, k).degree() == 1:
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
    for position, (k, k_low, k_high) in enumerate(state.limits):
        if value.has(k) and value.is_polynomial(k) and sp.Poly(value, k).degree() == 1:
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


def renamed_bounds(expr: sp.Expr, taken: Iterable[str]) -> sp.Expr:
    """Rename bound indices that clash with the names in `taken`."""
    reserved = {index(name) for name in taken}
    if not isinstance(expr, sp.Sum):
        return expr.func(*(renamed_bounds(arg, taken) for arg in expr.args)) if expr.has(sp.Sum) else expr
    letters = fresh_letters({*(str(s) for s in expr.atoms(sp.Symbol)), *taken})
    names = {k: next(letters) for k, _, _ in expr.limits if k in reserved}
    body = substitute(renamed_bounds(expr.function, taken), names)
    return sp.Sum(body, *((names.get(k, k), low, high) for k, low, high in expr.limits))
