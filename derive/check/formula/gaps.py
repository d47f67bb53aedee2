"""Formulas that lack a sign: two sides run into each other where an ``=`` was forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.check.formula.context import Context
from derive.check.formula.decide import decide
from derive.check.formula.digits import is_plain_number
from derive.read.tree import Add, Comparison, Matrix, Neg, Node, Product


def missing_equals(
    ctx: Context, left: Node, right: Node, relation: str, conditions: Sequence[Comparison]
) -> bool:
    """Tell whether a claim becomes two true ones when an ``=`` is put before a matrix of numbers in it."""
    for head, tail in _halves(right):
        first = decide(ctx, left, head, relation, conditions)
        if first.holds and decide(ctx, head, tail, "=", conditions).holds:
            return True
    return False


def _halves(side: Node) -> Iterator[tuple[Node, Node]]:
    terms = side.terms if isinstance(side, Add) else (side,)
    for k, term in enumerate(terms):
        inner = term.operand if isinstance(term, Neg) else term
        if not isinstance(inner, Product):
            continue
        for n, factor in enumerate(inner.factors):
            if (
                n == 0
                or inner.ops[n - 1] != ""
                or not (isinstance(factor, Matrix) and is_plain_number(factor))
            ):
                continue
            before = _product(inner, 0, n)
            after = _product(inner, n, len(inner.factors))
            signed = Neg(before, span=term.span) if isinstance(term, Neg) else before
            yield _sum((*terms[:k], signed)), _sum((after, *terms[k + 1 :]))


def _product(product: Product, start: int, stop: int) -> Node:
    factors, ops = product.factors[start:stop], product.ops[start : stop - 1]
    return replace(product, factors=factors, ops=ops) if len(factors) > 1 else factors[0]


def _sum(terms: tuple[Node, ...]) -> Node:
    return Add(terms, span=terms[0].span.to(terms[-1].span)) if len(terms) > 1 else terms[0]
