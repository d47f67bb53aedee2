r"""A document's own commands in its formulas: ``\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}``.

The expansion works on tokens. What comes from the definition has the place of the command in the formula;
what comes from an argument keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from derive.read.document_types import Macro
from derive.read.formula_pairs import argument, partners
from derive.read.formula_scan import Dialect, Token, scan
from derive.read.tree import Span

MOST_ROUNDS = 8
"""Commands within commands."""

MOST_TOKENS = 20_000
_PARAMETER = re.compile(r"#([1-9])")


def expanded(tokens: list[Token], text: str, macros: Sequence[Macro], dialect: Dialect) -> list[Token]:
    """Return the tokens with the document's own commands replaced by what they are defined as.

    Where the expansion does not end, or grows too long, the commands that are left stay unknown.

    Parameters
    ----------
    tokens : list of Token
        As scanned from `text`.
    macros : sequence of Macro
        The last definition of a name counts.
    """
    if not macros or dialect != "tex":
        return tokens
    known = {macro.name: macro for macro in macros}
    names = {at: text[token.start : token.end] for at, token in enumerate(tokens)}
    own: list[tuple[Token, str]] = [(token, names[at]) for at, token in enumerate(tokens)]
    for _ in range(MOST_ROUNDS):
        if not any(name in known for _, name in own):
            break
        longer = list(_once(own, known, dialect))
        if len(longer) > MOST_TOKENS:
            break
        own = longer
    return [token for token, _ in own]


def _once(
    own: list[tuple[Token, str]], known: Mapping[str, Macro], dialect: Dialect
) -> Iterator[tuple[Token, str]]:
    """Expand every command once."""
    tokens = [token for token, _ in own]
    pairs = partners(tokens, {"lbrace": "rbrace"})
    at = 0
    while at < len(own):
        token, name = own[at]
        macro = known.get(name)
        at += 1
        if macro is None:
            yield token, name
            continue
        arguments: list[list[tuple[Token, str]]] = []
        for _ in range(macro.parameters):
            first, last = argument(tokens, at, pairs)
            inner = own[first + 1 : last - 1] if last - first > 1 else own[first:last]
            arguments.append(inner)
            at = last
        span = Span(token.start, tokens[at - 1].end)
        yield from _body(macro, arguments, span, dialect)


def _body(
    macro: Macro, arguments: list[list[tuple[Token, str]]], span: Span, dialect: Dialect
) -> Iterator[tuple[Token, str]]:
    body = macro.body
    at = 0
    for found in (*_PARAMETER.finditer(body), None):
        end = found.start() if found is not None else len(body)
        for token in scan(body, dialect, Span(at, end)):
            yield token._replace(start=span.start, end=span.end), body[token.start : token.end]
        if found is not None:
            number = int(found[1])
            yield from arguments[number - 1] if number <= len(arguments) else []
            at = found.end()
