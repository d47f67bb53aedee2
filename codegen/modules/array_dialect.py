"""How array expressions are spelled in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from codegen.modules import heads
from codegen.modules.array_calls import UFUNCS
from codegen.modules.calls import call_of, extreme_of
from codegen.modules.writing import (
    ATOM,
    COMPARISON,
    PRODUCT,
    At,
    Dialect,
    Emit,
    Text,
    times,
)
from derive.functions import LogSoftplus, NormalCdf, OneWhereZero

HELPERS = {
    heads.ExpHeld: "_exp_held",
    LogSoftplus: "_log_softplus",
    NormalCdf: "_normal_cdf",
    sp.erf: "_erf",
    heads.WithOne: "_with_one",
}
"""Functions of the generated module itself; they are written only where they are used."""


def _literal(value: Fraction | float) -> Text:
    if isinstance(value, float):
        return Text(repr(value))
    if value.denominator == 1:
        return Text(str(value.numerator))
    if Fraction(float(value)) == value:
        return Text(repr(float(value)))
    return Text(f"{value.numerator} / {value.denominator}", PRODUCT)


def _method(text: str) -> Callable[[Text], Text]:
    return lambda argument: Text(f"{argument.within(ATOM)}{text}")


def _power(base: Text, exponent: sp.Expr, written: Text | None) -> Text:
    if written is not None:
        return Text(f"{base.within(ATOM)} ** {written.within(ATOM)}", ATOM - 1)
    if exponent == 1:
        return base
    if exponent == sp.Rational(1, 2):
        return Text(f"np.sqrt({base.source})")
    value = Fraction(int(exponent.p), int(exponent.q)) if exponent.is_Rational else float(exponent)
    return Text(f"{base.within(ATOM)} ** {_literal(value).within(ATOM)}", ATOM - 1)


def _symbol(expr: sp.Symbol, _: Callable[[sp.Expr], Emit]) -> Emit:
    text = Text({"eta": "learning_rate"}.get(expr.name, expr.name))
    return lambda _at: text


def _piecewise(expr: sp.Piecewise, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    """Nest ``np.where``; constants alone would lose the dtype, so they take that of what is compared."""
    branches = [(compile_(b.expr), compile_(b.cond)) for b in expr.args[:-1]]
    last = compile_(expr.args[-1].expr)
    constant = all(b.expr.is_number for b in expr.args)
    compared = sorted(expr.args[0].cond.atoms(sp.Symbol), key=str)

    def emit(at: At) -> Text:
        text = last(at)
        for value, guard in reversed(branches):
            text = Text(f"np.where({guard(at).source}, {value(at).source}, {text.source})")
        return Text(f"{text.source}.astype({compared[0]}.dtype)") if constant else text

    return emit


def _masked_product(expr: sp.Mul, compile_: Callable[[sp.Expr], Emit]) -> Emit | None:
    """Write a factor that is 1 or 0 as its condition, and move a product into other constants by cases."""
    cases = [f for f in expr.args if isinstance(f, sp.Piecewise) and all(b.expr.is_number for b in f.args)]
    if not cases:
        return None
    choice, rest = cases[0], sp.Mul(*(f for f in expr.args if f is not cases[0]))
    values = [b.expr for b in choice.args]
    if rest.is_number:
        return None
    if values == [1, 0]:
        factor, guard = compile_(rest), compile_(choice.args[0].cond)
        return lambda at: times([factor(at), Text(guard(at).source, COMPARISON)])
    return compile_(sp.Piecewise(*((b.expr * rest, b.cond) for b in choice.args), evaluate=False))


def _sum_all(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    """Write the sum of a product of two arrays as their inner product."""
    body = expr.args[0]
    pair: tuple[sp.Expr, ...] = body.args if isinstance(body, sp.Mul) and len(body.args) == 2 else ()
    if isinstance(body, sp.Pow) and body.exp == 2 and body.base.is_Symbol:
        pair = (body.base, body.base)
    if pair and not any(f.is_number or f.has(sp.Piecewise) for f in pair):
        left, right = (compile_(f) for f in sorted(pair, key=lambda f: (not f.is_Symbol, str(f))))
        return lambda at: Text(f"np.vdot({left(at).source}, {right(at).source})")
    whole = compile_(body)
    return lambda at: Text(f"np.sum({whole(at).source})")


def _einsum(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    spec, *operands = expr.args
    parts = [compile_(operand) for operand in operands]
    return lambda at: Text(f'np.einsum("{spec}", {", ".join(part(at).source for part in parts)})')


class _Numpy(Dialect):
    def compile(self, expr: sp.Expr) -> Emit:
        if isinstance(expr, sp.Mul):
            masked = _masked_product(expr, self.compile)
            if masked is not None:
                return masked
        return super().compile(expr)


NUMPY = _Numpy(
    number=_literal,
    calls={
        **{kind: call_of(name) for kind, name in UFUNCS.items()},
        **{head: call_of(name) for head, name in HELPERS.items()},
        heads.ExpMinusAbs: lambda u: Text(f"np.exp(-np.abs({u.source}))"),
        heads.Dot: call_of("np.dot"),
        heads.Turned: _method(".T"),
        heads.SumRows: lambda u: Text(f"np.dot(ones, {u.source})"),
        heads.SumColumns: _method(".sum(axis=1, keepdims=True)"),
        heads.LargestInRow: _method(".max(axis=1, keepdims=True)"),
        heads.Tail: _method("[:, 1:]"),
        heads.AsColumn: _method("[:, None]"),
        heads.SumAcross: _method(".dot(ones)"),
        heads.SumDown: _method(".sum(axis=0)"),
        heads.LargestDown: _method(".max(axis=0)"),
        heads.TailBelow: _method("[1:]"),
        heads.Outer: call_of("np.outer"),
        heads.Inner: call_of("np.vdot"),
        heads.InnerOfVectors: lambda a, b: Text(f"{a.within(ATOM)}.dot({b.source})"),
        OneWhereZero: lambda y, u: Text(f"np.where({y.within(COMPARISON + 1)} == 0, 1, {u.source})"),
    },
    power=_power,
    nodes={
        sp.Symbol: _symbol,
        sp.Max: extreme_of("np.maximum"),
        sp.Min: extreme_of("np.minimum"),
        sp.Piecewise: _piecewise,
        heads.SumAll: _sum_all,
        heads.Einsum: _einsum,
    },
    conjunction="&",
)
