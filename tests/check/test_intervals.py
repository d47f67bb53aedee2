"""Intervals hold every value that their operands can have, and agree with numbers as rounding does."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.check.formula.functions import apply_function
from derive.check.intervals import Interval, exact, low_of, matmul, meets, middle_of, power, with_peaks

NUMBER = st.floats(-20, 20)
SHARE = st.floats(0, 1)


@st.composite
def held(draw: st.DrawFn) -> tuple[Interval, float]:
    """Draw an interval with a value inside."""
    ends = sorted((draw(NUMBER), draw(NUMBER)))
    interval = Interval(np.asarray(ends[0]), np.asarray(ends[1]))
    return interval, ends[0] + draw(SHARE) * (ends[1] - ends[0])


def holds(interval: object, value: float) -> bool:
    assert isinstance(interval, Interval)
    slack = 1e-9 * (1 + abs(value))
    return bool(interval.low - slack <= value <= interval.high + slack)


@given(held(), held())
def test_arithmetic_holds_every_result(first: tuple[Interval, float], second: tuple[Interval, float]) -> None:
    (a, x), (b, y) = first, second
    assert holds(a + b, x + y)
    assert holds(a - b, x - y)
    assert holds(a * b, x * y)
    assert holds(-a, -x)
    if abs(y) > 1e-6:
        assert holds(a / b, x / y)


@given(held(), st.integers(-3, 5))
def test_powers_hold_every_result(pair: tuple[Interval, float], exponent: int) -> None:
    interval, x = pair
    if abs(x) > 1e-3:
        assert holds(power(interval, exponent), x**exponent)


@given(held())
def test_functions_hold_every_result(pair: tuple[Interval, float]) -> None:
    interval, x = pair
    assert holds(apply_function("exp", interval), float(np.exp(x)))
    assert holds(with_peaks(np.abs, (0.0,), interval), abs(x))


@given(st.lists(held(), min_size=4, max_size=4), st.lists(held(), min_size=4, max_size=4))
def test_matrix_products_hold_every_result(
    first: list[tuple[Interval, float]], second: list[tuple[Interval, float]]
) -> None:
    def square(pairs: list[tuple[Interval, float]]) -> tuple[Interval, np.ndarray]:
        low = np.array([float(i.low) for i, _ in pairs]).reshape(2, 2)
        high = np.array([float(i.high) for i, _ in pairs]).reshape(2, 2)
        return Interval(low, high), np.array([x for _, x in pairs]).reshape(2, 2)

    (a, x), (b, y) = square(first), square(second)
    found = matmul(a, b)
    assert isinstance(found, Interval)
    assert np.all(found.low - 1e-6 <= x @ y)
    assert np.all(x @ y <= found.high + 1e-6)


@given(st.floats(-1000, 1000), st.integers(0, 8))
def test_a_number_agrees_with_its_own_digits_and_no_others(value: float, places: int) -> None:
    unit = Fraction(1, 10**places)
    shown = round(Fraction(value) / unit) * unit
    assert meets(Interval.displayed(shown, unit), np.asarray(value))
    for other in (shown + 2 * unit, shown - 2 * unit):
        assert not meets(Interval.displayed(other, unit), np.asarray(value))


def test_two_roundings_that_only_touch_do_not_agree() -> None:
    """0.5 - 0.01 * 0.0004 is not displayed as 0.499995, although the outermost ends meet."""
    result = exact(0.5) - 0.01 * Interval.displayed(Fraction("0.0004"), Fraction("0.0001"))
    assert not meets(result, Interval.displayed(Fraction("0.499995"), Fraction("0.000001")))
    assert meets(result, Interval.displayed(Fraction("0.499996"), Fraction("0.000001")))


def test_division_through_zero_is_unbounded() -> None:
    quotient = exact(1.0) / Interval(np.asarray(-1.0), np.asarray(1.0))
    assert (quotient.low, quotient.high) == (-np.inf, np.inf)


def test_the_middle_and_the_ends() -> None:
    interval = Interval(np.asarray(-1.0), np.asarray(3.0))
    assert float(middle_of(interval)) == pytest.approx(1.0)
    assert float(low_of(interval)) == -1.0
