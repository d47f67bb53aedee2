"""From expressions in index notation to LaTeX: one small function for each kind of node."""

from __future__ import annotations

import sympy as sp

from codegen.latex.assemble import added, called, exponential, fraction, multiplied, scaled
from codegen.latex.indices import affine
from codegen.latex.names import letter
from codegen.latex.numbers import number_text
from codegen.latex.order import quotient, terms
from codegen.latex.ranges import maximum, piecewise
from codegen.latex.style import Style, Writer
from codegen.latex.text import Level, Text, held
from derive.activations import A, Activated
from derive.functions import (
    Expm1,
    IndexMax,
    LogSoftplus,
    NormalCdf,
    OneWhereZero,
    Sigmoid,
    Softplus,
    Z,
)

_DECIMALS = 15


def _sum(expr: sp.Add, style: Style) -> Text:
    return added((sign, style.write(term)) for sign, term in terms(expr))


def _product(expr: sp.Expr, style: Style) -> Text:
    parts = quotient(expr)
    if parts.sign < 0:
        return added([(-1, style.write(-expr))])
    number = parts.number
    top = [style.write(f) for f in parts.top]
    front: list[Text] = []
    if parts.sizes or (number.q != 1 and not _short_decimal(number)):
        below = [*([Text(str(number.q))] if number.q != 1 else []), *(style.write(s) for s in parts.sizes)]
        front = [fraction(str(number.p), multiplied(below, " ").text)]
    elif number != 1:
        front = [_positive(number)]
    if not parts.bottom:
        return scaled(front, top, style.times, style.after_number)
    bottom = multiplied([style.write(f) for f in parts.bottom], style.times).first
    inside = [] if parts.sizes or number.q != 1 else front
    whole = fraction(scaled(inside, top, style.times, style.after_number).first, bottom)
    return whole if inside or not front else scaled(front, [whole], style.times, style.after_number)


def _power(expr: sp.Pow, style: Style) -> Text:
    if expr.exp.is_number and expr.exp.is_negative:
        return _product(expr, style)
    if expr.exp == sp.Rational(1, 2):
        return Text(rf"\sqrt{{{style.write(expr.base).first}}}", Level.POWER)
    base = held(style.write(expr.base), Level.ATOM)
    exponent = style.write(expr.exp).first
    if expr.exp.is_Rational and expr.exp.q != 1:
        exponent = f"{expr.exp.p}/{expr.exp.q}"
    return Text(rf"{base}^{{{exponent}}}", Level.POWER)


def _short_decimal(number: sp.Rational) -> bool:
    """Whether a fraction reads better as a decimal: 0.01, 0.044715, but 1/2 and 3/4 as fractions."""
    return number.q > 20 and 10**_DECIMALS % number.q == 0


def _number(number: sp.Rational, _: Style) -> Text:
    return _positive(number) if number >= 0 else added([(-1, _positive(-number))])


def _positive(number: sp.Rational) -> Text:
    if number.q == 1:
        return Text(str(number.p))
    if _short_decimal(number):
        whole, rest = divmod(number.p * 10**_DECIMALS // number.q, 10**_DECIMALS)
        return Text(f"{whole}.{rest:0{_DECIMALS}d}".rstrip("0"))
    return fraction(str(number.p), str(number.q))


def _float(number: sp.Float, _: Style) -> Text:
    return number_text(float(number), 15)


def _symbol(expr: sp.Symbol, style: Style) -> Text:
    if expr in style.where or expr in style.offsets:
        shown = affine(expr, style, 0)
        return Text(shown, Level.ATOM if shown.isalnum() else Level.SUM)
    # Where layers stand above, a^2 is the output of layer 2: the square is (a)^2.
    above = style.speller.notation.layer == "superscript" and expr in (A, Z)
    return Text(letter(expr.name), Level.POWER if above else Level.ATOM)


def _exp(expr: sp.Expr, style: Style) -> Text:
    return exponential(style.write(expr.args[0]))


def _activated(expr: Activated, style: Style) -> Text:
    (argument,) = expr.args
    return called(style.speller.function(expr.activation, argument, expr.order), style.write(argument))


def _sigmoid(expr: Sigmoid, style: Style) -> Text:
    return called(style.speller.sigmoid, style.write(expr.args[0]))


def _expm1(expr: Expm1, style: Style) -> Text:
    return added([(1, exponential(style.write(expr.args[0]))), (-1, Text("1"))])


def _log_softplus(expr: LogSoftplus, style: Style) -> Text:
    return called(r"\log", style.write(Softplus(expr.args[0])))


def _one_where_zero(expr: OneWhereZero, style: Style) -> Text:
    y, u = expr.args
    return piecewise(sp.Piecewise((1, sp.Eq(y, 0)), (u, True), evaluate=False), style)


def _call(name: str) -> Writer:
    return lambda expr, style: called(name, *map(style.write, expr.args))


def _between(left: str, right: str) -> Writer:
    return lambda expr, style: Text(
        rf"\left{left} {style.write(expr.args[0]).first} \right{right}", Level.POWER
    )


def _constant(text: str) -> Writer:
    return lambda _, __: Text(text)


_FUNCTIONS: dict[type, str] = {
    sp.log: r"\log",
    sp.tanh: r"\tanh",
    sp.sinh: r"\sinh",
    sp.cosh: r"\cosh",
    sp.sin: r"\sin",
    sp.cos: r"\cos",
    sp.tan: r"\tan",
    sp.atan: r"\arctan",
    sp.erf: r"\operatorname{erf}",
    sp.sign: r"\operatorname{sign}",
    sp.Max: r"\max",
    sp.Min: r"\min",
    Softplus: r"\operatorname{softplus}",
    NormalCdf: r"\Phi",
}

WRITERS: dict[type, Writer] = {
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.Rational: _number,
    sp.Float: _float,
    type(sp.E): _constant("e"),
    type(sp.pi): _constant(r"\pi"),
    sp.Symbol: _symbol,
    sp.Indexed: lambda expr, style: style.leaf(expr, style),
    sp.Sum: lambda expr, style: style.sums(expr, style),
    sp.Piecewise: piecewise,
    sp.exp: _exp,
    sp.Abs: _between("|", "|"),
    sp.floor: _between(r"\lfloor", r"\rfloor"),
    sp.ceiling: _between(r"\lceil", r"\rceil"),
    **{kind: _call(name) for kind, name in _FUNCTIONS.items()},
    Activated: _activated,
    Sigmoid: _sigmoid,
    Expm1: _expm1,
    LogSoftplus: _log_softplus,
    OneWhereZero: _one_where_zero,
    IndexMax: maximum,
}
"""By the kind of node, or the nearest of its base classes."""
