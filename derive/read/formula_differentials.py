r"""Reading derivatives: fractions of ``\partial`` or ``d``, ``∂A/∂B``, and ``d/dz`` before something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from derive.read.formula_error import FormulaError
from derive.read.formula_items import Operator
from derive.read.formula_pairs import argument, partners
from derive.read.formula_scan import Token
from derive.read.formula_stream import Stream
from derive.read.tree import Derivative, Name, Node, Power, Quotient, Span

_NAMELIKE = frozenset({"word", "name", "said", "roman", "identifier", "accent"})
_MARKED = frozenset({"sub", "sup", "prime", "top"})
_SYMBOLS = {"partial": "∂", "d": "d", "delta": "δ"}


class Start(NamedTuple):
    """A differential sign: which one, its order, and the tokens behind it (of the same list)."""

    symbol: str
    order: int
    rest: list[Token]


def differential(tokens: list[Token], stream: Stream) -> Start | None:
    """Return the differential that `tokens` begin with, if they do."""
    if not tokens:
        return None
    first, rest = tokens[0], tokens[1:]
    lexicon = stream.context.lexicon
    if first.kind == "partial" or (first.text in {"d", "delta"} and first.kind in {"word", "name", "roman"}):
        order, rest = _order(rest)
        if first.kind != "partial" and rest and rest[0].kind in {"sub", "sup", "prime", "number"}:
            return None  # d_1, δ^{(l)}: names
        symbol = "∂" if first.kind == "partial" else _SYMBOLS[first.text]
        return Start(symbol, order, rest)
    if first.kind in {"word", "identifier"} and first.text.startswith("d") and not lexicon.knows(first.text):
        shorter = first._replace(text=first.text[1:], start=first.start + 1, spaced=False)
        head = shorter.text.split("_")[0].rstrip("0123456789")
        if lexicon.knows(head) or lexicon.knows(shorter.text):
            return Start("d", 1, [shorter, *rest])
    return None


def _order(rest: list[Token]) -> tuple[int, list[Token]]:
    """Take the ``^2`` of a second derivative."""
    kinds = [token.kind for token in rest[:4]]
    for shape in (["sup", "number"], ["sup", "lbrace", "number", "rbrace"]):
        number = rest[shape.index("number")].text if kinds[: len(shape)] == shape else ""
        if number in {"2", "3"}:
            return int(number), rest[len(shape) :]
    return 1, rest


def read_fraction(
    stream: Stream,
    top: tuple[list[Token], Span],
    bottom: tuple[list[Token], Span],
    span: Span,
    put: Callable[[Stream, Node], None],
) -> None:
    """Read a fraction from its two groups of tokens: a derivative if both begin with a differential."""
    above = differential(top[0], stream)
    below = differential(bottom[0], stream)
    if below is None or above is None or not below.rest:
        for start, tokens in ((above, top[0]), (below, bottom[0])):
            if start is not None and start.symbol == "∂":
                raise FormulaError("a ∂ without its partner", tokens[0].span)
        numerator = stream.context.expression(*top)
        put(stream, Quotient(numerator, stream.context.expression(*bottom), "frac", span=span))
        return
    wrt = _variables(stream, below, above.order, bottom[1])
    if not above.rest:
        stream.put("PREFIX", _operator(wrt, above, span), span)
        return
    put(
        stream,
        Derivative(stream.context.expression(above.rest, top[1]), wrt, above.order, above.symbol, span=span),
    )


def _operator(wrt: tuple[Node, ...], above: Start, span: Span) -> Operator:
    def apply(operand: Node, whole: Span) -> Node:
        return Derivative(operand, wrt, above.order, above.symbol, span=whole)

    return Operator(apply, f"{above.symbol}/{above.symbol}…", True, span=span)


def _variables(stream: Stream, below: Start, order: int, span: Span) -> tuple[Node, ...]:
    r"""Read the variables of a derivative: ``\partial w``, ``\partial w^2``, ``\partial u \partial v``."""
    parts: list[list[Token]] = [[]]
    for at, token in enumerate(below.rest):
        following = below.rest[at:]
        if at and token.kind == "partial" and (start := differential(following, stream)) and start.rest:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_once(stream.context.expression(part, span), order) for part in parts)


def _once(variable: Node, order: int) -> Node:
    """Return ``w`` of the ``w^2`` below a second derivative."""
    if order > 1 and isinstance(variable, Power):
        return variable.base
    if order > 1 and isinstance(variable, Name):
        kept = tuple(s for s in variable.superscripts if not ("power" in s.roles and s.text == str(order)))
        return replace(variable, superscripts=kept)
    return variable


def read_partial(stream: Stream) -> None:
    """Read ``∂A/∂B`` or ``∂/∂B`` written with a slash."""
    if not slashed(stream):
        raise FormulaError("a ∂ without its partner", stream.here.span)


def slashed(stream: Stream) -> bool:
    """Take a derivative that is written with a slash, if one stands here."""
    begin = stream.at
    window = stream.tokens[begin : begin + _REACH]
    above = differential(window, stream)
    if above is None:
        return False
    top = _factor(above.rest)
    after = above.rest[len(top) :]
    if not after or after[0].kind != "div" or not (top or above.symbol != "δ"):
        return False
    below = differential(after[1:], stream)
    if below is None:
        return False
    bottom = _factor(below.rest)
    if not bottom:
        return False
    span = stream.tokens[begin].span.to(bottom[-1].span)
    wrt = (_once(stream.context.expression(bottom, span), above.order),)
    stream.at = begin + len(window) - (len(below.rest) - len(bottom))
    if not top:
        stream.put("PREFIX", _operator(wrt, above, span), span)
    else:
        of = stream.context.expression(top, span)
        stream.put("ATOM", Derivative(of, wrt, above.order, above.symbol, span=span), span)
    return True


_REACH = 400  # tokens that a derivative with a slash may take


def _factor(tokens: list[Token]) -> list[Token]:
    """Return the tokens of the one factor that `tokens` begin with; none if they do not."""
    pairs = partners(tokens, {"lbrace": "rbrace", "open": "close"})
    at = 0
    if not tokens:
        return []
    if tokens[0].kind == "accent":
        at = argument(tokens, 1, pairs)[1]
    elif tokens[0].kind in _NAMELIKE:
        at = 1
        if len(tokens) > 1 and tokens[1].kind == "number" and not tokens[1].spaced:
            at = 2
    elif tokens[0].kind == "open" and 0 in pairs:
        at = pairs[0] + 1
    else:
        return []
    while at < len(tokens):
        if tokens[at].kind in {"prime", "top"}:
            at += 1
        elif tokens[at].kind in _MARKED:
            at = _after_script(tokens, at, pairs)
        elif tokens[at].kind == "open" and at in pairs and tokens[0].kind != "open" and not tokens[at].spaced:
            at = pairs[at] + 1
        else:
            break
    return tokens[:at]


def _after_script(tokens: list[Token], at: int, pairs: dict[int, int]) -> int:
    if at + 1 < len(tokens) and tokens[at + 1].kind == "open" and at + 1 in pairs:
        return pairs[at + 1] + 1
    return argument(tokens, at + 1, pairs)[1]
