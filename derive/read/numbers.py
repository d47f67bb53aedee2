"""Printed numbers: NumPy's arrays, lists, labelled scalars and tables, each with its rounding."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

_DIGITS = r"(?:\d{1,400}\.\d{0,400}|\.\d{1,400}|\d{1,400})(?:[eE][-+]?\d{1,3}(?!\d))?"
_SPECIAL = r"(?:nan|inf|NaN|Infinity)\b"
NUMBER = re.compile(rf"[-+−]?(?:{_DIGITS}|{_SPECIAL})(?![\w.])")
_ITEM = re.compile(
    rf"(?P<blank>[\s,;]+)|(?P<number>[-+−]?(?:{_DIGITS}|{_SPECIAL})(?![\w.]))|(?P<open>[\[(])|(?P<close>[\])])"
    r"|(?P<dots>\.\.\.|…)|(?P<cast>(?:np\.)?(?:float|int)\d*\()"
)
_OPEN = re.compile(
    r"(?P<call>\b(?:np\.)?(?:array|tensor|matrix|Tensor)\s*\(\s*)?\[|(?:^|(?<=[=:≈])) *(?P<tuple>\()", re.M
)
_SCALAR = re.compile(
    rf"(?:=|:|≈|->|→)[ \t]*({NUMBER.pattern})(?=[ \t]*(?:$|[,;)\]%]|[ \t][A-Za-z(\"]|\.(?:\s|$)))", re.M
)
_ALONE = re.compile(rf"^[ \t]*({NUMBER.pattern})[ \t]*$", re.M)
_SPACED = re.compile(
    r"^[ \t]*([A-Za-z_∂∇][^\n=:|]{0,80}?)[ \t]+([-+−]?\d{1,400}\.\d{0,400}(?:[eE][-+]?\d{1,3})?)[ \t]*$", re.M
)
_LISTED_BEFORE = re.compile(r".*[=:]\s*[-+\d.eE\]]+[,;]\s+")
_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_BAR = re.compile(r"(?<!\\)\|")
_DEEPEST = 8
_MOST_ENTRIES = 100_000
_LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """One number as printed.

    Parameters
    ----------
    text : str
        As it stands.
    value : Decimal
        Exactly what the digits say; NaN and infinities too.
    half_unit : Decimal
        Half a unit in the last place that was printed; zero for integers, which are exact.
    span : (int, int)
        Offsets in the text.
    """

    text: str
    value: Decimal
    half_unit: Decimal
    span: tuple[int, int]


Entries: TypeAlias = PrintedNumber | tuple["Entries", ...]


@dataclass(frozen=True, slots=True)
class PrintedArray:
    """A printed array or scalar.

    Parameters
    ----------
    label : str
        The words before it (``z1 = W1 @ a0``, ``Input to layer 1``), without the sign that ends them.
    shape : tuple of int
        Empty for a scalar.
    entries : PrintedNumber or nested tuple
        As `shape` says.
    style : str
        ``numpy`` (the entries share one precision), ``list``, ``scalar`` or ``table``.
    span : (int, int)
        Offsets in the text, without the label.
    columns : tuple of str
        Of a row of a table: the headings above its entries.
    elided : bool
        Whether NumPy left entries out with dots; the shape is then that of what is shown.
    """

    label: str
    shape: tuple[int, ...]
    entries: Entries
    style: str
    span: tuple[int, int]
    columns: tuple[str, ...] = ()
    elided: bool = False


def read_numbers(text: str) -> tuple[PrintedArray, ...]:
    """Read the arrays, labelled scalars and tables of numbers in a text, in their order.

    Numbers inside words and running text (``Layer 1, with index 0``) are left alone.
    """
    tables = _tables(text)
    found = [array for rows in tables for array in _table(text, rows)]
    busy = [(rows[0][0], rows[-1][1]) for rows in tables]
    arrays = [a for a in _arrays(text) if not _inside(busy, a.span[0])]
    busy = sorted([*busy, *(a.span for a in arrays)])
    found += arrays
    for pattern, group in ((_SCALAR, 1), (_ALONE, 1), (_SPACED, 2)):
        fresh: list[PrintedArray] = []
        for match in pattern.finditer(text):
            span = match.span(group)
            if not _inside(busy, span[0]):
                floor = fresh[-1].span[1] if fresh else 0
                label = _label(text, match.start() if pattern is _SCALAR else span[0], busy, floor)
                if label or pattern is _ALONE:
                    fresh.append(PrintedArray(label, (), number_in(text, span), "scalar", span))
        found += fresh
        busy = sorted([*busy, *(a.span for a in fresh)])
    return tuple(sorted(found, key=lambda array: array.span))


def flatten(entries: Entries) -> tuple[PrintedNumber, ...]:
    """Return the numbers of nested entries in order."""
    if isinstance(entries, PrintedNumber):
        return (entries,)
    return tuple(number for entry in entries for number in flatten(entry))


def _inside(spans: Sequence[tuple[int, int]], position: int) -> bool:
    number = bisect_right(spans, (position, len(spans) + (1 << 60))) - 1
    return number >= 0 and spans[number][0] <= position < spans[number][1]


def number_in(text: str, span: tuple[int, int], decimals: int | None = None) -> PrintedNumber:
    """Return the number at a place; `decimals` is the common precision of its array, None for its own."""
    digits = text[span[0] : span[1]]
    plain = digits.replace("−", "-")
    value = Decimal(plain.replace("NaN", "nan"))
    if not value.is_finite() or not re.search(r"[.eE]", plain):
        return PrintedNumber(digits, value, Decimal(0), span)
    places = _decimals(plain) if decimals is None else decimals
    exponent = int(plain.lower().partition("e")[2] or 0)
    return PrintedNumber(digits, value, Decimal(5).scaleb(exponent - places - 1), span)


def _decimals(digits: str) -> int:
    mantissa = digits.lower().partition("e")[0]
    return len(mantissa.partition(".")[2])


def _arrays(text: str) -> Iterator[PrintedArray]:
    position, last = 0, 0
    while match := _OPEN.search(text, position):
        start = match.end() - 1
        before = text[start - 1 : start] if not match.group("call") else ""
        parsed = None
        if match.group("tuple") or not re.match(r"[\w\])}.\"']", before):
            parsed = _parse(text, start)
        if parsed is None:
            position = match.end()
            continue
        tree, end, elided, commas = parsed
        style = "list" if commas and not match.group("call") else "numpy"
        label = _label(text, match.start(), (), last)
        for part, shape, span in _regular(tree, (start, end)):
            spans = _leaves(part)
            decimals = max((_decimals(text[a:b]) for a, b in spans), default=0) if style == "numpy" else None
            entries = _entries(text, part, decimals)
            yield PrintedArray(label, shape, entries, style, span, elided=elided)
        position = last = end


_Tree: TypeAlias = tuple[int, int] | list["_Tree"]


def _parse(text: str, start: int) -> tuple[list[_Tree], int, bool, bool] | None:
    """Parse brackets and numbers from `start`; None if anything else stands between them."""
    stack: list[list[_Tree]] = []
    closers: list[str] = []
    position, count, elided, commas, casts = start, 0, False, False, 0
    while match := _ITEM.match(text, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "blank":
            commas = commas or "," in match.group()
            # Blocks of an array are one empty line apart; more ends an array that was never closed.
            if "\n\n\n" in match.group():
                return None
        elif kind == "number":
            stack[-1].append(match.span())
            count += 1
        elif kind == "dots":
            elided = True
        elif kind == "cast":
            casts += 1
        elif kind == "open":
            stack.append([])
            closers.append("]" if match.group() == "[" else ")")
        elif match.group() == ")" and casts:
            casts -= 1
        elif closers and match.group() == closers[-1]:
            closers.pop()
            done = stack.pop()
            if not stack:
                return (done, position, elided, commas) if count else None
            stack[-1].append(done)
        else:
            return None
        if len(stack) > _DEEPEST or count > _MOST_ENTRIES:
            return None
    return None


def _shape(tree: _Tree) -> tuple[int, ...] | None:
    if isinstance(tree, tuple):
        return ()
    shapes = {_shape(item) for item in tree}
    inner = shapes.pop() if len(shapes) == 1 else None
    return None if inner is None else (len(tree), *inner)


def _regular(
    tree: list[_Tree], span: tuple[int, int]
) -> Iterator[tuple[_Tree, tuple[int, ...], tuple[int, int]]]:
    """Yield the array, or its parts where their shapes differ (two arrays printed as a tuple)."""
    shape = _shape(tree)
    if shape is not None:
        yield tree, shape, span
        return
    for item in tree:
        inner = _leaves(item)
        if isinstance(item, list) and inner:
            yield from _regular(item, (inner[0][0], inner[-1][1]))


def _leaves(tree: _Tree) -> list[tuple[int, int]]:
    if isinstance(tree, tuple):
        return [tree]
    return [leaf for item in tree for leaf in _leaves(item)]


def _entries(text: str, tree: _Tree, decimals: int | None) -> Entries:
    if isinstance(tree, tuple):
        return number_in(text, tree, decimals)
    return tuple(_entries(text, item, decimals) for item in tree)


def _label(text: str, position: int, busy: Sequence[tuple[int, int]], floor: int = 0) -> str:
    """Return the words before a number: on its line, else the last line above with words in it."""
    number = bisect_left(busy, (position, 0))
    floor = max(floor, busy[number - 1][1] if number else 0)
    before = text[max(floor, position - 4 * _LONGEST_LABEL) : position]
    for line in reversed(before.split("\n")[-4:]):
        words = line.strip().rstrip("=:≈>→- \t").strip()
        if words:
            before_it = _LISTED_BEFORE.match(words)  # "Epoch: 0, Train loss"
            words = words[before_it.end() if before_it else 0 :]
            return words[-_LONGEST_LABEL:] if re.search(r"[^\W\d]|[∂∇]", words) else ""
    return ""


def _tables(text: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Find Markdown tables: runs of lines with bars, one of them the rule under the heading."""
    tables, rows, position, ruled = [], [], 0, False
    for line in [*text.split("\n"), ""]:
        if "|" in line:
            rows.append((position, position + len(line)))
            ruled = ruled or (len(rows) > 1 and "-" in line and _RULE.match(line) is not None)
        else:
            if ruled and len(rows) > 2:
                tables.append(tuple(rows))
            rows, ruled = [], False
        position += len(line) + 1
    return tuple(tables)


