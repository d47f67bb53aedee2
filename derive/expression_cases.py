"""Formulas by cases: the first case whose conditions hold is the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

import sympy as sp

from derive.functions import Z

Case = tuple[tuple[sp.Basic, ...], sp.Expr]
"""Conditions that hold together, and the formula that is valid where they do."""

Cases = tuple[Case, ...]

MAX_CASES = 16

_U, _V = sp.symbols("u v")

_CHOICES: dict[str, tuple[tuple[Any, sp.Expr], ...]] = {
    "max": ((sp.Gt, _U), (None, _V)),
    "min": ((sp.Lt, _U), (None, _V)),
    "relu": ((sp.Gt, _U), (None, _V)),
    "sign": ((sp.Gt, sp.Integer(1)), (sp.Lt, sp.Integer(-1)), (None, _V)),
    "abs": ((sp.Gt, _U), (sp.Lt, -_U), (None, _V)),
}
"""Values by the first relation of ``u`` and ``v`` that holds; a function of one argument has ``v = 0``."""


class TooManyCasesError(ValueError):
    """An expression with more than `MAX_CASES` cases."""


def single(formula: sp.Expr) -> Cases:
    """Return a formula that is valid everywhere."""
    return (((), formula),)


def each(apply: Callable[..., sp.Expr], *arguments: Cases) -> Cases:
    """Apply an operation to every combination of the cases of its arguments."""
    return _reachable((guards, apply(*formulas)) for guards, formulas in _combinations(arguments))


def choose(name: str, u: Cases, v: Cases) -> Cases:
    """Return ``max``, ``min``, ``relu``, ``sign`` or ``abs`` by cases of how ``u`` compares with ``v``."""
    cases: list[Case] = []
    for guards, (left, right) in _combinations((u, v)):
        for relation, value in _CHOICES[name]:
            holds = sp.true if relation is None else _compared(relation, left, right)
            if holds != sp.false:
                cases.append(((*guards, holds), value.xreplace({_U: left, _V: right})))
    return _reachable(cases)


def piecewise(cases: Cases) -> sp.Expr:
    """Return the cases as one SymPy expression."""
    return sp.Piecewise(*((formula, sp.And(*guards)) for guards, formula in cases))


def _compared(relation: Any, u: sp.Expr, v: sp.Expr) -> sp.Basic:
    """Return the relation of ``u`` and ``v``, solved for ``z`` where their difference is linear in it."""
    slope = sp.diff(u - v, Z)
    if slope.has(Z) or not slope.is_nonzero or slope.is_positive is None:
        return relation(u, v)
    bound = sp.expand((v - u).xreplace({Z: sp.Integer(0)}) / slope)
    return relation(Z, bound) if slope.is_positive else relation(bound, Z)


def _combinations(arguments: Iterable[Cases]) -> Iterator[tuple[tuple[sp.Basic, ...], tuple[sp.Expr, ...]]]:
    """Yield, for each choice of one case of every argument, the conditions together and the formulas."""
    for chosen in product(*arguments):
        yield (
            tuple(guard for guards, _ in chosen for guard in guards),
            tuple(formula for _, formula in chosen),
        )


def _reachable(cases: Iterable[Case]) -> Cases:
    """Drop the cases that an earlier one always precedes."""
    kept: dict[frozenset[sp.Basic], Case] = {}
    for guards, formula in cases:
        conditions = tuple(guard for guard in dict.fromkeys(guards) if guard != sp.true)
        if not any(earlier <= set(conditions) for earlier in kept):
            kept[frozenset(conditions)] = (conditions, formula)
        if len(kept) > MAX_CASES:
            raise TooManyCasesError(f"more than {MAX_CASES} cases; use fewer of max, min, relu and sign")
    return tuple(kept.values())
