"""Arrays that a loop fills element by element, put together: ``delta[0][i] = ...``."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.runs import Followed, key_of, statement_of
from derive.check.code.shapes import Array, as_array
from derive.read.code import Assigned, CodeSpan

_ELEMENT = re.compile(r"(.+)\[(\d+(?:, ?\d+)*)\]")
Pass = tuple[tuple[str, int], ...]
Group = tuple[CodeSpan, str, Pass]
"""The statement, the array, and the passes of the loops around those that go through its elements."""


class Elements:
    """The elements that statements assign one at a time, by statement and by the array they belong to."""

    def __init__(self, followed: Followed) -> None:
        self._values = followed.values
        self._groups: dict[Group, dict[tuple[int, ...], Assigned]] = {}
        for event in followed.events:
            if isinstance(event, Assigned) and (found := _group(event)):
                self._groups.setdefault(found[0], {})[found[1]] = event
        self._complete = {group[:2] for group, members in self._groups.items() if _shape(members)}
        self._unfinished = _unfinished(followed)
        self._passed_on = _passed_on(followed)
        self._taken_out = _taken_out(followed)
        self._last_rows = _last_rows(followed)
        self._sums = _sums(followed)

    def filling(self, event: Assigned) -> bool:
        """Whether a value is passed over: an array filled by elements, or a number out of the input."""
        if event.kind != "filled":
            return event.order in self._taken_out
        return (event.span, event.resolved) in self._complete or self._last_rows.get(
            event.span, event.order
        ) > event.order

    def unfinished(self, event: Assigned) -> bool:
        """Whether another statement goes on with the value before it is read: ``z = W @ x; z += b``."""
        return _owner(event) in self._unfinished

    def adding_up(self, event: Assigned) -> bool:
        """Whether a single number is added to again in another pass of the loop: ``loss += e[k] ** 2``."""
        return self._sums.get((event.span, event.resolved, event.loops[:-1]), -1) > event.order

    def passed_on(self, event: Assigned) -> bool:
        """Whether a result of a function is only given a name where the function was called."""
        return event.order in self._passed_on

    def begun(self, event: Assigned) -> Assigned | None:
        """Return the assignment that a statement goes on with, as in ``z = W @ x; z += b``."""
        own = _owner(event)[:2]
        found = [e for e, later in self._unfinished.values() if later[:2] == own and e.order < event.order]
        return found[-1] if found else None

    def place(self, event: Assigned) -> tuple[int, ...] | None:
        """Return the indices of the element that an assignment sets, if it is one of several."""
        found = _group(event)
        return found[1] if found is not None and self.belongs(event) else None

    def belongs(self, event: Assigned) -> bool:
        """Whether an assignment is one of several elements."""
        found = _group(event)
        return found is not None and len(self._groups.get(found[0], ())) > 1

    def whole(self, event: Assigned, last: bool = True) -> tuple[Assigned, list[Array]] | None:
        """Return the array that the last element completes, as an assignment with its value in each run."""
        found = _group(event)
        if found is None or not self.belongs(event):
            return None
        members = self._groups[found[0]]
        if last and event.order != max(member.order for member in members.values()):
            return None
        shape = _shape(members)
        if shape is None:
            return None
        counts = [len(self._values.get(key_of(member), ())) for member in members.values()]
        arrays = [np.zeros(shape) for _ in range(min(counts))]
        for at, member in members.items():
            for run, array in enumerate(arrays):
                array[at] = float(self._values[key_of(member)][run].ravel()[0])
        return replace(event, resolved=found[0][1], name=found[0][1]), arrays


def _shape(members: Collection[tuple[int, ...]]) -> tuple[int, ...] | None:
    """Return the shape of the array that elements make up; None where some are missing."""
    axes = zip(*members, strict=True)
    shape = tuple(max(axis) + 1 for axis in axes)
    return shape if len(members) > 1 and len(members) == int(np.prod(shape)) else None


def _last_rows(followed: Followed) -> dict[CodeSpan, int]:
    """Return, of statements that set a row or a column for each pass of a loop, the last one's order."""
    found: dict[CodeSpan, int] = {}
    for event in followed.events:
        if not isinstance(event, Assigned) or event.kind != "filled" or not event.loops:
            continue
        target = event.node
        if isinstance(target, ast.Subscript):
            names = {n.id for n in ast.walk(target.slice) if isinstance(n, ast.Name)}
            if names & set(re.findall(r"\w+", event.loops[-1][0])):
                found[event.span] = event.order
    return found


