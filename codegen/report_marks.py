"""Lines of a document cut into pieces by the claims that are marked in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from derive.check.findings import Finding, Verdict
from derive.read.pages import Page

LOUDEST_FIRST = (Verdict.WRONG, Verdict.FOLLOWS, Verdict.UNDECIDED, Verdict.RIGHT)
"""Where claims overlap the text shows the first of these."""


class Mark(NamedTuple):
    """The part of a line that belongs to a claim; characters count from 0, the end is behind the last."""

    start: int
    end: int
    finding: int
    begins: bool


@dataclass(frozen=True)
class Piece:
    """A stretch of a line.

    Attributes
    ----------
    text : str
    finding : int or None
        The claim that the stretch shows, the loudest of those that overlap.
    begins : tuple of int
        The claims that begin here.
    """

    text: str
    finding: int | None = None
    begins: tuple[int, ...] = ()


def marks_of(page: Page, findings: Mapping[int, Finding]) -> dict[int, list[Mark]]:
    """Return the marks of each line, by its number from 1; what lies behind the last line is put there."""
    found: dict[int, list[Mark]] = {}
    count = len(page.lines)
    for number, finding in findings.items():
        place = finding.place
        first = min(max(place.line, 1), count)
        last = min(max(place.end_line, first), count)
        for line in range(first, last + 1):
            text = page.lines[line - 1].text
            start = place.column - 1 if line == place.line else len(text) - len(text.lstrip())
            end = place.end_column - 1 if line == place.end_line else len(text.rstrip())
            start = min(max(start, 0), len(text))
            end = min(max(end, start), len(text))
            if start < end or line == first:
                found.setdefault(line, []).append(Mark(start, end, number, line == first))
    return found


def pieces(text: str, marks: Sequence[Mark], findings: Sequence[Finding]) -> Iterator[Piece]:
    """Yield a line in pieces; their texts together are the line."""
    edges = sorted({0, len(text), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    waiting = sorted(marks)
    open_marks: list[Mark] = []
    position = 0
    for start, end in zip(edges, [*edges[1:], len(text)], strict=True):
        begins = []
        while position < len(waiting) and waiting[position].start <= start:
            mark = waiting[position]
            open_marks.append(mark)
            if mark.begins:
                begins.append(mark.finding)
            position += 1
        open_marks = [mark for mark in open_marks if mark.end > start]
        if start < end or begins:
            yield Piece(text[start:end], _loudest(open_marks, findings), tuple(begins))


def _loudest(marks: Sequence[Mark], findings: Sequence[Finding]) -> int | None:
    """Return the claim that is shown: the loudest, and of two alike the one that begins last."""
    if not marks:
        return None
    best = min(marks, key=lambda mark: (LOUDEST_FIRST.index(findings[mark.finding].verdict), -mark.start))
    return best.finding
