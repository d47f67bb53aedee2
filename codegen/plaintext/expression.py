"""From expressions in index notation to plain text with the operators of Python."""

from __future__ import annotations

from typing import Any

import sympy as sp

from codegen.latex.assemble import added
from codegen.latex.order import quotient, split_sign, terms
from codegen.latex.style import PrintError, Style, Writer
from codegen.latex.text import Level, Text, held
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


def index_text(expr: sp.Expr) -> str:
    """Return an index, what is added first: ``k-1``, ``max(1, p)``."""
    if isinstance(expr, sp.Add):
        parts = [index_text(arg) for arg in sorted(expr.args, key=_place)]
        return parts[0] + "".join(part if part.startswith("-") else f"+{part}" for part in parts[1:])
    if isinstance(expr, (sp.Max, sp.Min)):
        inner = sorted(map(index_text, expr.args), key=lambda text: (len(text), text))
        return f"{type(expr).__name__.lower()}({', '.join(inner)})"
    return str(expr)


def _place(term: sp.Expr) -> tuple[bool, bool, str]:
    return (split_sign(term)[0] < 0, bool(term.is_number), str(term))


def _sum(expr: sp.Add, style: Style) -> Text:
    return added((sign, style.write(term)) for sign, term in terms(expr))


def _product(expr: sp.Expr, style: Style) -> Text:
    parts = quotient(expr)
    if parts.sign < 0:
        return added([(-1, style.write(-expr))])
    top = [sp.Integer(parts.number.p)] if parts.number.p != 1 else []
    bottom = [sp.Integer(parts.number.q)] if parts.number.q != 1 else []
    over = [held(style.write(f), Level.POWER) for f in (*top, *parts.top)]
    under = [held(style.write(f), Level.POWER) for f in (*bottom, *parts.sizes, *parts.bottom)]
    if not under and len(parts.top) == 1 and not top:
        return style.write(parts.top[0])
    text = style.times.join(over) or "1"
    if under:
        text += "/" + (under[0] if len(under) == 1 else f"({style.times.join(under)})")
    return Text(text, Level.PRODUCT)


def _power(expr: sp.Pow, style: Style) -> Text:
    if expr.exp.is_number and expr.exp.is_negative:
        return _product(expr, style)
    base = style.write(expr.base)
    if expr.exp == sp.Rational(1, 2):
        return Text(f"sqrt({base.text})")
    return Text(f"{held(base, Level.ATOM)}**{held(style.write(expr.exp), Level.ATOM)}", Level.POWER)


def _number(expr: sp.Rational, _: Style) -> Text:
    return Text(str(expr), Level.SUM if expr < 0 else Level.ATOM if expr.q == 1 else Level.PRODUCT)


def _float(expr: sp.Float, _: Style) -> Text:
    return Text(repr(float(expr)), Level.SUM if expr < 0 else Level.ATOM)


def over_indices(word: str) -> Writer:
    """Return a writer of a sum or a maximum; a range is shown where it begins late or depends on an index."""

    def write(expr: sp.Sum | IndexMax, style: Style) -> Text:
        ranges = []
        for k, low, high in expr.limits:
            whole = low == 0 and not high.has(sp.Max, sp.Min)
            ranges.append(str(k) if whole else f"{k} = {index_text(low)}..{index_text(high)}")
        sign, body = split_sign(expr.args[0])
        inner = added([(sign, style.speller.bound(style, expr).write(body))])
        return Text(f"{word}({inner.text}, {', '.join(ranges)})")

    return write


_RELATIONS = {sp.Eq: "==", sp.Ne: "!=", sp.Lt: "<", sp.Le: "<=", sp.Gt: ">", sp.Ge: ">="}


def _condition(guard: Any, style: Style) -> str:
    if isinstance(guard, (sp.And, sp.Or)):
        word = " and " if isinstance(guard, sp.And) else " or "
        return word.join(sorted(f"({_condition(arg, style)})" for arg in guard.args))
    sign = next((s for kind, s in _RELATIONS.items() if isinstance(guard, kind)), None)
    if sign is None:
        raise PrintError(f"there is no notation for the condition {guard}")
    left, right = (style.write(side).text for side in guard.args)
    return f"{left} {sign} {right}"


def _piecewise(expr: sp.Piecewise, style: Style) -> Text:
    text = ""
    for value, condition in expr.args:
        guard = condition.xreplace(style.where)
        if guard == sp.false:
            continue
        last = style.write(value)
        if guard == sp.true:
            return Text(f"({text}{last.text})") if text else last
        text += f"{last.text} if {_condition(guard, style)} else "
    return Text(f"({text}nan)")


def _symbol(expr: sp.Symbol, style: Style) -> Text:
    shown = str(expr.xreplace(style.where))
    return Text(shown, Level.ATOM if shown.isalnum() else Level.SUM)


def _activated(expr: Activated, style: Style) -> Text:
    (argument,) = expr.args
    name = style.speller.function(expr.activation, argument, expr.order)
    return Text(f"{name}({style.write(argument).text})")


def _call(name: str) -> Writer:
    return lambda expr, style: Text(f"{name}({', '.join(style.write(arg).text for arg in expr.args)})")


def _constant(text: str) -> Writer:
    return lambda _, __: Text(text)


_NAMES: dict[type, str] = {
    sp.exp: "exp",
    sp.log: "log",
    sp.tanh: "tanh",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.atan: "atan",
    sp.erf: "erf",
    sp.sign: "sign",
    sp.Abs: "abs",
    sp.Max: "max",
    sp.Min: "min",
    sp.floor: "floor",
    sp.ceiling: "ceil",
    Sigmoid: "sigmoid",
    Softplus: "softplus",
    NormalCdf: "normal_cdf",
    Expm1: "expm1",
    LogSoftplus: "log_softplus",
    OneWhereZero: "one_where_zero",
}

WRITERS: dict[type, Writer] = {
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.Rational: _number,
    sp.Float: _float,
    type(sp.E): _constant("e"),
    type(sp.pi): _constant("pi"),
    sp.Symbol: _symbol,
    sp.Indexed: lambda expr, style: style.leaf(expr, style),
    sp.Sum: lambda expr, style: style.sums(expr, style),
    IndexMax: over_indices("max"),
    sp.Piecewise: _piecewise,
    Activated: _activated,
    **{kind: _call(name) for kind, name in _NAMES.items()},
}
"""By the kind of node, or the nearest of its base classes."""
