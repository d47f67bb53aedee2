"""From expressions in index notation to LaTeX: one small function for each kind of node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sympy as sp

from codegen.latex.indices import affine, relation
from codegen.latex.names import letter
from codegen.latex.order import quotient, split_sign, terms
from codegen.latex.text import Level, Text, bracketed, held
from derive.activations import Activated
from derive.functions import (
    Expm1,
    IndexMax,
    LogSoftplus,
    NormalCdf,
    OneWhereZero,
    Sigmoid,
    Softplus,
)

if TYPE_CHECKING:
    from codegen.latex.speller import Speller


@dataclass(frozen=True)
class Style:
    """How the leaves of an expression are written.

    Attributes
    ----------
    speller : Speller
    leaf : callable
        Writes an element.
    sums : callable
        Writes a sum over an index: with a sigma, or term by term.
    offsets : mapping of sympy.Symbol to int
        What is added to each index to get the number that is shown for it.
    where : mapping of sympy.Symbol to sympy.Expr
        Indices that stand for numbers.
    times : str
        Between factors.
    after_number : str
        Between a number and the factors after it.
    """

    speller: Speller
    leaf: Callable[[sp.Indexed, Style], Text]
    sums: Callable[[sp.Sum, Style], Text]
    offsets: Mapping[sp.Symbol, int] = field(default_factory=dict)
    where: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    times: str = " "
    after_number: str = " "

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Style:
        """Return the style with more indices that stand for numbers."""
        return replace(self, where={**self.where, **values})


class PrintError(TypeError):
    """An expression that there is no way to write."""


def write(expr: sp.Expr, style: Style) -> Text:
    """Write an expression.

    Raises
    ------
    PrintError
        If the expression holds a kind of node that has no notation here.
    """
    for kind in type(expr).__mro__:
        if kind in _WRITERS:
            return _WRITERS[kind](expr, style)
    raise PrintError(f"there is no notation for {type(expr).__name__}: {expr}")


def added(pieces: Iterable[tuple[int, Text]]) -> Text:
    """Join terms with their signs."""
    found = list(pieces)
    if len(found) == 1 and found[0][0] > 0:
        return found[0][1]
    line = ""
    for number, (sign, piece) in enumerate(found):
        if not number and sign > 0:
            line = piece.first
            continue
        body = _operand(piece, subtracted=sign < 0, last=number == len(found) - 1)
        line += ("-" if sign < 0 else "") + body if not number else (" - " if sign < 0 else " + ") + body
    return Text(line, Level.SUM)


def _operand(piece: Text, *, subtracted: bool, last: bool) -> str:
    if piece.level is Level.SUM and (subtracted or piece.bare) or (piece.open and not last and _cases(piece)):
        return bracketed(piece.first)
    return piece.text


def _cases(piece: Text) -> bool:
    return r"\begin{cases}" in piece.text


def _sum(expr: sp.Add, style: Style) -> Text:
    return added((sign, write(term, style)) for sign, term in terms(expr))


def multiplied(factors: list[Text], times: str) -> Text:
    """Join factors; one that runs on to the right is put in brackets unless it is the last."""
    if len(factors) == 1:
        return factors[0]
    parts = [held(f, Level.PRODUCT) for f in factors]
    for number, factor in enumerate(factors[:-1]):
        if factor.open and factor.level > Level.SUM:
            parts[number] = bracketed(factor.first)
    line = times.join(parts)
    bare = times.join([factors[0].bare, *parts[1:]]) if factors[0].bare else ""
    return Text(line, Level.PRODUCT, factors[-1].open, bare)


def scaled(front: list[Text], factors: list[Text], style: Style) -> Text:
    """Join numbers and the factors after them."""
    tail = [multiplied(factors, style.times)] if factors else []
    return multiplied([*front, *tail] or [Text("1")], style.after_number)


def fraction(top: str, bottom: str) -> Text:
    """Return a fraction."""
    return Text(rf"\frac{{{top}}}{{{bottom}}}", Level.POWER)


def _product(expr: sp.Expr, style: Style) -> Text:
    parts = quotient(expr)
    if parts.sign < 0:
        return added([(-1, write(-expr, style))])
    number, top = parts.number, [write(f, style) for f in parts.top]
    front: list[Text] = []
    if parts.sizes or (number.q != 1 and not _short_decimal(number)):
        below = [*([Text(str(number.q))] if number.q != 1 else []), *(write(s, style) for s in parts.sizes)]
        front = [fraction(str(number.p), multiplied(below, " ").text)]
    elif number != 1:
        front = [_number(number, style)]
    if not parts.bottom:
        return scaled(front, top, style)
    bottom = multiplied([write(f, style) for f in parts.bottom], style.times).first
    if parts.sizes or number.q != 1:
        return scaled(front, [fraction(scaled([], top, style).first, bottom)], style)
    return fraction(scaled(front, top, style).first, bottom)


def _power(expr: sp.Pow, style: Style) -> Text:
    if expr.exp.is_number and expr.exp.is_negative:
        return _product(expr, style)
    if expr.exp == sp.Rational(1, 2):
        return Text(rf"\sqrt{{{write(expr.base, style).first}}}", Level.POWER)
    base = held(write(expr.base, style), Level.ATOM)
    exponent = write(expr.exp, style).first
    if expr.exp.is_Rational and expr.exp.q != 1:
        exponent = f"{expr.exp.p}/{expr.exp.q}"
    return Text(rf"{base}^{{{exponent}}}", Level.POWER)


def _short_decimal(number: sp.Rational) -> bool:
    """Whether a fraction reads better as a decimal: 0.01, 0.044715, but 1/2 and 3/4 as fractions."""
    return number.q > 20 and 10**8 % number.q == 0


def _number(number: sp.Rational, style: Style) -> Text:  # noqa: ARG001  # one signature for all writers
    if number < 0:
        positive = _number(-number, style)
        return Text(f"-{positive.text}", Level.SUM, bare=f"-{positive.text}")
    if number.q == 1:
        return Text(str(number.p))
    if _short_decimal(number):
        whole, rest = divmod(number.p * 10**8 // number.q, 10**8)
        return Text(f"{whole}.{rest:08d}".rstrip("0"))
    return fraction(str(number.p), str(number.q))


def _float(number: sp.Float, style: Style) -> Text:  # noqa: ARG001  # one signature for all writers
    from codegen.latex.numbers import number_text

    return number_text(float(number), 15)


def exponential(exponent: Text) -> Text:
    """Return ``e`` to a power, as a function call where the exponent is tall."""
    inner = exponent.first
    if bracketed(inner).startswith(r"\left"):
        return Text(rf"\exp{bracketed(inner)}", Level.POWER)
    return Text(rf"e^{{{inner}}}", Level.POWER)


def called(name: str, *arguments: Text) -> Text:
    """Return a function call."""
    return Text(name + bracketed(", ".join(a.first for a in arguments)), Level.POWER)


def _exp(expr: sp.Expr, style: Style) -> Text:
    return exponential(write(expr.args[0], style))


def _call(name: str) -> Callable[[sp.Expr, Style], Text]:
    return lambda expr, style: called(name, *(write(arg, style) for arg in expr.args))


def _activated(expr: Activated, style: Style) -> Text:
    return called(
        style.speller.function(expr.activation, expr.args[0], expr.order), write(expr.args[0], style)
    )


def _sigmoid(expr: Sigmoid, style: Style) -> Text:
    return called(style.speller.sigmoid, write(expr.args[0], style))


def _by_formula(expr: Expm1 | LogSoftplus, style: Style) -> Text:
    if isinstance(expr, LogSoftplus):
        return called(r"\log", write(Softplus(expr.args[0]), style))
    return added([(1, exponential(write(expr.args[0], style))), (-1, Text("1"))])


def _between(left: str, right: str) -> Callable[[sp.Expr, Style], Text]:
    return lambda expr, style: Text(
        rf"\left{left} {write(expr.args[0], style).first} \right{right}", Level.POWER
    )


def _one_where_zero(expr: OneWhereZero, style: Style) -> Text:
    y, u = expr.args
    return write(sp.Piecewise((1, sp.Eq(y, 0, evaluate=False)), (u, True), evaluate=False), style)


def _piecewise(expr: sp.Piecewise, style: Style) -> Text:
    rows = []
    for value, condition in expr.args:
        guard = condition.xreplace(style.where)
        if guard == sp.false:
            continue
        rows.append((value, guard))
        if guard == sp.true:
            break
    if len(rows) == 1 and rows[0][1] == sp.true:
        return write(rows[0][0], style)
    if len(rows) == 2 and rows[0][0] == 1 and rows[1] == (0, sp.true):
        return Text(rf"\mathbf{{1}}[{relation(rows[0][1], style)}]", Level.POWER)
    lines = (rf"{write(value, style).first} & {relation(guard, style)}" for value, guard in rows)
    body = r" \\ ".join(lines)
    return Text(rf"\begin{{cases}} {body} \end{{cases}}", Level.PRODUCT, open=True)


def _symbol(expr: sp.Symbol, style: Style) -> Text:
    if expr in style.where or expr in style.offsets:
        shown = affine(expr, style, 0)
        return Text(shown, Level.ATOM if len(shown) == 1 or shown.isdigit() else Level.SUM)
    return Text(letter(expr.name))


def _maximum(expr: IndexMax, style: Style) -> Text:
    (k, low, high), body = expr.args[1], expr.body
    inner = style.speller.bound(style, body, (k,))
    ends = f"{affine(low, inner, inner.offsets[k])} \\le {k} \\le {affine(high, inner, inner.offsets[k])}"
    return Text(rf"\max_{{{ends}}} {held(write(body, inner), Level.POWER)}", Level.PRODUCT, open=True)


def sigma(expr: sp.Sum, style: Style) -> Text:
    r"""Write a sum with one ``\sum`` for each index, the last index outermost, as SymPy nests them."""
    inner = style.speller.bound(style, expr.function, [k for k, _, _ in expr.limits])
    heads = []
    for k, low, high in reversed(expr.limits):
        offset = inner.offsets[k]
        heads.append(rf"\sum_{{{k}={affine(low, inner, offset)}}}^{{{affine(high, inner, offset)}}}")
    sign, body = split_sign(expr.function)
    piece = write(body, inner) if sign > 0 else added([(-1, write(body, inner))])
    return Text(f"{' '.join(heads)} {held(piece, Level.PRODUCT)}", Level.PRODUCT, open=True)


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

_WRITERS: dict[type, Callable[[sp.Expr, Style], Text]] = {
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.Rational: _number,
    sp.Float: _float,
    type(sp.E): lambda expr, style: Text("e"),  # noqa: ARG005  # one signature for all writers
    type(sp.pi): lambda expr, style: Text(r"\pi"),  # noqa: ARG005  # one signature for all writers
    sp.Symbol: _symbol,
    sp.Indexed: lambda expr, style: style.leaf(expr, style),
    sp.Sum: lambda expr, style: style.sums(expr, style),
    sp.Piecewise: _piecewise,
    sp.exp: _exp,
    sp.Abs: _between("|", "|"),
    sp.floor: _between(r"\lfloor", r"\rfloor"),
    sp.ceiling: _between(r"\lceil", r"\rceil"),
    **{kind: _call(name) for kind, name in _FUNCTIONS.items()},
    Activated: _activated,
    Sigmoid: _sigmoid,
    Expm1: _by_formula,
    LogSoftplus: _by_formula,
    OneWhereZero: _one_where_zero,
    IndexMax: _maximum,
}
