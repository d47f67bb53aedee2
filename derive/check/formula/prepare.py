r"""Statements as the judge takes them: ``\delta (a)^T`` is a product, where ``\delta`` is no function.

The reader leaves open what it cannot know: whether a name before parentheses is called or multiplied.
"""

from __future__ import annotations

from dataclasses import replace

from derive.check.formula.frame import quiet
from derive.check.names import Reading
from derive.read.formula import Formula, Statement
from derive.read.formula_walk import transform, walk
from derive.read.tree import Call, Node, Power, Product, Transpose


def prepared(formula: Formula, reading: Reading) -> Formula:
    """Return a formula in which calls of what is no function are products."""

    def apart(node: Node) -> Node:
        # The mark behind the parentheses belongs to what is inside them.
        if isinstance(node, Transpose) and (call := _product_of(node.operand, reading)) is not None:
            marked: Node = Transpose(call.factors[1], span=node.span)
            return Product((call.factors[0], marked), ("",), span=node.span)
        if isinstance(node, Power) and (call := _product_of(node.base, reading)) is not None:
            marked = Power(call.factors[1], node.exponent, span=node.span)
            return Product((call.factors[0], marked), ("",), span=node.span)
        return node

    def alone(node: Node) -> Node:
        return _product_of(node, reading) or node

    def changed(item: Statement) -> Statement:
        return replace(item, terms=tuple(map(settled, item.terms)))

    def settled(term: Node) -> Node:
        if all(not isinstance(node, Call) or node.certain for node in walk(term)):
            return term
        return transform(transform(term, apart), alone)

    items = tuple(changed(item) if isinstance(item, Statement) else item for item in formula.items)
    return replace(formula, items=items)


def _product_of(node: Node, reading: Reading) -> Product | None:
    """Return a call that may be a product as one, if its function is a quantity of the network."""
    if not isinstance(node, Call) or node.certain or len(node.arguments) != 1:
        return None
    ref = quiet(node.function, reading)
    if ref is None or ref.role == "L":
        return None
    return Product((node.function, node.arguments[0]), ("",), span=node.span)
