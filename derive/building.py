"""Nodes of expressions by the short way: what SymPy's constructors give, without what these ask first.

SymPy asks of every new exponential, sum and element what it could be simplified to; of those that programs
are made of, nothing. What may be simplified goes to SymPy's own constructors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import is_
from typing import Any

import sympy as sp

from derive.nodes import contains


@lru_cache(maxsize=4096)
def element(name: str, indices: tuple[sp.Expr, ...]) -> sp.Indexed:
    """Return the element of a tensor at some indices, at least one."""
    return sp.Indexed(_tensor(name), *indices)


def _element_of(base: sp.Basic, indices: tuple[sp.Expr, ...]) -> sp.Expr:
    if isinstance(base, sp.IndexedBase) and base == _tensor(base.name):
        return element(base.name, indices)
    return sp.Indexed(base, *indices)


@lru_cache(maxsize=4096)
def _tensor(name: str) -> sp.IndexedBase:
    return sp.IndexedBase(name)


def plain_sum(body: sp.Expr, limits: Iterable[Any]) -> sp.Expr:
    """Return ``Sum(body, *limits)``; SymPy looks for cases to take out, and for sums to join."""
    made = [limit if isinstance(limit, sp.Tuple) else sp.Tuple(*limit) for limit in limits]
    if not made or any(len(limit) != 3 for limit in made) or isinstance(body, sp.Sum):
        return sp.Sum(body, *made)
    if not isinstance(body, sp.Expr) or body is sp.nan or contains(body, sp.Piecewise):
        return sp.Sum(body, *made)
    found = sp.Expr.__new__(sp.Sum, body, *made)
    found.is_commutative = body.is_commutative
    return found


def exponential(argument: sp.Expr) -> sp.Expr:
    """Return ``exp(argument)``; SymPy looks for logarithms in the terms, which takes a millisecond.

    There are none where each term is an element or a symbol, or a rational multiple of one.
    """
    terms = sp.Add.make_args(argument)
    if all(_is_leaf(term) or (isinstance(term, sp.Mul) and _is_multiple(term)) for term in terms):
        return sp.exp(argument, evaluate=False)
    return sp.exp(argument)


def _logarithm(argument: sp.Expr) -> sp.Expr:
    return sp.log(argument, evaluate=not isinstance(argument, sp.Indexed))


def _is_leaf(term: sp.Expr) -> bool:
    return isinstance(term, sp.Indexed) or (isinstance(term, sp.Symbol) and not term.is_zero)


def _is_multiple(term: sp.Mul) -> bool:
    return len(term.args) == 2 and isinstance(term.args[0], sp.Rational) and _is_leaf(term.args[1])


def rebuilt(expr: sp.Expr, args: Sequence[sp.Expr]) -> sp.Expr:
    """Return ``expr.func(*args)``; the expression itself if these are its arguments."""
    if len(args) == len(expr.args) and all(map(is_, args, expr.args)):
        return expr
    builder = _BUILDERS.get(type(expr))
    return builder(args) if builder else expr.func(*args)


_BUILDERS: dict[type, Callable[[Sequence[Any]], sp.Expr]] = {
    sp.exp: lambda args: exponential(args[0]),
    sp.log: lambda args: _logarithm(args[0]) if len(args) == 1 else sp.log(*args),
    sp.Indexed: lambda args: _element_of(args[0], tuple(args[1:])),
    sp.Sum: lambda args: plain_sum(args[0], args[1:]),
}


def replaced(expr: sp.Expr, values: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Return the expression with some of its nodes replaced by others: SymPy's ``xreplace``."""
    if expr in values:
        return values[expr]
    if not expr.args:
        return expr
    return rebuilt(expr, [replaced(arg, values) for arg in expr.args])
