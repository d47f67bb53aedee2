"""The parser of `formula.lark`, built once and only when it is needed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from derive.read.formula_differentials import read_partial, slashed
from derive.read.formula_error import FormulaError
from derive.read.formula_items import Chain, Item, plain
from derive.read.formula_matrix import read_environment
from derive.read.formula_names import read_accent, read_identifier, read_word
from derive.read.formula_pairs import partners
from derive.read.formula_scan import Token
from derive.read.formula_scripts import read_marks
from derive.read.formula_stream import Context, Stream
from derive.read.formula_structures import (
    read_bars,
    read_big,
    read_blank,
    read_braces,
    read_frac,
    read_indicator,
    read_nabla,
    read_number,
    read_root,
)
from derive.read.tree import Neg, Node, Span

_OPENING = {"(": "LPAR", "[": "LSQUARE", "{": "LCURLY"}
_CLOSING = {")": "RPAR", "]": "RSQUARE", "}": "RCURLY"}
_OPERATORS = {
    "add": "SIGN",
    "mul": "TIMES",
    "div": "TIMES",
    "pow": "POWER",
    "rel": "REL",
    "comma": "COMMA",
    "semi": "SEMI",
}
_READERS: dict[str, Callable[[Stream], None]] = {
    "number": read_number,
    "word": read_word,
    "name": read_word,
    "roman": read_word,
    "said": read_word,
    "identifier": read_identifier,
    "accent": read_accent,
    "frac": read_frac,
    "sqrt": read_root,
    "lbrace": read_braces,
    "openbar": read_bars,
    "begin": read_environment,
    "big": read_big,
    "nabla": read_nabla,
    "indicator": read_indicator,
    "partial": read_partial,
    "dots": read_blank,
    "placeholder": read_blank,
}
_SENTENCES = {
    "prose": "words inside a formula",
    "row": "a line break inside a formula",
    "amp": "an alignment mark inside a formula",
    "sub": "a subscript on nothing",
    "sup": "a superscript on nothing",
    "prime": "a prime on nothing",
    "top": "a transpose of nothing",
    "rbrace": "a brace that was not opened",
    "close": "a bracket that was not opened",
    "closebar": "a bar without its partner",
    "colon": "a colon inside a formula",
    "stop": "a dot inside a formula",
    "over": "\\over without braces around the fraction",
    "then": "a conclusion sign inside a formula",
    "end": "an environment that was not opened",
}


def read_chain(tokens: list[Token], context: Context) -> Chain:
    """Read tokens as sides joined by relations.

    Raises
    ------
    FormulaError
        If they are anything else.
    """
    items = _items(tokens, context)
    if not items:
        place = tokens[0].span.to(tokens[-1].span) if tokens else Span(0, 0)
        raise FormulaError("nothing where an expression is expected", place)
    simple = _simple(items)
    return Chain((simple,), ()) if simple is not None else parse(items)


def _simple(items: list[Item]) -> Node | None:
    """Return what a lone number or name is; most entries of matrices are no more than that."""
    last = items[-1]
    if last.type not in {"NUMBER", "ATOM"} or len(items) > 2:
        return None
    if len(items) == 1:
        return plain(last.value)
    sign = items[0]
    if sign.type == "SIGN" and sign.value == "-" and last.type == "NUMBER":
        return Neg(last.value, span=sign.span.to(last.span))
    return None


def _items(tokens: list[Token], context: Context) -> list[Item]:
    stream = Stream(_with_commas(tokens), context)
    while stream.at < len(stream.tokens):
        token = stream.here
        if token.kind == "bad":
            raise FormulaError(token.text, token.span)
        if token.kind in {"word", "name", "identifier", "roman"} and slashed(stream):
            continue
        if reader := _READERS.get(token.kind):
            reader(stream)
        elif token.kind in _OPERATORS:
            stream.at += 1
            stream.put(_OPERATORS[token.kind], token.text, token.span)
        elif token.kind == "open":
            stream.at += 1
            stream.put(_OPENING[token.text], token.text, token.span)
        elif token.kind == "close" and stream.at in stream.pairs:
            stream.at += 1
            stream.put(_CLOSING[token.text], token.text, token.span)
            marks = read_marks(stream, None)
            if marks is not None:
                stream.put("MARKS", marks, marks.marks[0].span.to(marks.marks[-1].span))
        else:
            raise FormulaError(_SENTENCES.get(token.kind, f"unexpected {token.kind}"), token.span)
    return stream.items


def _with_commas(tokens: list[Token]) -> list[Token]:
    """Write the commas into lists of numbers that NumPy printed with blanks: ``[1 -4 5]``."""
    if not any(token.kind == "open" and token.text == "[" for token in tokens):
        return tokens
    printed = _printed(tokens)
    result: list[Token] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else token
        starts = token.kind in {"number", "open"}
        if token.kind == "add" and token.spaced and at + 1 < len(tokens):
            starts = tokens[at + 1].kind == "number" and not tokens[at + 1].spaced
        if at in printed and starts and before.kind in {"number", "close"}:
            result.append(Token("comma", "", token.start, token.start))
        result.append(token)
    return result


def _printed(tokens: list[Token]) -> set[int]:
    """Return the places inside of square brackets that hold nothing but numbers."""
    pairs = partners(tokens, {"open": "close"})
    found: set[int] = set()
    at = 0
    while at < len(tokens):
        inside = range(at + 1, pairs.get(at, at))
        if tokens[at].text == "[" and all(
            tokens[k].kind in {"number", "add", "comma", "dots"} or tokens[k].text in {"[", "]"}
            for k in inside
        ):
            found.update(inside)
            at = max(at, pairs.get(at, at))
        at += 1
    return found


def parse(items: list[Item]) -> Chain:
    """Return the chain that the grammar finds in `items`; raise `FormulaError` where it finds none."""
    from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

    try:
        return _parser()(items)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedToken as error:
        item = error.token.value
        if not isinstance(item, Item):
            end = items[-1].span.end
            raise FormulaError("the formula ends where an operand is expected", Span(end, end)) from None
        raise FormulaError(
            f"{_DESCRIBED.get(item.type, 'something')} is not expected here", item.span
        ) from None
    except UnexpectedInput as error:
        raise FormulaError(
            f"cannot be read: {type(error).__name__}", items[0].span.to(items[-1].span)
        ) from None


_DESCRIBED = {
    "SIGN": "a sign",
    "TIMES": "an operator",
    "POWER": "a power",
    "REL": "a relation",
    "COMMA": "a comma",
    "SEMI": "a semicolon",
    "RPAR": "a closing bracket",
    "RSQUARE": "a closing bracket",
    "RCURLY": "a closing bracket",
    "NUMBER": "a number",
    "MARKS": "a mark",
}


@functools.cache
def _parser(*, debug: bool = False) -> Callable[[list[Item]], Chain]:
    from importlib import resources

    import lark
    from lark.lexer import Lexer

    from derive.read.formula_build import Build

    class Items(Lexer):
        """Hands the items to the parser as they are."""

        def __init__(self, conf: Any) -> None:
            del conf

        def lex(self, data: Any) -> Iterator[lark.Token]:  # type: ignore[override]  # lark's older interface
            for item in data:
                token = lark.Token(item.type, "")
                token.value = item
                yield token

    grammar = resources.files("derive.read").joinpath("formula.lark").read_text(encoding="utf-8")
    parser = lark.Lark(
        grammar,
        parser="lalr",
        lexer=Items,
        start="chain",
        debug=debug,
        transformer=Build(),
        maybe_placeholders=True,
    )
    return lambda items: parser.parse(items)  # type: ignore[return-value]  # the transformer returns a chain
