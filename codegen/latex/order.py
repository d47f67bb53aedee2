"""The order in which an author writes terms and factors; SymPy keeps none.

In a sum: what is added before what is subtracted; numbers first (``1 - a``); sums of products before
products, products before single elements (``W x + b``); then the shorter term first.

In a product: numbers, sizes, learning rate, adjoints, weights, values, brackets, functions, local derivatives
(``dz[i] x[j]``, ``a (1 - a)``, ``y log(a)``), and a sum over an index last, unless it holds an adjoint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from codegen.latex.names import parse_name
from derive.activations import Activated
from derive.functions import IndexMax, Sigmoid
from derive.program import name_of

Key = tuple[object, ...]


@dataclass(frozen=True)
class Quotient:
    """A product: ``sign * number * top / bottom``.

    Attributes
    ----------
    sign : int
    number : sympy.Rational
        Positive.
    sizes : tuple of sympy.Expr
        Divisors without any tensor in them, such as the number of samples.
    top, bottom : tuple of sympy.Expr
        The other factors, in the author's order.
    """

    sign: int
    number: sp.Rational
    sizes: tuple[sp.Expr, ...]
    top: tuple[sp.Expr, ...]
    bottom: tuple[sp.Expr, ...]


@lru_cache(maxsize=4096)
def terms(expr: sp.Expr) -> tuple[tuple[int, sp.Expr], ...]:
    """Return the terms of a sum with their signs, in the author's order."""
    found = [split_sign(term) for term in sp.Add.make_args(expr)]
    return tuple(sorted(found, key=lambda pair: _term_key(*pair)))


def split_sign(term: sp.Expr) -> tuple[int, sp.Expr]:
    """Return the sign of a term, and the term without it."""
    coefficient, _ = term.as_coeff_Mul()
    return (-1, -term) if coefficient.is_negative else (1, term)


def _term_key(sign: int, term: sp.Expr) -> Key:
    if term.has(sp.Sum):
        rank = 0
    else:
        rank = 1 if len([f for f in sp.Mul.make_args(term) if not f.is_number]) > 1 else 2
    return (sign < 0, not term.is_number, rank, _size(term), _natural(term))


@lru_cache(maxsize=4096)
def quotient(expr: sp.Expr) -> Quotient:
    """Take a product apart."""
    sign, number = 1, sp.Integer(1)
    sizes: list[sp.Expr] = []
    top: list[sp.Expr] = []
    bottom: list[sp.Expr] = []
    for factor in sp.Mul.make_args(expr):
        if factor.is_Rational:
            sign, number = (-1 if factor < 0 else 1) * sign, number * abs(factor)
        elif isinstance(factor, sp.Pow) and factor.exp.is_number and factor.exp.is_negative:
            below = factor.base ** (-factor.exp)
            (sizes if below.is_Symbol else bottom).append(below)
        else:
            top.append(factor)
    return Quotient(
        sign,
        number,
        tuple(sorted(sizes, key=_factor_key)),
        tuple(sorted(top, key=_factor_key)),
        tuple(sorted(bottom, key=_factor_key)),
    )


_STEMS = {"eta": 2, "W": 4, "b": 4, "x": 5, "y": 5, "X": 5, "z": 5, "a": 5}


def _factor_key(factor: sp.Expr) -> Key:
    base = factor.base if isinstance(factor, sp.Pow) else factor
    return (_rank(base), isinstance(base, sp.Piecewise), _natural(factor))


def _rank(factor: sp.Expr) -> int:
    if factor.is_number:
        return 0
    if isinstance(factor, sp.Symbol):
        return 1
    if isinstance(factor, sp.Indexed):
        name = parse_name(name_of(factor))
        return 3 if name.adjoint else _STEMS.get(name.stem, 5)
    if factor.has(sp.Sum, IndexMax):
        return 3 if _has_adjoint(factor) else 9
    if isinstance(factor, sp.Add):
        return 3 if _has_adjoint(factor) else 6
    if isinstance(factor, (Activated, Sigmoid)):
        return 8 if isinstance(factor, Activated) and factor.order else 5
    return 9 if isinstance(factor, sp.Piecewise) else 7


def _has_adjoint(expr: sp.Expr) -> bool:
    return any(parse_name(name_of(node)).adjoint for node in expr.atoms(sp.Indexed))


def _size(expr: sp.Expr) -> int:
    return sum(1 for _ in sp.preorder_traversal(expr))


def _natural(expr: sp.Expr) -> tuple[object, ...]:
    """Compare as a reader does: ``x[2]`` before ``x[10]``, and ``y`` before ``a``, target before output."""
    if isinstance(expr, sp.Indexed):
        stem = parse_name(name_of(expr)).stem
        return (0, stem != "y", *_chunks(str(expr)))
    return (1, True, *_chunks(str(expr)))


def _chunks(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the text as words and numbers that compare with each other."""
    found = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(chunk), "") if chunk.isdigit() else (1, 0, chunk) for chunk in found)
