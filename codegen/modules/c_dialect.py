"""How expressions are spelled in C99: elements of arrays at loop indices, in the type `real`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

import sympy as sp

from codegen.modules import heads
from codegen.modules.calls import call_of, extreme_of
from codegen.modules.writing import (
    ATOM,
    CHOICE,
    COMPARISON,
    EITHER,
    PRODUCT,
    SIGN,
    SUM,
    At,
    CannotWriteError,
    Dialect,
    Emit,
    Text,
)
from derive.functions import Expm1, LogSoftplus, NormalCdf, OneWhereZero
from derive.program import Tensor, name_of

LIBRARY = ("exp", "log", "tanh", "sinh", "cosh", "sin", "cos", "tan", "atan", "erf", "erfc", "sqrt", "pow")
"""Functions of the C library that generated code may call, each as `r_NAME`."""

ALWAYS = frozenset({"exp", "log", "tanh"})
"""Those that every platform is taken to have; the head of a file names the others it needs."""

HELPERS: dict[str, frozenset[str]] = {
    "r_abs": frozenset(),
    "r_max": frozenset(),
    "r_min": frozenset(),
    "r_sign": frozenset(),
    "r_power": frozenset(),
    "r_exp_minus": frozenset({"r_exp"}),
    "r_log1p": frozenset({"r_log"}),
    "r_expm1": frozenset({"r_exp", "r_log"}),
    "r_log_softplus": frozenset({"r_exp", "r_log", "r_abs", "r_max", "r_log1p"}),
}
"""Functions that a file defines for itself where it calls them, and what each of them calls."""

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "auto break case char const continue default do double else enum extern float for goto if inline int"
        " long register restrict return short signed sizeof static struct switch typedef union unsigned void"
        " volatile while real params gradient values learning_rate acc part lane top exp log tanh",
    )
)
_ELEMENT = re.compile(r"[A-Za-z_]\w*(\[\w+\])*")
_WHOLE = 2**31 - 1


def identifier(name: str) -> str:
    """Return the name of a tensor as it may stand in C."""
    return f"{name}_" if name in _RESERVED else name


def _literal(value: Fraction | float) -> Text:
    if isinstance(value, Fraction) and value.denominator == 1 and abs(value) <= _WHOLE:
        return Text(str(value.numerator))
    return Text(f"R({float(value)!r})")


def _as_real(text: Text) -> Text:
    """Let a whole number that may meet another one be a `real`: in C, 1 / 2 is 0."""
    return Text(f"R({text.source})") if re.fullmatch(r"-?\d+", text.source) else text


def _power(base: Text, exponent: sp.Expr, written: Text | None) -> Text:
    if written is not None:
        return Text(f"r_pow({base.source}, {written.source})")
    if exponent == 1:
        return base
    if exponent == sp.Rational(1, 2):
        return Text(f"r_sqrt({base.source})")
    if exponent.is_Integer:
        if _ELEMENT.fullmatch(base.source) and int(exponent) <= 4:
            return Text(" * ".join([base.source] * int(exponent)), PRODUCT)
        return Text(f"r_power({base.source}, {int(exponent)})")
    return Text(f"r_pow({base.source}, R({float(exponent)!r}))")


def _piecewise(expr: sp.Piecewise, compile_: Callable[[sp.Expr], Emit]) -> Emit:
    *branches, (last, _) = [(b.expr, b.cond) for b in expr.args]
    written = [(compile_(value), compile_(cond)) for value, cond in branches]
    otherwise = compile_(last)

    def emit(at: At) -> Text:
        text = _as_real(otherwise(at))
        for value, guard in reversed(written):
            case = f"{guard(at).within(EITHER)} ? {_as_real(value(at)).within(EITHER)}"
            text = Text(f"{case} : {text.source}", CHOICE)
        return text

    return emit


def _symbol(expr: sp.Symbol, _: Callable[[sp.Expr], Emit]) -> Emit:
    text = Text(str(expr))
    return lambda _at: text


def _boolean(expr: sp.Basic, _: Callable[[sp.Expr], Emit]) -> Emit:
    return lambda _at: Text(str(int(bool(expr))))


def index_text(expr: sp.Expr) -> str:
    """Return an index expression: a letter, a number, or a sum of these.

    Raises
    ------
    CannotWriteError
        If it is anything else.
    """
    terms = sp.Add.make_args(expr)
    if not all(term.is_Symbol or term.is_Integer or (-term).is_Symbol for term in terms):
        raise CannotWriteError(f"an index has no text here: {expr}")
    order = sorted(terms, key=lambda t: (bool(t.is_Integer), t.could_extract_minus_sign(), str(t)))
    return " + ".join(map(str, order)).replace("+ -", "- ")


def dialect(tensors: Mapping[str, Tensor]) -> Dialect:
    """Return the dialect in which tensors are arrays of their shape, and scalars plain variables."""

    def indexed(expr: sp.Indexed, _: Callable[[sp.Expr], Emit]) -> Emit:
        name = name_of(expr)
        if name == "eta":
            return lambda _at: Text("learning_rate")
        where = "".join(f"[{index_text(k)}]" for k in expr.indices) if tensors[name].shape else ""
        text = Text(f"{identifier(name)}{where}")
        return lambda _at: text

    return Dialect(
        number=_literal,
        calls={
            **{getattr(sp, name): call_of(f"r_{name}") for name in LIBRARY if name not in ("sqrt", "pow")},
            sp.Abs: call_of("r_abs"),
            sp.sign: call_of("r_sign"),
            Expm1: call_of("r_expm1"),
            LogSoftplus: call_of("r_log_softplus"),
            heads.Log1p: call_of("r_log1p"),
            heads.ExpMinus: call_of("r_exp_minus"),
            heads.ExpMinusAbs: lambda u: Text(f"r_exp(-r_abs({u.source}))"),
            NormalCdf: lambda u: Text(
                f"R(0.5) * r_erfc(-R(0.7071067811865476) * {u.within(ATOM)})", SIGN - 1
            ),
            OneWhereZero: lambda y, u: Text(f"{y.within(SUM)} == 0 ? R(1) : {u.within(COMPARISON)}", CHOICE),
        },
        power=_power,
        nodes={
            sp.Indexed: indexed,
            sp.Piecewise: _piecewise,
            sp.Max: extreme_of("r_max"),
            sp.Min: extreme_of("r_min"),
            sp.Symbol: _symbol,
            sp.logic.boolalg.BooleanAtom: _boolean,
        },
        conjunction="&&",
    )
