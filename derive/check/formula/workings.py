"""Which number of a working is off: the one that another value of the example belongs in the place of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np

from derive.check.catalogue.entry import sites
from derive.check.formula.attempt import Decision
from derive.check.formula.context import Context
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import Frame
from derive.check.formula.numbers import Slip, known_values
from derive.check.formula.slips import Wanted, slips_of
from derive.check.formula.solve import places_where
from derive.check.intervals import exact
from derive.read.formula_walk import walk
from derive.read.tree import Add, Bracketed, Neg, Node, Number, Product

MOST_NUMBERS = 60
SHARP = Fraction(1, 10**15)
"""The unit of a number that is taken as exact."""

NO_BIAS = 1.5
"""Ranks before a number that is a value of the example, and so hardly the one that is off."""
MOST_BIASES = 1000


@dataclass(frozen=True)
class _Working:
    """One side of numbers, with how it is evaluated: by its digits, and by what they may be rounded from."""

    ctx: Context
    side: Node
    shown: Evaluator
    plain: Evaluator

    def ends(self, side: Node) -> tuple[float, float] | None:
        """Return between which ends the value of a working lies; None if it has none, or several entries."""
        return _ends(self.ctx, self.shown, side)

    def middle(self, side: Node) -> float | None:
        """Return the value of a working by its digits."""
        ends = _ends(self.ctx, self.plain, side)
        return ends[0] if ends is not None else None


def number_at_fault(ctx: Context, left: Node, side: Node, decision: Decision) -> Slip | None:
    """Return the slip in the one number of a working that is at fault; None where none is.

    What belongs in the place of each number follows from the result. A number is taken for the slip if that
    is a value of the example, or differs from it in a digit, or by a factor that is a value of the example.
    Where two explain it equally well, both are said.
    """
    case = decision.outcome.first_wrong if decision.outcome is not None else None
    if case is None or not ctx.has_example or len(case.wrong) != 1:
        return None
    working = _Working(
        ctx,
        side,
        ctx.evaluator(decision.mode, displayed=True),
        ctx.evaluator(decision.mode, displayed=True, loosened=0.0),
    )
    result = working.ends(left)
    loose = (result[1] - result[0]) / 2 if result is not None else 0.0
    found: list[tuple[float, Slip]] = [*_without_bias(working, case.left)]
    known = known_values(ctx)
    for number, wanted in _wanted(working, case.left, loose):
        found += slips_of(ctx, number, wanted, known)
    found.sort(key=lambda item: item[0])
    if not found:
        return None
    first = found[0][1]
    equal = [slip for rank, slip in found if rank == found[0][0] and slip.words != first.words]
    if first.code == "sign" or not equal:
        return first
    return replace(first, words=f"{first.words} (or: {equal[0].words})")


def _wanted(working: _Working, result: float, loose: float) -> Iterator[tuple[Number, Wanted]]:
    """Yield what belongs in the place of each number, with how far the digits beside it let that go."""
    factors = frozenset(map(id, _factors_in(working.side)))
    places = [(site.node, site.put) for site in sites(working.side) if isinstance(site.node, Number)]
    for number, put in places[:MOST_NUMBERS]:
        with_it = partial(_with_value, put, number)
        value_at = partial(_middle_at, working, with_it)
        for root, slope, linear in places_where(value_at, float(number.value), result):
            if (ends := working.ends(with_it(root))) is not None:
                slack = ((ends[1] - ends[0]) / 2 + loose) / abs(slope)
                yield number, Wanted(root, slack, linear, id(number) in factors)


def _with_value(put: Callable[[Node], Node], number: Number, value: float) -> Node:
    return put(replace(number, value=Fraction(value), unit=SHARP))


def _middle_at(working: _Working, with_it: Callable[[float], Node], value: float) -> float | None:
    return working.middle(with_it(value))


def _factors_in(side: Node) -> Iterator[Node]:
    """Yield the factors of all products, without the signs and brackets around them."""
    for node in walk(side):
        for factor in node.factors if isinstance(node, Product) else ():
            while isinstance(factor, (Neg, Bracketed)):
                factor = factor.operand
            yield factor


def _without_bias(working: _Working, wanted: float) -> Iterator[tuple[float, Slip]]:
    """Yield that a bias was not added, if its value is what is missing from a sum."""
    ctx, side = working.ctx, working.side
    ends, example = working.ends(side), ctx.truth.world.example
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
    frame = Frame(dict(ctx.fixed), {}, np.ones(1, dtype=bool))
    try:
        with np.errstate(all="ignore"):
            value = exact(ev.value(side, frame))
    except (Undecided, MistakeError, MissingLayerError, ValueError, ArithmeticError):
        return None
    low, high = float(np.min(value.low)), float(np.max(value.high))
    return (low, high) if value.low.size == value.low.shape[0] and np.isfinite(high - low) else None
