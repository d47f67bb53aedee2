"""What sentences of code and comments put into a row: ``a if c else b``, and words behind a comma."""

from __future__ import annotations

from collections.abc import Sequence

from derive.read.formula_pairs import partners
from derive.read.formula_scan import Token
from derive.read.lexicon import Lexicon

_BRACKETS = {"lbrace": "rbrace", "begin": "end", "open": "close", "openbar": "closebar"}
_ENDS = frozenset({"comma", "semi", "stop"})
FEWEST_WORDS = 2
"""Unknown words in a row that are a remark and no product of names."""


def plain_row(row: list[Token], lexicon: Lexicon) -> list[Token]:
    """Return a row with remarks behind a comma left out, and with conditional expressions as cases."""
    return _with_cases(_without_remark(row, lexicon))


def _without_remark(row: list[Token], lexicon: Lexicon) -> list[Token]:
    """Cut a row at a comma that words follow: ``e = exp(z), held below overflow``."""
    pairs = partners(row, _BRACKETS)
    at = 0
    while at < len(row):
        if row[at].kind == "comma" and at and _words(row[at + 1 :], lexicon) >= FEWEST_WORDS:
            return row[:at]
        at = max(pairs.get(at, at), at) + 1
    return row


def _words(tokens: Sequence[Token], lexicon: Lexicon) -> int:
    """Count the words of some letters at the beginning that are neither names nor words of a formula."""
    count = 0
    for token in tokens:
        unknown = token.kind == "word" and len(token.text) > 1 and not lexicon.knows(token.text)
        if not unknown or (count == 0 and token.text.lower() in lexicon.words):
            break
        count += 1
    return count


def _with_cases(row: list[Token]) -> list[Token]:
    """Write ``a if c else b`` as a definition by cases."""
    pairs = partners(row, _BRACKETS)
    places: dict[str, int] = {}
    start, at = 0, 0
    while at < len(row):
        token = row[at]
        if token.kind in ("rel", "comma") and "if" not in places:
            start = at + 1
        elif token.kind == "word" and token.text == "if" and "if" not in places and at > start:
            places["if"] = at
        elif token.kind == "word" and token.text == "else" and "if" in places and "else" not in places:
            places["else"] = at
        elif token.kind in _ENDS and "else" in places:
            break
        at = max(pairs.get(at, at), at) + 1
    if len(places) < len(("if", "else")):
        return row
    condition, other = places["if"], places["else"]
    if any(token.text in ("if", "else") for token in row[other + 1 : at]) or other + 1 == at:
        return row
    first, last = row[start].start, row[at - 1].end
    return [
        *row[:start],
        Token("begin", "cases", first, first),
        *row[start:condition],
        Token("amp", "", row[condition].start, row[condition].start),
        *row[condition + 1 : other],
        Token("row", "", row[other].start, row[other].start),
        *row[other + 1 : at],
        Token("amp", "", last, last),
        Token("said", "otherwise", last, last),
        Token("end", "cases", last, last),
        *row[at:],
    ]
