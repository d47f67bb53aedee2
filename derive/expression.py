"""Activations written as expressions in ``z``: from text to an exact formula, without evaluating code."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.activations import Activation
from derive.expression_cases import Cases, TooManyCasesError, choose, each, piecewise, single
from derive.expression_syntax import FUNCTIONS, MAX_LENGTH, ExpressionError, Part, postfix
from derive.functions import Z

__all__ = ["ExpressionError", "looks_like_name", "parse_activation"]

MAX_DIGITS = 40
MAX_POWER = 64
MAX_DEGREE = 128
MAX_VALUE = 1e300

_FORMULAS: dict[str, Callable[..., sp.Expr]] = {
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "sqrt": sp.sqrt,
    "tanh": sp.tanh,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "atan": sp.atan,
    "erf": sp.erf,
    "sigmoid": lambda u: 1 / (1 + sp.exp(-u)),
    "softplus": lambda u: sp.log(1 + sp.exp(u)),
    "+": lambda u, v: u + v,
    "-": lambda u, v: u - v,
    "*": lambda u, v: u * v,
    "/": lambda u, v: u / v,
    "**": lambda u, v: u**v,
}
_NUMBERS: dict[str, Callable[..., float]] = {
    **_FORMULAS,
    **{name: getattr(math, name) for name in _FORMULAS if hasattr(math, name)},
    "ln": math.log,
    "abs": abs,
    "sign": lambda u: (u > 0) - (u < 0),
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
    "softplus": lambda u: math.log(1 + math.exp(u)),
    "relu": lambda u: max(u, 0.0),
    "max": max,
    "min": min,
    "**": math.pow,
}
_HEADS = (sp.exp, sp.log, sp.tanh, sp.sinh, sp.cosh, sp.sin, sp.cos, sp.tan, sp.atan, sp.erf, sp.Abs)
"""The functions that a formula may hold once SymPy has built it."""

_NOT_REAL = (sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I)

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]+([-_ ][A-Za-z0-9]+)*")


@dataclass(frozen=True)
class _Term:
    """A part with its arguments: its formula by cases, its degree in ``z``, and its value if it is a number.

    The degree is that of a polynomial; a function counts as its argument. Powers of powers multiply it,
    which is how a short text can stand for a formula that nothing could work with.
    """

    part: Part
    cases: Cases
    degree: float
    value: float | None = None

    @property
    def depends(self) -> bool:
        return any(piece.has(Z) for guards, formula in self.cases for piece in (*guards, formula))


def looks_like_name(text: str) -> bool:
    """Return whether a text is meant as the name of an activation rather than as an expression."""
    if len(text) > MAX_LENGTH or not _NAME.fullmatch(text):
        return False
    return not {"z", "pi"} & set(re.split(r"[-_ ]", text))


@lru_cache(maxsize=256)
def parse_activation(text: str) -> Activation:
    """Return the activation that an expression in ``z`` defines.

    Decimal numbers are exact. ``max``, ``min``, ``relu`` and ``sign`` become cases, with a stated
    convention for the derivative where two cases meet; ``sigmoid`` and ``softplus`` become their
    textbook formulas.

    Raises
    ------
    ExpressionError
        If the text is no expression, is not real, does not depend on ``z``, or is too large.
    """
    builder = _Builder(text)
    stack: list[_Term] = []
    for part in postfix(text):
        count = FUNCTIONS[part.text] if part.kind == "call" else _ARGUMENTS[part.kind]
        arguments = [stack.pop() for _ in range(count)][::-1]
        stack.append(builder.checked(builder.term(part, arguments), arguments))
    (whole,) = stack
    if not whole.depends:
        raise ExpressionError(text, whole.part.start, "the expression does not depend on z")
    return Activation(
        " ".join(text.split()), piecewise(whole.cases), convention="; ".join(builder.conventions)
    )


_ARGUMENTS = {"number": 0, "name": 0, "sign": 1, "binary": 2}


class _Builder:
    """What the terms of one expression have in common: its text, and the conventions used so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.conventions: dict[str, None] = {}

    def error(self, part: Part, problem: str) -> ExpressionError:
        return ExpressionError(self.text, part.place, problem)

    def written(self, term: _Term) -> str:
        return " ".join(self.text[term.part.start : term.part.stop].split())

    def term(self, part: Part, arguments: list[_Term]) -> _Term:
        """Return the term of a part; its arguments are checked."""
        if part.kind == "number":
            return self.number(part)
        if part.kind == "name":
            formula, constant = {"z": (Z, None), "pi": (sp.pi, math.pi), "e": (sp.E, math.e)}[part.text]
            return _Term(part, single(formula), float(constant is None), constant)
        if part.kind == "sign":
            (term,) = arguments
            sign = -1 if part.text == "-" else 1
            negated = each(lambda u: sign * u, term.cases)
            return _Term(part, negated, term.degree, None if term.value is None else sign * term.value)
        if part.text in ("/", "**"):
            self.check_operands(part, *arguments)
        values = [term.value for term in arguments if term.value is not None]
        value = self.constant(part, values) if len(values) == len(arguments) else None
        try:
            return _Term(part, self.cases(part, arguments), self.degree(part, arguments), value)
        except TooManyCasesError as error:
            raise self.error(part, str(error)) from error

    def number(self, part: Part) -> _Term:
        mantissa, _, exponent = part.text.lower().partition("e")
        if len(mantissa) > MAX_DIGITS or len(exponent) > 3 or abs(int(exponent or 0)) > MAX_DIGITS:
            raise self.error(part, f"a number may have {MAX_DIGITS} digits at most")
        return _Term(part, single(sp.Rational(part.text)), 0.0, float(part.text))

    def degree(self, part: Part, arguments: list[_Term]) -> float:
        degrees = [term.degree for term in arguments]
        if part.text == "**" and arguments[1].value is not None:
            degree = degrees[0] * abs(arguments[1].value)
        else:
            degree = sum(degrees) if part.text in ("*", "/") else max(degrees)
        if degree > MAX_DEGREE:
            raise self.error(part, f"a degree of {degree:g} in z is more than the {MAX_DEGREE} allowed")
        return degree

    def constant(self, part: Part, values: list[float]) -> float:
        """Return the value of a constant in floats, before SymPy is given anything to compute."""
        try:
            value = float(_NUMBERS[part.text](*values))
        except (ArithmeticError, ValueError):
            value = math.nan
        if not abs(value) <= MAX_VALUE:
            by_zero = part.text == "/" and values[1] == 0
            raise self.error(
                part, "division by zero" if by_zero else "this is no real number, or one too large"
            )
        return value

    def cases(self, part: Part, arguments: list[_Term]) -> Cases:
        if part.text in ("max", "min"):
            return self.extreme(part, *arguments)
        if part.text in ("relu", "sign", "abs"):
            return self.kinked(part, *arguments)
        return each(_FORMULAS[part.text], *(term.cases for term in arguments))

    def check_operands(self, part: Part, base: _Term, exponent: _Term) -> None:
        """Refuse a division by zero, and powers that are huge or not real."""
        if part.text == "/":
            if exponent.value == 0:
                raise self.error(part, "division by zero")
            return
        if exponent.value is not None and abs(exponent.value) > MAX_POWER:
            raise self.error(part, f"an exponent may be {MAX_POWER} at most")
        if exponent.value is None and (base.value is None or base.value <= 0):
            raise self.error(
                part, "an exponent with z in it needs a positive number as its base; or write exp( )"
            )

    def extreme(self, part: Part, u: _Term, v: _Term) -> Cases:
        """Return ``max(u, v)`` or ``min(u, v)``; of equals the constant is taken, failing that ``v``."""
        if u.value is not None and v.value is not None:
            return (u if _NUMBERS[part.text](u.value, v.value) == u.value else v).cases
        left, right = (v, u) if u.value is not None else (u, v)
        first, second = self.written(u), self.written(v)
        self.conventions[
            f"where {first} = {second}, the derivative of {part.text}({first}, {second})"
            f" is taken as that of {self.written(right)}"
        ] = None
        return choose(part.text, left.cases, right.cases)

    def kinked(self, part: Part, u: _Term) -> Cases:
        """Return ``relu``, ``sign`` or ``abs`` of ``u``; the derivative where ``u = 0`` is taken as 0."""
        if u.value is None:
            name = self.written(u)
            self.conventions[f"the derivative of {part.text}({name}) where {name} = 0 is taken as 0"] = None
        # SymPy's own derivatives: of sign, a Dirac delta; of the modulus of what may be complex, not real.
        if part.text == "abs" and all(formula.is_real for _, formula in u.cases):
            return each(sp.Abs, u.cases)
        return choose(part.text, u.cases, single(sp.Integer(0)))

    def checked(self, term: _Term, arguments: list[_Term]) -> _Term:
        """Return the term; refuse what SymPy has made of it where that is no formula to work with."""
        part, written = term.part, self.written(term)
        if any(argument.depends for argument in arguments) and not term.depends:
            raise self.error(part, f"{written} is a constant, although z occurs in it: write its value")
        for _, formula in term.cases:
            if formula.has(*_NOT_REAL) or formula.is_extended_real is False:
                raise self.error(part, f"{written} is not a real number")
            strange = [node for node in formula.atoms(sp.Function) if not isinstance(node, _HEADS)]
            if strange:
                raise self.error(part, f"{written} is {strange[0]}, which is not supported")
            if any(max(abs(n.p), n.q) >= 10**MAX_DIGITS for n in formula.atoms(sp.Rational)):
                raise self.error(part, f"{written} has a number of more than {MAX_DIGITS} digits")
            if any(n.exp.is_Rational and abs(n.exp) > MAX_POWER for n in formula.atoms(sp.Pow)):
                raise self.error(part, f"{written} has an exponent beyond {MAX_POWER}")
        return term
