"""What a document consists of: segments of one kind each, with the way back to the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["formula", "text", "textmath", "code", "output", "table", "picture"]

LARGEST_TEXT = 4_000_000  # characters of a text file, or of all text cells of a notebook


class DocumentError(Exception):
    """A document that cannot be read; the message names the file, the place and the remedy."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in the file: line and column count from 1; in a notebook, within the cell (from 0).

    The lines of a cell's output count on after the lines of its source.
    """

    line: int
    column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell of a table, and where its text starts in the text of the segment."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Segment:
    r"""A stretch of a document.

    Parameters
    ----------
    kind : str
        ``formula``, ``text``, ``textmath``, ``code``, ``output``, ``table`` or ``picture``.
    text : str
        The stretch without its delimiters, prompts and comment signs.
    lines : tuple of Location
        Where each line of `text` starts in the file.
    form : str
        How it was marked: ``$``, ``$$``, ``\(``, ``\[``, an environment such as ``align*``, a fence's
        language, a backtick, ``comment``; empty for plain text.
    of : int or None
        Of an output: the index of the code segment that printed it.
    note : str
        What a reader should know, such as a closing delimiter that is missing.
    rows : tuple of tuples of TableCell
        Of a table: its rows, the heading first.
    """

    kind: Kind
    text: str
    lines: tuple[Location, ...]
    form: str = ""
    of: int | None = None
    note: str = ""
    rows: tuple[tuple[TableCell, ...], ...] = ()

    @property
    def start(self) -> Location:
        """Where the segment starts."""
        return self.lines[0]

    def locate(self, offset: int) -> Location:
        """Return the place in the file of a character of `text`."""
        offset = max(0, min(offset, len(self.text)))
        line_start = self.text.rfind("\n", 0, offset) + 1
        line = self.lines[min(self.text.count("\n", 0, offset), len(self.lines) - 1)]
        return Location(line.line, line.column + offset - line_start, line.cell)

    def locate_line(self, line: int, column: int) -> Location:
        """Return the place in the file of a line and column of `text`, both from 1."""
        start = self.lines[max(0, min(line - 1, len(self.lines) - 1))]
        return Location(start.line, start.column + column - 1, start.cell)


@dataclass(frozen=True, slots=True)
class Macro:
    r"""A definition such as ``\newcommand{\pd}[2]{...}``: name with backslash, parameters, body."""

    name: str
    parameters: int
    body: str
    location: Location


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its segments in order.

    Parameters
    ----------
    path : str
        As given.
    kind : str
        ``md``, ``tex``, ``ipynb``, ``py`` or ``txt``.
    segments : tuple of Segment
        In the order of the document.
    macros : tuple of Macro
        Definitions that its formulas may use.
    notes : tuple of str
        What was noticed while reading, such as an encoding.
    """

    path: str
    kind: str
    segments: tuple[Segment, ...]
    macros: tuple[Macro, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Text with the places of its lines: a file, a cell, or a run of lines of one."""

    text: str
    cell: int | None = None
    first_line: int = 1
    _starts: tuple[int, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        starts, position = [0], self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        object.__setattr__(self, "_starts", tuple(starts))

    @property
    def starts(self) -> tuple[int, ...]:
        """Offset at which each line starts."""
        return self._starts

    def location(self, offset: int) -> Location:
        """Return the place of an offset."""
        line = bisect_right(self._starts, offset) - 1
        return Location(self.first_line + line, offset - self._starts[line] + 1, self.cell)

    def line_range(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of lines `first` to `last` (exclusive, from 0), without the last line end."""
        end = self._starts[last] - 1 if last < len(self._starts) else len(self.text)
        return self._starts[first], max(self._starts[first], end)

    def part(self, first: int, last: int) -> Source:
        """Return lines `first` to `last` (exclusive, from 0) as a source of its own."""
        start, end = self.line_range(first, last)
        return Source(self.text[start:end], self.cell, self.first_line + first)

    def segment(self, kind: Kind, start: int, end: int, form: str = "", note: str = "") -> Segment:
        """Return a contiguous stretch as a segment."""
        text = self.text[start:end]
        first = self.location(start)
        rest = (Location(first.line + n, 1, self.cell) for n in range(1, text.count("\n") + 1))
        return Segment(kind, text, (first, *rest), form, note=note)

    def gathered(
        self, kind: Kind, rows: Sequence[tuple[int, int]], form: str = "", note: str = ""
    ) -> Segment:
        """Return stretches of several lines (prompts or comment signs left out) as one segment."""
        text = "\n".join(self.text[start:end] for start, end in rows)
        return Segment(kind, text, tuple(self.location(start) for start, _ in rows), form, note=note)
