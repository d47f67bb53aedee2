"""What is right although it is not the quantity itself: sums in the making, and means left for later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.check.code.book import Match
from derive.check.code.expectation import State
from derive.check.code.matching import agrees
from derive.check.code.shapes import Array
from derive.read.code import Assigned

_DELTAS = ("dz", "da")


def of_each_sample(
    state: State,
    samples: int,
    event: Assigned,
    candidates: Sequence[Match],
    values: Sequence[Array],
    names: Sequence[str],
) -> Match | None:
    """Return the adjoint of a batch in the other of two conventions: of each sample's loss, or of their mean.

    The first delta of a document settles it; later it changes only where a variable that holds a delta is
    itself divided, as in ``dZ = dZ / m``.
    """
    if samples == 1:
        return None
    now = abs(state.factor("dz"))
    other = 1.0 if now > 1.0 else float(samples)
    inner = [m for m in candidates if m.name.startswith(_DELTAS)]
    found = next((m for m in inner if agrees(values, [other / now * v for v in m.values])), None)
    if found is None:
        return None
    settled = any(name.startswith(_DELTAS) and not name.endswith("_new") for name in state.stated)
    if settled and not (found.name in state.stated and event.name in names):
        return None
    for kind in _DELTAS:
        state.scale[kind] = state.scale.get(kind, 1.0) * other / now
    return Match(found.name, found.step, [other / now * v for v in found.values])


def part_of_sum(
    before: Sequence[Array] | None, candidates: Sequence[Match], event: Assigned, values: Sequence[Array]
) -> tuple[Match, list[Array]] | None:
    """Return the gradient or loss by which a pass of a loop has added to a sum, with what it added."""
    if before is None or before[0].shape != values[0].shape or not event.loops:
        return None
    with np.errstate(all="ignore"):
        added = [now - then for now, then in zip(values, before, strict=False)]
    part = next((m for m in candidates if m.name[0] in "dL" and agrees(added, m.values)), None)
    return None if part is None else (part, added)
