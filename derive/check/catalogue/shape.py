"""The shapes do not fit, or the product is of the wrong kind.

A matrix product stands where an elementwise one belongs, or the reverse.

The derivative of the activation is multiplied in element by element; everything that changes the number
of units is a matrix product.

Write the shapes under the factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.read.tree import Node, Product

_OTHERS = {"odot": ("at", "otimes"), "circ": ("at", "otimes")}


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    if work.elementwise:
        return
    for site in sites(side):
        node = site.node
        if not isinstance(node, Product):
            continue
        for k, op in enumerate(node.ops):
            for other in _OTHERS.get(op, ("odot", "otimes")):
                changed = replace(node, ops=(*node.ops[:k], other, *node.ops[k + 1 :]))
                kind = {"odot": "elementwise", "otimes": "an outer product"}.get(other, "a matrix product")
                yield Edit(site.put(changed), node.span, f"the product should be {kind}")


MISTAKE = entry(
    "shape",
    "shapes that do not fit, or the wrong kind of product",
    r"\delta^{(1)} = (W^{(2)})^T \odot \delta^{(2)} \odot \sigma'(z^{(1)})",
    r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma'(z^{(1)})",
    _edits,
)
