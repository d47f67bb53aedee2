"""Intervals of floats, as arrays: what a number can be, given that only some of its digits are displayed.

Every operation returns an interval that holds all results of the operands' values. The ends are not rounded
outwards digit by digit; comparisons allow for the last bits of a float instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias, Union

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Value: TypeAlias = Union[Array, "Interval"]

NOISE = 1e-9
"""Relative difference below which two floats are the same number."""

TIGHT = 1e-12
"""The same for a float beside the ends of an interval, which may be as near as displayed digits are."""


@dataclass(frozen=True, eq=False)
class Interval:
    """Closed intervals ``[low, high]``, element by element.

    Attributes
    ----------
    low, high : numpy.ndarray
        Of one shape.
    """

    low: Array
    high: Array

    __array_ufunc__ = None  # arrays leave the operators to this class

    @classmethod
    def displayed(cls, value: Fraction | float, unit: Fraction | float) -> Interval:
        """Return the values that a displayed number may be rounded from.

        Parameters
        ----------
        value : Fraction or float
            As displayed.
        unit : Fraction or float
            One unit in the last place; half of it is the width to each side.
        """
        middle, half = Fraction(value), Fraction(unit) / 2
        return cls(np.asarray(float(middle - half)), np.asarray(float(middle + half)))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the ends."""
        return self.low.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.low.ndim

    def _each(self, change: Callable[[Array], Array]) -> Interval:
        return Interval(change(self.low), change(self.high))

    def __getitem__(self, where: Any) -> Interval:
        return self._each(lambda end: end[where])

    def reshape(self, *shape: int) -> Interval:
        """Return the same intervals in another shape."""
        return self._each(lambda end: end.reshape(*shape))

    def swapaxes(self, first: int, second: int) -> Interval:
        """Return the same intervals with two axes exchanged."""
        return self._each(lambda end: end.swapaxes(first, second))

    def sum(self, axis: int | tuple[int, ...]) -> Interval:
        """Return the sum along an axis."""
        return self._each(lambda end: end.sum(axis=axis))

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __add__(self, other: Value | float) -> Interval:
        return Interval(self.low + low_of(other), self.high + high_of(other))

    __radd__ = __add__

    def __sub__(self, other: Value | float) -> Interval:
        return Interval(self.low - high_of(other), self.high - low_of(other))

    def __rsub__(self, other: Value | float) -> Interval:
        return -self + other

    def __mul__(self, other: Value | float) -> Interval:
        return _corners(np.multiply, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Value | float) -> Interval:
        low, high = low_of(other), high_of(other)
        result = _corners(np.divide, self, other)
        through_zero = (low <= 0) & (high >= 0)
        if not np.any(through_zero):
            return result
        return Interval(
            np.where(through_zero, -np.inf, result.low), np.where(through_zero, np.inf, result.high)
        )

    def __rtruediv__(self, other: Value | float) -> Interval:
        return exact(other) / self


def low_of(value: Value | float) -> Array:
    """Return the lower ends of a value."""
    return value.low if isinstance(value, Interval) else np.asarray(value)


def high_of(value: Value | float) -> Array:
    """Return the upper ends of a value."""
    return value.high if isinstance(value, Interval) else np.asarray(value)


def middle_of(value: Value) -> Array:
    """Return the middles of a value."""
    return (value.low + value.high) / 2 if isinstance(value, Interval) else np.asarray(value)


def exact(value: Value | float) -> Interval:
    """Return a value as intervals, of width 0 where it is an array."""
    if isinstance(value, Interval):
        return value
    end = np.asarray(value, dtype=float)
    return Interval(end, end)


def _corners(
    operation: Callable[[Array, Array], Array], first: Value | float, second: Value | float
) -> Interval:
    """Apply an operation that takes its extremes at the ends of its operands."""
    with np.errstate(all="ignore"):
        results = [
            operation(a, b)
            for a in (low_of(first), high_of(first))
            for b in (low_of(second), high_of(second))
        ]
    return Interval(np.minimum.reduce(results), np.maximum.reduce(results))


def matmul(first: Value, second: Value) -> Value:
    """Return the matrix product over the last two axes."""
    if not isinstance(first, Interval) and not isinstance(second, Interval):
        return np.matmul(first, second)
    rows, columns = exact(first), exact(second)
    terms = rows[..., :, :, None] * columns[..., None, :, :]
    return terms.sum(axis=-2)


def rising(function: Callable[[Array], Array], value: Value) -> Value:
    """Apply a function that never falls."""
    if isinstance(value, Interval):
        return Interval(function(value.low), function(value.high))
    return function(value)


def with_peaks(function: Callable[[Array], Array], peaks: tuple[float, ...], value: Value) -> Value:
    """Apply a function that rises or falls between its extremes, which lie at `peaks`."""
    if not isinstance(value, Interval):
        return function(value)
    at_ends = [function(value.low), function(value.high)]
    for peak in peaks:
        inside = (value.low < peak) & (peak < value.high)
        at_ends.append(np.where(inside, function(np.full(value.shape, peak)), at_ends[0]))
    return Interval(np.minimum.reduce(at_ends), np.maximum.reduce(at_ends))


def power(base: Value, exponent: float) -> Value:
    """Raise to a constant power."""
    if not isinstance(base, Interval):
        return np.power(np.asarray(base, dtype=complex if np.iscomplexobj(base) else float), exponent)
    if float(exponent).is_integer() and exponent >= 0:
        even = int(exponent) % 2 == 0 and exponent > 0
        return with_peaks(lambda end: end ** int(exponent), (0.0,) if even else (), base)
    if float(exponent).is_integer():
        return exact(1.0) / exact(power(base, -exponent))
    return (
        rising(lambda end: np.power(np.maximum(end, 0.0), exponent), base)
        if exponent > 0
        else (1.0 / exact(power(base, -exponent)))
    )


def meets(first: Value, second: Value, noise: float = NOISE) -> Array:
    """Tell, element by element, whether two values can be the same number.

    Two numbers are the same up to `noise`, relative. A number and an interval agree where the number lies in
    the interval, its ends included. Two intervals have to overlap in more than an end: that they touch
    takes a coincidence of two roundings.
    """
    low = np.maximum(low_of(first), low_of(second))
    high = np.minimum(high_of(first), high_of(second))
    size = np.maximum(np.abs(low_of(first)), np.abs(low_of(second)))
    widths = [high_of(value) - low_of(value) for value in (first, second)]
    wide = [width > TIGHT * size for width in widths]
    both_wide, slack = wide[0] & wide[1], np.where(wide[0] | wide[1], TIGHT, noise)
    touch = np.minimum(*widths) * 1e-6
    with np.errstate(invalid="ignore"):
        return np.where(both_wide, high - low > touch, high - low >= -slack * np.maximum(size, 1e-300))
