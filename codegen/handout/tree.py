"""The content of a handout, free of any format: a tree that every renderer reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Math:
    """Inline mathematics, as LaTeX without delimiters."""

    tex: str


@dataclass(frozen=True)
class Code:
    """A word of a command or a file, as it is typed."""

    text: str


KEPT_TOGETHER = 7
"""So many rows of an equation, or so many of a table times four, stay on one page."""

Inline = str | Math | Code


@dataclass(frozen=True)
class Paragraph:
    """Running text with mathematics in it."""

    parts: tuple[Inline, ...]
    kind: str = "paragraph"


@dataclass(frozen=True)
class Note:
    """A remark that must not be overlooked: an assumption, or what was left out and how to have it."""

    parts: tuple[Inline, ...]
    kind: str = "note"


@dataclass(frozen=True)
class Bullets:
    """A list of short paragraphs."""

    items: tuple[tuple[Inline, ...], ...]
    kind: str = "bullets"


@dataclass(frozen=True)
class Row:
    """One row of displayed mathematics, aligned at its relation.

    Attributes
    ----------
    left : str
        LaTeX; empty in a row that goes on with the one above.
    right : str
        LaTeX.
    relation : str
        What stands between them; empty where a long line is broken.
    reason : tuple
        Why the row holds, in words; shown beside it.
    """

    left: str
    right: str
    relation: str = "="
    reason: tuple[Inline, ...] = ()


@dataclass(frozen=True)
class Equation:
    """Rows of displayed mathematics, aligned at their relations."""

    rows: tuple[Row, ...]
    kind: str = "equation"

    @property
    def together(self) -> bool:
        """Whether the rows are few enough to be kept on one page."""
        return len(self.rows) <= KEPT_TOGETHER


@dataclass(frozen=True)
class Table:
    """A table; `align` has one letter (l, c or r) for each column."""

    head: tuple[tuple[Inline, ...], ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    align: str
    kind: str = "table"

    @property
    def together(self) -> bool:
        """Whether the rows are few enough to be kept on one page."""
        return len(self.rows) <= 4 * KEPT_TOGETHER


@dataclass(frozen=True)
class Node:
    """A unit of the drawing, at a place in centimetres; dots where units are left out."""

    x: float
    y: float
    label: str
    shape: str
    """``unit``, ``input``, ``one`` (the constant of a bias), ``dots`` or ``skip`` (layers left out)."""


@dataclass(frozen=True)
class Edge:
    """A connection of the drawing, from node to node, with a label at the fraction `at` of its way."""

    start: int
    end: int
    label: str = ""
    at: float = 0.5


@dataclass(frozen=True)
class Caption:
    """A label under a column of the drawing."""

    x: float
    y: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """The network as circles and lines; y grows upwards."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    captions: tuple[Caption, ...]
    description: str
    kind: str = "drawing"


Block = Paragraph | Note | Bullets | Equation | Table | Drawing


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it; `level` 1 is the highest."""

    title: tuple[Inline, ...]
    blocks: tuple[Block, ...]
    level: int = 1


@dataclass(frozen=True)
class Document:
    """A handout.

    Attributes
    ----------
    title : str
        As the user wrote it: every renderer escapes it.
    subtitle : str
    sections : tuple of Section
    made_by : str
        The tool and its version.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    made_by: str
