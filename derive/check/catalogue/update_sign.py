"""The update goes along the gradient instead of against it.

Gradient descent subtracts: `W := W - eta dL/dW`. It adds only where delta, and with it what is called
the gradient, is the negative derivative; then the plus sign belongs there and is no mistake.

Change the sign of the step.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.check.catalogue.entry import Edit, Workspace, entry
from derive.check.catalogue.sign import inner_signs
from derive.read.tree import Node


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    if work.update:
        for edit in inner_signs(side):
            yield edit._replace(
                words="the step should have the other sign: descent goes against the gradient"
            )


MISTAKE = entry(
    "update-sign",
    "an update in the wrong direction",
    r"W^{(1)} := W^{(1)} + \eta \frac{\partial L}{\partial W^{(1)}}",
    r"W^{(1)} := W^{(1)} - \eta \frac{\partial L}{\partial W^{(1)}}",
    _edits,
)
