"""The index form of a step as a comment: ``dz1[n, i] = da1[n, i] * sigmoid'(z1[n, i])``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from codegen.modules.heads import ExpHeld, ExpMinus, ExpMinusAbs, Log1p
from codegen.modules.sharing import is_shared
from codegen.modules.writing import ATOM, CHOICE, PRODUCT, SUM, At, Dialect, Emit, Text
from derive.activations import Activated
from derive.functions import Expm1, IndexMax, LogSoftplus, NormalCdf, OneWhereZero
from derive.nodes import spelled
from derive.program import Step, Tensor, name_of

Tensors = dict[str, Tensor]


def index_form(step: Step, tensors: Tensors) -> str:
    """Return a step in index notation, as one line of text."""
    numbers = frozenset(name for name in (step.tensor.name, *step.uses) if not tensors[name].shape)
    left = _element(step.tensor.name, step.indices, numbers)
    remark = f", {step.rule.statement}" if is_shared(step) and step.rule.statement else ""
    return f"{left} = {_text(step.expr, numbers)}{remark}"


@lru_cache(maxsize=4096)
def _text(expr: sp.Expr, numbers: frozenset[str]) -> str:
    """Return an expression in index notation; `numbers` are the tensors in it that have no axes."""
    return _dialect(numbers).compile(expr)({}).source


def _element(name: str, where: tuple[sp.Expr, ...], numbers: frozenset[str]) -> str:
    name_shown = {"eta": "learning_rate"}.get(name, name)
    if name in numbers:
        return name_shown
    return f"{name_shown}[{', '.join(spelled(k).replace('_', '') for k in where)}]"


def _literal(value: Fraction | float) -> Text:
    if isinstance(value, float):
        return Text(f"{value:.6g}")
    level = ATOM if value.denominator == 1 else PRODUCT
    return Text(str(value), level)


def _power(base: Text, exponent: sp.Expr, written: Text | None) -> Text:
    shown = written or _literal(
        Fraction(int(exponent.p), int(exponent.q)) if exponent.is_Rational else float(exponent)
    )
    return base if exponent == 1 else Text(f"{base.within(ATOM)}**{shown.within(ATOM)}", ATOM - 1)


def _called(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    name = _SPELLED.get(expr.func, expr.func.__name__.lower().replace("-", "_"))
    if isinstance(expr, Activated) and not name.replace("_", "").replace("'", "").isalnum():
        name = "f" + "'" * expr.order  # an activation written as an expression; the header has it
    arguments = [compile_(arg) for arg in expr.args]
    return lambda at: Text(f"{name}({', '.join(argument(at).source for argument in arguments)})")


_SPELLED: dict[type, str] = {NormalCdf: "Phi"}
"""Functions that readers know by another name than that of the class in small letters."""


def _template(
    template: str, argument_level: int, level: int = ATOM
) -> Callable[[sp.Expr, Callable[[sp.Expr], Emit]], Emit]:
    """Return what writes a call as its textbook formula, with the arguments in the places ``{}``."""

    def compiler(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        arguments = [compile_(arg) for arg in expr.args]
        return lambda at: Text(template.format(*(a(at).within(argument_level) for a in arguments)), level)

    return compiler


def _piecewise(expr: sp.Piecewise, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    parts = [(compile_(b.expr), None if b.cond == sp.true else compile_(b.cond)) for b in expr.args]

    def emit(at: At) -> Text:
        shown = [f"{v(at).source} if {c(at).source}" if c else v(at).source for v, c in parts]
        return Text(" else ".join(shown), CHOICE)

    return emit


def _dialect(numbers: frozenset[str]) -> Dialect:
    def indexed(expr: sp.Indexed, _: Callable[[sp.Expr], Emit]) -> Emit:
        text = Text(_element(name_of(expr), expr.indices, numbers))
        return lambda _at: text

    def summed(expr: sp.Sum, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        body, letters = compile_(expr.function), [str(k) for k, _, _ in reversed(expr.limits)]
        opening = "".join(f"sum_{letter}(" for letter in letters)
        return lambda at: Text(f"{opening}{body(at).source}{')' * len(letters)}")

    def largest(expr: IndexMax, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        body, letter = compile_(expr.body), expr.limits[0][0]
        return lambda at: Text(f"max_{letter}({body(at).source})")

    def symbol(expr: sp.Symbol, _: Callable[[sp.Expr], Emit]) -> Emit:
        return lambda _at: Text(str(expr))

    return Dialect(
        number=_literal,
        calls={},
        power=_power,
        nodes={
            sp.Indexed: indexed,
            sp.Sum: summed,
            IndexMax: largest,
            sp.Symbol: symbol,
            sp.Piecewise: _piecewise,
            ExpHeld: _template("exp({})", CHOICE),
            ExpMinus: _template("exp(-{})", PRODUCT),
            ExpMinusAbs: _template("exp(-|{}|)", CHOICE),
            Log1p: _template("log(1 + {})", SUM),
            Expm1: _template("exp({}) - 1", CHOICE, SUM),
            LogSoftplus: _template("log(softplus({}))", CHOICE),
            OneWhereZero: _template("1 if {0} == 0 else {1}", SUM, CHOICE),
            sp.Max: _called,
            sp.Min: _called,
            sp.Function: _called,
        },
        conjunction="and",
    )