def _sums(followed: Followed) -> dict[Group, int]:
    """Return, of statements that go on with a single number in each pass of a loop, the last one's order."""
    found: dict[Group, int] = {}
    for event in followed.events:
        if isinstance(event, Assigned) and event.loops and isinstance(event.value, (int, float)):
            reads = (operand.source for operand in followed.operands(event))
            if event.kind == "augmented" or (event.kind == "assign" and event.name in reads):
                found[event.span, event.resolved, event.loops[:-1]] = event.order
    return found


def _passed_on(followed: Followed) -> frozenset[int]:
    """Return the results of functions that the next assignment takes as they are."""
    events = [event for event in followed.events if isinstance(event, Assigned)]
    return frozenset(
        result.order
        for result, then in pairwise(events)
        if result.kind == "part" and "[" not in result.name and np.array_equal(result.value, then.value)
    )


def _taken_out(followed: Followed) -> frozenset[int]:
    """Return the numbers that are only taken out of the input one by one: ``x_0, x_1 = x``, with its name."""
    events = [event for event in followed.events if isinstance(event, Assigned)]
    found: set[int] = set()
    for position, event in enumerate(events):
        read = followed.operands(event) if _number(event) is not None else ()
        if len(read) != 1 or (hint := hint_of(read[0].source)) is None or hint.kind != "x":
            continue
        numbers = read[0].value.ravel()
        group = events[position : position + numbers.size]
        in_turn = [e.order - event.order for e in group] == list(range(numbers.size))
        named = all(e.resolved.startswith(read[0].source) for e in group)
        if numbers.size > 1 and in_turn and named and [_number(e) for e in group] == list(numbers):
            found |= {e.order for e in group}
    return frozenset(found)


def _number(event: Assigned) -> float | None:
    array = as_array(event.value)
    return float(array.ravel()[0]) if array is not None and array.size == 1 else None


def _unfinished(followed: Followed) -> dict[Group, tuple[Assigned, Group]]:
    """Return the assignments whose value is changed in place before it is used, and by what."""
    events = [event for event in followed.events if isinstance(event, Assigned)]
    found: dict[Group, tuple[Assigned, Group]] = {}
    last: dict[str, int] = {}
    for position, event in enumerate(events):
        before = last.get(event.resolved)
        last[event.resolved] = position
        if before is None or events[before].span == event.span or not _goes_on(followed, event):
            continue
        earlier = events[before]
        if earlier.given or earlier.drawn:
            continue
        own = {statement_of(earlier), statement_of(event)}
        between = [e for e in events[before + 1 : position] if statement_of(e) not in own]
        base = event.resolved.partition("[")[0]
        reads = (operand.source for other in between for operand in followed.operands(other))
        if not any(source.partition("[")[0] == base for source in reads):
            found[_owner(earlier)] = (earlier, _owner(event))
    return found


def _goes_on(followed: Followed, event: Assigned) -> bool:
    """Whether a statement changes what it sets: ``z += b``, ``dz[mask] = 0``, ``delta = delta * slope``."""
    if event.kind in ("augmented", "filled"):
        return True
    hint = hint_of(event.resolved)
    if event.kind != "assign" or hint is None or hint.kind not in ("dz", "da", "dW", "db", "L"):
        return False
    return any(operand.source == event.name for operand in followed.operands(event))


def _owner(event: Assigned) -> Group:
    """Return what an assignment belongs to: the array that a loop fills, or itself."""
    found = _group(event)
    return found[0] if found else (event.span, event.resolved, event.loops)


def _group(event: Assigned) -> tuple[Group, tuple[int, ...]] | None:
    match = _ELEMENT.fullmatch(event.resolved)
    if match is None or not event.loops or event.kind not in ("assign", "augmented", "appended"):
        return None
    if np.size(event.value) != 1:
        return None
    at = tuple(int(k) for k in match[2].split(","))
    row = _ELEMENT.fullmatch(match[1])
    if row is not None and (hint := hint_of(row[1])) is not None and hint.kind in ("W", "dW", "W_new"):
        # A matrix kept as a list of its rows.
        at = (*(int(k) for k in row[2].split(",")), *at)
        return (event.span, row[1], _around(event, len(at))), at
    return (event.span, match[1], _around(event, len(at))), at


def _around(event: Assigned, indices: int) -> Pass:
    """Return the passes of the loops around those that go through the elements, by their variables."""
    target, names = event.node, set[str]()
    while isinstance(target, ast.Subscript):
        names |= {node.id for node in ast.walk(target.slice) if isinstance(node, ast.Name)}
        target = target.value
    through = (k for k, (name, _) in enumerate(event.loops) if names & set(re.findall(r"\w+", name)))
    return event.loops[: next(through, max(len(event.loops) - indices, 0))]
