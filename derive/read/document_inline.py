"""Formulas in plain characters inside sentences: ``hence δ² = (a² − y) ⊙ σ′(z²) holds``.

A formula is a run of numbers, names, operators and brackets with a relation sign in it. So that words are not
taken for names it must show a sign that prose has not: a Greek letter, a raised or lowered digit, an operator
such as ⊙, or a calculation with decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

_Kind: TypeAlias = Literal[
    "number", "name", "word", "relation", "operator", "open", "close", "comma", "other"
]

_MARKS = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺⁻ᵀ′″'"
_TOKEN = re.compile(
    rf"(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[½¼])"
    rf"|(?P<name>[∂∇]\s?\w[\w{_MARKS}]*|[^\W\d_][\w{_MARKS}]*|[∑∏√Σ])"
    r"|(?P<relation>:=|<-|[=≈≃≡←])"
    r"|(?P<operator>\*\*|[-+−*/·⋅×÷⊙∘^])"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<other>\S)"
)
_STRONG = re.compile(rf"[∂∇∑∏√⊙∘·⋅×½δσηθφΔΣ{_MARKS[:-1]}]")
_CALCULATION = re.compile(
    r"\d\.\d+\s*(?:[-+−*/]|\*\*)\s*\(?\s*[-−]?\d+\.\d|[\[(]\s*[-−]?\d+\.\d+\s*,\s*[-−]?\d+\.\d"
)
_CODE = re.compile(r"==|\bnp\.|\bprint\(|https?:|[<>]{2}")
_GRAMMAR = frozenset({"where", "for", "in", "if", "else", "new", "old"})
_ARTICLES = frozenset({"a", "A", "I"})
_LONGEST = 2000
_PAIRS = {")": "(", "]": "[", "}": "{"}


class _Token(NamedTuple):
    kind: _Kind
    start: int
    end: int
    text: str


def inline_formulas(line: str, known: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """Return where formulas stand in a line of prose.

    Parameters
    ----------
    line : str
    known : frozenset of str
        Words that are names or functions in formulas of this field.
    """
    if len(line) > _LONGEST or not any(sign in line for sign in "=≈≃≡←") or _CODE.search(line):
        return ()
    found = []
    for run in _runs(_tokens(line, known)):
        trimmed = _trimmed(run, line)
        if trimmed and _is_formula(trimmed):
            start, end = trimmed[0].start, trimmed[-1].end
            if _STRONG.search(line, start, end) or _CALCULATION.search(line, start, end):
                found.append((start, end))
    return tuple(found)


def _tokens(line: str, known: frozenset[str]) -> Iterator[_Token]:
    for match in _TOKEN.finditer(line):
        kind: _Kind = match.lastgroup  # type: ignore[assignment]  # the groups are the kinds
        text = match.group()
        if kind == "name" and _is_word(text, known):
            kind = "word"
        yield _Token(kind, match.start(), match.end(), text)


def _is_word(text: str, known: frozenset[str]) -> bool:
    """Tell whether letters are a word of the language: not one letter, no two Greek ones, no known name."""
    if len(text) < 2 or not text.isalpha() or (len(text) == 2 and not text.isascii()):
        return False
    return text.lower() in _GRAMMAR or text.lower() not in known


def _runs(tokens: Iterator[_Token]) -> Iterator[list[_Token]]:
    """Yield stretches without words; a comma outside brackets ends one, and so does a bracket too many."""
    run: list[_Token] = []
    opened: list[str] = []
    for token in tokens:
        ends = token.kind in ("word", "other") or (token.kind == "comma" and not opened)
        if token.kind == "open":
            opened.append(token.text)
        elif token.kind == "close":
            ends = not opened or opened.pop() != _PAIRS[token.text]
        if not ends:
            run.append(token)
            continue
        if token.kind == "word" and len(run) > 1 and run[-1].text in _ARTICLES:
            run.pop()  # the article of the word
        yield _balanced(run)
        run, opened = [], []
    yield _balanced(run)


def _balanced(run: list[_Token]) -> list[_Token]:
    """Return a run without the brackets that it leaves open; nothing where one holds a part of the formula.

    ``(so δ = 3·x`` begins a remark, and so does the bracket of ``δ = 3·x (see below)``, but not that of
    ``δ = σ(the sum)``.
    """
    opened: list[int] = []
    for k, token in enumerate(run):
        if token.kind == "open":
            opened.append(k)
        elif token.kind == "close":
            opened.pop()
    if not opened:
        return run
    relation = next((k for k, token in enumerate(run) if token.kind == "relation"), len(run))
    before = [k for k in opened if k < relation]
    after = [k for k in opened if k > relation]
    if after and (after[0] < len(run) - 1 or run[after[0] - 1].end == run[after[0]].start):
        return []
    return run[(before[-1] + 1 if before else 0) : (after[0] if after else len(run))]


def _trimmed(run: Sequence[_Token], line: str) -> list[_Token]:
    """Return a run without what belongs to the sentence; nothing where it is but half a formula.

    Dashes, marks of Markdown, a relation with words on its other side and loose words are dropped; before and
    behind any other operator something is missing.
    """
    tokens = list(run)
    while tokens and _is_of_sentence(tokens[0], tokens[0].end, line):
        tokens.pop(0)
    while tokens and _is_of_sentence(tokens[-1], tokens[-1].start - 1, line):
        tokens.pop()
    if (
        not tokens
        or tokens[-1].kind == "operator"
        or (tokens[0].kind == "operator" and tokens[0].text not in "-−")
    ):
        return []
    while len(tokens) > 1 and _is_loose(tokens[0]) and tokens[1].kind in ("name", "number"):
        tokens.pop(0)
    while len(tokens) > 1 and _is_loose(tokens[-1], 2) and tokens[-2].kind not in ("operator", "relation"):
        tokens.pop()
    return tokens


def _is_of_sentence(token: _Token, beside: int, line: str) -> bool:
    """Tell whether a sign at the end of a run is none of the formula; `beside` is the place inside of it."""
    if token.kind == "operator":
        apart = 0 <= beside < len(line) and line[beside].isspace()
        return token.text in ("*", "**") or (token.text in "-−" and apart and bool(line[beside:].strip()))
    return token.kind in ("relation", "comma")


def _is_loose(token: _Token, least: int = 1) -> bool:
    """Tell a word that happens to be a name too, as in ``the error E = ...``."""
    return token.kind == "name" and len(token.text) >= least and token.text.isascii() and token.text.isalpha()


def _is_formula(tokens: Sequence[_Token]) -> bool:
    """Tell whether there is something on both sides of a relation sign."""
    places = [k for k, token in enumerate(tokens) if token.kind == "relation"]
    return bool(places) and places[0] > 0 and places[-1] < len(tokens) - 1
