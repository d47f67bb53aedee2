"""What sentences of code and comments put into a row: ``a if c else b``, and words behind a comma."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from derive.read.formula_pairs import partners
from derive.read.formula_scan import Token
from derive.read.lexicon import Lexicon

_BRACKETS = {"lbrace": "rbrace", "begin": "end", "open": "close", "openbar": "closebar"}
_ENDS = frozenset({"comma", "semi", "stop"})
FEWEST_WORDS = 2
"""Unknown words in a row that are a remark and no product of names."""


_ARTICLES = frozenset({"the", "an", "this", "its", "whose"})
"""Words that no formula begins with; behind a comma they open a remark: ``s = e / q, the sigmoid of z``."""


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
    if len(tokens) > 1 and tokens[0].text in _ARTICLES and tokens[1].kind == "word":
        return 0 if any(token.kind == "rel" for token in tokens) else FEWEST_WORDS
    count = 0
    for token in tokens:
        unknown = token.kind == "word" and len(token.text) > 1 and not lexicon.knows(token.text)
        if not unknown or (count == 0 and token.text.lower() in lexicon.words):
            break
        count += 1
    return count


def _with_cases(row: list[Token]) -> list[Token]:
    """Write ``a if c else b`` as a definition by cases, in the row and in any brackets of it."""
    if not any(_says(token, "else") for token in row):
        return row
    pairs = partners(row, _BRACKETS)
    before: dict[int, list[Token]] = {}
    instead: dict[int, Token] = {}
    inner = [(at + 1, pairs[at]) for at, token in enumerate(row) if token.kind == "open" and at in pairs]
    for start, stop in [(0, len(row)), *inner]:
        for choice in _choices(row, start, stop, pairs):
            _rewrite(row, choice, before, instead)
    result: list[Token] = []
    for at in range(len(row) + 1):
        result += before.get(at, [])
        if at < len(row):
            result.append(instead.get(at, row[at]))
    return result


def _says(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text == word


def _choices(row: list[Token], start: int, stop: int, pairs: dict[int, int]) -> Iterator[list[int]]:
    """Yield, for each conditional between two places, where it begins, its words stand, and it ends."""
    first, at = start, start
    words: list[int] = []
    while at <= stop:
        token = row[at] if at < stop else None
        if token is None or token.kind in _ENDS:
            choice = [first, *words, at]
            if words and len(words) % 2 == 0 and all(b - a > 1 for a, b in pairwise([first - 1, *words, at])):
                yield choice
            first, words = at + 1, []
        elif token.kind == "rel" and not words:
            first = at + 1
        elif _says(token, ("if", "else")[len(words) % 2]):
            words.append(at)
        elif _says(token, "if") or _says(token, "else"):
            first, words = stop + 1, [stop]  # words out of turn: nothing here is a conditional
        at = max(pairs.get(at, at), at) + 1


def _rewrite(
    row: list[Token], choice: list[int], before: dict[int, list[Token]], instead: dict[int, Token]
) -> None:
    first, *words, end = choice
    opening, closing = row[first].start, row[end - 1].end
    before[first] = [Token("begin", "cases", opening, opening), *before.get(first, [])]
    for at in words:
        kind = "amp" if row[at].text == "if" else "row"
        instead[at] = Token(kind, "", row[at].start, row[at].start)
    before[end] = [
        *before.get(end, []),
        Token("amp", "", closing, closing),
        Token("said", "otherwise", closing, closing),
        Token("end", "cases", closing, closing),
    ]
