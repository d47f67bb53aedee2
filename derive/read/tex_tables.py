r"""Tables in LaTeX: ``tabular`` and its kin, and an ``array`` with rules that is a formula by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.read.document_math import MathSpan
from derive.read.document_types import Segment, Source, TableCell
from derive.read.tables import has_numbers, table_claims, with_note

_TABLE = re.compile(r"\\begin\{(tabular[*xy]?|longtable|tabu)\}")
_ARRAY = re.compile(r"\s*\\begin\{array\}")
_LEFT_OUT = re.compile(
    r"\\(?:hline|(?:top|mid|bottom)rule|endhead|endfirsthead|endfoot|endlastfoot|centering|small|footnotesize"
    r"|noalign\{[^{}]{0,60}\}|c?line\{[^{}]{0,20}\}|cmidrule(?:\([lr]{0,4}\))?\{[^{}]{0,20}\}"
    r"|addlinespace|rowcolor\{[^{}]{0,40}\}|caption\{[^{}]{0,300}\}|label\{[^{}]{0,60}\})(?![A-Za-z])"
    r"(?:\[[^\]\n]{0,20}\])?"
)
_SIGN = re.compile(
    r"\\\\\*?(?:\[[^\]\n]{0,20}\])?|\\tabularnewline(?![A-Za-z])|\\cr(?![A-Za-z])|\\.|[{}&]", re.DOTALL
)
_ENVIRONMENT = re.compile(r"\\(begin|end)\{[A-Za-z]+\*?\}")
_SPANNING = re.compile(r"\\multi(?:column\s*\{(\d{1,2})\}|row\s*\{[^{}]{0,6}\})\s*\{[^{}]{0,40}\}\s*\{")
_ARGUMENTS = {"tabular*": 2, "tabularx": 2, "tabulary": 2}
_LONGEST = 50_000  # characters


def tex_tables(source: Source, text: str, spans: Sequence[MathSpan]) -> Iterator[Segment]:
    """Yield the tables of a text, each followed by its claims.

    Parameters
    ----------
    source : Source
    text : str
        That of the source, with what is no prose blanked out.
    spans : sequence of MathSpan
        The formulas of the text.
    """
    for found in _TABLE.finditer(text):
        stop = text.find(f"\\end{{{found.group(1)}}}", found.end(), found.end() + _LONGEST)
        start = _behind_arguments(text, found.end(), _ARGUMENTS.get(found.group(1), 1))
        if start <= stop and not _TABLE.search(text, start, stop):  # a table in a table is read by itself
            yield from _read(source, text, found.start(), start, stop)
    for span in spans:
        inner = text[span.inner_start : span.inner_end]
        begin = _ARRAY.match(inner)
        stop = inner.rfind("\\end{array}")
        if (
            begin is None
            or not span.is_display
            or len(inner) > _LONGEST
            or inner[stop:].strip() != "\\end{array}"
        ):
            continue
        first = _behind_arguments(inner, begin.end(), 1)
        if "|" in inner[begin.end() : first] or _LEFT_OUT.search(inner):
            yield from _read(
                source, text, span.inner_start, span.inner_start + first, span.inner_start + stop
            )


def _behind_arguments(text: str, at: int, count: int) -> int:
    """Return the place behind the arguments of an environment, an optional one before them."""
    optional = re.compile(r"\s*\[[^\]\n]{0,10}\]").match(text, at)
    at = optional.end() if optional else at
    for _ in range(count):
        depth, place = 0, at
        while place < len(text) and place - at < 300:
            depth += (text[place] == "{") - (text[place] == "}")
            place += 1
            if depth == 0 and not text[place - 1].isspace():
                break
        at = place
    return at


def _read(source: Source, text: str, begin: int, start: int, stop: int) -> Iterator[Segment]:
    whole = source.segment("table", begin, stop)
    rows = [row for row in _rows(text, begin, start, stop) if any(cell.text for cell in row)]
    if (
        len(rows) > 1
        and any(cell.text.startswith("\\multi") for cell in rows[0])
        and not has_numbers(rows[1])
    ):
        rows = rows[1:]  # a heading above the headings
    rows = [tuple(_spanned(row)) for row in rows]
    if rows and has_numbers(rows[0]):
        rows.insert(0, tuple(TableCell("", 0) for _ in rows[0]))
    table = Segment("table", whole.text, whole.lines, rows=tuple(rows))
    claims = table_claims(table)
    yield with_note(table, claims)
    yield from claims


def _rows(text: str, begin: int, start: int, stop: int) -> Iterator[tuple[TableCell, ...]]:
    """Yield the cells of each row, with their offsets from `begin`."""
    inside = _LEFT_OUT.sub(lambda found: " " * len(found.group()), text[start:stop])
    shift = start - begin
    cells: list[TableCell] = []
    first, depth = 0, 0
    for sign in (*_SIGN.finditer(inside), None):
        word = sign.group() if sign is not None else "\\\\"
        if sign is not None and _ENVIRONMENT.match(inside, sign.start()):
            depth += 1 if word == "\\b" else -1
        elif word in "{}":
            depth += 1 if word == "{" else -1
        elif depth == 0 and (word == "&" or word.startswith(("\\\\", "\\tabularnewline", "\\cr"))):
            end = sign.start() if sign is not None else len(inside)
            cell = inside[first:end]
            cells.append(TableCell(cell.strip(), shift + first + len(cell) - len(cell.lstrip())))
            first = sign.end() if sign is not None else end
            if word != "&":
                yield tuple(cells)
                cells = []


def _spanned(row: Sequence[TableCell]) -> Iterator[TableCell]:
    """Yield the cells of a row, those over several columns as often as they have columns."""
    for cell in row:
        found = _SPANNING.match(cell.text)
        if found is None or not cell.text.endswith("}"):
            yield cell
            continue
        yield TableCell(cell.text[found.end() : -1].strip(), cell.offset + found.end())
        for _ in range(int(found.group(1) or 1) - 1):
            yield TableCell("", cell.offset)
