"""Documents to segments: the entry for every kind of file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from derive.read.code.source import CodeCell
from derive.read.document_types import (
    LARGEST_TEXT,
    Document,
    DocumentError,
    Location,
    Macro,
    Segment,
    Source,
    TableCell,
)

LARGEST_FILE = 20 * 2**20  # mostly pictures, in notebooks
SUFFIXES = (".md", ".markdown", ".tex", ".ipynb", ".py", ".txt")
_KINDS = {"markdown": "md"}

__all__ = [
    "Document",
    "DocumentError",
    "Location",
    "Macro",
    "Segment",
    "TableCell",
    "code_cells",
    "comments_of",
    "read_document",
    "read_text",
]


def read_document(path: str | Path) -> Document:
    """Read a document from a file.

    Parameters
    ----------
    path : str or Path
        A file ``.md``, ``.tex``, ``.ipynb``, ``.py`` or ``.txt``.

    Raises
    ------
    DocumentError
        If the file cannot be read: missing, too large, not text, no notebook, an unknown suffix.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise DocumentError(
            f"{path}: documents are {known}, but the suffix is {suffix or 'missing'}. Rename the file."
        )
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            limit = LARGEST_FILE // 2**20
            raise DocumentError(
                f"{path}: the file has {size / 2**20:.1f} MB, the limit is {limit} MB. Split it,"
                " or clear the pictures from the outputs of the notebook."
            )
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it cannot be opened"
        raise DocumentError(f"{path}: {reason}. Check the name of the file.") from None
    text, notes = decoded(data, str(path))
    return read_text(text, kind=suffix[1:], path=str(path), notes=notes)


def read_text(text: str, *, kind: str, path: str = "<text>", notes: tuple[str, ...] = ()) -> Document:
    """Read a document that is in memory; `kind` is the suffix without its dot.

    Raises
    ------
    DocumentError
        If the text is not a document of this kind.
    """
    kind = _KINDS.get(kind, kind)
    if kind != "ipynb" and len(text) > LARGEST_TEXT:
        raise DocumentError(
            f"{path}: the text has {len(text)} characters, the limit is {LARGEST_TEXT}. Split the document."
        )
    source = Source(text.replace("\r\n", "\n").replace("\r", "\n"))
    macros: tuple[Macro, ...] = ()
    if kind == "ipynb":
        from derive.read.notebook import read_notebook

        segments = read_notebook(text, path)
    elif kind == "tex":
        from derive.read.texfile import read_tex

        segments, macros = read_tex(source)
    elif kind == "py":
        from derive.read.document_python import read_comments

        whole = [source.segment("code", 0, len(source.text), "py")] if source.text.strip() else []
        segments = [*whole, *read_comments(source)]
    elif kind in ("md", "txt"):
        found: list[str] = []
        segments = _read_marked_or_plain(source, kind, found)
        notes = (*notes, *found)
    else:
        raise DocumentError(
            f"{path}: documents of kind {kind!r} are not read. Use one of {', '.join(SUFFIXES)}."
        )
    return Document(path, kind, _tied(segments), macros, notes)


def code_cells(document: Document) -> tuple[CodeCell, ...]:
    """Return the code of a document; the index of each cell is that of its segment."""
    return tuple(CodeCell(s.text, n) for n, s in enumerate(document.segments) if s.kind == "code")


def comments_of(segment: Segment) -> tuple[Segment, ...]:
    """Return the formulas and lines of mathematics in the comments and docstrings of a code segment.

    Those of ``.py`` files are segments of the document already.
    """
    from derive.read.document_python import read_comments

    found = read_comments(Source(segment.text))
    return tuple(
        replace(s, lines=tuple(segment.locate_line(place.line, place.column) for place in s.lines))
        for s in found
    )


def _read_marked_or_plain(source: Source, kind: str, notes: list[str]) -> list[Segment]:
    from derive.read.export import has_marks, read_export, read_plain
    from derive.read.markdown import read_markdown

    if has_marks(source.text):
        return read_export(source, notes)
    return read_markdown(source) if kind == "md" else read_plain(source, notes)


def _tied(segments: list[Segment]) -> tuple[Segment, ...]:
    """Tie each output to the code segment before it."""
    tied: list[Segment] = []
    code: int | None = None
    for number, segment in enumerate(segments):
        if segment.kind == "code":
            code = number
        tied.append(replace(segment, of=code) if segment.kind == "output" else segment)
    return tuple(tied)


def decoded(data: bytes, path: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and what a reader should know of its encoding.

    Raises
    ------
    DocumentError
        If it is not a text file.
    """
    if b"\0" in data[:65536]:
        position = data.index(b"\0")
        raise DocumentError(
            f"{path}: byte {position} is zero, so this is not a text file. Save the document as UTF-8 text."
        )
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = f"line {line} is not UTF-8; the file was read as Latin-1"
        return data.decode("latin-1"), (note,)
