"""How equations are set in rows: several right-hand sides on a line where they fit, long ones broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codegen.handout.tree import Inline, Row
from codegen.latex import broken, width

LINE = 40.0
"""The length of a line of displayed mathematics, in em."""

RELATION = 1.6
"""The width of an equals sign with the space around it."""

GAP = 2.0
"""Between two equations on one line."""


def packed(
    left: str, rights: Sequence[str], reason: tuple[Inline, ...] = (), line: float = LINE
) -> tuple[Row, ...]:
    """Return the rows of ``left = right = right``, all on one line if they fit.

    Otherwise the first right-hand side has a line of its own, and the others share lines as they fit. One
    that repeats the one before is left out; a long one is broken.
    """
    sides = list(_without_repeats(rights))
    room = line - width(left) - RELATION
    rows: list[Row] = []
    for group in _groups(sides, room):
        text = " = ".join(group)
        start = "" if rows else left
        rows += _long(start, text, room) if width(text) > room else [Row(start, text)]
    if rows and reason:
        rows[0] = replace(rows[0], reason=reason)
    return tuple(rows)


def _groups(sides: list[str], room: float) -> list[list[str]]:
    """Return the right-hand sides line by line."""
    sizes = [width(side) + RELATION for side in sides]
    if sum(sizes) - RELATION <= room:
        return [sides]
    groups, used = [sides[:1]], room
    for side, size in zip(sides[1:], sizes[1:], strict=True):
        if used + size > room:
            groups.append([])
            used = -RELATION
        groups[-1].append(side)
        used += size
    return groups


def _long(left: str, right: str, room: float) -> Iterator[Row]:
    """Yield the rows of one right-hand side that does not fit a line."""
    for number, text in enumerate(_pieces(right, room)):
        yield Row("" if number else left, text, "" if number else "=")


def fits(right: str, room: float = LINE) -> bool:
    """Return whether a right-hand side can be set, in several rows if need be, so that none sticks out."""
    return all(width(piece) <= room for piece in _pieces(right, room))


def _pieces(right: str, room: float) -> list[str]:
    rows = broken("", [right], room)
    pieces = [r.strip().removeprefix("&").removeprefix("=").removeprefix(r"\quad").strip() for r in rows]
    if all(width(piece) <= room for piece in pieces):
        return pieces
    return [piece for wide in pieces for piece in _terms(wide)]


_TOKEN = re.compile(r"\\(?:begin|end)\{|\\[A-Za-z]+|\\.|[{}()\[\]]| [+-] ")
_DEEPER = {r"\begin{": 2, "{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}
"""How much deeper inside a formula is behind a token. ``\\end{...}`` is left by its closing brace alone,
so ``\\begin{`` counts for two."""


def _terms(tex: str) -> list[str]:
    """Return the terms of a sum, each with its sign: cut where a sign stands outside of all brackets."""
    terms, start, depth = [], 0, 0
    for token in _TOKEN.finditer(tex):
        depth += _DEEPER.get(token.group(), 0)
        if token.group() in (" + ", " - ") and depth == 0:
            terms.append(tex[start : token.start()].strip())
            start = token.start()
    return [*terms, tex[start:].strip()]


def term_by_term(left: str, terms: Sequence[str], line: float = LINE) -> tuple[Row, ...]:
    """Return a sum, given as terms with their signs: on one line if it fits, else a line for each term."""
    whole = " ".join(terms)
    room = line - width(left) - RELATION
    if width(whole) <= room:
        return (Row(left, whole),)
    rows = [row for term in terms for row in _long("", term, room)]
    return (replace(rows[0], left=left), *(replace(row, relation="") for row in rows[1:]))


def _without_repeats(rights: Sequence[str]) -> Iterator[str]:
    last = None
    for right in rights:
        if right != last:
            yield right
        last = right


def side_by_side(equations: Sequence[str], line: float = LINE) -> tuple[Row, ...]:
    """Return rows with as many whole equations on each as fit."""
    rows: list[Row] = []
    current, used = "", 0.0
    for equation in equations:
        size = width(equation)
        if current and used + GAP + size > line:
            rows.append(Row("", current, ""))
            current, used = "", 0.0
        current, used = (rf"{current} \qquad {equation}" if current else equation), used + GAP + size
    return (*rows, Row("", current, "")) if current else tuple(rows)
