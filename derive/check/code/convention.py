"""Whether a document's delta is the derivative of the loss or its negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.runs import Followed, key_of
from derive.check.world import World
from derive.program import Step
from derive.read.code import Assigned

Sign = Literal[1, -1]


def sign_of_deltas(world: World, followed: Followed, quantities: Mapping[str, Step]) -> Sign:
    """Return -1 where the code's deltas point against the derivatives more often than along them.

    Only directions are compared, so that a forward pass with a mistake does not decide.
    """
    votes = 0
    point = world.points[0]
    for event in followed.events:
        if not isinstance(event, Assigned):
            continue
        hint = hint_of(event.resolved)
        values = followed.values.get(key_of(event))
        if hint is None or hint.kind != "dz" or not values:
            continue
        for name in quantities:
            true = point.values.get(name)
            if name.startswith("dz") and true is not None and true.size == values[0].size:
                votes += int(np.sign(np.dot(true.ravel(), values[0].ravel())))
    return -1 if votes < 0 else 1
