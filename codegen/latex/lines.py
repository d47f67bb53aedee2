"""Long formulas in several rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.latex.measure import width

_CONTINUED = r"&\quad "
_INDENT = 1.0
_RELATIONS = frozenset(["=", r"\approx"])
_SUMS = frozenset(["+", "-"])
_PRODUCTS = frozenset([r"\cdot", r"\odot"])
_OPERATORS = _RELATIONS | _SUMS | _PRODUCTS | frozenset([r"\le", r"\ge", "<", ">", r"\ne"])
_CLINGS = (r"\sum", r"\max", r"\quad", r"\left", r"\text")
"""After one of these, and before some, a line does not end."""

_DEPTH_COST, _KIND_COST = 3, 1


@dataclass(frozen=True)
class _Word:
    """A piece between two blanks outside of all braces."""

    text: str
    width: float
    depth: int
    kind: int | None
    """How bad a line end before it is: 0 at a sign, 1 at a dot, 2 between factors, None: not allowed."""


def broken(lhs: str, sides: Sequence[str], line: float) -> list[str]:
    r"""Return the rows of ``lhs = side = side ...`` for an ``aligned`` environment.

    Each side begins a row; one that is too long goes on in further rows, which begin with a sign or, between
    two factors, with ``\cdot``. A row is longer than the line only where there is no place to break it.

    Parameters
    ----------
    lhs : str
    sides : sequence of str
        What equals `lhs`, in the spacing of this package: blanks between factors and around operators.
    line : float
        The length of a line, in em.
    """
    rows = []
    room = max(line - width(f"{lhs} ="), line / 3)
    for number, side in enumerate(sides):
        first, *others = _rows(side, room)
        rows.append(f"{'' if number else f'{lhs} '}&= {first}")
        rows += [_CONTINUED + row for row in others]
    return rows


def _rows(side: str, room: float) -> list[str]:
    words = _words(side)
    ends: list[int] = []
    start = 0
    while start < len(words):
        end = _next(words, start, room - (_INDENT if start else 0.0))
        if end >= len(words):
            break
        ends.append(end)
        start = end
    return _cut(words, ends)


def _next(words: list[_Word], start: int, room: float) -> int:
    """Return where the row ends: at the least bad place of those in the last two thirds of the room."""
    total, best, cost = 0.0, len(words), 0.0
    for place in range(start, len(words)):
        word = words[place]
        if place > start and word.kind is not None:
            badness = word.depth * _DEPTH_COST + word.kind * _KIND_COST + (6 if total < room / 3 else 0)
            if best == len(words) or badness <= cost:
                best, cost = place, badness
        total += word.width
        if total > room and best < len(words):
            return best
    return len(words) if total <= room else best


def _words(side: str) -> list[_Word]:
    found: list[_Word] = []
    depth = 0
    for text in _split(side):
        found.append(_Word(text, width(text), depth, _kind(text, found[-1] if found else None)))
        depth += _opened(text)
    return found


def _kind(text: str, before: _Word | None) -> int | None:
    if before is None or before.text in _OPERATORS or before.text.startswith(_CLINGS):
        return None
    if text in _SUMS | _RELATIONS:
        return 0
    if text in _PRODUCTS:
        return 1
    clings = text in _OPERATORS or text.startswith((r"\right", r"\quad", r"\text", "&"))
    return None if clings else 2


def _opened(text: str) -> int:
    """Return how many brackets a word opens beyond those that it closes, braces apart."""
    depth = braces = 0
    for place, character in enumerate(text):
        braces += (character == "{") - (character == "}")
        if not braces:
            depth += (character in "([") - (character in ")]")
            depth += text.startswith(r"\left|", place) - text.startswith(r"\right|", place)
    return depth


def _split(side: str) -> list[str]:
    """Return the words of a formula: its pieces between blanks outside of all braces and environments."""
    words, depth = [""], 0
    for piece in re.findall(r"\\begin\b|\\end\{\w+\}|\\\\|\\[{}]|[{}]|\s+|[^\\{}\s]+|\\", side):
        if piece.isspace() and not depth:
            words.append("")
            continue
        words[-1] += piece
        depth += piece in ("{", r"\begin")
        depth -= piece == "}" or piece.startswith(r"\end")
    return [word for word in words if word]


def _cut(words: list[_Word], ends: list[int]) -> list[str]:
    """Join the words to rows, with brackets that need not be closed within a row."""
    texts = [word.text for word in words]
    for opening, closing in _straddling(texts, ends):
        texts[opening] = texts[opening][::-1].replace(r"\left"[::-1], r"\Bigl"[::-1], 1)[::-1]
        texts[closing] = texts[closing].replace(r"\right", r"\Bigr", 1)
    for end in ends:
        if words[end].kind == 2:
            texts[end] = rf"\cdot {texts[end]}"
    return [" ".join(texts[a:b]) for a, b in zip([0, *ends], [*ends, len(words)], strict=True)]


def _straddling(texts: list[str], ends: list[int]) -> list[tuple[int, int]]:
    """Return the places of growing brackets that are closed in a later row, opening and closing."""
    open_at: list[int] = []
    found = []
    for place, text in enumerate(texts):
        for mark in re.findall(r"\\left|\\right", text):
            if mark == r"\left":
                open_at.append(place)
                continue
            opening = open_at.pop()
            if any(opening < end <= place for end in ends):
                found.append((opening, place))
    return found
