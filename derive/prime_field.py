"""A prime field as a number system, in which identities are tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from derive.arithmetic import Arithmetic, Function

PRIME = 2**61 - 1
"""The order of the field in which identities are tested; a Mersenne prime."""


def _opaque(name: str) -> Function:
    """Return a fixed pseudo-random function of the field: equal arguments, equal values, nothing else."""
    seed = sum(ord(c) * 257**position for position, c in enumerate(name))

    def function(value: int) -> int:
        mixed = (value * 0x9E3779B97F4A7C15 + seed) % PRIME
        return int(pow(mixed, 5, PRIME))

    return np.frompyfunc(function, 1, 1)


_POWER, _ORDER = _opaque("power"), _opaque("order")


class _OpaqueTable(dict[type, Function]):
    def __missing__(self, head: type) -> Function:
        self[head] = _opaque(head.__name__)
        return self[head]


def _field_number(value: sp.Expr) -> int:
    if value.is_Rational:
        return int(value.p) * pow(int(value.q), -1, PRIME) % PRIME
    return int(_opaque(str(value))(1))


def _field_power(base: Any, exponent: Any) -> Any:
    """Integer powers are those of the field; any other is a function that nothing is known of."""
    if np.ndim(exponent) == 0 and (int(exponent) < 64 or PRIME - int(exponent) < 64):
        e = int(exponent) if int(exponent) < 64 else int(exponent) - PRIME
        return np.frompyfunc(lambda b: pow(int(b), e, PRIME), 1, 1)(base)
    return np.frompyfunc(lambda b, e: int(_POWER(b * 31 + e)), 2, 1)(base, exponent)


def _bit(left: Any, right: Any) -> bool:
    return bool(_ORDER(int(left) * 0x2545F4914F6CDD1D + int(right)) & 1)


def _less(left: Any, right: Any) -> bool:
    return bool(left != right) and _bit(left, right)


def _extreme(first: bool) -> Function:
    """Choose one of two numbers whatever their order: the largest chooses one, the smallest the other."""

    def choose(left: Any, right: Any) -> Any:
        low, high = sorted((left, right))
        return high if _bit(low, high) is first else low

    return np.frompyfunc(choose, 2, 1)


_FIELD_ORDER: dict[type, Function] = {
    sp.StrictLessThan: np.frompyfunc(_less, 2, 1),
    sp.LessThan: np.frompyfunc(lambda u, v: not _less(v, u), 2, 1),
    sp.StrictGreaterThan: np.frompyfunc(lambda u, v: _less(v, u), 2, 1),
    sp.GreaterThan: np.frompyfunc(lambda u, v: not _less(u, v), 2, 1),
    sp.Equality: np.frompyfunc(lambda u, v: bool(u == v) or _bit(u * v, u + v), 2, 1),
    sp.Unequality: np.frompyfunc(lambda u, v: bool(u != v) and not _bit(u * v, u + v), 2, 1),
    sp.Max: _extreme(True),
    sp.Min: _extreme(False),
}
"""A field has no order: comparisons are opaque, each true at about half of all points.

With the order of the representatives, ``z > 0`` would always hold, and a wrong branch pass unseen.
"""

FIELD = Arithmetic(
    name="prime field",
    dtype=object,
    number=_field_number,
    array=lambda data: np.asarray(data, dtype=object),
    functions=_OpaqueTable(),
    power=_field_power,
    reduce=lambda value: value % PRIME,
    order=_FIELD_ORDER,
)
"""Integers modulo a prime, for identity testing (Schwartz 1980, Zippel 1979).

Two expressions that agree at random points of the field are equal with a probability of error below
``degree / 2**61``. Functions other than the four operations and integer powers, and comparisons, are
opaque: they are equal where their arguments are.
"""
