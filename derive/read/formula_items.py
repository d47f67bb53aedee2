"""What passes between the steps of the reader, and never leaves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from derive.read.formula_error import FormulaError
from derive.read.tree import BigOperator, Name, Neg, Node, Span


class Item(NamedTuple):
    """What the grammar reads: a terminal, what it stands for, and its place."""

    type: str
    value: Any
    span: Span


class Callee(NamedTuple):
    """A name before its arguments; `certain` as in `Call`."""

    name: Name
    certain: bool


@dataclass(frozen=True)
class Chain:
    """Sides joined by relations; a missing side is an empty `Placeholder`."""

    terms: tuple[Node, ...]
    relations: tuple[str, ...]


class Entry(NamedTuple):
    """A factor and the operator that joins it to the one before."""

    op: str
    node: Node


@dataclass(frozen=True)
class Grouped(Node):
    """An expression in parentheses; gone before anybody outside sees it."""

    operand: Node


@dataclass(frozen=True)
class Big:
    """A sum or product sign with its limits, before its body."""

    over: Callable[[Node], BigOperator]


@dataclass(frozen=True)
class Operator(Node):
    r"""``d/dz`` or ``\log`` before an operand without parentheses; gone after the fold."""

    apply: Callable[[Node, Span], Node]
    text: str
    takes_run: bool  # a derivative takes everything that is juxtaposed, a function one factor
    closes: Callable[[str], bool] = lambda _: False  # tells a name that can only be the whole operand
    bare: Name | None = None  # what it is where it stands for itself, as in g = tanh

    def signed(self, sign: Item) -> Operator:
        """Return the operator with a sign before it: the sign goes with the whole."""
        if sign.value == "+":
            return self

        def apply(operand: Node, span: Span) -> Node:
            return Neg(self.apply(operand, span), span=sign.span.to(span))

        return replace(self, apply=apply)


@dataclass(frozen=True)
class BareFunction(Node):
    """A function without its arguments: fine beside a written operator, doubtful before a factor."""

    name: Name


def plain(node: Node) -> Node:
    """Return `node` without the wrappers of this module."""
    while isinstance(node, Grouped | BareFunction):
        node = node.operand if isinstance(node, Grouped) else node.name
    if isinstance(node, Operator):
        raise FormulaError(f"{node.text} stands before nothing", node.span)
    return node
