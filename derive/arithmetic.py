"""The number systems that a program is evaluated in: floats, and mpmath for the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from derive.functions import Expm1, LogSoftplus, NormalCdf, Sigmoid, Softplus

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]

ORDER: Mapping[type, Function] = {
    sp.StrictLessThan: np.less,
    sp.LessThan: np.less_equal,
    sp.StrictGreaterThan: np.greater,
    sp.GreaterThan: np.greater_equal,
    sp.Equality: np.equal,
    sp.Unequality: np.not_equal,
    sp.Max: np.maximum,
    sp.Min: np.minimum,
}
"""The order of the real numbers, and of indices in every arithmetic."""


@dataclass(frozen=True)
class Arithmetic:
    """How numbers of one kind are made and combined.

    Attributes
    ----------
    dtype : type
        The NumPy dtype of arrays.
    number : callable
        Turns a SymPy number into a number of this kind.
    array : callable
        Turns data of a user (numbers, lists, arrays) into an array of this kind.
    functions : dict
        What each SymPy function does to arrays. Without an entry, a function with a `formula` is
        evaluated by it.
    power : callable
    reduce : callable
        Applied to the result of each sum and product (a remainder, in a prime field).
    exact_forms : bool
        Whether activations are evaluated by their textbook formula rather than by the stable one.
    order : dict
        What comparisons, ``Max`` and ``Min`` do to arrays of these numbers.
    """

    name: str
    dtype: Any
    number: Function
    array: Function
    functions: dict[type, Function]
    power: Function
    reduce: Function
    exact_forms: bool = False
    order: Mapping[type, Function] = field(default_factory=lambda: ORDER)


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _log_softplus(z: Array) -> Array:
    """Below -40, ``log(1 + e)`` with ``e = exp(z)`` is ``e`` to all digits, and its logarithm is ``z``."""
    return np.where(z < -40.0, z, np.log(_softplus(np.maximum(z, -40.0))))


def _normal_cdf(z: Array) -> Array:
    values = np.frompyfunc(lambda v: 0.5 * math.erfc(-v / math.sqrt(2.0)), 1, 1)(z)
    return np.asarray(values, dtype=float)


def _unchanged(value: Any) -> Any:
    return value


_QUICK_POWERS: dict[float, Function] = {2.0: np.square, -1.0: lambda b: np.true_divide(1.0, b), 0.5: np.sqrt}


def _float_power(base: Any, exponent: Any) -> Any:
    """Powers by products where the exponent is small: exact in the last digit, and fast."""
    if np.ndim(exponent) == 0 and float(exponent) in _QUICK_POWERS:
        return _QUICK_POWERS[float(exponent)](base)
    return np.power(np.asarray(base, dtype=float), exponent)


FLOAT = Arithmetic(
    name="float64",
    dtype=np.float64,
    number=float,
    array=lambda data: np.asarray(data, dtype=np.float64),
    functions={
        sp.exp: np.exp,
        sp.log: np.log,
        sp.tanh: np.tanh,
        sp.sin: np.sin,
        sp.cos: np.cos,
        sp.tan: np.tan,
        sp.sinh: np.sinh,
        sp.cosh: np.cosh,
        sp.atan: np.arctan,
        sp.Abs: np.abs,
        sp.sign: np.sign,
        sp.erf: lambda z: np.asarray(np.frompyfunc(math.erf, 1, 1)(z), dtype=float),
        Sigmoid: _sigmoid,
        Softplus: _softplus,
        LogSoftplus: _log_softplus,
        Expm1: np.expm1,
        NormalCdf: _normal_cdf,
    },
    power=_float_power,
    reduce=_unchanged,
)


def precise(digits: int = 40) -> Arithmetic:
    """Return arithmetic in mpmath with the given number of decimal digits, by the textbook formulas.

    Its context is its own, and costs half a millisecond: mpmath changes the precision of a context while it
    computes some functions, so that threads must not share one.
    """
    import mpmath

    context = mpmath.MPContext()
    context.dps = digits
    each = {
        sp.exp: context.exp,
        sp.log: context.log,
        sp.tanh: context.tanh,
        sp.sin: context.sin,
        sp.cos: context.cos,
        sp.tan: context.tan,
        sp.sinh: context.sinh,
        sp.cosh: context.cosh,
        sp.atan: context.atan,
        sp.Abs: abs,
        sp.sign: context.sign,
        sp.erf: context.erf,
    }

    def number(value: sp.Expr) -> Any:
        if value.is_Integer:
            return int(value)
        if value.is_Rational:
            return context.mpf(int(value.p)) / context.mpf(int(value.q))
        return context.mpf(sp.N(value, digits + 5)._to_mpmath(context.prec + 20))

    def array(data: Any) -> Array:
        given = np.asarray(data, dtype=object)
        made = np.frompyfunc(context.mpf, 1, 1)(given)
        return np.asarray(made, dtype=object)

    def power(base: Any, exponent: Any) -> Any:
        return np.frompyfunc(lambda b, e: context.power(b, e), 2, 1)(base, exponent)

    functions = {head: np.frompyfunc(function, 1, 1) for head, function in each.items()}
    return Arithmetic("mpmath", object, number, array, functions, power, _unchanged, exact_forms=True)