def _table(text: str, rows: Sequence[tuple[int, int]]) -> Iterator[PrintedArray]:
    heading: tuple[str, ...] = ()
    for start, end in rows:
        line = text[start:end]
        if _RULE.match(line):
            continue
        cells = list(_cells(line, start))
        numbers = [(n, span) for n, (words, span) in enumerate(cells) if NUMBER.fullmatch(words)]
        if not numbers:
            heading = heading or tuple(words for words, _ in cells)
            continue
        label = next((words for words, _ in cells if words and not NUMBER.fullmatch(words)), "")
        entries = tuple(number_in(text, span) for _, span in numbers)
        columns = tuple(heading[n] if n < len(heading) else "" for n, _ in numbers)
        yield PrintedArray(label, (len(entries),), entries, "table", (start, end), columns)


def _cells(line: str, offset: int) -> Iterator[tuple[str, tuple[int, int]]]:
    bars = [-1, *(match.start() for match in _BAR.finditer(line)), len(line)]
    for number, (left, right) in enumerate(pairwise(bars)):
        words = line[left + 1 : right]
        if not words.strip() and number in (0, len(bars) - 2):
            continue
        inner = words.strip(" \t$*`")
        start = offset + left + 1 + (words.find(inner) if inner else 0)
        yield inner, (start, start + len(inner))
