"""What follows from a formula that is wrong: everything computed once more, as if it were right.

A wrong formula for a tensor of the derivation is evaluated at every point; a later claim that is false, but
true of the derivation with these values in the place of the true ones, is the heir of the mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.attempt import Decision
from derive.check.formula.context import Context, recomputed
from derive.check.formula.decide import decide
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import Frame, frames
from derive.check.formula.numbers import quantity_of
from derive.check.formula.quantities import places
from derive.check.formula.shapes import as_scalar, flat, is_matrix
from derive.check.formula.values import Truth
from derive.read.tree import Comparison, Node

MOST_SUPPOSED = 50
"""How many derivations with wrong formulas in them are kept."""


@dataclass(frozen=True)
class Slip:
    """A wrong formula.

    Attributes
    ----------
    values : mapping of str to numpy.ndarray
        What it makes of each tensor that it is of, at every point; NaN where it says nothing.
    index : int
        The position of its finding.
    """

    values: Mapping[str, Array]
    index: int


def slip_of(ctx: Context, left: Node, right: Node, decision: Decision, index: int) -> Slip | None:
    """Return a wrong formula with its values; None where it is no formula of a whole tensor."""
    if decision.alone:
        return None
    ev = ctx.evaluator(decision.mode)
    values: dict[str, Array] = {}
    try:
        for frame in frames((left, right), ctx.reading):
            _fill(ctx, ev, left, right, decision, frame, values)
    except (Undecided, MistakeError):
        return None
    return Slip(values, index) if values else None


def _fill(
    ctx: Context,
    ev: Evaluator,
    left: Node,
    right: Node,
    decision: Decision,
    frame: Frame,
    values: dict[str, Array],
) -> None:
    """Add what the formula gives for one assignment of the layers."""
    try:
        found = quantity_of(ctx, left, frame, decision)
        if found is None:
            return
        name, ref, factor = found
        shape = ctx.truth.shape(name)
        with np.errstate(all="ignore"):
            given = ev.value(right, frame)
        where = places(ev, ref, frame, left) if ref.at is not None else None
    except MissingLayerError:
        return
    table = values.setdefault(name, np.full((ctx.truth.count, *shape), np.nan))
    if where is not None:
        given = as_scalar(given)
        if is_matrix(given):
            raise Undecided("a matrix where an element is expected")
        spread = np.broadcast_to(np.asarray(given), (ctx.truth.count, frame.size)) / factor
        kept = np.flatnonzero(frame.mask)
        kept_places: tuple[Any, ...] = (slice(None), *(place[kept] for place in where))
        table[kept_places] = spread[:, kept]
        return
    entries = np.asarray(flat(given))[:, 0] / factor
    if entries.shape[-1] != np.prod(shape, dtype=int):
        raise Undecided("a value of another shape")
    turned = len(shape) == 2 and (ctx.reading.flipped if ref.role == "W" else ctx.reading.vectors == "column")
    if turned:
        entries = entries.reshape(-1, *shape[::-1]).swapaxes(-1, -2)
    table[...] = entries.reshape(-1, *shape)


def heir_of(
    ctx: Context,
    slips: Sequence[Slip],
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
    supposed: dict[tuple[int, ...], Truth],
) -> int | None:
    """Return the wrong formula that a false claim follows from; None where there is none.

    `supposed` keeps what was computed as if some of the wrong formulas, by their identities,
    were right.
    """

    def follows(slips: Sequence[Slip]) -> bool:
        return bool(slips) and _holds(ctx, _truth(ctx, slips, supposed), left, right, relation, conditions)

    if not follows(slips):
        return None
    for slip in reversed(slips):
        others = [other for other in slips if other is not slip]
        if not follows(others):
            return slip.index
    return slips[-1].index


def _holds(
    ctx: Context,
    truth: Truth,
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
) -> bool:
    decision = decide(replace(ctx, truth=truth), left, right, relation, conditions)
    return bool(decision.holds) and not decision.displayed


def _truth(ctx: Context, slips: Sequence[Slip], supposed: dict[tuple[int, ...], Truth]) -> Truth:
    """Return the derivation with the values of wrong formulas in the place of the true ones."""
    key = tuple(map(id, slips))
    if key not in supposed:
        if len(supposed) >= MOST_SUPPOSED:
            supposed.clear()
        stated: list[dict[str, Array]] = [{} for _ in range(ctx.truth.count)]
        for slip in slips:
            for name, table in slip.values.items():
                for point, values in enumerate(stated):
                    values[name] = table[point]
        points = ctx.truth.world.points
        draws = tuple(
            recomputed(ctx.truth.world, point, values) for point, values in zip(points, stated, strict=True)
        )
        supposed[key] = Truth(ctx.truth.world, draws)
    return supposed[key]
