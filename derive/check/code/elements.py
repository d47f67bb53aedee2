"""Arrays that a loop fills element by element, put together: ``delta[0][i] = ...``."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from derive.check.code.runs import Followed, key_of
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

    def belongs(self, event: Assigned) -> bool:
        """Whether an assignment is one of several elements."""
        found = _group(event)
        return found is not None and len(self._groups.get(found[0], ())) > 1

    def whole(self, event: Assigned) -> tuple[Assigned, list[Array]] | None:
        """Return the array that the last element completes, as an assignment with its value in each run."""
        found = _group(event)
        if found is None or not self.belongs(event):
            return None
        members = self._groups[found[0]]
        if event.order != max(member.order for member in members.values()):
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


def _group(event: Assigned) -> tuple[Group, tuple[int, ...]] | None:
    match = _ELEMENT.fullmatch(event.resolved)
    if match is None or not event.loops or event.kind not in ("assign", "augmented"):
        return None
    if np.size(event.value) != 1:
        return None
    return (event.span, match[1]), tuple(int(k) for k in match[2].split(","))
