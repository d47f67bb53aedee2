"""A transpose is missing or too much, or the factors of a matrix product are in the wrong order.

Forward the error of layer `l` comes through `W`, backward through its transpose; a gradient by a weight
matrix is the product of a column and a row. With square matrices the shapes do not give the slip away.

Write the shapes under the factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.read.tree import Name, Node, Product, Transpose


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for site in sites(side):
        node = site.node
        if isinstance(node, Transpose):
            yield Edit(site.put(node.operand), node.span, "the transpose does not belong here")
        if work.elementwise:
            continue
        if node is side and not isinstance(node, (Name, Transpose)):
            whole = Transpose(node, span=node.span)
            yield Edit(whole, node.span, "the whole expression should be transposed")
        if isinstance(node, Name) and work.reading.roles.get(node.base) not in ("L", "eta", "m", None):
            yield Edit(
                site.put(Transpose(node, span=node.span)), node.span, f"{node.base} should be transposed"
            )
        elif isinstance(node, Product) and "odot" not in node.ops and len(node.factors) == 2:
            swapped = replace(node, factors=node.factors[::-1])
            yield Edit(site.put(swapped), node.span, "the factors are in the wrong order")


MISTAKE = entry(
    "transpose",
    "a lost or surplus transpose",
    r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} a^{(1)}",
    r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^T",
    _edits,
)
