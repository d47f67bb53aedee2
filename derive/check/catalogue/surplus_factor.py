"""A factor is too many.

The derivative of the activation stands there twice, or an input is multiplied in where the derivative is
by a bias.

Name each factor by the partial derivative that it is: each occurs once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.read.tree import Neg, Node, Power, Product, Quotient


def _edits(side: Node, _: Workspace) -> Iterator[Edit]:
    yield from (edit for _, edit in without_factors(side))


def without_factors(side: Node) -> Iterator[tuple[Node, Edit]]:
    """Yield each factor, denominator and power, with the side that has lost it."""
    for site in sites(side):
        node = site.node
        if isinstance(node, Product):
            for k, factor in enumerate(node.factors):
                rest = (*node.factors[:k], *node.factors[k + 1 :])
                ops = (*node.ops[: max(k - 1, 0)], *node.ops[max(k, 1) :])
                new: Node = replace(node, factors=rest, ops=ops) if len(rest) > 1 else rest[0]
                words = "this factor does not belong here"
                yield factor, Edit(site.put(_signed(factor, new)), factor.span, words, factor in rest)
        elif isinstance(node, Quotient):
            below = node.denominator
            yield below, Edit(site.put(node.numerator), below.span, "this denominator does not belong here")
        elif isinstance(node, Power):
            power = node.exponent
            yield power, Edit(site.put(node.base), power.span, "this power does not belong here")


def _signed(dropped: Node, rest: Node) -> Node:
    return Neg(rest, span=rest.span) if isinstance(dropped, Neg) else rest


MISTAKE = entry(
    "surplus-factor",
    "a factor too many",
    r"\frac{\partial L}{\partial z^{(2)}_i} = \delta^{(2)}_i a^{(2)}_i",
    r"\frac{\partial L}{\partial z^{(2)}_i} = \delta^{(2)}_i",
    _edits,
)
