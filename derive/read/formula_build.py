"""From the reductions of the grammar to the typed tree.

`Build` is the transformer of `formula.lark`: one method for each rule. The flat list of factors of a term is
left to `derive.read.formula_fold`, which makes products and quotients of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Transformer

from derive.read.formula_error import FormulaError
from derive.read.formula_fold import fold
from derive.read.formula_items import Big, Callee, Chain, Entry, Grouped, Item, Operator, plain
from derive.read.formula_marks import Marks, apply_marks
from derive.read.tree import (
    Add,
    Bracketed,
    Call,
    Comparison,
    Listing,
    Matrix,
    Neg,
    Node,
    Placeholder,
    Power,
    Span,
)


@dataclass(frozen=True)
class _Group(Node):
    """The rows of a bracketed group, before it is known what the group is."""

    rows: list[list[Node]]
    bracket: str


_BRACKETS = {"LPAR": "()", "LSQUARE": "[]", "LCURLY": "{}"}


class Build(Transformer[Any, Any]):
    """Callbacks of the grammar."""

    def chain(self, parts: list[Any]) -> Chain:
        """Return the sides and relations; a missing side becomes an empty placeholder."""
        first, links = parts[0], parts[1:]
        terms = [first if first is not None else _empty(links[0][0].span.start if links else 0)]
        for relation, side in links:
            terms.append(side if side is not None else _empty(relation.span.end))
        return Chain(tuple(terms), tuple(relation.value for relation, _ in links))

    def link(self, parts: list[Any]) -> tuple[Item, Node | None]:
        """Return a relation and the side behind it."""
        return parts[0].value, parts[1]

    def bare_list(self, parts: list[Any]) -> Node:
        """Return a list without brackets."""
        items = tuple(part for part in parts if isinstance(part, Node))
        return Listing(items, "", span=items[0].span.to(items[-1].span))

    def add(self, parts: list[Any]) -> Node:
        """Return a sum."""
        terms = [parts[0]]
        for sign, term in zip(parts[1::2], parts[2::2], strict=True):
            terms.append(_signed(sign.value, term))
        return Add(tuple(terms), span=terms[0].span.to(terms[-1].span))

    def sign(self, parts: list[Any]) -> Node:
        """Return a signed operand."""
        return _signed(parts[0].value, parts[1])

    def term(self, parts: list[Any]) -> Node:
        """Return the factors of a term as one node."""
        return fold(parts[0])

    def last(self, parts: list[Any]) -> list[Entry]:
        """Start the list of a term with its last factor."""
        return [Entry("", parts[0])]

    def side_by_side(self, parts: list[Any]) -> list[Entry]:
        """Add a juxtaposed factor."""
        factor, entries = parts
        entries.append(Entry("", factor))
        return entries

    def times(self, parts: list[Any]) -> list[Entry]:
        """Add a factor before a written operator."""
        factor, operator, entries = parts
        # The list is kept in reverse; its last entry is the leftmost factor so far.
        entries[-1] = entries[-1]._replace(op=operator.value.value)
        entries.append(Entry("", factor))
        return entries

    def big(self, parts: list[Any]) -> list[Entry]:
        """Return a sum or product over everything behind its sign."""
        head: Big = parts[0].value.value
        return [Entry("", head.over(fold(parts[1])))]

    def sign_entry(self, parts: list[Any]) -> list[Entry]:
        """Put a sign on the first factor behind an operator."""
        sign, entries = parts
        first = entries[-1]
        if isinstance(first.node, Operator):
            entries[-1] = first._replace(node=first.node.signed(sign.value))
        else:
            entries[-1] = first._replace(node=_signed(sign.value, plain(first.node)))
        return entries

    def item(self, parts: list[Any]) -> Node:
        """Return what a terminal stands for."""
        return parts[0].value.value

    def factor(self, parts: list[Any]) -> Node:
        """Return a factor with its marks and its power."""
        node, marks, power, exponent = parts
        if isinstance(node, _Group):
            node = _grouped(node)
        if marks is not None:
            value: Marks = marks.value.value
            node = apply_marks(plain(node), value, span=node.span.to(marks.value.span))
        if power is not None:
            exponent = plain(exponent)
            node = Power(plain(node), exponent, span=node.span.to(exponent.span))
        return node

    def call(self, parts: list[Any]) -> Node:
        """Return a call."""
        head, group = parts[0].value, parts[1]
        callee: Callee = head.value
        arguments = tuple(node for row in group.rows for node in row)
        return Call(callee.name, arguments, callee.certain, span=head.span.to(group.span))

    def group(self, parts: list[Any]) -> Node:
        """Return a bracketed group."""
        opening, rows, closing = parts
        return _Group(rows, _BRACKETS[opening.type], span=opening.value.span.to(closing.value.span))

    def inside(self, parts: list[Any]) -> list[list[Node]]:
        """Return the rows of a group."""
        return [part for part in parts if isinstance(part, list)]

    def row(self, parts: list[Any]) -> list[Node]:
        """Return the entries of one row."""
        return [part for part in parts if isinstance(part, Node)]

    def comparison(self, parts: list[Any]) -> Node:
        """Return relations inside of brackets."""
        terms = tuple(parts[0::2])
        relations = tuple(token.value.value for token in parts[1::2])
        return Comparison(terms, relations, span=terms[0].span.to(terms[-1].span))


def _empty(at: int) -> Placeholder:
    return Placeholder("", span=Span(at, at))


def _signed(sign: Item, operand: Node) -> Node:
    operand = plain(operand)
    if sign.value == "+":
        return operand
    return Neg(operand, span=sign.span.to(operand.span))


def _grouped(group: _Group) -> Node:
    rows, bracket, span = group.rows, group.bracket, group.span
    if len(rows) > 1:
        if bracket != "[]" or len({len(row) for row in rows}) > 1:
            raise FormulaError(
                "semicolons separate the rows of a matrix [a, b; c, d] of equal length only", span
            )
        return Matrix(tuple(map(tuple, rows)), "[;]", span=span)
    items = tuple(rows[0])
    nested = [_entries_of(item) for item in items] if bracket == "[]" else []
    lengths = {len(row) for row in nested if row is not None}
    if nested and None not in nested and len(lengths) == 1:
        return Matrix(tuple(row for row in nested if row is not None), "[[]]", span=span)
    if len(items) > 1:
        return Listing(items, bracket, span=span)
    if bracket == "()" or isinstance(items[0], Matrix):
        return Grouped(items[0], span=span)
    return Bracketed(items[0], bracket, span=span)


def _entries_of(item: Node) -> tuple[Node, ...] | None:
    if isinstance(item, Listing) and item.bracket == "[]":
        return item.items
    if isinstance(item, Bracketed) and item.bracket == "[]":
        return (item.operand,)
    return None
