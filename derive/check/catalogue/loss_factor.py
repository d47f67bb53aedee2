"""A constant factor of the loss is lost, or stands where none belongs.

It is a 1/2, a 2, or one over the number of outputs or samples.

Half the sum of squares is chosen so that its derivative has no 2; a mean has one over the number of what
it is the mean of, and so has its derivative.

Differentiate the loss as it is written at the top of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derive.check.catalogue.entry import Edit, Workspace, entry
from derive.check.catalogue.surplus_factor import without_factors
from derive.read.formula_walk import walk
from derive.read.tree import Node, Number, Product, Quotient


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    if not work.of_loss:
        return
    yield from _constants(side)
    outputs = work.reading.network.sizes[-1]
    for number in sorted({2, outputs} - {1}):
        factor = Number(str(number), Fraction(number), Fraction(1), span=side.span)
        twice = Product((factor, side), ("",), span=side.span)
        yield Edit(twice, side.span, f"a factor {number} is missing")
        half = Quotient(side, factor, "frac", span=side.span)
        yield Edit(half, side.span, f"a factor 1/{number} is missing")


def _constants(side: Node) -> Iterator[Edit]:
    """Yield the side without one of the constants that are there."""
    for dropped, edit in without_factors(side):
        if all(isinstance(part, (Number, Quotient)) for part in walk(dropped)):
            yield edit._replace(plain=True)


MISTAKE = entry(
    "loss-factor",
    "a constant factor of the loss",
    r"\frac{\partial L}{\partial a^{(2)}_i} = 2 (a^{(2)}_i - y_i)",
    r"\frac{\partial L}{\partial a^{(2)}_i} = a^{(2)}_i - y_i",
    _edits,
)
