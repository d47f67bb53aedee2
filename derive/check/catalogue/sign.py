"""A term, a factor or a whole side has the other sign.

`-(t - y)` multiplied out is `-t + y`; a minus that is carried over to one term only, or lost between two
lines, is the commonest slip of all next to a wrong index.

Multiply the parentheses out once more, term by term.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.read.tree import Add, Call, Neg, Node, Power


def sign_edits(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield the side with one sign changed."""
    if not work.update:
        yield from negated(side)
    yield from inner_signs(side)


def negated(side: Node) -> Iterator[Edit]:
    """Yield the side with the other sign as a whole."""
    new = side.operand if isinstance(side, Neg) else Neg(side, span=side.span)
    yield Edit(new, side.span, "the whole expression should have the other sign")


def inner_signs(side: Node) -> Iterator[Edit]:
    """Yield the side with the sign of one term or argument changed."""
    for site in sites(side):
        node = site.node
        if isinstance(node, Neg) and node is not side:
            yield Edit(site.put(node.operand), node.span, "the minus sign does not belong here")
        if isinstance(node, Add):
            # The sign of a later term is the likelier slip: `a + y` for `a - y`, not for `-a + y`.
            for k, term in (*enumerate(node.terms[1:], 1), (0, node.terms[0])):
                if not isinstance(term, Neg):
                    terms = (*node.terms[:k], Neg(term, span=term.span), *node.terms[k + 1 :])
                    words = "this term should be subtracted" if k else "this term should be negative"
                    yield Edit(site.put(replace(node, terms=terms)), term.span, words)
            if node is not side:
                yield Edit(site.put(Neg(node, span=node.span)), node.span, "a minus sign is missing here")
        if isinstance(node, Power) and not isinstance(node.exponent, Neg):
            exponent = Neg(node.exponent, span=node.exponent.span)
            words = "the exponent should be negative"
            yield Edit(site.put(replace(node, exponent=exponent)), node.span, words)
        if isinstance(node, Call) and len(node.arguments) == 1:
            arguments = (Neg(node.arguments[0], span=node.span),)
            words = "the argument should have the other sign"
            yield Edit(site.put(replace(node, arguments=arguments)), node.span, words)


MISTAKE = entry(
    "sign",
    "a wrong sign",
    r"\frac{\partial L}{\partial a^{(2)}_i} = -y_i - a^{(2)}_i",
    r"\frac{\partial L}{\partial a^{(2)}_i} = -y_i + a^{(2)}_i",
    sign_edits,
)
