"""Reading names: words of several letters, products of letters, accents, identifiers, calls."""

from __future__ import annotations

from dataclasses import replace

from derive.read.formula_error import FormulaError
from derive.read.formula_identifiers import LONGEST_NAME, attach, identifier, named_derivative
from derive.read.formula_items import BareFunction, Callee, Operator
from derive.read.formula_marks import apply_marks
from derive.read.formula_scan import Token
from derive.read.formula_scripts import read_marks
from derive.read.formula_stream import Stream
from derive.read.lexicon import Entry, Lexicon, stem_of
from derive.read.tree import Call, Differential, Name, Node, Span

_WORD_KINDS = frozenset({"word", "name", "said", "roman"})


def read_word(stream: Stream) -> None:
    """Read a run of letters, or a name that is certainly one."""
    token = stream.here
    lexicon = stream.context.lexicon
    stream.at += 1
    sure = token.kind in {"name", "roman"} or lexicon.knows(token.text) or len(token.text) == 1
    if token.text == "Delta" and _increment(stream, token):
        return
    if sure or (stream.context.label and not _differential_rest(stream, token)):
        put_name(stream, Name(token.text, span=token.span))
    elif derivative := named_derivative(stream, token):
        stream.put("ATOM", derivative, derivative.span)
    elif rest := _differential_rest(stream, token):
        operand = _name_with_marks(stream, Name(rest, span=Span(token.start + 1, token.end)))
        span = token.span.to(operand.span)
        stream.put("ATOM", Differential("d", operand, span=span), span)
    elif token.kind == "word" and lexicon.is_product(token.text):
        first = Name(token.text[0], span=Span(token.start, token.start + 1))
        stream.put("ATOM", first, first.span)
        put_name(stream, Name(token.text[1], span=Span(token.start + 1, token.end)))
    else:
        remedy = "name it in the network file, or write a product with an operator"
        raise FormulaError(f"unknown name {_short(token)!r}: {remedy}", token.span)


def read_accent(stream: Stream) -> None:
    r"""Read ``\hat{y}``."""
    token = stream.here
    stream.at += 1
    inside, span = stream.digit()
    if not inside:
        raise FormulaError("an accent over nothing", token.span)
    node = stream.context.expression(inside, span)
    if not isinstance(node, Name):
        raise FormulaError("an accent over something that is not one name", token.span.to(span))
    put_name(stream, replace(node, accents=(token.text, *node.accents), span=token.span.to(span)))


def read_identifier(stream: Stream) -> None:
    """Read a name of code, with underscores."""
    token = stream.here
    stream.at += 1
    lexicon = stream.context.lexicon
    known = lexicon.knows(token.text) or lexicon.knows(stem_of(token.text))
    if not known and (derivative := named_derivative(stream, token)):
        stream.put("ATOM", derivative, derivative.span)
        return
    name = identifier(token, lexicon, label=stream.context.label)
    if name is None and (operand := _differentiated(token, lexicon)) is not None:
        span = token.span
        stream.put("ATOM", Differential("d", operand, span=span), span)
        return
    if name is None:
        raise FormulaError(f"unknown name {_short(token)!r}: name it in the network file", token.span)
    put_name(stream, name)


def _differentiated(token: Token, lexicon: Lexicon) -> Name | None:
    """Return ``W_2`` of ``dW_2``, which is no name itself."""
    rest = token._replace(text=token.text[1:], start=token.start + 1)
    return identifier(rest, lexicon, label=False) if token.text.startswith("d") else None


def _short(token: Token) -> str:
    return token.text if len(token.text) <= LONGEST_NAME else f"{token.text[:LONGEST_NAME]}…"


def put_name(stream: Stream, name: Name) -> None:
    """Take the marks behind a name, decide whether it is called, and add the item."""
    entry = stream.context.lexicon.entry(name.base)
    name = _tight_number(stream, name, entry)
    marks = read_marks(stream, entry)
    span = name.span if marks is None else name.span.to(marks.marks[-1].span)
    certain = _calls(stream, entry)
    if certain is not None:
        head = name if marks is None else apply_marks(name, marks, span=name.span, called=True)
        if isinstance(head, Name):
            stream.put("CALLEE", Callee(head, certain), span)
            return
    called = entry.kind == "operator" and stream.peek() in _OPERAND
    node = name if marks is None else apply_marks(name, marks, span=name.span, called=called)
    if isinstance(node, Name) and entry.kind == "operator":
        stream.put("PREFIX", _operator(node), span)
    elif isinstance(node, Name) and entry.kind == "function":
        stream.put("ATOM", BareFunction(node, span=span), span)
    else:
        stream.put("ATOM", node, span)


