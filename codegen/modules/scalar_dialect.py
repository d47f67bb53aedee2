"""How expressions are spelled on floats, one element at a time, with the functions of `math`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import sympy as sp

from codegen.modules import heads
from codegen.modules.calls import call_of
from codegen.modules.writing import ATOM, CHOICE, EITHER, SIGN, At, Dialect, Emit, Text, plus
from derive.functions import Expm1, IndexMax, LogSoftplus, NormalCdf, OneWhereZero
from derive.program import Tensor, name_of

_ELEMENTARY = ("exp", "log", "tanh", "sinh", "cosh", "sin", "cos", "tan", "atan", "erf")
MATH = (*_ELEMENTARY, "log1p", "expm1", "sqrt", "erfc", "pow")
"""Functions that a module may import from `math`."""

HELPERS = {LogSoftplus: "_log_softplus_of", sp.sign: "_sign_of"}
"""Functions that a module defines itself; `codegen/templates/float_helpers.py.jinja` has them."""

_TERMS = 50
"""Longer sums are nested, so that no parser runs out of depth."""


@dataclass
class Names:
    """What each element is called; an element that is another one, or a number, goes by that."""

    tensors: Mapping[str, Tensor]
    same: dict[str, Text] = field(default_factory=dict)

    def element(self, name: str, where: tuple[int, ...]) -> str:
        """Return the name of an element, ``W1_0_2``; a scalar goes by the name of its tensor."""
        return "_".join([name, *map(str, where)]) if self.tensors[name].shape else name


def _literal(value: Fraction | float) -> Text:
    if isinstance(value, float) or Fraction(float(value)) == value:
        return Text(repr(float(value)))
    return Text(f"({float(value.numerator)!r} / {float(value.denominator)!r})")


def _power(base: Text, exponent: sp.Expr, written: Text | None) -> Text:
    """Write small powers of a name as products, and powers that are not whole by `pow`, which stays real."""
    if written is not None:
        return Text(f"pow({base.source}, {written.source})")
    if exponent == 1:
        return base
    if exponent == sp.Rational(1, 2):
        return Text(f"sqrt({base.source})")
    if exponent.is_Integer:
        if base.source.isidentifier() and int(exponent) <= 4:
            return Text(" * ".join([base.source] * int(exponent)), SIGN - 1)
        return Text(f"{base.within(ATOM)} ** {int(exponent)}", ATOM - 1)
    return Text(f"pow({base.source}, {float(exponent)!r})")


def _exp_held(u: Text) -> Text:
    """Hold ``exp(u)`` below overflow; written so that a NaN stays one."""
    if u.source.isidentifier():
        return Text(f"exp(708.0 if {u.source} > 708.0 else {u.source})")
    return Text(f"exp(min({u.source}, 708.0))")


def _piecewise(expr: sp.Piecewise, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    *branches, (last, _) = [(b.expr, b.cond) for b in expr.args]
    written = [(compile_(v), cond, compile_(cond) if cond.has(sp.Indexed) else None) for v, cond in branches]
    otherwise = compile_(last)

    def emit(at: At) -> Text:
        chosen: list[tuple[Text, Text]] = []
        end = None
        for value, cond, guard in written:
            if guard is None:  # about indices alone: decided here
                if bool(cond.xreplace({k: sp.Integer(n) for k, n in at.items()})):
                    end = value(at)
                    break
                continue
            chosen.append((value(at), guard(at)))
        text = end or otherwise(at)
        for value_text, guard_text in reversed(chosen):
            case = f"{value_text.within(EITHER)} if {guard_text.within(EITHER)}"
            text = Text(f"{case} else {text.source}", CHOICE)
        return text

    return emit


def _extreme(name: str, sign: str) -> Callable[[sp.Expr, Callable[[sp.Expr], Emit]], Emit]:
    def compiler(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        parts = [compile_(arg) for arg in sorted(expr.args, key=lambda a: (a.is_number, str(a)))]

        def emit(at: At) -> Text:
            texts = [part(at) for part in parts]
            if len(texts) == 2 and texts[0].source.isidentifier():
                (u, v) = (text.source for text in texts)
                return Text(f"{v} if {u} {sign} {v} else {u}", CHOICE)
            return Text(f"{name}({', '.join(text.source for text in texts)})")

        return emit

    return compiler


def _index(expr: sp.Expr) -> Callable[[At], int]:
    """Return what computes an index expression: a letter, a number, or a sum of these."""
    if expr.is_Symbol:
        return lambda at: at[expr]
    if expr.is_Integer:
        value = int(expr)
        return lambda _: value
    return lambda at: int(expr.xreplace({k: sp.Integer(n) for k, n in at.items()}))


def _loop(limits: tuple[sp.Tuple, ...], at: At) -> list[dict[sp.Symbol, int]]:
    known = {k: sp.Integer(n) for k, n in at.items()}
    spans = [range(int(low.xreplace(known)), int(high.xreplace(known)) + 1) for _, low, high in limits]
    letters = [k for k, _, _ in limits]
    return [{**at, **dict(zip(letters, where, strict=True))} for where in product(*spans)]


def _sum(expr: sp.Sum, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    body = compile_(expr.function)
    return lambda at: _nested([body(inner) for inner in _loop(expr.limits, at)])


def _nested(terms: list[Text]) -> Text:
    while len(terms) > _TERMS:
        terms = [_in_parentheses(terms[k : k + _TERMS]) for k in range(0, len(terms), _TERMS)]
    return plus([(False, term) for term in terms])


def _in_parentheses(terms: list[Text]) -> Text:
    return Text(f"({plus([(False, term) for term in terms]).source})")


def _largest(expr: IndexMax, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    body = compile_(expr.body)

    def emit(at: At) -> Text:
        texts = [body(inner).source for inner in _loop(expr.limits, at)]
        return Text(texts[0]) if len(texts) == 1 else Text(f"max({', '.join(texts)})")

    return emit


def dialect(names: Names) -> Dialect:
    """Return the dialect in which elements go by these names."""

    def indexed(expr: sp.Indexed, _: Callable[[sp.Expr], Emit]) -> Emit:
        tensor, where = name_of(expr), [_index(k) for k in expr.indices]
        if tensor == "eta":
            return lambda _at: Text("learning_rate")

        def emit(at: At) -> Text:
            name = names.element(tensor, tuple(k(at) for k in where))
            return names.same.get(name) or Text(name)

        return emit

    def boolean(expr: sp.Basic, _: Callable[[sp.Expr], Emit]) -> Emit:
        return lambda _at: Text(str(bool(expr)))

    return Dialect(
        number=_literal,
        calls={
            **{getattr(sp, name): call_of(name) for name in _ELEMENTARY},
            **{head: call_of(name) for head, name in HELPERS.items()},
            sp.Abs: call_of("abs"),
            Expm1: call_of("expm1"),
            heads.Log1p: call_of("log1p"),
            heads.ExpHeld: _exp_held,
            heads.ExpMinusAbs: lambda u: Text(f"exp(-abs({u.source}))"),
            NormalCdf: lambda u: Text(f"0.5 * erfc(-0.7071067811865476 * {u.within(ATOM)})", SIGN - 1),
            OneWhereZero: lambda y, u: Text(f"1.0 if {y.within(EITHER + 2)} == 0.0 else {u.source}", CHOICE),
        },
        power=_power,
        nodes={
            sp.Indexed: indexed,
            sp.Sum: _sum,
            IndexMax: _largest,
            sp.Piecewise: _piecewise,
            sp.Max: _extreme("max", "<"),
            sp.Min: _extreme("min", ">"),
            sp.logic.boolalg.BooleanAtom: boolean,
        },
        conjunction="and",
    )
