"""The statement that a mistake is in, where another one shows it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.check.code.book import Match
from derive.check.code.causes import MOST_SEARCHES, Causes, Orphan
from derive.check.code.expectation import Variant
from derive.check.code.matching import agrees, is_named
from derive.check.code.naming import hint_of
from derive.check.code.runs import Operand
from derive.check.code.shapes import fingerprint
from derive.program import Role

_DEEPEST = 3
_TOO_EASY = ("missing-factor", "missing-term", "other")
"""Mistakes that could turn any line into any other; an unnamed line is not blamed with them."""


def blame(
    causes: Causes, reads: Sequence[Operand], order: int, any_size: bool = False, depth: int = 0
) -> tuple[Orphan, Match, Variant] | None:
    """Return the statement whose mistake is carried on by what reads its value, with the mistake.

    Parameters
    ----------
    reads : sequence of Operand
    order : int
        The position of what reads them.
    any_size : bool
        Whether the value may have the wrong size.
    depth : int
        How many statements lie between.
    """
    if depth >= _DEEPEST or len(causes.blames) > MOST_SEARCHES:
        return None
    causes.blames.append(order)
    keys = {fingerprint(operand.value) for operand in reads} - {None}
    own = {event.span for event in causes.followed.events if event.order == order}
    for orphan in causes.orphans:
        # What a statement gave when it ran before is its own value, and nothing that it carries on.
        if orphan.event.order >= order or orphan.event.span in own or not orphan.keys & keys:
            continue
        inner = causes.followed.operands(orphan.event)
        found = blame(causes, inner, orphan.event.order, any_size, depth + 1) or _blamed(
            causes, orphan, any_size
        )
        if found is not None:
            return found
    return None


def _blamed(causes: Causes, orphan: Orphan, any_size: bool) -> tuple[Orphan, Match, Variant] | None:
    then = replace(causes, state=orphan.state, orphans=[])
    if _is_input(then, orphan):
        return None
    is_result = orphan.event.kind == "part" and "[" not in orphan.event.name
    barred = {*_TOO_EASY, "wrong-variable"} if is_result else _TOO_EASY
    hint = hint_of(orphan.event.resolved)
    fitting: list[tuple[Orphan, Match, Variant]] = []
    size = None if any_size else orphan.values[0].size
    for match in (*then.slopes(size), *then.quantities(size)):
        if match.step.tensor.role is Role.UPDATED or match.name in orphan.state.stated:
            continue
        if any_size and hint is not None and not is_named(hint, match.name):
            continue
        surely = None if is_result else then.variant(match, orphan.values)
        cause = surely or then.cause(orphan.event, match, orphan.values, None)
        if cause is not None and (cause is surely or cause.code not in barred):
            fitting.append((orphan, match, cause))
    # Anything can be made right by leaving a factor out.
    return min(fitting, key=lambda found: found[2].code == "surplus-factor", default=None)


def _is_input(causes: Causes, orphan: Orphan) -> bool:
    """Whether a statement only passes an input of the network on, such as a list of all parameters."""
    state = causes.state
    for tensor in state.program.inputs:
        known = [state.value(tensor.name, run) for run in range(state.runs)]
        present = [value for value in known if value is not None]
        if len(present) == len(known) and agrees(orphan.values, present):
            return True
    return False