_OPERAND = _WORD_KINDS | {
    "identifier",
    "accent",
    "number",
    "frac",
    "sqrt",
    "openbar",
    "begin",
    "big",
    "open",
    "lbrace",
}


_ACTIVATIONS = frozenset({"tanh", "arctan", "erf", "sin"})
"""Operators that may stand for themselves, as the activation of a layer."""


def _operator(name: Name) -> Operator:
    def apply(operand: Node, span: Span) -> Node:
        return Call(name, (operand,), span=span)

    bare = name if name.base in _ACTIVATIONS else None
    return Operator(apply, name.base, False, bare=bare, span=name.span)


def _tight_number(stream: Stream, name: Name, entry: Entry) -> Name:
    """Take the digits of ``net1``, ``a1`` or ``δ2``, which stand right behind the name."""
    if stream.peek() != "number" or stream.here.spaced or not stream.here.text.isdigit():
        return name
    token = stream.here
    stream.at += 1
    return attach(name, token.text, token.end, entry)


def _name_with_marks(stream: Stream, name: Name) -> Node:
    entry = stream.context.lexicon.entry(name.base)
    name = _tight_number(stream, name, entry)
    marks = read_marks(stream, entry)
    return name if marks is None else apply_marks(name, marks, span=name.span)


def _calls(stream: Stream, entry: Entry) -> bool | None:
    """Tell whether the group that follows holds arguments: certainly, perhaps (False), or not (None)."""
    if stream.peek() != "open" or stream.at not in stream.pairs:
        return None
    close = stream.pairs[stream.at]
    inside = stream.tokens[stream.at + 1 : close]
    round_one = stream.here.text == "("
    if entry.kind in {"function", "operator"}:
        return True
    if not round_one or not inside:
        return None
    listed = _has_comma(inside)
    names_only = all(token.kind in _NAME_TOKENS for token in inside) and inside[0].kind != "number"
    one_name = names_only and not listed and _one_name(stream, inside)
    if entry.kind == "loss":
        return listed or one_name
    if listed:
        return True
    return False if entry.kind == "either" or one_name else None


_NAME_TOKENS = frozenset(
    [
        "word",
        "name",
        "said",
        "roman",
        "identifier",
        "accent",
        "sub",
        "sup",
        "lbrace",
        "rbrace",
        "number",
        "open",
        "close",
        "prime",
        "comma",
    ]
)


def _has_comma(inside: list[Token]) -> bool:
    depth = 0
    for token in inside:
        depth += (token.kind in {"open", "lbrace", "begin"}) - (token.kind in {"close", "rbrace", "end"})
        if token.kind in {"comma", "semi"} and depth == 0:
            return True
    return False


def _one_name(stream: Stream, inside: list[Token]) -> bool:
    r"""Tell whether the tokens are a single name with its marks: ``x``, ``W^{(1)}``, ``\hat y``."""
    depth, names = 0, 0
    for at, token in enumerate(inside):
        before = inside[at - 1].kind if at else ""
        depth += token.kind in {"lbrace", "open"}
        if depth == 0 and before not in {"sub", "sup"}:
            if token.kind in _WORD_KINDS | {"identifier"}:
                names += 1 if len(token.text) == 1 or stream.context.lexicon.knows(token.text) else 2
            elif token.kind == "number" and token.spaced:
                names += 2
        depth -= token.kind in {"rbrace", "close"}
    return names == 1 or (names == 0 and inside[0].kind == "accent")


def _increment(stream: Stream, token: Token) -> bool:
    r"""Read ``\Delta w`` as an increment where a name follows."""
    if stream.peek() not in {"word", "name", "accent", "identifier"}:
        return False
    following = stream.here
    lexicon = stream.context.lexicon
    if following.text == token.text:
        return False  # no increments of increments: the depth of the recursion is bounded
    if following.kind != "accent" and lexicon.entry(following.text).kind in {"function", "operator"}:
        return False
    inner = Stream([], stream.context)
    inner.tokens, inner.pairs, inner.at = stream.tokens, stream.pairs, stream.at
    {"accent": read_accent, "identifier": read_identifier}.get(following.kind, read_word)(inner)
    if (
        len(inner.items) != 1
        or inner.items[0].type != "ATOM"
        or isinstance(inner.items[0].value, BareFunction)
    ):
        return False
    stream.at = inner.at
    operand = inner.items[0].value
    span = token.span.to(operand.span)
    stream.put("ATOM", Differential("Δ", operand, span=span), span)
    return True


def _differential_rest(stream: Stream, token: Token) -> str:
    """Return ``Z`` of a word ``dZ`` that is no name itself."""
    rest = token.text[1:]
    known = bool(rest) and stream.context.lexicon.knows(rest)
    return rest if token.kind == "word" and token.text.startswith("d") and known else ""
