r"""Statements as the judge takes them: ``\delta (a)^T`` is a product, where ``\delta`` is no function.

The reader leaves open what it cannot know: whether a name before parentheses is called or multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from derive.check.formula.frame import quiet
from derive.check.formula.functions import FUNCTIONS
from derive.check.formula.label_names import with_labels
from derive.check.formula.mere import is_mere
from derive.check.formula.one_variable import of_mere_variable
from derive.check.formula.ones import is_ones
from derive.check.names import Reading
from derive.read.formula import Formula, Statement, Unreadable
from derive.read.formula_walk import transform, walk
from derive.read.tree import BigOperator, Call, Marked, Name, Node, Power, Product, Transpose

_ANY = "argument"


def prepared(formula: Formula, reading: Reading, *, after_mere: bool = False) -> Formula:
    """Return a formula in which calls of what is no function are products, and mere variables are named so.

    `after_mere` tells whether the formula before it ends with a mere variable, so that a side without a left
    one goes on with it.
    """

    def apart(node: Node) -> Node:
        # The mark behind the parentheses belongs to what is inside them.
        if isinstance(node, Transpose) and (call := _product_of(node.operand, reading)) is not None:
            marked: Node = Transpose(call.factors[1], span=node.span)
            return Product((call.factors[0], marked), ("",), span=node.span)
        if isinstance(node, Power) and (call := _product_of(node.base, reading)) is not None:
            marked = Power(call.factors[1], node.exponent, span=node.span)
            return Product((call.factors[0], marked), ("",), span=node.span)
        if isinstance(node, Marked) and (call := _product_of(node.operand, reading)) is not None:
            marked = replace(node, operand=call.factors[1])
            return Product((call.factors[0], marked), ("",), span=node.span)
        return node

    def alone(node: Node) -> Node:
        return _product_of(node, reading) or _sum_of(node) or node

    def changed(item: Statement) -> Statement:
        if len(item.terms) > 1 and all(_is_function(term, reading) for term in item.terms):
            return replace(item, terms=tuple(map(_of_argument, item.terms)))
        if (after_mere or not item.headless) and is_mere(mere := of_mere_variable(item, reading)):
            return mere
        return replace(item, terms=tuple(map(settled, item.terms)))

    def settled(term: Node) -> Node:
        if any(isinstance(node, Call) and (not node.certain or _is_sum(node)) for node in walk(term)):
            return transform(transform(term, apart), alone)
        return term

    items: list[Statement | Unreadable] = []
    for item in formula.items:
        if isinstance(item, Statement):
            item = changed(with_labels(item, reading))
            after_mere = is_mere(item)
        items.append(item)
    return replace(formula, items=tuple(items))


def _is_function(term: Node, reading: Reading) -> bool:
    """Tell a function without its argument: ``g = tanh`` says that they agree for any."""
    letter = isinstance(term, Name) and (term.base in FUNCTIONS or term.base == reading.notation.function)
    return letter and isinstance(term, Name) and quiet(term, reading) is None


def _of_argument(function: Node) -> Node:
    assert isinstance(function, Name)  # noqa: S101  as just seen
    return Call(function, (Name(_ANY, span=function.span),), span=function.span)


_OVER_INDICES: Mapping[str, Literal["sum", "max", "min"]] = MappingProxyType(
    {"sum": "sum", "max": "max", "min": "min"}
)


def _is_sum(node: Call) -> bool:
    return (
        node.function.base in _OVER_INDICES
        and len(node.function.subscripts) == 1
        and len(node.arguments) == 1
    )


def _sum_of(node: Node) -> BigOperator | None:
    """Return ``sum_i(w[i] * x[i])`` or ``max_i(z[i])``, as comments write it; it ends with its bracket."""
    if not isinstance(node, Call) or not _is_sum(node):
        return None
    (script,) = node.function.subscripts
    letters = [word for word in script.tokens if word != ","]
    if not all(len(word) == 1 and word.isalpha() for word in letters):
        return None
    indices = tuple(Name(word, span=script.span) for word in letters)
    operator = _OVER_INDICES[node.function.base]
    return BigOperator(operator, indices, None, None, None, node.arguments[0], span=node.span)


def _product_of(node: Node, reading: Reading) -> Product | None:
    """Return a call that may be a product as one, if its function is a quantity of the network."""
    if not isinstance(node, Call) or node.certain or len(node.arguments) != 1:
        return None
    ref = quiet(node.function, reading)
    of_ones = is_ones(node.function) and isinstance(node.arguments[0], Name)
    if not of_ones and (ref is None or ref.role == "L"):
        return None
    return Product((node.function, node.arguments[0]), ("",), span=node.span)
