"""The index form of a step as a comment: ``dz1[n, i] = da1[n, i] * sigmoid'(z1[n, i])``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from codegen.modules.heads import ExpHeld, ExpMinus, ExpMinusAbs
from codegen.modules.sharing import is_shared
from codegen.modules.writing import ATOM, PRODUCT, SUM, At, Dialect, Emit, Text
from derive.activations import Activated
from derive.functions import IndexMax
from derive.nodes import spelled
from derive.program import Step, Tensor, name_of

Tensors = dict[str, Tensor]


def index_form(step: Step, tensors: Tensors) -> str:
    """Return a step in index notation, as one line of text."""
    left = _element(step.tensor.name, step.indices, tensors)
    remark = f", {step.rule.statement}" if is_shared(step) and step.rule.statement else ""
    return f"{left} = {_dialect(tensors).compile(step.expr)({}).source}{remark}"


def _element(name: str, where: tuple[sp.Expr, ...], tensors: Tensors) -> str:
    name_shown = {"eta": "learning_rate"}.get(name, name)
    if not tensors[name].shape:
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
    name = expr.func.__name__
    if isinstance(expr, Activated) and not name.replace("-", "").replace("'", "").isalnum():
        name = "f" + "'" * expr.order  # an activation written as an expression; the header has it
    arguments = [compile_(arg) for arg in expr.args]
    return lambda at: Text(f"{name}({', '.join(argument(at).source for argument in arguments)})")


def _exp(before: str, after: str) -> Callable[[sp.Expr, Callable[[sp.Expr], Emit]], Emit]:
    def compiler(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        argument, level = compile_(expr.args[0]), PRODUCT if before == "-" else SUM
        return lambda at: Text(f"exp({before}{argument(at).within(level)}{after})")

    return compiler


def _piecewise(expr: sp.Piecewise, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    parts = [(compile_(b.expr), None if b.cond == sp.true else compile_(b.cond)) for b in expr.args]

    def emit(at: At) -> Text:
        shown = [f"{v(at).source} if {c(at).source}" if c else v(at).source for v, c in parts]
        return Text(" else ".join(shown), SUM - 2)

    return emit


def _dialect(tensors: Tensors) -> Dialect:
    def indexed(expr: sp.Indexed, _: Callable[[sp.Expr], Emit]) -> Emit:
        text = Text(_element(name_of(expr), expr.indices, tensors))
        return lambda _at: text

    def summed(expr: sp.Sum, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        body, letters = compile_(expr.function), ", ".join(str(k) for k, _, _ in expr.limits)
        below = letters if len(letters) == 1 else f"{{{letters}}}"
        return lambda at: Text(f"sum_{below}({body(at).source})")

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
            ExpHeld: _exp("", ""),
            ExpMinus: _exp("-", ""),
            ExpMinusAbs: _exp("-|", "|"),
            sp.Max: _called,
            sp.Min: _called,
            sp.Function: _called,
        },
        conjunction="and",
    )
