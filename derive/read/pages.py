"""The text of a document by line, counted as the places of its segments count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from derive.read.document import decoded
from derive.read.document_types import Document, DocumentError, Segment
from derive.read.notebook import cells_of, joined

LineKind: TypeAlias = Literal["prose", "code", "output"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands, and what it belongs to."""

    text: str
    kind: LineKind = "prose"


@dataclass(frozen=True, slots=True)
class Page:
    """A whole file, or one cell of a notebook.

    Parameters
    ----------
    cell : int or None
        The number of the cell, from 0; None for a whole file.
    lines : tuple of Line
        Line 1 first. The lines of a cell's outputs follow those of its source.
    """

    cell: int | None
    lines: tuple[Line, ...]


def pages(document: Document) -> tuple[Page, ...]:
    """Read the lines of a document that was read from a file.

    Raises
    ------
    DocumentError
        If the file is not there any more, or no notebook any more.
    """
    try:
        text, _ = decoded(Path(document.path).read_bytes(), document.path)
    except (OSError, ValueError):
        raise DocumentError(f"{document.path}: the file went away while it was read. Try again.") from None
    by_cell: dict[int | None, list[Segment]] = {}
    for segment in document.segments:
        if segment.kind in ("code", "output"):
            by_cell.setdefault(segment.start.cell, []).append(segment)
    return tuple(_page(cell, source, by_cell.get(cell, ())) for cell, source in _sources(document, text))


def _sources(document: Document, text: str) -> Iterator[tuple[int | None, str]]:
    if document.kind == "ipynb":
        for number, cell in enumerate(cells_of(text, document.path)):
            yield number, joined(cell.get("source", ""))
    else:
        yield None, text.replace("\r\n", "\n").replace("\r", "\n")


def _page(cell: int | None, source: str, segments: Sequence[Segment]) -> Page:
    """Return a page; what is code and what was printed is told by the segments."""
    texts = dict(enumerate(source.split("\n"), start=1))
    kinds: dict[int, LineKind] = {}
    for segment in segments:
        for place, line in zip(segment.lines, segment.text.split("\n"), strict=False):
            texts.setdefault(place.line, line)
            kinds[place.line] = "output" if segment.kind == "output" else "code"
    lines = (Line(texts.get(number, ""), kinds.get(number, "prose")) for number in range(1, max(texts) + 1))
    return Page(cell, tuple(lines))
