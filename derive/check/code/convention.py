"""Whether a document's delta is the derivative of the loss or its negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.runs import Followed, key_of
from derive.check.code.shapes import Array
from derive.check.world import World
from derive.read.code import Assigned

Sign = Literal[1, -1]


def sign_of_deltas(world: World, followed: Followed) -> Sign:
    """Return -1 where the code's deltas point against the derivatives more often than along them.

    Only directions are compared, so that a forward pass with a mistake does not decide. Where updates then
    go up the gradient, the sign is no convention but a mistake, and 1 is returned.
    """
    run = followed.count - 1  # runs 1 and 2 are at the first two of the three random points
    true = world.points[run - 4 if run else 0].values
    votes = 0
    uphill = 0
    held: dict[str, tuple[str, Array]] = {}
    for event in followed.events:
        values = followed.values.get(key_of(event), ()) if isinstance(event, Assigned) else ()
        if not isinstance(event, Assigned) or len(values) <= run:
            continue
        given = followed.givens.get((event.span, event.resolved, event.count))
        if given is not None:
            held[event.resolved] = given, values[run]
            continue
        hint = hint_of(event.resolved)
        if hint is not None and hint.kind == "dz":
            votes += sum(_direction(values[run], slope) for slope in _deltas(true))
        name = event.resolved
        if hint is not None and hint.kind in ("W_new", "b_new"):
            name = next((n for n, (p, _) in held.items() if p == f"{hint.kind[0]}{hint.layer or ''}"), name)
        parameter, before = held.pop(name, ("", values[run]))
        if parameter.startswith(("W", "b")) and before.shape == values[run].shape:
            uphill += _direction(values[run] - before, true[f"d{parameter}"])
    return -1 if votes < 0 and uphill <= 0 else 1


def _deltas(values: Mapping[str, Array]) -> list[Array]:
    return [value for name, value in values.items() if name.startswith("dz")]


def _direction(first: Array, second: Array) -> int:
    """Return the sign of the product of two arrays of one size, whichever way they lie; 0 for other sizes."""
    if first.size != second.size:
        return 0
    turned = first.T if first.shape != second.shape and first.T.shape == second.shape else first
    return int(np.sign(np.dot(turned.ravel(), second.ravel())))
