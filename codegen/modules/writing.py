"""Python text of expressions: precedence, signs, quotients; what differs between styles is a `Dialect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import sympy as sp

from codegen.modules.heads import Dot
from derive.nodes import in_order, is_negated, size_of, spelled
from derive.program import name_of

CHOICE, EITHER, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(8)
"""How tightly the outermost operation of a text binds."""


class Text(NamedTuple):
    """A piece of source and how tightly its outermost operation binds."""

    source: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """Return the source, in parentheses where it binds less tightly than `level`."""
        return self.source if self.level >= level else f"({self.source})"


At = Mapping[sp.Symbol, int]
"""The values of the indices, where a style writes one element at a time."""

Emit = Callable[[At], Text]
"""Writes an expression at given indices."""


class CannotWriteError(Exception):
    """A style has no text for a node."""


@dataclass(frozen=True)
class Dialect:
    """What a style writes in its own way.

    Attributes
    ----------
    number : callable
        A `Fraction` or a float as a literal.
    calls : mapping
        For each function, what it is in terms of its arguments.
    power : callable
        A base to an exponent that is no integer power written as a product; ``(base, exponent)``.
    nodes : mapping
        For each kind of node that is no arithmetic, a compiler of its own: ``(node, compile) -> Emit``.
    conjunction : str
        What joins two conditions.
    """

    number: Callable[[Fraction | float], Text]
    calls: Mapping[type, Callable[..., Text]]
    power: Callable[[Text, sp.Expr, Text | None], Text]
    nodes: Mapping[type, Callable[[sp.Expr, Callable[[sp.Expr], Emit]], Emit]]
    conjunction: str

    def compile(self, expr: sp.Expr) -> Emit:
        """Return what writes an expression.

        Raises
        ------
        CannotWriteError
            If it holds a node that has no text.
        """
        for kind, compiler in self.nodes.items():
            if isinstance(expr, kind):
                return compiler(expr, self.compile)
        if expr.is_number:
            return _constant(self.number(_value(expr)))
        for kind, writer in _ARITHMETIC.items():
            if isinstance(expr, kind):
                return writer(self, expr)
        call = self.calls.get(expr.func)
        if call is None:
            raise CannotWriteError(f"{expr.func.__name__} has no text here: {expr}")
        arguments = [self.compile(arg) for arg in expr.args]
        return lambda at: call(*(argument(at) for argument in arguments))


def _constant(text: Text) -> Emit:
    return lambda _: text


def _value(number: sp.Expr) -> Fraction | float:
    return Fraction(int(number.p), int(number.q)) if number.is_Rational else float(sp.N(number, 25))


ZERO, ONE = ("0", "0.0"), ("1", "1.0")


def _add(dialect: Dialect, expr: sp.Add) -> Emit:
    terms = [(negative, dialect.compile(term)) for negative, term in ordered_terms(expr)]

    def emit(at: At) -> Text:
        return plus([(negative, term(at)) for negative, term in terms])

    return emit


def ordered_terms(expr: sp.Add) -> list[tuple[bool, sp.Expr]]:
    """Return the terms of a sum in the order of writing, each with whether it is subtracted."""
    terms = {}
    for term in expr.args:
        negative = is_negated(term)
        terms[-term if negative else term] = negative
    return [(terms[value], value) for value in in_order(terms, lambda v: _term_order(v, terms[v]))]


def plus(terms: Sequence[tuple[bool, Text]]) -> Text:
    """Return a sum of texts, each with whether it is subtracted; zeros are left out."""
    kept = [(negative, term) for negative, term in terms if term.source not in ZERO]
    if not kept:
        return Text("0")
    (negative, first), *rest = kept
    if not rest and not negative:
        return first
    text = [f"-{first.within(PRODUCT)}" if negative else first.within(SUM)]
    for negative, term in rest:
        text.append(f" - {term.within(PRODUCT)}" if negative else f" + {term.within(SUM)}")
    return Text("".join(text), SUM if rest else SIGN)


def _term_order(value: sp.Expr, negative: bool) -> tuple[int, bool, int, int]:
    """``1 - a``, ``|r| - 1/2``, ``W x + b``: what is added before what is subtracted, elements before calls.

    The order decides about digits too: ``z - max - log(sum)`` subtracts numbers of one size first.
    """
    product = isinstance(value, Dot | sp.Sum)
    kind = 0 if product else 1 if value.is_Atom or isinstance(value, sp.Indexed) else 2
    number = (1 if negative else -1) if value.is_number else 0
    return number, negative, kind, size_of(value)


def _mul(dialect: Dialect, expr: sp.Mul) -> Emit:
    return _quotient(dialect, expr.args)


class Quotient(NamedTuple):
    """A product as it is written: its sign, its constant, the factors above and below the line."""

    negative: bool
    top: int | float
    bottom: int
    over: list[sp.Expr]
    under: list[sp.Expr]


def quotient(factors: Sequence[sp.Expr]) -> Quotient:
    """Return a product in the order in which it is written."""
    constant, over, under = sp.Integer(1), [], []
    for factor in factors:
        if factor.is_number:
            constant *= factor
        elif isinstance(factor, sp.Pow) and factor.exp.is_number and factor.exp.is_negative:
            under.append(factor.base**-factor.exp)
        else:
            over.append(factor)
    negative = bool(constant.is_negative)
    value = _value(-constant if negative else constant)
    top, bottom = (value.numerator, value.denominator) if isinstance(value, Fraction) else (value, 1)
    return Quotient(negative, top, bottom, _sorted(over), _sorted(under))


def _sorted(factors: list[sp.Expr]) -> list[sp.Expr]:
    """Return plain elements first; the text of the others is written only where there are several."""
    plain = [f for f in factors if _is_plain(f)]
    others = [f for f in factors if not _is_plain(f)]
    return [*sorted(plain, key=_factor_order), *(sorted(others, key=_factor_order) if others[1:] else others)]


def _quotient(dialect: Dialect, factors: Sequence[sp.Expr]) -> Emit:
    negative, top, bottom, over, under = quotient(factors)
    first = [dialect.number(Fraction(top) if isinstance(top, int) else top)] if top != 1 else []
    last = [dialect.number(Fraction(bottom))] if bottom != 1 else []
    emits = [dialect.compile(factor) for factor in over]
    divisors = [dialect.compile(factor) for factor in under]
    one = dialect.number(Fraction(1))

    def emit(at: At) -> Text:
        above = times([*first, *(factor(at) for factor in emits)])
        if above.source in ZERO:
            return above
        below = times([*last, *(divisor(at) for divisor in divisors)])
        text = above if above.source not in ONE else one
        if below.source not in ONE:
            text = Text(f"{text.within(PRODUCT)} / {below.within(POWER)}", PRODUCT)
        return (
            Text(f"-{text.within(PRODUCT)}", SIGN if text.level > PRODUCT else PRODUCT) if negative else text
        )

    return emit


def times(factors: Sequence[Text]) -> Text:
    """Return a product of texts; ones are left out, and a zero is all that is left."""
    if any(factor.source in ZERO for factor in factors):
        return Text("0")
    kept = [factor for factor in factors if factor.source not in ONE]
    if len(kept) < 2:
        return kept[0] if kept else Text("1")
    first, *rest = kept
    return Text(" * ".join([first.within(PRODUCT), *(f.within(POWER) for f in rest)]), PRODUCT)


def _is_plain(factor: sp.Expr) -> bool:
    return bool(isinstance(factor, sp.Indexed) or factor.is_Atom)


def _factor_order(factor: sp.Expr) -> tuple[int, str]:
    """The learning rate, derivatives, inputs of activations, others: ``dz * z * s``."""
    name = name_of(factor) if isinstance(factor, sp.Indexed) else spelled(factor)
    return _FIRST.get(name, _FIRST.get(name[0], len(_FIRST))), name


_FIRST = {"eta": 0, "d": 1, "z": 2}


def _pow(dialect: Dialect, expr: sp.Pow) -> Emit:
    base, exponent = expr.args
    if exponent.is_number and exponent.is_negative:
        return _quotient(dialect, [expr])
    write_base = dialect.compile(base)
    if exponent.is_number:
        return lambda at: dialect.power(write_base(at), exponent, None)
    write_exponent = dialect.compile(exponent)
    return lambda at: dialect.power(write_base(at), exponent, write_exponent(at))


_RELATIONS = {
    sp.StrictLessThan: "<",
    sp.LessThan: "<=",
    sp.StrictGreaterThan: ">",
    sp.GreaterThan: ">=",
    sp.Equality: "==",
    sp.Unequality: "!=",
}


def _relation(dialect: Dialect, expr: sp.core.relational.Relational) -> Emit:
    sign = _RELATIONS[type(expr)]
    left, right = (dialect.compile(side) for side in expr.args)
    return lambda at: Text(f"{left(at).within(SUM)} {sign} {right(at).within(SUM)}", COMPARISON)


def _conjunction(dialect: Dialect, expr: sp.And) -> Emit:
    parts = [dialect.compile(part) for part in sorted(expr.args, key=str)]
    joint = f" {dialect.conjunction} "
    return lambda at: Text(joint.join(part(at).within(ATOM) for part in parts), EITHER)


_ARITHMETIC: dict[type, Callable[[Dialect, sp.Expr], Emit]] = {
    sp.Add: _add,
    sp.Mul: _mul,
    sp.Pow: _pow,
    sp.core.relational.Relational: _relation,
    sp.And: _conjunction,
}
