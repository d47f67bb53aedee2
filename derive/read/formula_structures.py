"""Reading what TeX delimits: fractions, roots, matrices, cases, bars, sums, indicators, groups."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derive.read.formula_differentials import read_fraction
from derive.read.formula_error import FormulaError
from derive.read.formula_fold import LARGEST_EXPONENT
from derive.read.formula_items import Big, Operator
from derive.read.formula_marks import apply_marks
from derive.read.formula_names import put_name
from derive.read.formula_pairs import partners
from derive.read.formula_scan import Token
from derive.read.formula_scripts import put_with_marks, read_marks
from derive.read.formula_stream import Stream
from derive.read.tree import (
    BigOperator,
    Call,
    Comparison,
    Dots,
    Gradient,
    Indicator,
    Listing,
    Name,
    Node,
    Norm,
    Number,
    Placeholder,
    Span,
)

_LONGEST_NUMBER = 60  # characters
_ENVIRONMENT = {"lbrace": "rbrace", "begin": "end", "open": "close"}


def read_number(stream: Stream) -> None:
    """Read a number, or the indicator ``1[z > 0]``."""
    token = stream.here
    stream.at += 1
    if token.text == "1" and (condition := _condition(stream)) is not None:
        span = token.span.to(stream.tokens[stream.at - 1].span)
        put_with_marks(stream, Indicator(condition, span=span))
        return
    stream.put("NUMBER", number(token), token.span)
    marks = read_marks(stream, None)
    if marks is not None:
        stream.put("MARKS", marks, marks.marks[0].span.to(marks.marks[-1].span))


def number(token: Token) -> Number:
    """Return the exact value of a printed number and the unit of its last place."""
    text = token.text
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    if len(text) > _LONGEST_NUMBER or abs(int(exponent or "0")) > LARGEST_EXPONENT:
        raise FormulaError(f"a number of more than {_LONGEST_NUMBER} characters or beyond 1e400", token.span)
    unit = Fraction(10) ** (int(exponent or "0") - len(decimals))
    return Number(text, int((whole + decimals) or "0") * unit, unit, span=token.span)


def read_blank(stream: Stream) -> None:
    """Read a placeholder or dots; several placeholders in a row are one."""
    token = stream.here
    stream.at += 1
    if token.kind == "dots":
        put_with_marks(stream, Dots(token.text, span=token.span))
        return
    last = token
    while stream.peek() == "placeholder":
        last = stream.here
        stream.at += 1
    put_with_marks(stream, Placeholder(token.text, span=token.span.to(last.span)))


def read_frac(stream: Stream) -> None:
    r"""Read ``\frac{a}{b}``, which may be a derivative or a derivative operator."""
    token = stream.here
    stream.at += 1
    top, top_span = stream.digit()
    bottom, bottom_span = stream.digit()
    read_fraction(stream, (top, top_span), (bottom, bottom_span), token.span.to(bottom_span), put_with_marks)


def read_root(stream: Stream) -> None:
    r"""Read ``\sqrt{x}``, ``\sqrt[3]{x}``, ``√x``."""
    token = stream.here
    stream.at += 1
    degree: tuple[Node, ...] = ()
    if stream.peek() == "open" and stream.here.text == "[" and token.end - token.start > 1:
        inside, span = stream.group()
        degree = (stream.context.expression(inside, span),)
    inside, span = stream.group() if stream.peek() == "open" else stream.digit()
    radicand = stream.context.expression(inside, span)
    whole = token.span.to(span)
    put_with_marks(
        stream, Call(Name("root" if degree else "sqrt", span=token.span), (*degree, radicand), span=whole)
    )


def read_braces(stream: Stream) -> None:
    r"""Read a group in braces that has a script behind it, or ``{a \over b}``."""
    inside, span = stream.group()
    pairs = partners(inside, _ENVIRONMENT)
    at = 0
    while at < len(inside):
        if inside[at].kind == "over":
            top, bottom = inside[:at], inside[at + 1 :]
            read_fraction(stream, (top, span), (bottom, span), span, put_with_marks)
            return
        at = max(pairs.get(at, at), at) + 1
    node = stream.context.expression(inside, span)
    if isinstance(node, Name):
        put_name(stream, node)
    elif len(inside) > 1 and any(t.kind in {"add", "mul", "div", "rel"} for t in _outside(inside)):
        raise FormulaError("a script on braces, which do not show: write parentheses", span)
    else:
        put_with_marks(stream, node)


def _outside(tokens: list[Token]) -> list[Token]:
    pairs = partners(tokens, _ENVIRONMENT)
    found, at = [], 0
    while at < len(tokens):
        found.append(tokens[at])
        at = max(pairs.get(at, at), at) + 1
    return found


def read_bars(stream: Stream) -> None:
    """Read a norm or an absolute value."""
    token = stream.here
    inside, span = stream.group()
    closing = stream.tokens[stream.at - 1]
    if closing.text != token.text:
        raise FormulaError("a bar without its partner", token.span)
    operand = stream.context.expression(inside, span)
    marks = read_marks(stream, None)
    if token.text == "||" or (marks is not None and any(mark.place == "sub" for mark in marks.marks)):
        node: Node = Norm(operand, None, span=span)
    else:
        node = Call(Name("abs", span=token.span), (operand,), span=span)
    if marks is not None:
        node = apply_marks(node, marks, span=span)
    stream.put("ATOM", node, node.span)


def read_big(stream: Stream) -> None:
    r"""Read ``\sum`` or ``\prod`` with its limits."""
    token = stream.here
    stream.at += 1
    limits: dict[str, list[Token]] = {}
    end = token.span
    while stream.peek() in {"sub", "sup"}:
        kind = stream.peek()
        stream.at += 1
        inside, span = stream.digit()
        if kind in limits:
            raise FormulaError("a sum with two limits on the same side", token.span.to(span))
        limits[kind], end = inside, span
    place = token.span.to(end)
    upper = stream.context.expression(limits["sup"], place) if "sup" in limits else None
    indices, lower, condition = _lower(stream, limits.get("sub", []), place)
    operator: str = token.text

    def over(body: Node) -> BigOperator:
        whole = place.to(body.span)
        name = "sum" if operator == "sum" else "prod"
        return BigOperator(name, indices, lower, upper, condition, body, span=whole)  # type: ignore[arg-type]  # literal

    stream.put("BIG", Big(over), place)


def _lower(
    stream: Stream, inside: list[Token], place: Span
) -> tuple[tuple[Node, ...], Node | None, Comparison | None]:
    r"""Read what stands below a sum sign: ``i``, ``i, j``, ``i=0``, ``k \ne i``."""
    if not inside:
        return (), None, None
    chain = stream.context.chain(inside, replace(stream.context, label=True))
    first = chain.terms[0]
    if not chain.relations:
        return first.items if isinstance(first, Listing) else (first,), None, None
    if any(isinstance(term, Listing) for term in chain.terms):
        raise FormulaError("several conditions below a sum", place)
    if chain.relations == ("=",):
        return (first,), chain.terms[1], None
    names = tuple(term for term in chain.terms if isinstance(term, Name))[:1]
    return names, None, Comparison(chain.terms, chain.relations, span=first.span.to(chain.terms[-1].span))


def read_nabla(stream: Stream) -> None:
    r"""Read ``\nabla_W L``: the gradient of the one factor that follows."""
    token = stream.here
    stream.at += 1
    wrt: Node | None = None
    if stream.peek() == "sub":
        stream.at += 1
        inside, span = stream.digit() if stream.context.dialect == "tex" else stream.argument()
        wrt = stream.context.expression(inside, span)
    lexicon = stream.context.lexicon
    losses = frozenset(base for base, entry in lexicon.entries.items() if entry.kind == "loss")
    stream.put("PREFIX", _gradient(token.span, wrt, losses), token.span)


def _gradient(span: Span, wrt: Node | None, losses: frozenset[str]) -> Node:
    def apply(operand: Node, whole: Span) -> Node:
        return Gradient(operand, wrt, span=whole)

    return Operator(apply, "∇", False, losses.__contains__, span=span)


def read_indicator(stream: Stream) -> None:
    r"""Read ``\mathbb{1}[z > 0]``; without a condition it is a name (a vector of ones)."""
    token = stream.here
    stream.at += 1
    condition = _condition(stream)
    if condition is None:
        put_name(stream, Name("ones" if token.text == "1" else token.text, span=token.span))
        return
    span = token.span.to(stream.tokens[stream.at - 1].span)
    put_with_marks(stream, Indicator(condition, span=span))


def _condition(stream: Stream) -> Node | None:
    """Take a bracketed or lowered condition that follows, if there is one."""
    start = stream.at + (stream.peek() == "sub")
    if stream.peek() not in {"sub", "open"} or start not in stream.pairs:
        return None
    inside = stream.tokens[start + 1 : stream.pairs[start]]
    within = partners(inside, {"open": "close"})
    condition = inside[1:-1] if within.get(0) == len(inside) - 1 else inside  # 1_{[k = y]}
    if not any(token.kind == "rel" for token in _outside(condition)):
        return None
    stream.at = stream.pairs[start] + 1
    inside = condition
    return stream.context.condition(inside)
