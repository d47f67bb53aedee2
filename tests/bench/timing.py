"""Medians of ratios, all contenders interleaved in random order."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from contender import Contender

AT_ONCE = 4e-4
"""Seconds that one timing should take, for what is shorter than that is repeated."""


WARM_UP_TO = 5e-3
"""Seconds of a run up to which one that is not timed goes before: the others have emptied the caches."""


@dataclass(frozen=True)
class Times:
    """What was measured of one cell.

    Attributes
    ----------
    seconds : dict of str to float
        The median time of one run, by contender.
    ratios : dict of str to dict of str to float
        For each contender, the medians of the ratios of all others to it, each within a round.
    spread : float
        The largest 90th percentile, relative to the median.
    rounds : int
    """

    seconds: dict[str, float]
    ratios: dict[str, dict[str, float]]
    spread: float
    rounds: int


def timed(contenders: Sequence[Contender], seconds: float, least: int = 5) -> Times:
    """Time every contender once in each round, for about so many seconds, but at least `least` rounds.

    What is short is run once before it is timed, so that it finds its numbers in the caches, as in a loop.
    """
    single = {c.name: _single(c) for c in contenders}
    taken: dict[str, list[float]] = {c.name: [] for c in contenders}
    order, shuffler = list(contenders), random.Random(1)  # noqa: S311  # the order of timings
    gc.collect()
    gc.disable()
    try:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(taken[order[0].name]) < least:
            shuffler.shuffle(order)
            for contender in order:
                one = single[contender.name]
                if one < WARM_UP_TO:
                    contender.run()
                taken[contender.name].append(_once(contender, max(1, int(AT_ONCE / one))))
    finally:
        gc.enable()
    median = {name: statistics.median(times) for name, times in taken.items()}
    ratios = {
        base: {
            name: statistics.median(t / b for t, b in zip(times, taken[base], strict=True))
            for name, times in taken.items()
        }
        for base in taken
    }
    spread = max(statistics.quantiles(times, n=10)[-1] / median[name] for name, times in taken.items())
    return Times(median, ratios, spread, len(taken[order[0].name]))


def _single(contender: Contender) -> float:
    """Return about how long one call takes."""
    contender.run()
    return min(_once(contender, 1) for _ in range(3)) * contender.runs


def _once(contender: Contender, repeats: int) -> float:
    run = contender.run
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / (repeats * contender.runs)
