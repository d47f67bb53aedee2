"""The value of a formula, for all free indices and at all points at once.

`Evaluator.value` walks the typed tree; one function for each kind of node, found in a table. In symbolic mode
a number is what its digits say, in displayed mode it is all that its digits may be rounded from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from derive.check.formula import ones
from derive.check.formula.definition import Definition
from derive.check.formula.errors import MistakeError, Undecided
from derive.check.formula.frame import Frame, Mode
from derive.check.formula.shapes import (
    alike,
    as_scalar,
    is_matrix,
    outer,
    paired,
    product,
    transposed,
)
from derive.check.formula.values import Truth
from derive.check.intervals import Interval, Value, power
from derive.check.names import Reading
from derive.read import tree
from derive.read.tree import Node

LARGEST_EXPONENT = 1000
DEEPEST = 200
MANY_DECIMALS = 3


@dataclass
class Evaluator:
    """How formulas of one document are evaluated.

    Attributes
    ----------
    truth : Truth
    reading : Reading
    mode : Mode
    displayed : bool
        Whether numbers stand for all values that they may be rounded from; only the example counts then.
    loosened : float
        How many units in the last place a displayed number may be off, in displayed mode; 0 where numbers
        are just what their digits say.
    exact : frozenset of Fraction
        The givens: numbers that are exact although they have few digits.
    definitions : mapping
        The document's own names, by `own_key`.
    free : dict
        Values of names that are mere arguments of a definition.
    clipped : bool
        Whether the limits of sums are taken as meant where they run out of range.
    kept : dict, optional
        Values of sides and of what is in them, kept while edits are tried, which leave most of it as it is.
    lasting : frozenset of int
        The identities of the nodes whose values are kept: those of the claim, for no other edit has the
        nodes of an edit.
    doubts : set of str
        The fields of `Mode` that the formulas evaluated so far depend on, and "example" where they depend
        on numbers of the document's own.
    """

    truth: Truth
    reading: Reading
    mode: Mode = field(default_factory=Mode)
    displayed: bool = False
    loosened: float = 0.5
    exact: frozenset[Fraction] = frozenset()
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    free: dict[str, Value] = field(default_factory=dict)
    doubts: set[str] = field(default_factory=set)
    clipped: bool = False
    kept: dict[Any, tuple[Node, Value, Any]] | None = None
    lasting: frozenset[int] = frozenset()
    expanding: int = 0

    def value(self, node: Node, frame: Frame) -> Value:
        """Return the value of a formula.

        Raises
        ------
        Undecided, MistakeError, MissingLayerError
            See `derive.check.formula.errors`.
        """
        rule = _RULES.get(type(node))
        if rule is None:
            raise Undecided(f"no value is known for this: {type(node).__name__.lower()}")
        if self.kept is None or id(node) not in self.lasting:
            return rule(self, node, frame)
        key = (id(node), self.mode.updated, frame.key)
        if (found := self.kept.get(key)) is not None:
            return found[1]
        whole = frame.mask.all()
        value = rule(self, node, frame)
        if whole and frame.mask.all():  # what thins out the combinations has to do so each time
            self.kept[key] = (node, value, frame.mask)
        return value

    def side(self, node: Node, frame: Frame) -> Value:
        """Return the value of a whole side, from memory where it is kept."""
        if self.kept is None or id(node) not in self.lasting:
            return self.value(node, frame)
        key = (id(node), "side", frame.key)
        found = self.kept.get(key)
        if found is None:
            value = self.value(node, frame)
            self.kept[key] = (node, value, frame.mask.copy())
            return value
        frame.mask &= found[2]
        return found[1]

    def scalar(self, node: Node, frame: Frame) -> Value:
        """Return the value of a formula that has to be a number."""
        value = as_scalar(self.value(node, frame))
        if is_matrix(value):
            raise Undecided("a vector or matrix where a number is expected")
        return value

    def for_left(self) -> Evaluator:
        """Return the evaluator of the left side, where an updated parameter may stand."""
        if self.mode.updated != "left":
            return self
        return replace(self, mode=replace(self.mode, updated="all"))

    def points(self, array: Any) -> Any:
        """Return the part of an array over all points that counts: all of them, or the example."""
        return array[:1] if self.displayed and self.truth.draws is None else array


def _number(ev: Evaluator, node: tree.Number, _: Frame) -> Value:
    plain = node.unit == 1 and "." not in node.text
    if not ev.displayed or plain or (node.value in ev.exact and not _shows_rounding(node)):
        return np.full((1, 1), float(node.value))
    shown = Interval.displayed(node.value, node.unit * Fraction(ev.loosened) * 2)
    return shown.reshape(1, 1)


def _shows_rounding(node: tree.Number) -> bool:
    """Tell a number with so many decimals that a last 0 is no given's: 0.200 is not the given 0.2."""
    decimals = node.text.partition(".")[2]
    return len(decimals) >= MANY_DECIMALS and decimals.endswith("0")


