"""Lines in groups, one for each step of a program: which are needed, and their text below its formula."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from codegen.modules.lines import WIDTH, Line, broken, needed, wrapped, wrapped_element
from derive.program import Role, Step

_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Group:
    """The lines of one step, below its index form."""

    step: Step
    comment: str
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """The tensor that the step defines."""
        return self.step.tensor.name

    @property
    def updates(self) -> bool:
        """Whether the step gives a parameter its new value."""
        return self.step.tensor.role is Role.UPDATED


def needed_groups(groups: Sequence[Group], tensors: Collection[str], results: Iterable[str]) -> list[Group]:
    """Return the groups, and of these the lines, that some tensors take, whose values have these names."""
    own = [group for group in groups if not group.updates or group.name in tensors]
    names = [*results, *(line.target for group in own if group.updates for line in group.lines)]
    kept = set(needed([line for group in own for line in group.lines], names))
    used, found = set(tensors), []
    for group in reversed(own):
        lines = tuple(line for line in group.lines if line in kept)
        if lines or (not group.lines and group.name in used):
            used |= group.step.uses
            found.append(replace(group, lines=lines))
    return found[::-1]


def inlined(groups: Iterable[Group], tensors: Collection[str], changing: Iterable[str]) -> list[Group]:
    """Return the groups with the elements of some tensors written where they are read.

    Parameters
    ----------
    groups : iterable of Group
    tensors : collection of str
        An element of these stays a line of its own if it is read more than once, or if it reads what changes.
    changing : iterable of str
        The names to which the updates give new values, one after the other.
    """
    found, targets = list(groups), frozenset(changing)
    read = Counter(name for group in found for line in group.lines for name in _NAME.findall(line.source))
    sources = {
        line.target: f"({line.source})"
        for group in found
        if group.name in tensors
        for line in group.lines
        if read[line.target] == 1 and not line.uses & targets
    }
    return [
        replace(
            group,
            lines=tuple(
                replace(line, source=_NAME.sub(lambda name: sources.get(name[0], name[0]), line.source))
                for line in group.lines
                if group.updates or line.target not in sources
            ),
        )
        for group in found
    ]


def text(groups: Iterable[Group], indent: int) -> list[str]:
    """Return the lines as text, each group below its formula."""
    margin = " " * indent
    return [
        part
        for group in groups
        for part in (
            *_commented(group.comment, indent),
            *(p for line in group.lines for p in wrapped(f"{margin}{line.target} = {line.source}", indent)),
        )
    ]


def elements_text(groups: Iterable[Group], indent: int) -> list[str]:
    """Return the sources as the elements of a tuple, those of each group below its formula."""
    return [
        part
        for group in groups
        for part in (
            *_commented(group.comment, indent),
            *(p for line in group.lines for p in wrapped_element(line.source, indent)),
        )
    ]


def _commented(comment: str, indent: int) -> list[str]:
    return [f"{' ' * indent}# {part}" for part in broken(comment, WIDTH - indent - 2)]
