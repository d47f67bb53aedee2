"""Text from documents as a terminal or a page may show it, and how wide it is there."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from derive.check.findings import Finding, Verdict

TAB = "    "
CUT = "..."
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that act on a terminal, or show as nothing, or as something else."""


def visible(text: str) -> str:
    """Return a text without control, bidirectional and other invisible characters: each is named instead.

    A tab becomes spaces, a line end a space, anything else its number, such as ``<U+202E>``.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == "\t":
        return TAB
    if character == "\n":
        return " "
    hidden = unicodedata.category(character) in _HIDDEN
    return f"<U+{ord(character):04X}>" if hidden else character


def columns(text: str) -> int:
    """Return how many columns of a terminal a visible text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Snippet(NamedTuple):
    """A line as it is shown, and the columns that are underlined."""

    text: str
    before: int
    length: int


def snippet(line: str, start: int, end: int, width: int) -> Snippet:
    """Return a line with a span of it, cut on both sides of the span where it is too wide.

    Parameters
    ----------
    line : str
    start, end : int
        The span, counted in characters from 0; the end is behind the last one.
    width : int
        The columns there are.
    """
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    if len(line) <= width and columns(shown := visible(line)) <= width:
        before = columns(visible(line[:start]))
        return Snippet(shown, before, max(1, columns(visible(line[start:end]))))
    room = max(width - 2 * len(CUT), 8)
    first, last = _window(line, start, end, room)
    lead = CUT if first > 0 else ""
    trail = CUT if last < len(line) else ""
    before = columns(visible(line[first:start]))
    length = columns(visible(line[start : min(end, last)]))
    return Snippet(lead + visible(line[first:last]) + trail, len(lead) + before, max(1, length))


def _window(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """Return the characters to show: the span in the middle, or its beginning where it is too long."""
    span = columns(visible(line[start : min(end, start + room)]))
    context = max(0, room - span) // 2
    first = _back(line, start, context)
    last, used = first, 0
    while last < len(line) and (used := used + columns(visible(line[last]))) <= room:
        last += 1
    if last == len(line):  # the end is near: there is more room before the span
        first = min(first, _back(line, last, room))
    return first, last


def _back(line: str, position: int, room: int) -> int:
    """Return how far back from a position the room reaches."""
    while position > 0 and (room := room - columns(visible(line[position - 1]))) >= 0:
        position -= 1
    return position


def short(text: str, width: int) -> str:
    """Return a text on one visible line, cut at its end where it is too wide."""
    joined = " ".join(text[: 8 * width].split())
    line = snippet(joined, 0, 1, width)
    cut_before = len(text) > 8 * width and not line.text.endswith(CUT)
    return line.text + CUT if cut_before else line.text


def roots(findings: Sequence[Finding]) -> Mapping[int, int]:
    """Return, for each finding that follows from another, the wrong claim at the end of the chain.

    Where the chain ends nowhere the finding is left out.
    """
    found: dict[int, int] = {}
    for start, finding in enumerate(findings):
        seen = {start}
        position = start
        while finding.verdict is Verdict.FOLLOWS:
            cause = finding.because_of
            if cause is None or not 0 <= cause < len(findings) or cause in seen:
                break
            seen.add(cause)
            position, finding = cause, findings[cause]
        if position != start and finding.verdict is Verdict.WRONG:
            found[start] = position
    return found


def summed_up(summary: Mapping[str, int]) -> str:
    """Return the numbers of a report in words, such as ``2 wrong, 5 follow from them, 41 right``."""
    wrong, follows = summary["wrong"], summary["follows"]
    if not any(summary.values()):
        return "no claim was found in it"
    parts = [f"{wrong} wrong" if wrong else "nothing wrong"]
    if follows:
        whom = "it" if wrong == 1 else "them"
        parts.append(f"{follows} {'follows' if follows == 1 else 'follow'} from {whom}")
    if summary["undecided"]:
        parts.append(f"{summary['undecided']} undecided")
    parts.append(f"{summary['right']} right")
    return ", ".join(parts)