def _add(ev: Evaluator, node: tree.Add, frame: Frame) -> Value:
    total = ev.value(node.terms[0], frame)
    for term in node.terms[1:]:
        negative = isinstance(term, tree.Neg)
        value = ev.value(term.operand if isinstance(term, tree.Neg) else term, frame)
        one, other = _summands(ev, total, value, term)
        total = one - other if negative else one + other
    return total


def _summands(ev: Evaluator, first: Value, second: Value, node: Node) -> tuple[Value, Value]:
    if ev.truth.batched and is_matrix(first) and is_matrix(second):
        rows = {first.shape[-2], second.shape[-2]}
        columns = {first.shape[-1], second.shape[-1]}
        if (1 in rows and len(columns) == 1) or (1 in columns and len(rows) == 1):
            return first, second  # a bias is added to every sample
    return alike(first, second, node.span, "the sum")


def _neg(ev: Evaluator, node: tree.Neg, frame: Frame) -> Value:
    return -ev.value(node.operand, frame)


def _product(ev: Evaluator, node: tree.Product, frame: Frame) -> Value:
    from derive.check.formula.shorthand import chain_with_input

    if (gradient := chain_with_input(ev, node, frame)) is not None:
        return gradient
    node = ones.apart(node)
    factors, ops = node.factors, node.ops
    if ones.is_ones(factors[0]) and len(factors) > 1:
        total = ev.value(factors[1], frame)
        total, factors, ops = ones.before(ev, factors[0], total), factors[1:], ops[1:]
    else:
        total = ev.value(factors[0], frame)
    for k, (op, factor) in enumerate(zip(ops, factors[1:], strict=True), 2):
        if ones.is_ones(factor) and is_matrix(total):
            total = ones.behind(ev, factors[:k], total, frame)
            continue
        total = times(ev, total, ev.value(factor, frame), op, factor)
    return total


def times(ev: Evaluator, first: Value, second: Value, op: str, node: Node) -> Value:
    """Return a product by the sign that is written."""
    both = is_matrix(first) and is_matrix(second)
    if not both:
        one, other = paired(first, second)
        return one * other
    if op in ("odot", "circ"):
        one, other = alike(first, second, node.span, "the elementwise product")
        return one * other
    if op == "otimes":
        return outer(first, second)
    if first.shape[-2:] == second.shape[-2:] and 1 in first.shape[-2:]:
        ev.doubts.add("vectors")
    if op == "star" and first.shape[-2:] == second.shape[-2:]:
        return first * second
    return product(first, second, node.span, ev.mode.vectors)


def _quotient(ev: Evaluator, node: tree.Quotient, frame: Frame) -> Value:
    one, other = alike(
        ev.value(node.numerator, frame), ev.value(node.denominator, frame), node.span, "the quotient"
    )
    with np.errstate(all="ignore"):
        return one / other


def _power(ev: Evaluator, node: tree.Power, frame: Frame) -> Value:
    base = node.base
    euler = isinstance(base, tree.Name) and base.base == "e" and not base.subscripts and not base.accents
    if euler and ev.reading.roles.get("e") is None:
        from derive.check.formula.functions import apply_function

        return apply_function("exp", ev.value(node.exponent, frame))
    exponent = ev.scalar(node.exponent, frame)
    if isinstance(exponent, Interval) or exponent.size != 1:
        raise Undecided("an exponent that is no plain number")
    size = float(np.real(exponent).item())
    if not abs(size) <= LARGEST_EXPONENT:
        raise Undecided(f"an exponent beyond {LARGEST_EXPONENT}")
    with np.errstate(all="ignore"):
        return power(ev.value(node.base, frame), size)


def _transpose(ev: Evaluator, node: tree.Transpose, frame: Frame) -> Value:
    return transposed(ev.value(node.operand, frame))


def _bracketed(ev: Evaluator, node: tree.Bracketed, frame: Frame) -> Value:
    return ev.value(node.operand, frame)


def _marked(ev: Evaluator, node: tree.Marked, frame: Frame) -> Value:
    from derive.check.formula.marks import index_of
    from derive.check.formula.quantities import element_of
    from derive.check.formula.slices import cut_of, part

    if (cut := cut_of(node)) is not None:
        return part(ev, cut[0], ev.value(cut[0], frame), cut[1])
    value = ev.value(node.operand, frame)
    if node.primes or any(s.role in ("power", "ambiguous", "update") for s in node.superscripts):
        raise Undecided("marks on an expression")
    entries = [index_of((letter,)) for s in node.subscripts for letter in s.text if letter != ","]
    return element_of(ev, value, entries, frame, node) if entries else value


Rule = Callable[[Evaluator, Any, Frame], Value]
_RULES: dict[type, Rule] = {
    tree.Number: _number,
    tree.Add: _add,
    tree.Neg: _neg,
    tree.Product: _product,
    tree.Quotient: _quotient,
    tree.Power: _power,
    tree.Transpose: _transpose,
    tree.Bracketed: _bracketed,
    tree.Marked: _marked,
}


def register(kind: type, rule: Rule) -> None:
    """Add the rule of a node that lives in a module of its own."""
    _RULES[kind] = rule


__all__ = ["Definition", "Evaluator", "MistakeError", "register", "times"]
