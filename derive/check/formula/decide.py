"""Whether one claim holds: under which reading of its doubtful signs, and by what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.check.formula.attempt import AT_EXAMPLE, Decision, attempt, evaluators, fixed_here, verdict
from derive.check.formula.context import Context
from derive.check.formula.digits import by_digits, is_numeric
from derive.check.formula.frame import Mode
from derive.read.tree import Comparison, Node


def decide(
    ctx: Context,
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
    *,
    clipped: bool = False,
) -> Decision:
    """Decide one claim: at all points, with what the text has fixed, then by the digits displayed.

    With `clipped`, the limits of sums that run out of range are taken as meant.
    """
    if clipped:
        ev = ctx.evaluator(Mode(), clipped=True)
        return attempt(ctx, ev, left, right, conditions, {})
    general = _general(ctx, left, right, relation, conditions, {})
    if general.holds:
        return general
    fixed = fixed_here(ctx, left, right)
    if fixed:
        here = _general(ctx, left, right, relation, conditions, fixed)
        shown = ", ".join(f"{name} = {value}" for name, value in fixed.items())
        if here.holds:
            return replace(here, reason=f"{here.reason}, with {shown} as stated before")
        general = general if general.holds is not None else here
    own_numbers = general.reason == AT_EXAMPLE
    if ctx.has_example and (own_numbers or is_numeric(left) or is_numeric(right)):
        shown_digits = by_digits(ctx, left, right, relation, fixed)
        if shown_digits.holds is not None or general.holds is None:
            return shown_digits
    return general


def _general(
    ctx: Context,
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
    fixed: dict[str, int],
) -> Decision:
    found: list[Decision] = []
    for ev in evaluators(ctx, left, relation):
        decision = attempt(ctx, ev, left, right, conditions, fixed)
        if decision.holds:
            return decision
        found.append(decision)
    return verdict(found)
