"""A row to its pieces: one for each statement, split at commas, wide spaces and words such as "where"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from derive.read.formula_commas import DOUBTFUL
from derive.read.formula_pairs import partners
from derive.read.formula_rows import CONTINUING, UNFINISHED, rows
from derive.read.formula_scan import Token
from derive.read.formula_sentences import plain_row
from derive.read.lexicon import Lexicon
from derive.read.tree import Span

Joint = Literal["start", "comma", "soft", "hard"]
Role = Literal["main", "where"]
_BRACKETS = {"lbrace": "rbrace", "begin": "end", "open": "close", "openbar": "closebar"}
_LONGEST = 4000  # tokens of a row
_ONE_LINE_CASES = "a definition by cases in one line is not read"
_WORDY = frozenset({"word", "said", "roman", "prose"})


@dataclass(frozen=True)
class Piece:
    """The tokens of one statement.

    `continues` tells that it begins with a relation and belongs to the statement before it; `trouble` is the
    reason why it cannot be read, where that is known already.
    """

    tokens: tuple[Token, ...]
    role: Role = "main"
    continues: bool = False
    joint: Joint = "start"
    trouble: str = ""

    @property
    def span(self) -> Span:
        """The part of the text that the piece takes."""
        return self.tokens[0].span.to(self.tokens[-1].span)


def pieces(tokens: list[Token], lexicon: Lexicon) -> Iterator[Piece]:
    """Yield the pieces of a formula."""
    for row in rows(tokens):
        if len(row) > _LONGEST:
            yield Piece((row[0], row[-1]), trouble=f"more than {_LONGEST} symbols in one row")
        else:
            row = plain_row(row, lexicon)
            parts = list(_split(row, lexicon))
            if any(part.trouble == _ONE_LINE_CASES for part in parts):
                yield Piece(tuple(row), trouble=_ONE_LINE_CASES)
            else:
                yield from _settle(parts, lexicon)


def _split(row: list[Token], lexicon: Lexicon) -> Iterator[Piece]:
    pairs = partners(row, _BRACKETS)
    current: list[Token] = []
    role: Role = "main"
    joint: Joint = "start"
    trouble = ""
    at = 0
    while at < len(row):
        token = row[at]
        if pairs.get(at, -1) > at:
            current.extend(row[at : pairs[at] + 1])
            at = pairs[at] + 1
            continue
        ending, role_after, problem = _separation(row, at, current, lexicon, role)
        if ending is None:
            if token.kind not in {"amp", "wide"}:
                current.append(token)
        else:
            if current:
                yield Piece(tuple(current), role, joint=joint, trouble=trouble)
                current, joint, trouble = [], ending, ""
            elif joint != "start":
                joint = "hard"
            role = role_after
        trouble = trouble or problem
        at += 1
    if current:
        yield Piece(tuple(current), role, joint=joint, trouble=trouble)


def _separation(
    row: list[Token], at: int, current: list[Token], lexicon: Lexicon, role: Role
) -> tuple[Joint | None, Role, str]:
    """Return how the token at `at` ends the piece (None: not at all), the role after it, and any trouble."""
    token = row[at]
    before = current[-1] if current else None
    after = next((row[k] for k in range(at + 1, len(row)) if row[k].kind not in {"amp", "wide"}), None)
    if token.kind == "comma":
        if before is not None and after is not None and _inside_number(before, token, after):
            return None, role, DOUBTFUL
        return "comma", role, ""
    if token.kind in {"amp", "wide"} or token.text in {"quad", "qquad"}:
        loose = before is None or before.kind in UNFINISHED
        loose = loose or after is None or after.kind in {"rel", "add"} or after.kind in CONTINUING
        return (None if loose and token.kind in {"amp", "wide"} else "soft"), role, ""
    if token.kind == "rel" and token.text == "→" and _arrow_concludes(row, at, current):
        return "hard", role, ""
    if token.kind in {"semi", "colon", "then"}:
        return "hard", "main" if token.kind == "then" else role, ""
    if token.kind == "stop":
        if before is not None and after is not None and before.kind == after.kind == "number":
            return None, role, "a dot between two numbers"
        if after is not None and not after.spaced and token.end == after.start and after.kind != "dots":
            return None, role, "a dot between two names"
        return "hard", role, ""
    if token.kind in _WORDY and (before is None or before.kind not in {"sub", "sup", "accent"}):
        return _word(token, before, after, lexicon, role)
    return None, role, ""


def _inside_number(before: Token, comma: Token, after: Token) -> bool:
    """Tell whether a comma stands between two digits without a blank: ``1,000``, ``0,5``."""
    numbers = before.kind == after.kind == "number"
    return numbers and before.end == comma.start and comma.end == after.start


def _word(
    token: Token, before: Token | None, after: Token | None, lexicon: Lexicon, role: Role
) -> tuple[Joint | None, Role, str]:
    meaning = lexicon.words.get(re.split(r"[\s,:.]", token.text.lstrip("("), maxsplit=1)[0].lower(), "")
    if token.kind != "prose" and (not meaning or lexicon.knows(token.text)):
        return None, role, ""
    if meaning == "where":
        role = "where"
    elif meaning == "thus":
        role = "main"
    elif meaning == "otherwise":
        return "hard", role, _ONE_LINE_CASES
    elif token.kind == "prose":
        # Words in the place of a quantity are no comment: a statement without them would be another one.
        unfinished = before is not None and before.kind in UNFINISHED
        headless = after is not None and (after.kind == "rel" or after.kind in CONTINUING)
        if unfinished or headless:
            return None, role, f"the words {token.text!r} stand for a quantity"
    return "hard", role, ""


def _arrow_concludes(row: list[Token], at: int, current: list[Token]) -> bool:
    """Tell whether an arrow stands between two statements: ``z = 1.3 → h = 0.79``."""
    before = any(token.kind == "rel" and token.text != "→" for token in current)
    for token in row[at + 1 :]:
        if token.kind in {"comma", "semi", "then", "wide"} or token.text == "→":
            return False
        if before and token.kind == "rel":
            return True
    return False


def _settle(parts: list[Piece], lexicon: Lexicon) -> Iterator[Piece]:
    """Give the pieces without a relation to the neighbours that they belong to."""
    group: list[Piece] = []
    for part in _without_tags(parts):
        if part.joint == "soft" and _is_comment(part, lexicon):
            continue
        if part.joint == "soft" and group and not (_related(part) and any(map(_related, group))):
            yield from _refuse_pair(group, part)
            group = []
            continue
        if part.joint not in {"comma"} and group:
            yield from _commas(group)
            group = []
        group.append(part)
    if group:
        yield from _commas(group)


def _refuse_pair(group: list[Piece], part: Piece) -> Iterator[Piece]:
    if not any(map(_related, [*group, part])):
        yield from _commas(group)
        yield part
        return
    tokens = tuple(token for piece in [*group, part] for token in piece.tokens)
    reason = "a wide space between two expressions: write an operator or a comma"
    yield Piece(tokens, group[0].role, group[0].continues, group[0].joint, reason)


def _commas(group: list[Piece]) -> Iterator[Piece]:
    """Join comma-separated pieces without a relation to the statement they are a list in."""
    pending: Piece | None = None
    for part in group:
        if pending is None:
            pending = part
        elif _related(pending) and _related(part) and part.tokens[0].kind != "rel":
            yield _finished(pending)
            pending = part
        else:
            comma = Token("comma", "", pending.span.end, pending.span.end)
            link = () if part.tokens[0].kind == "rel" else (comma,)
            pending = replace(
                pending,
                tokens=(*pending.tokens, *link, *part.tokens),
                trouble=pending.trouble or part.trouble,
            )
    if pending is not None:
        yield _finished(pending)


def _finished(piece: Piece) -> Piece:
    return replace(piece, continues=piece.tokens[0].kind == "rel")


def _related(piece: Piece) -> bool:
    pairs = partners(list(piece.tokens), _BRACKETS)
    at = 0
    while at < len(piece.tokens):
        if piece.tokens[at].kind == "rel":
            return True
        at = max(pairs.get(at, at), at) + 1
    return False


def _is_comment(piece: Piece, lexicon: Lexicon) -> bool:
    """Tell whether a piece behind a wide space is words in parentheses: ``(outer product)``."""
    tokens = piece.tokens
    pairs = partners(list(tokens), _BRACKETS)
    if tokens[0].kind != "open" or pairs.get(0) != len(tokens) - 1:
        return False
    words = [token.text for token in tokens if token.kind in {"word", "said", "identifier"}]
    return any(len(word) > 2 and not lexicon.knows(word) for word in words)


def _without_tags(parts: list[Piece]) -> list[Piece]:
    """Take off an equation number in parentheses at either end of a row."""

    def is_tag(piece: Piece) -> bool:
        kinds = [token.kind for token in piece.tokens]
        return kinds == ["open", "number", "close"] and piece.tokens[0].text == "("

    if len(parts) > 1 and is_tag(parts[-1]) and parts[-1].joint == "soft":
        parts = parts[:-1]
    if len(parts) > 1 and is_tag(parts[0]) and parts[1].joint == "soft":
        parts = [replace(parts[1], joint="start"), *parts[2:]]
    return parts
