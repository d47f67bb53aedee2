"""Where a function of one number takes a value."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.check.formula.solve import places_where

SIZE = st.floats(-5, 5)


@settings(deadline=None)
@given(SIZE, SIZE, SIZE, SIZE)
def test_linear_functions_have_one_place(slope: float, offset: float, start: float, at: float) -> None:
    assume(abs(slope) > 1e-3)
    ((root, steep, linear),) = places_where(lambda v: slope * v + offset, start, slope * at + offset)
    assert root == pytest.approx(at, abs=1e-9)
    assert steep == pytest.approx(slope, rel=1e-6)
    assert linear


@settings(deadline=None)
@given(SIZE, SIZE, SIZE)
def test_squares_have_two(middle: float, start: float, at: float) -> None:
    assume(abs(at - middle) > 1e-2)
    found = [root for root, _, _ in places_where(lambda v: (v - middle) ** 2, start, (at - middle) ** 2)]
    assert sorted(found) == pytest.approx(sorted([at, 2 * middle - at]), abs=1e-7)


def log(value: float) -> float | None:
    return math.log(value) if value > 0 else None


@settings(deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_other_functions_are_followed_to_the_next_place(start: float, at: float) -> None:
    assume(start < 2 * at)  # else the first step leads to where it has no value
    ((root, slope, linear),) = places_where(log, start, math.log(at))
    assert root == pytest.approx(at, rel=1e-6)
    assert slope == pytest.approx(1 / at, rel=1e-2)
    assert not linear


def test_a_step_to_where_there_is_no_value_ends_the_search() -> None:
    assert not list(places_where(log, 0.9, math.log(0.01)))


def test_no_place_is_found_where_there_is_none() -> None:
    assert not list(places_where(lambda v: v * v, 1.0, -1.0))
    assert not list(places_where(lambda v: 3.0 + 0.0 * v, 1.0, 2.0))
    assert not list(places_where(lambda v: None if v > 2 else v, 1.0, 2.0))
