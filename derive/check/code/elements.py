"""Arrays that a loop fills element by element, put together: ``delta[0][i] = ...``."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np

from derive.check.code.runs import Followed, key_of, statement_of
from derive.check.code.shapes import Array
from derive.read.code import Assigned, CodeSpan

_ELEMENT = re.compile(r"(.+)\[(\d+(?:, ?\d+)*)\]")
Group = tuple[CodeSpan, str]


class Elements:
    """The elements that statements assign one at a time, by statement and by the array they belong to."""

    def __init__(self, followed: Followed) -> None:
        self._values = followed.values
        self._groups: dict[Group, dict[tuple[int, ...], Assigned]] = {}
        filled = {e.span for e in followed.events if isinstance(e, Assigned) and e.kind == "filled"}
        for event in followed.events:
            if isinstance(event, Assigned) and event.span not in filled and (found := _group(event)):
                self._groups.setdefault(found[0], {})[found[1]] = event
        self._unfinished = _unfinished(followed)
        self._passed_on = _passed_on(followed)

    def unfinished(self, event: Assigned) -> bool:
        """Whether another statement goes on with the value before it is read: ``z = W @ x; z += b``."""
        return _owner(event) in self._unfinished

    def passed_on(self, event: Assigned) -> bool:
        """Whether a result of a function is only given a name where the function was called."""
        return event.order in self._passed_on

    def begun(self, event: Assigned) -> Assigned | None:
        """Return the assignment that a statement goes on with, as in ``z = W @ x; z += b``."""
        return next((e for e, later in self._unfinished.values() if later == _owner(event)), None)

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
        shape = tuple(max(at[axis] for at in members) + 1 for axis in range(len(found[1])))
        if len(members) != int(np.prod(shape)):
            return None
        counts = [len(self._values.get(key_of(member), ())) for member in members.values()]
        arrays = [np.zeros(shape) for _ in range(min(counts))]
        for at, member in members.items():
            for run, array in enumerate(arrays):
                array[at] = float(self._values[key_of(member)][run].ravel()[0])
        return replace(event, resolved=found[0][1], name=found[0][1]), arrays


def _passed_on(followed: Followed) -> frozenset[int]:
    """Return the results of functions that the next assignment takes as they are."""
    events = [event for event in followed.events if isinstance(event, Assigned)]
    return frozenset(
        result.order
        for result, then in pairwise(events)
        if result.kind == "part" and "[" not in result.name and np.array_equal(result.value, then.value)
    )


def _unfinished(followed: Followed) -> dict[Group, tuple[Assigned, Group]]:
    """Return the assignments whose value is changed in place before it is used, and by what."""
    events = [event for event in followed.events if isinstance(event, Assigned)]
    found: dict[Group, tuple[Assigned, Group]] = {}
    last: dict[str, int] = {}
    for position, event in enumerate(events):
        before = last.get(event.resolved)
        last[event.resolved] = position
        if event.kind != "augmented" or before is None or events[before].span == event.span:
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


def _owner(event: Assigned) -> Group:
    """Return what an assignment belongs to: the array that a loop fills, or itself."""
    found = _group(event)
    return found[0] if found else (event.span, event.resolved)


def _group(event: Assigned) -> tuple[Group, tuple[int, ...]] | None:
    match = _ELEMENT.fullmatch(event.resolved)
    if match is None or not event.loops or event.kind not in ("assign", "augmented", "appended", "part"):
        return None
    if np.size(event.value) != 1:
        return None
    return (event.span, match[1]), tuple(int(k) for k in match[2].split(","))
