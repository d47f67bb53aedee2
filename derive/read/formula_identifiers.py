"""Names of code: ``W1_new``, ``y_hat``, ``dL_dW2``, as a whole or by their parts."""

from __future__ import annotations

import re
from dataclasses import replace

from derive.read.formula_marks import subscript_roles
from derive.read.formula_scan import Token
from derive.read.formula_stream import Stream
from derive.read.lexicon import Entry, Lexicon, stem_of
from derive.read.tree import Derivative, Name, Node, Script, Span

LONGEST_NAME = 40  # letters
_ACCENT_WORDS = {"hat": "hat", "bar": "bar", "tilde": "tilde"}


def identifier(token: Token, lexicon: Lexicon, *, label: bool) -> Name | None:
    """Return the name that a word with underscores is: whole if it is known, by its parts otherwise.

    Parameters
    ----------
    token
        The word.
    lexicon
        The known names.
    label
        Whether an unknown head will do, because the word is a label.
    """
    if lexicon.knows(token.text):
        return Name(token.text, span=token.span)
    stem = stem_of(token.text)
    digits = token.text[len(stem) :]
    if digits and lexicon.knows(stem):
        return attach(Name(stem, span=token.span), digits, token.end, lexicon.entry(stem))
    head, *tails = token.text.split("_")
    base = stem_of(head)
    if not (lexicon.knows(base) or label):
        return None
    entry = lexicon.entry(base)
    name = Name(base, span=Span(token.start, token.start + len(base)))
    at = token.start + len(head)
    if head != base:
        name = attach(name, head[len(base) :], at, entry)
    for tail in tails:
        start, at = at + 1, at + 1 + len(tail)
        name = _with_tail(name, tail, Span(start, at), entry)
    return replace(name, span=token.span)


def _with_tail(name: Name, tail: str, span: Span, entry: Entry) -> Name:
    if tail in _ACCENT_WORDS:
        return replace(name, accents=(_ACCENT_WORDS[tail], *name.accents))
    if tail == "prime":
        return replace(name, primes=name.primes + 1)
    tokens = tuple(re.findall(r"[0-9]+|[^0-9]+", tail))
    roles = subscript_roles("attached", tokens, entry)
    items = (Name(tail, span=span),)
    return replace(name, subscripts=(*name.subscripts, Script("attached", tokens, items, roles, span=span)))


def attach(name: Name, digits: str, end: int, entry: Entry) -> Name:
    """Return ``W1`` as ``W`` with the index 1."""
    span = Span(end - len(digits), end)
    roles = subscript_roles("attached", (digits,), entry)
    script = Script("attached", (digits,), (), roles, span=span)
    return replace(name, subscripts=(*name.subscripts, script), span=name.span.to(span))


def named_derivative(stream: Stream, token: Token) -> Node | None:
    """Read ``dLdW2``, ``dL_dW2`` (a name of code) as the derivative that it names."""
    text = token.text
    if (
        token.kind == "word"
        and stream.peek() == "number"
        and not stream.here.spaced
        and stream.here.text.isdigit()
    ):
        text += stream.here.text
    if len(text) > LONGEST_NAME:
        return None
    found: list[Derivative] = []
    for cut in range(2, len(text)):
        if text[cut] != "d" or not text.startswith("d"):
            continue
        first = _code_name(stream, text[1:cut].removesuffix("_"), token.start + 1)
        second = _code_name(stream, text[cut + 1 :], token.start + cut + 1)
        if first is not None and second is not None:
            span = Span(token.start, token.start + len(text))
            found.append(Derivative(first, (second,), 1, "d", span=span))
    if len(found) != 1:
        return None
    if text != token.text:
        stream.at += 1
    return found[0]


def _code_name(stream: Stream, text: str, start: int) -> Name | None:
    lexicon = stream.context.lexicon
    stem = stem_of(text)
    if not stem or not lexicon.knows(stem):
        return None
    name = Name(stem, span=Span(start, start + len(stem)))
    return attach(name, text[len(stem) :], start + len(text), lexicon.entry(stem)) if stem != text else name
