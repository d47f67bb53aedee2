"""A factor is missing.

One partial derivative of the chain was left out: the input of a weight, the weight of a path, `1 - a`
beside `a`.

Write the chain of partial derivatives first and replace each of them by its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.check.formula.build import element_name, plain_name
from derive.read.tree import (
    Add,
    BigOperator,
    Derivative,
    Name,
    Neg,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Transpose,
)

MOST = 4000


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    factors = list(_factors(side, work))
    for target, put in _targets(side):
        for factor, words in factors:
            for op in ("",) if work.elementwise else ("odot", "", "before"):
                pair = (factor, target) if op == "before" else (target, factor)
                new = Product(pair, ("" if op == "before" else op,), span=target.span)
                yield Edit(put(new), target.span, words)
    for site in sites(side):
        if isinstance(site.node, (Name, Add, Derivative, Norm)):
            two = Number("2", Fraction(2), Fraction(1), span=site.node.span)
            squared = Power(site.node, two, span=site.node.span)
            yield Edit(site.put(squared), site.node.span, "this should be squared")


def _targets(side: Node):  # type: ignore[no-untyped-def]  # pairs of a node and what puts another there
    """Yield where a factor can be missing: the side, each term of a sum, the body of a sum."""
    yield side, lambda new: new
    for site in sites(side):
        node = site.node
        if isinstance(node, Add):
            for k, term in enumerate(node.terms):
                inner = term.operand if isinstance(term, Neg) else term

                def into(new: Node, k: int = k, node: Add = node, site=site, term: Node = term) -> Node:  # type: ignore[no-untyped-def]  # a Site
                    signed = Neg(new, span=term.span) if isinstance(term, Neg) else new
                    return site.put(replace(node, terms=(*node.terms[:k], signed, *node.terms[k + 1 :])))

                yield inner, into
        elif isinstance(node, Product) and "odot" in node.ops:
            for k, factor in enumerate(node.factors):

                def among(new: Node, k: int = k, node: Product = node, site=site) -> Node:  # type: ignore[no-untyped-def]  # as above
                    return site.put(replace(node, factors=(*node.factors[:k], new, *node.factors[k + 1 :])))

                yield factor, among
        elif isinstance(node, BigOperator):
            yield node.body, lambda new, node=node, site=site: site.put(replace(node, body=new))


def _errors(side: Node, work: Workspace) -> Iterator[tuple[Node, str]]:
    """Yield the differences of output and target, if the claim is about the loss."""
    last = str(work.reading.layers + work.reading.units_from)
    choices: Sequence[tuple[str, ...]] = [(symbol,) for symbol in work.symbols] if work.elementwise else [()]
    for at in choices if work.of_loss else ():
        output = element_name("a", last, at, work.reading, side)
        output = output or element_name("out", last, at, work.reading, side)
        target = element_name("y", last, at, work.reading, side)
        if output is not None and target is not None:
            words = f"the factor {output.base} - {target.base} of the loss is missing"
            yield Add((output, Neg(target, span=side.span)), span=side.span), words


def _gradients(side: Node, work: Workspace) -> Iterator[tuple[Node, str]]:
    """Yield the derivatives of the loss by outputs of layers, and in an update by the parameter."""
    loss = plain_name("L", work.reading, side)
    roles = ("W", "b") if work.update else ("a",) if work.of_loss else ()
    for role, layer in product(roles, work.layers):
        count = 2 if role == "W" else 1
        for at in product(work.symbols, repeat=count) if work.elementwise else [()]:
            name = element_name(role, layer, tuple(at), work.reading, side)
            if name is not None:
                gradient = Derivative(loss, (name,), 1, "∂", span=side.span)
                yield gradient, f"the derivative of {loss.base} by {name.base} is missing"


def _factors(side: Node, work: Workspace) -> Iterator[tuple[Node, str]]:
    one = Number("1", Fraction(1), Fraction(1), span=side.span)
    yield from _errors(side, work)
    yield from _gradients(side, work)
    if work.update:
        yield plain_name("eta", work.reading, side), "the learning rate is missing"
    if work.batched:
        samples = plain_name("m", work.reading, side)
        yield (
            Quotient(one, samples, "frac", span=side.span),
            "the factor 1 over the number of samples is missing",
        )
        yield samples, "the number of samples is missing as a factor, or 1 over it too many"
    for role, layer in product(("a", "delta", "W", "x"), work.layers):
        if role == "x" and layer != work.layers[0]:
            continue
        count = 2 if role == "W" else 1
        choices = product(work.symbols, repeat=count) if work.elementwise else [()]
        for at in choices:
            name = element_name(role, layer, tuple(at), work.reading, side)
            if name is None:
                continue
            shown = name.base + (f" of layer {layer}" if name.superscripts else "")
            shown += f" at {','.join(at)}" if at else ""
            yield name, f"the factor {shown} is missing"
            if not work.elementwise:
                yield Transpose(name, span=side.span), f"the factor {shown}, transposed, is missing"
            if role == "a":
                rest = Add((one, Neg(name, span=side.span)), span=side.span)
                yield rest, f"the factor 1 - {shown} is missing"


MISTAKE = entry(
    "missing-factor",
    "a factor is missing",
    r"\frac{\partial L}{\partial w^{(2)}_{ij}} = \delta^{(2)}_i",
    r"\frac{\partial L}{\partial w^{(2)}_{ij}} = \delta^{(2)}_i a^{(1)}_j",
    _edits,
)
