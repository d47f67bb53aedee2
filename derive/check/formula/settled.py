"""What the formulas of a document say that delta is, for the code beside them."""

from __future__ import annotations

from collections.abc import Sequence

from derive.check.formula.context import Context
from derive.check.formula.decide import decide
from derive.check.formula.frame import names_of
from derive.check.formula.infer import claims_of
from derive.check.formula.values import Truth
from derive.check.names import Reading
from derive.read.formula import Formula

_OTHER = {"gradient": "negative-gradient", "negative-gradient": "gradient"}


def settled_delta(truth: Truth, reading: Reading, formulas: Sequence[Formula]) -> str | None:
    """Return what delta is by a reading, if a claim holds by it that would not hold for the other sign."""
    ctx = Context(truth, reading)
    other = ctx.with_reading(reading.changed(delta=_OTHER[reading.delta]))
    for left, right, relation in claims_of(formulas):
        names = (name for side in (left, right) for name in names_of(side))
        if any(reading.roles.get(name.base) == "delta" for name in names):
            holds = decide(ctx, left, right, relation, ()).holds
            if holds and decide(other, left, right, relation, ()).holds is False:
                return reading.delta
    return None
