"""Tokens of a formula to its rows.

A row ends at a line break outside of brackets; a row that ends or begins with an operator belongs to its
neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.read.formula_pairs import partners
from derive.read.formula_scan import Token

_NESTING = {"lbrace": "rbrace", "begin": "end"}
UNFINISHED = frozenset({"add", "mul", "div", "rel", "pow", "big"})
"""Kinds of tokens behind which something must follow."""
CONTINUING = frozenset({"mul", "div", "close", "closebar", "sub", "sup"})
"""Kinds of tokens before which something must stand (besides relations and signs)."""


def rows(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the rows of a formula, those joined that are one expression broken over several lines."""
    yield from _join(_rows(tokens))


def _rows(tokens: list[Token]) -> Iterator[list[Token]]:
    pairs = partners(tokens, _NESTING)
    row: list[Token] = []
    at = 0
    while at < len(tokens):
        closing = pairs.get(at, at)
        if tokens[at].kind == "row":
            yield row
            row = []
        else:
            closing = max(at, closing)
            row.extend(tokens[at : closing + 1])
            at = closing
        at += 1
    yield row


def _join(rows: Iterator[list[Token]]) -> Iterator[list[Token]]:
    """Join the rows that are one expression broken over several lines."""
    joined: list[Token] = []
    still_open = 0
    for row in rows:
        bare = [token for token in row if token.kind not in {"amp", "wide"}]
        if not bare:
            continue
        opened = sum((t.kind == "open") - (t.kind == "close") for t in bare)
        last = _significant(joined)
        if last is not None and _belongs(last, still_open, row, bare, opened):
            repeated = last.kind == bare[0].kind == "rel" and last.text == bare[0].text
            # What sets a row apart from its left side separates nothing inside of a bracket.
            start = row.index(bare[0]) + repeated if repeated or still_open > 0 else 0
            joined.extend(row[start:])
            still_open += opened
            continue
        if joined:
            yield joined
        joined, still_open = list(row), opened
    if joined:
        yield joined


def _significant(tokens: list[Token]) -> Token | None:
    return next((t for t in reversed(tokens) if t.kind not in {"amp", "wide"}), None)


def _belongs(last: Token, still_open: int, row: list[Token], bare: list[Token], opened: int) -> bool:
    head = bare[0]
    if last.kind in UNFINISHED or head.kind in CONTINUING:
        return True
    if still_open > 0:
        return opened < 0 or (head.kind == "add" and not any(t.kind == "rel" for t in bare))
    if head.kind != "add":
        return False
    # A leading minus may open a statement, but not behind an alignment mark, nor with no relation after it.
    return head.text == "+" or row[0].kind == "amp" or not any(t.kind == "rel" for t in bare)
