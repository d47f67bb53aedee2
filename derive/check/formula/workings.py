"""Which number of a working is off: the one that another value of the example belongs in the place of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from derive.check.catalogue.entry import sites
from derive.check.formula.attempt import Decision
from derive.check.formula.context import Context
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import Frame
from derive.check.formula.numbers import Slip, known_values
from derive.check.intervals import exact
from derive.read.tree import Add, Node, Number

MOST_NUMBERS = 60
SHARP = Fraction(1, 10**15)
"""The unit of a number that is taken as exact."""

SIGN = -1
"""Ranks before every other slip: a sign that is turned explains any number of the term."""

NO_BIAS = 1.5
"""Ranks before a number that is a value of the example, and so hardly the one that is off."""
MOST_BIASES = 1000

LEAST_SHARE = 1e-9
"""A number that changes the result by less than this, for each unit of it, is not looked at."""


def number_at_fault(ctx: Context, side: Node, decision: Decision) -> Slip | None:
    """Return the slip in the one number of a working that is at fault; None where none or several may be.

    The working is linear in each of its numbers, so that what belongs in the place of one follows from the
    result. It is taken for the slip if it is a value of the example, or differs from it in a digit.
    """
    case = decision.outcome.first_wrong if decision.outcome is not None else None
    if case is None or not ctx.has_example or len(case.wrong) != 1:
        return None
    ev = ctx.evaluator(decision.mode, displayed=True)
    found: list[tuple[float, Slip]] = [*_without_bias(ctx, side, _ends(ctx, ev, side), case.left)]
    places = [(site.node, site.put) for site in sites(side) if isinstance(site.node, Number)]
    for number, put in places[:MOST_NUMBERS]:
        trials = [_ends(ctx, ev, put(replace(number, value=number.value + step))) for step in range(3)]
        middles = [(ends[0] + ends[1]) / 2 for ends in trials if ends is not None]
        if len(middles) < 3:
            continue
        here, there, far = middles
        slope = there - here
        if abs(slope) < LEAST_SHARE or abs(far - 2 * there + here) > 1e-9 * max(1.0, abs(far)):
            continue
        wanted = float(number.value) + (case.left - here) / slope
        ends = _ends(ctx, ev, put(replace(number, value=Fraction(wanted), unit=SHARP)))
        slack = (ends[1] - ends[0]) / 2 / abs(slope) if ends is not None else 0.0
        found += _slips(ctx, number, wanted, slack)
    found.sort(key=lambda item: item[0])
    if not found or (found[0][0] != SIGN and len(found) > 1 and found[1][0] == found[0][0]):
        return None
    return found[0][1]


def _without_bias(
    ctx: Context, side: Node, ends: tuple[float, float] | None, wanted: float
) -> Iterator[tuple[float, Slip]]:
    """Yield that a bias was not added, if its value is what is missing from a sum."""
    example = ctx.truth.world.example
    if not isinstance(side, Add) or ends is None or example is None:
        return
    gap, slack = wanted - (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
    for layer in range(1, ctx.reading.layers + 1):
        for bias in np.asarray(example.values.get(f"b{layer}", ()), dtype=float).reshape(-1)[:MOST_BIASES]:
            if abs(gap - bias) <= slack + 1e-9 < abs(bias):
                words = f"a term is missing: {bias:g}, a bias of layer {layer}"
                yield NO_BIAS, Slip("missing-term", words, side.span)
                return


def _ends(ctx: Context, ev: Evaluator, side: Node) -> tuple[float, float] | None:
    """Return between which ends the value of a working lies; None if it has none, or several entries."""
    frame = Frame(dict(ctx.fixed), {}, np.ones(1, dtype=bool))
    try:
        with np.errstate(all="ignore"):
            value = exact(ev.value(side, frame))
    except (Undecided, MistakeError, MissingLayerError, ValueError, ArithmeticError):
        return None
    low, high = float(np.min(value.low)), float(np.max(value.high))
    return (low, high) if value.low.size == value.low.shape[0] and np.isfinite(high - low) else None


def _slips(ctx: Context, number: Number, wanted: float, slack: float) -> Iterator[tuple[int, Slip]]:
    """Yield what a number may be that another belongs in the place of, the surest first."""
    unit, given = float(number.unit), float(number.value)
    near = 1.5 * slack + 1e-6 * abs(wanted)
    if abs(wanted + given) <= near:
        words = "this number, or what it is multiplied by, should have the other sign"
        yield SIGN, _slip("sign", words, number, "")
    values = known_values(ctx)
    if near > 0.01 * abs(wanted) or wanted * given < 0 or not values.size:
        return  # anything would fit
    true = float(values[int(np.abs(values - abs(wanted)).argmin())])
    if abs(true - abs(wanted)) > near:
        return
    shown = f"{true:.{max(0, round(-np.log10(unit))) if unit <= 1 else 0}f}"
    # What is a value of the example itself is less likely the one that is off.
    rank = 2 * bool(np.min(np.abs(values - given)) <= unit / 2)
    if _one_digit(number.text, shown) and abs(float(shown) - true) <= near + min(unit, 1e-5):
        yield rank, _slip("arithmetic", f"a digit slipped: {shown} belongs here", number, shown)
    else:
        owner = ctx.seen.get(number.value)
        whose = f"the number of {owner}" if owner else "another number"
        words = f"{number.text} is {whose}: {true:.6g} belongs here"
        yield rank + 1, _slip("stale-number", words, number, shown)


def _slip(code: str, words: str, number: Number, shown: str) -> Slip:
    return Slip(code, words, number.span, shown)


def _one_digit(given: str, shown: str) -> bool:
    """Tell whether two decimals differ in one digit, or in two neighbours that changed places."""
    if len(given) != len(shown) or "." not in given:
        return False
    places = [k for k, (one, other) in enumerate(zip(given, shown, strict=True)) if one != other]
    if len(places) == 2 and places[1] - places[0] == 1:
        return given[places[0]] == shown[places[1]] and given[places[1]] == shown[places[0]]
    return len(places) == 1
