"""Tables of numbers as claims: ``| $z_1$ | 0.76 |`` is ``z_1 = 0.76``, a column under ``$a$`` is a vector."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from derive.read.document_types import Location, Segment, TableCell

UNREAD = (
    "the numbers of this table are not judged: no names stand beside or above them that say what they are"
)

_NUMBER = re.compile(r"[-−+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+−]?\d+)?")
_COMMANDS = ("textbf", "mathbf", "text", "textrm", "mathrm", "textit", "emph", "num", "texttt")
_WRAPPERS = (
    *(("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("**", "**"), ("*", "*"), ("`", "`")),
    *((f"\\{command}{{", "}") for command in _COMMANDS),
    *(("$", "$"), ("\\mathbf{", "}")),
)
_NAME = re.compile(
    r"(?:\\[A-Za-z]++|[^\W\d_])"  # a letter or a command
    r"(?:[^\W_]|[_^′'⁰¹²³⁴-⁹₀-₉⁽⁾ᵀ]|\^\([\w+-]{1,5}\)|\{[^{}]{0,60}\}|\\[A-Za-z]++|/)*"
)
_DERIVATIVE = re.compile(r"(?:\\frac\s*\{\s*)?(?:\\partial|∂|d[A-Z]\s*/\s*d)[^=≈]{1,120}")
_PARAMETER = re.compile(r"(?:\\(?:mathbf|boldsymbol|vec|theta))?[{ ]*[wWbθΘ]")
_LAYER = re.compile(r"\^\{[\[(]\w+[\])](?=\})")
_MARKED = re.compile(r"[\\_^\d∂δσηθφ⁰¹²³⁴-⁹₀-₉]|^[^\W\d_]$")
_EXPRESSION = re.compile(r"[-+−*/·×⋅⊙(]|\\(?:cdot|times|frac|odot|sigma)")
_WORDS = re.compile(r"(?<!\\)\b[^\W\d_]{4,}\b")
_COUNTED = re.compile(r"(?:(?:unit|neuron|node|entry|[hoijk])[ _]?)?(\d{1,3})", re.IGNORECASE)
_OF_UNITS = frozenset(
    {"", "i", "j", "k", "n", "unit", "neuron", "node", "hidden unit", "index", "entry", "#"}
)
_OF_LAYERS = frozenset({"l", "layer", "layer l", "schicht", "couche", "capa", "warstwa", "层"})
_PLAIN = frozenset({"net", "out", "delta", "act", "error"})
_FREE = re.compile(r"_(?:\{([ijkn])\}|([ijkn])(?![\w{]))")
_MOST_ROWS = 500


class _Cell(NamedTuple):
    """What a cell holds without dollar signs and emphasis, and where that begins in the table."""

    text: str
    offset: int


def table_claims(table: Segment) -> tuple[Segment, ...]:
    """Return the claims of a table, each as mathematics whose lines are the cells.

    Parameters
    ----------
    table : Segment
        Of the kind "table"; the first of its rows is the heading.
    """
    rows = [[_inner(cell) for cell in row] for row in table.rows[: _MOST_ROWS + 1]]
    if len(rows) < 2:
        return ()
    head, body = rows[0], [row for row in rows[1:] if len(row) > 1]
    for kind in (_columns, _across, _placed, _single):
        if claims := tuple(kind(table, head, body)):
            return claims
    return tuple(_lines(table, head, body))


def with_note(table: Segment, claims: Sequence[Segment]) -> Segment:
    """Return a table that says that its numbers could not be read, if it has names and numbers."""
    cells = [_inner(cell) for row in table.rows for cell in row]
    decimals = any("." in cell.text and _NUMBER.fullmatch(cell.text) for cell in cells)
    named = any(_is_name(cell) for cell in cells)
    return replace(table, note=UNREAD) if decimals and named and not claims else table


def _inner(cell: TableCell) -> _Cell:
    text, offset = cell.text, cell.offset
    for opening, closing in _WRAPPERS:
        begin, stop = len(opening), len(text) - len(closing)
        if begin <= stop and text.startswith(opening) and text.endswith(closing):
            inner = text[begin:stop]
            text, offset = inner.strip(), offset + begin + len(inner) - len(inner.lstrip())
    return _Cell(text, offset)


def has_numbers(row: Sequence[TableCell]) -> bool:
    """Tell whether a row has decimals in it, as no row of headings has."""
    return any("." in cell.text and _is_number(_inner(cell)) for cell in row)


def _is_number(cell: _Cell) -> bool:
    return _NUMBER.fullmatch(cell.text) is not None


def _is_name(cell: _Cell) -> bool:
    if _DERIVATIVE.fullmatch(cell.text):
        return not _WORDS.search(cell.text)
    return bool(_NAME.fullmatch(cell.text) and _MARKED.search(cell.text) and not _WORDS.fullmatch(cell.text))


def _lines(table: Segment, head: Sequence[_Cell], body: Sequence[Sequence[_Cell]]) -> Iterator[Segment]:
    """Yield the rows of a name, perhaps an expression, and what the headings say of its numbers."""
    width = max((len(row) for row in body), default=0)
    numeric = [k for k in range(1, width) if any(k < len(row) and _is_number(row[k]) for row in body)]
    if len(numeric) > 1 and all(k < len(head) and _COUNTED.fullmatch(head[k].text) for k in numeric):
        return  # units, samples or passes: which of them is not said
    for row in body:
        if not _is_name(row[0]):
            continue
        for k in numeric:
            meaning = _MEANINGS.get(head[k].text.lower() if k < len(head) else "", _value)
            if k >= len(row) or not _is_number(row[k]) or (meaning is _value and numeric[0] != k):
                continue
            if (name := meaning(row[0])) is not None:
                between = [cell for cell in row[1:k] if meaning is _value and _is_expression(cell)]
                yield _chain(table, [name, *between, row[k]])


def _value(name: _Cell) -> _Cell:
    return name


def _slope(name: _Cell) -> _Cell | None:
    if _DERIVATIVE.fullmatch(name.text):
        return None
    return _Cell(rf"\frac{{\partial L}}{{\partial {name.text}}}", name.offset)


def _updated(name: _Cell) -> _Cell | None:
    """Return the name of a parameter after the step; what other quantities become then is not asked."""
    if not _PARAMETER.match(name.text):
        return None
    layer = _LAYER.search(name.text)
    place = layer.end() if layer else len(name.text)
    return _Cell(f"{name.text[:place]}{'+' if layer else '^{+}'}{name.text[place:]}", name.offset)


_MEANINGS: Mapping[str, Callable[[_Cell], _Cell | None]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("derivative", "gradient", "grad", "finite difference", "numerical gradient"), _slope
        ),
        **dict.fromkeys(("after", "new", "updated", "new value", "new weight", "updated weight"), _updated),
    }
)
"""What a number below a heading is, of the name in its row."""


def _is_expression(cell: _Cell) -> bool:
    text = cell.text
    return bool(_EXPRESSION.search(text)) and "=" not in text and not _WORDS.search(text)


def _columns(table: Segment, head: Sequence[_Cell], body: Sequence[Sequence[_Cell]]) -> Iterator[Segment]:
    """Yield the columns below a name whose rows are counted: each is a vector."""
    if not body or any(len(row) != len(head) for row in body) or not _counts_units(head[0]):
        return
    counted = [_COUNTED.fullmatch(row[0].text) for row in body]
    numbers = [int(found.group(1)) for found in counted if found]
    if len(numbers) != len(body) or numbers not in (list(range(len(body))), list(range(1, len(body) + 1))):
        return
    for k in range(1, len(head)):
        values = [row[k] for row in body]
        name = _Cell(_FREE.sub("", head[k].text), head[k].offset)
        if _is_name(name) and all(map(_is_number, values)):
            yield _vector(table, name, values)


def _across(table: Segment, head: Sequence[_Cell], body: Sequence[Sequence[_Cell]]) -> Iterator[Segment]:
    """Yield the rows of a name behind which the units are counted by the headings: each is a vector."""
    if not body or any(len(row) != len(head) for row in body) or not _counts_units(head[0]):
        return
    counted = [_COUNTED.fullmatch(cell.text) for cell in head[1:]]
    numbers = [int(found.group(1)) for found in counted if found]
    if len(numbers) < 2 or len(numbers) != len(counted) or numbers[0] > 1:
        return
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return
    for row in body:
        # Without a word for them the columns may be passes of a training as well as units.
        if head[0].text or _FREE.search(row[0].text):
            name = _Cell(_FREE.sub("", row[0].text), row[0].offset)
            if _is_name(name) and all(map(_is_number, row[1:])):
                yield _vector(table, name, row[1:])


def _counts_units(cell: _Cell) -> bool:
    """Tell a heading such as ``j``, ``unit`` or ``unit $j$``."""
    text = cell.text.lower().replace("$", "")
    return text in _OF_UNITS or (bool(text.split()) and set(text.split()) <= _OF_UNITS)


def _placed(table: Segment, head: Sequence[_Cell], body: Sequence[Sequence[_Cell]]) -> Iterator[Segment]:
    """Yield the numbers below names whose rows say the layer, and the unit if there is a column for it."""
    words = [cell.text.lower() for cell in head]
    layer = next((k for k, word in enumerate(words) if word in _OF_LAYERS), None)
    unit = next((k for k, word in enumerate(words) if word in _OF_UNITS and word), None)
    names = [k for k, cell in enumerate(head) if k not in (layer, unit) and _is_plain_name(cell)]
    counters = [k for k in (layer, unit) if k is not None]
    if layer is None or not names:
        return
    for row in body:
        counted = {k: _COUNTED.fullmatch(row[k].text) for k in counters if k < len(row)}
        if len(row) != len(head) or not all(counted.values()):
            continue
        marks = {k: found.group(1) for k, found in counted.items() if found}
        below = f"_{{{marks[unit]}}}" if unit is not None else ""
        for k in names:
            if _is_number(row[k]):
                name = _Cell(f"{head[k].text}^{{[{marks[layer]}]}}{below}", head[k].offset)
                yield _chain(table, [name, row[k]])


def _is_plain_name(cell: _Cell) -> bool:
    """Tell a letter without marks of its own, which those of a row can be put to."""
    return cell.text in _PLAIN or (_is_name(cell) and not re.search(r"[\d_^⁰¹²³⁴-⁹₀-₉]", cell.text))


def _single(table: Segment, head: Sequence[_Cell], body: Sequence[Sequence[_Cell]]) -> Iterator[Segment]:
    """Yield the numbers of the only row, each below its name; mere counts are left alone."""
    if not any("." in cell.text for row in body for cell in row):
        return
    if len(body) == 1 and len(body[0]) == len(head) and sum(map(_is_name, head)) > 1:
        for name, number in zip(head, body[0], strict=True):
            if _is_name(name) and _is_number(number):
                yield _chain(table, [name, number])


def _chain(table: Segment, cells: Sequence[_Cell]) -> Segment:
    texts = [f"{cell.text} =" for cell in cells[:-1]] + [cells[-1].text]
    return _segment(table, texts, cells)


def _vector(table: Segment, name: _Cell, values: Sequence[_Cell]) -> Segment:
    # A matrix may be broken into lines anywhere; a list in plain characters may not.
    rows = [*(rf"{cell.text} \\" for cell in values[:-1]), values[-1].text]
    texts = [rf"{name.text} = \begin{{bmatrix}}", *rows, _END]
    # It ends where the last number does.
    last = values[-1].offset + len(values[-1].text)
    start = table.text.rfind("\n", 0, last) + 1
    return _segment(table, texts, (name, *values, _Cell(_END, max(start, last - len(_END)))))


_END = r"\end{bmatrix}"


def _segment(table: Segment, texts: Sequence[str], cells: Sequence[_Cell]) -> Segment:
    places: tuple[Location, ...] = tuple(table.locate(cell.offset) for cell in cells)
    return Segment("textmath", "\n".join(texts), places, "table")
