"""Tokens to plain tokens: look through what does not change the mathematics.

Spacing, colours, fonts, labels and boxes vanish, and the environments of several rows become line breaks. The
places of the tokens stay those of the original text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.read.document_types import Macro
from derive.read.formula_braces import resolve_environments, take_off_braces
from derive.read.formula_commas import decimal_commas
from derive.read.formula_pairs import argument, partners
from derive.read.formula_scan import Dialect, Token, scan
from derive.read.macros import expanded
from derive.read.tree import Span

_DELIMITED = re.compile(r"\s*(?:(\$\$?)(?P<a>.*?)\1|\\\[(?P<b>.*)\\\]|\\\((?P<c>.*)\\\))\s*", re.DOTALL)


def normalise(text: str, dialect: Dialect, macros: Sequence[Macro] = ()) -> list[Token]:
    r"""Return the tokens of one formula, with everything looked through that only concerns its looks.

    Surrounding ``$``, ``$$``, ``\(``, ``\[`` are taken off; the document's own `macros` are put in.
    """
    tokens = expanded(list(scan(text, dialect, _content(text))), text, macros, dialect)
    return take_off_braces(resolve_environments(_look_through(_fences(decimal_commas(tokens)))))


def _content(text: str) -> Span:
    match = _DELIMITED.fullmatch(text)
    if match is None:
        return Span(0, len(text))
    return Span(*next(match.span(group) for group in "abc" if match[group] is not None))


def _fences(tokens: list[Token]) -> list[Token]:
    r"""Resolve ``\left`` and ``\right``: mark bars as opening or closing, take off the invisible ones."""
    result = list(tokens)
    dropped: set[int] = set()
    stack: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind not in {"left", "right"}:
            continue
        dropped.add(at)
        if at + 1 >= len(tokens):
            continue
        fence = tokens[at + 1]
        if fence.kind == "bar":
            result[at + 1] = fence._replace(kind="openbar" if token.kind == "left" else "closebar")
        if token.kind == "left":
            stack.append(at + 1)
        elif stack:
            opening = stack.pop()
            if "stop" in {fence.kind, tokens[opening].kind}:
                _one_sided(result, opening, at + 1, dropped)
    return [token for at, token in enumerate(result) if at not in dropped]


def _one_sided(tokens: list[Token], opening: int, closing: int, dropped: set[int]) -> None:
    r"""Handle ``\left\{ ... \right.``: a definition by cases after a relation, several rows otherwise."""
    visible, invisible = tokens[opening], tokens[closing]
    if invisible.kind == "stop" and visible.text == "{" and tokens[opening + 1].kind == "begin":
        dropped |= {opening, closing}
        before = tokens[opening - 2].kind if opening >= 2 else ""
        if before in {"rel", "amp"} and tokens[closing - 2].kind == "end":
            for at in (opening + 1, closing - 2):
                tokens[at] = tokens[at]._replace(text=f"cases:{tokens[at].text}")
    elif visible.kind == invisible.kind == "stop":
        dropped |= {opening, closing}
    elif visible.kind == "stop" and invisible.kind in {"bar", "closebar"}:
        dropped.add(opening)
        tokens[closing] = invisible._replace(
            kind="bad", text="a value at a point (bar with limits) is not read"
        )
    else:
        at = opening if visible.kind == "stop" else closing
        tokens[at] = tokens[at]._replace(kind="bad", text="a delimiter without its partner")


def _look_through(tokens: list[Token]) -> list[Token]:
    pairs = partners(tokens, {"lbrace": "rbrace"})
    result: list[Token | None] = list(tokens)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "drop":
            result[at] = None
        elif token.kind in {"drop1", "hspace"}:
            last = argument(tokens, at + 1, pairs)[1]
            result[at:last] = [None] * (last - at)
            if token.kind == "hspace":
                result[at] = token._replace(kind="wide")
            at = last - 1
        elif token.kind in _WRAPPERS:
            at = _unwrap(tokens, result, at, pairs)
        at += 1
    return [token for token in result if token is not None]


_SHORT = 40  # tokens; longer arguments are never looked at as a whole, so that nesting stays linear
_WRAPPERS = frozenset({"wrap", "labelled", "blank", "bold", "font", "roman"})


def _unwrap(tokens: list[Token], result: list[Token | None], at: int, pairs: dict[int, int]) -> int:
    """Take the command at `at` off its argument; return the last place that is dealt with."""
    token = tokens[at]
    if token.kind == "roman" and not token.text.isdigit():
        return at  # a word already: \mathrm{net}
    result[at] = None
    first, last = argument(tokens, at + 1, pairs)
    dealt = at
    if token.kind == "wrap" and token.text == "2":
        result[first:last] = [None] * (last - first)
        dealt = last - 1
        first, last = argument(tokens, last, pairs)
    braced = last - first > 1
    start, stop = (first + 1, last - 1) if braced else (first, last)
    inner = tokens[start : min(stop, start + _SHORT + 1)]
    whole = _whole(token, inner, tokens[last - 1] if braced else None)
    if whole is not None:
        result[first:last] = [None] * (last - first)
        result[at] = whole
        return last - 1
    if braced:
        result[first] = result[last - 1] = None
    if token.kind == "labelled" and last < len(tokens) and tokens[last].kind in {"sub", "sup"}:
        after = argument(tokens, last + 1, pairs)[1]
        result[last:after] = [None] * (after - last)
    if len(inner) == 1 and inner[0].kind in {"word", "name", "number"} and braced:
        place = first + 1
        result[place] = inner[0]._replace(start=token.start, end=tokens[last - 1].end)
    return dealt


def _whole(token: Token, inner: list[Token], close: Token | None) -> Token | None:
    """Return the single token that the command and its argument are together, if they are one."""
    end = close.end if close else inner[-1].end if inner else token.end
    if token.kind == "blank" and len(inner) <= _SHORT and _is_blank(inner):
        return token._replace(kind="placeholder", text="___", end=end)
    if len(inner) != 1:
        return None
    content = inner[0].text
    if token.kind in {"bold", "font"} and content == "1" and token.text != "cal":
        return token._replace(kind="indicator", text="1", end=end)
    if token.kind == "font" and content == "I" and token.text == "bb":
        return token._replace(kind="indicator", text="bbI", end=end)
    if token.kind == "font" and inner[0].kind == "word" and len(content) == 1:
        return token._replace(kind="name", text=token.text + content, end=end)
    if token.kind == "font":
        return token._replace(kind="bad", text="a calligraphic or blackboard word is not read", end=end)
    return None


def _is_blank(tokens: list[Token]) -> bool:
    """Tell whether nothing but space is to be seen."""
    pairs = partners(tokens, {"lbrace": "rbrace"})
    at = 0
    while at < len(tokens):
        if tokens[at].kind in {"drop1", "hspace"}:
            at = argument(tokens, at + 1, pairs)[1]
        elif tokens[at].kind in {"wide", "drop", "placeholder"}:
            at += 1
        else:
            return False
    return True
