"""What is called a derivative of the loss is its negative.

Some notes define delta as the negative derivative, so that the update adds. That is a convention and
right. But then the products with delta are negative derivatives as well, and `dL/dW` is not their name.

Either write a minus sign before the product, or do not call it a derivative.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.check.catalogue.entry import Edit, Workspace, entry
from derive.check.catalogue.sign import negated
from derive.read.formula_walk import walk
from derive.read.tree import Name, Node


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    if work.reading.delta != "negative-gradient" or not work.of_loss:
        return
    deltas = (n for n in walk(side) if isinstance(n, Name) and work.reading.roles.get(n.base) == "delta")
    if next(deltas, None) is not None:
        for edit in negated(side):
            yield edit._replace(words="this is the negative of the derivative, as delta is here")


MISTAKE = entry(
    "negated-gradient",
    "a negated gradient called a derivative",
    r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^T",
    r"\frac{\partial L}{\partial W^{(2)}} = -\delta^{(2)} (a^{(1)})^T",
    _edits,
)
