"""A term of a sum is missing.

A bias is forgotten, or one of the units that a sum written out runs over; in backpropagation, one of the
paths.

Count the terms: one for each unit of the layer that is summed over, and one for the bias.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.check.formula.build import element_name
from derive.read.formula_walk import transform
from derive.read.tree import Add, Name, Node, Script, Transpose


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for layer in work.layers:
        for symbol in (None, *work.symbols):
            bias = element_name("b", layer, (symbol,) if symbol else (), work.reading, side)
            if bias is None:
                continue
            for term in (bias, Transpose(bias, span=side.span)) if symbol is None else (bias,):
                terms = (*side.terms, term) if isinstance(side, Add) else (side, term)
                words = f"the bias of layer {layer} is missing"
                yield Edit(Add(terms, span=side.span), side.span, words)
    yield from _other_units(side, work)


def _other_units(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield the side with one more term like those that are there, for another unit."""
    numbers = [str(n) for n in range(work.largest + 1)]
    for site in sites(side):
        if site.node is not side and not isinstance(site.node, Add):
            continue
        terms = site.node.terms if isinstance(site.node, Add) else (site.node,)
        for model, old, new, which in product(terms, numbers, numbers, _WHICH):
            term = _renumbered(model, old, new, which) if old != new else model
            if term != model:
                changed = Add((*terms, term), span=site.node.span)
                yield Edit(site.put(changed), site.node.span, f"the term of unit {new} is missing")


_WHICH = (slice(None), slice(-1, None), slice(0, 1))
"""Which digits of an index are changed: all, the last, the first."""


def _renumbered(term: Node, old: str, new: str, which: slice) -> Node:
    def change(node: Node) -> Node:
        if not isinstance(node, Name) or not node.subscripts:
            return node
        return replace(node, subscripts=tuple(_script(script, old, new, which) for script in node.subscripts))

    return transform(term, change)


def _script(script: Script, old: str, new: str, which: slice) -> Script:
    run = len(script.tokens) == 1 and script.text.isdigit()  # 21 is one word for two indices
    letters = list(script.text if run else script.tokens)
    places = range(len(letters))[which]
    changed = [new if k in places and letter == old else letter for k, letter in enumerate(letters)]
    tokens = ["".join(changed)] if run else changed
    return replace(script, tokens=tuple(tokens))


MISTAKE = entry(
    "missing-term",
    "a term is missing",
    r"z^{(1)} = W^{(1)} x",
    r"z^{(1)} = W^{(1)} x + b^{(1)}",
    _edits,
)
