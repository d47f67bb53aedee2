"""The claim is false, and none of the known slips explains it, or more than one does.

A term that is too many, such as a bias added twice, belongs here as well.

The finding shows numbers at which the two sides differ; put them in, step by step, to see where they part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.read.tree import Add, Node


def _edits(side: Node, _: Workspace) -> Iterator[Edit]:
    for site in sites(side):
        if isinstance(site.node, Add):
            for k, term in enumerate(site.node.terms):
                rest = (*site.node.terms[:k], *site.node.terms[k + 1 :])
                new = replace(site.node, terms=rest) if len(rest) > 1 else rest[0]
                yield Edit(site.put(new), term.span, "this term does not belong here", term in rest)


MISTAKE = entry(
    "other",
    "something else",
    r"z^{(1)}_i = \sum_j w^{(1)}_{ij} x_j + b^{(1)}_i + b^{(1)}_i",
    r"z^{(1)}_i = \sum_j w^{(1)}_{ij} x_j + b^{(1)}_i",
    _edits,
)
