"""Plain tokens to the items of the grammar: one loop, and a table that says who reads which kind of token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from derive.read.formula_error import FormulaError
from derive.read.formula_items import Chain, Item
from derive.read.formula_pairs import argument, partners
from derive.read.formula_scan import Dialect, Token
from derive.read.lexicon import Lexicon
from derive.read.tree import Comparison, Node, Span

_NESTING = {"lbrace": "rbrace", "begin": "end", "open": "close", "openbar": "closebar"}


@dataclass(frozen=True)
class Context:
    """What reading depends on besides the tokens.

    `chain` reads tokens as sides joined by relations; `label` tells that the tokens stand in a script, where
    an unknown run of letters is a label and no mistake.
    """

    lexicon: Lexicon
    dialect: Dialect
    chain: Callable[[list[Token], Context], Chain]
    label: bool = False

    def expression(self, tokens: list[Token], around: Span) -> Node:
        """Read `tokens` as one expression; `around` is the place to blame where there is none."""
        if not tokens:
            raise FormulaError("nothing where an expression is expected", around)
        chain = self.chain(tokens, self)
        if len(chain.terms) > 1:
            raise FormulaError("a relation where an expression is expected", around)
        return chain.terms[0]

    def condition(self, tokens: list[Token]) -> Node:
        """Read `tokens` as a comparison, or as one expression."""
        chain = self.chain(tokens, self)
        if not chain.relations:
            return chain.terms[0]
        return Comparison(chain.terms, chain.relations, span=tokens[0].span.to(tokens[-1].span))


@dataclass
class Stream:
    """The tokens of one piece while they are read: `at` is the next, `items` what came of the others."""

    tokens: list[Token]
    context: Context
    pairs: dict[int, int] = field(init=False)
    at: int = 0
    items: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = _pair_bars([token for token in self.tokens if token.kind != "wide"])
        self.pairs = partners(self.tokens, _NESTING)

    @property
    def here(self) -> Token:
        """The token to be read."""
        return self.tokens[self.at]

    def peek(self, ahead: int = 0) -> str:
        """Return the kind of the token `ahead` places on, "" behind the end."""
        place = self.at + ahead
        return self.tokens[place].kind if place < len(self.tokens) else ""

    def argument(self) -> tuple[list[Token], Span]:
        """Take a group in braces or a single token, and return what is inside and its place."""
        if self.at >= len(self.tokens):
            end = self.tokens[-1].end
            raise FormulaError("the formula ends where an argument is expected", Span(end, end))
        first, last = argument(self.tokens, self.at, self.pairs)
        inside = self.tokens[first:last]
        self.at = last
        span = inside[0].span.to(inside[-1].span)
        if inside[0].kind in {"lbrace", "rbrace"} and len(inside) == 1:
            raise FormulaError("a brace is not closed", span)
        return (inside[1:-1] if len(inside) > 1 else inside), span

    def digit(self) -> tuple[list[Token], Span]:
        r"""Take an argument as TeX does: of a number without braces only the first digit (``\frac12``)."""
        token = self.here if self.at < len(self.tokens) else None
        if token is None or token.kind not in {"number", "word"} or len(token.text) == 1:
            return self.argument()
        first = token._replace(text=token.text[0], end=token.start + 1)
        self.tokens[self.at] = token._replace(text=token.text[1:], start=token.start + 1, spaced=False)
        return [first], first.span

    def group(self) -> tuple[list[Token], Span]:
        """Take the bracketed group, environment or pair of bars that opens here; return what is inside."""
        close = self.pairs.get(self.at)
        if close is None:
            raise FormulaError("a bracket is not closed", self.here.span)
        span = self.here.span.to(self.tokens[close].span)
        inside = self.tokens[self.at + 1 : close]
        self.at = close + 1
        return inside, span

    def put(self, kind: str, value: Any, span: Span) -> None:
        """Add an item."""
        self.items.append(Item(kind, value, span))


def _pair_bars(tokens: list[Token]) -> list[Token]:
    """Tell opening bars from closing ones: a bar closes the one opened last inside the same brackets."""
    if not any(token.kind == "bar" for token in tokens):
        return tokens
    result: list[Token] = []
    opened: list[str] = []
    for token in _single_bars(tokens):
        if token.kind in {"open", "lbrace", "begin"}:
            opened.append(token.kind)
        elif token.kind in {"close", "rbrace", "end"}:
            while opened and opened[-1] in {"|", "||"}:
                opened.pop()
            if opened:
                opened.pop()
        elif token.kind == "bar":
            closing = bool(opened) and opened[-1] == token.text
            token = token._replace(kind="closebar" if closing else "openbar")
            if closing:
                opened.pop()
            else:
                opened.append(token.text)
        result.append(token)
    return result


def _single_bars(tokens: list[Token]) -> list[Token]:
    """Take the two bars in ``|a||b|`` apart: behind an odd number of single bars they are no norm."""
    result: list[Token] = []
    single = 0
    for token in tokens:
        single += token.kind == "bar" and token.text == "|"
        if token.kind == "bar" and token.text == "||" and single % 2 and token.end - token.start == 2:
            middle = token.start + 1
            result.append(token._replace(text="|", end=middle))
            result.append(token._replace(text="|", start=middle))
        else:
            result.append(token)
    return result
