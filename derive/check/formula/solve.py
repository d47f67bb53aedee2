"""Where a function of one number takes a value, exactly where it is of the first or the second degree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

LEAST_SLOPE = 1e-9
"""A number that changes the result by less than this, for each unit of it, is not looked at."""

_ROUNDS = 40
_FLAT = 1e-11
"""Differences below this, relative, are noise of the arithmetic."""

Function = Callable[[float], float | None]


def places_where(function: Function, start: float, result: float) -> Iterator[tuple[float, float, bool]]:
    """Yield where a function has a value, with its slope there and whether it is linear.

    A function of a higher degree, or none of any degree, is followed from `start` to the place next to it.

    Parameters
    ----------
    function : callable
        None where it has no value.
    start : float
    result : float
    """
    seen = [function(start + step) for step in range(4)]
    values = [value for value in seen if value is not None and math.isfinite(value)]
    if len(values) < len(seen):
        return
    noise = _FLAT * max(1e-3, *map(abs, values))
    first = values[1] - values[0]
    second = values[2] - 2 * values[1] + values[0]
    third = values[3] - 3 * values[2] + 3 * values[1] - values[0]
    if abs(third) > noise:
        yield from _by_secants(function, start, result)
    elif abs(second) > noise:
        middle = first - second / 2
        inside = middle * middle - 2 * second * (values[0] - result)
        for root in (math.sqrt(inside), -math.sqrt(inside)) if inside > 0 else ():
            if abs(root) >= LEAST_SLOPE:
                yield start + (root - middle) / second, root, False
    elif abs(first) >= LEAST_SLOPE:
        yield start + (result - values[0]) / first, first, True


def _by_secants(function: Function, start: float, result: float) -> Iterator[tuple[float, float, bool]]:
    before, here = start, start + 1e-3 * (abs(start) or 1.0)
    old, new = function(before), function(here)
    for _ in range(_ROUNDS):
        if old is None or new is None or not math.isfinite(new) or here == before:
            return
        slope = (new - old) / (here - before)
        if abs(slope) < LEAST_SLOPE:
            return
        if abs(new - result) <= _FLAT * max(1e-3, abs(result)):
            yield here, slope, False
            return
        before, old, here = here, new, here - (new - result) / slope
        new = function(here)
