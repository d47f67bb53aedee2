"""Whether a document's delta is the derivative of the loss or its negative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from derive.check.code.elements import Elements
from derive.check.code.naming import Hint, hint_of
from derive.check.code.runs import Followed, key_of
from derive.check.code.shapes import Array
from derive.check.world import World
from derive.read.code import Assigned

Sign = Literal[1, -1]
_ALIKE = 0.5
"""The cosine from which on two derivatives point the same way."""


@dataclass(frozen=True)
class Signs:
    """Which way the code's derivatives point: along the derivatives of the loss (1) or against them (-1)."""

    deltas: Sign
    gradients: Sign


def signs_of(world: World, followed: Followed, elements: Elements) -> Signs:
    """Return which way the code's deltas and gradients of parameters point, for the most part.

    Only directions are compared, so that a forward pass with a mistake does not decide. Where updates then
    go up the gradient, the sign is no convention but a mistake. A gradient that points the wrong way is a
    convention only where updates make up for it, and its name does not call it a derivative of the loss.
    """
    runs = range(min(1, followed.count - 1), followed.count)
    found = [_votes(world, followed, elements, run) for run in runs]
    uphill = found[-1]["uphill"]
    # At some numbers a slip turns a derivative round; a convention does so at all of them.
    against = {kind: all(votes[kind] < 0 for votes in found) for kind in ("dz", "dW")}
    return Signs(
        -1 if against["dz"] and uphill <= 0 else 1,
        -1 if against["dW"] and uphill < 0 else 1,
    )


def _votes(world: World, followed: Followed, elements: Elements, run: int) -> dict[str, int]:
    """Count in one run the derivatives that point along those of the loss, less those that point against."""
    true = world.points[run - 4 if run else 0].values  # runs 1 and 2 are at two of the random points
    votes = {"dz": 0, "dW": 0, "uphill": 0}
    held: dict[str, tuple[str, Array]] = {}
    for event in followed.events:
        values = followed.values.get(key_of(event), ()) if isinstance(event, Assigned) else ()
        if not isinstance(event, Assigned) or len(values) <= run or _is_later(event):
            continue
        given = followed.givens.get((event.span, event.resolved, event.count))
        if given is not None:
            held[event.resolved] = given, values[run]
            continue
        hint = hint_of(event.resolved)
        if hint is not None and hint.kind in votes and not (hint.labelled or elements.unfinished(event)):
            votes[hint.kind] += sum(_direction(values[run], slope) for slope in _meant(hint, true))
        name = event.resolved
        if hint is not None and hint.kind in ("W_new", "b_new"):
            name = next((n for n, (p, _) in held.items() if p == f"{hint.kind[0]}{hint.layer or ''}"), name)
        parameter, before = held.pop(name, ("", values[run]))
        if parameter.startswith(("W", "b")) and before.shape == values[run].shape:
            votes["uphill"] += _direction(values[run] - before, true[f"d{parameter}"])
    return votes


def keeps_each(world: World, followed: Followed, elements: Elements, samples: int) -> bool | None:
    """Whether the deltas of a batch are those of each sample's loss, and their mean is left for later.

    None where no variable is called a delta.
    """
    if samples == 1:
        return None
    run = followed.count - 1
    true = world.points[run - 4 if run else 0].values
    votes = 0
    for event in followed.events:
        hint = hint_of(event.resolved) if isinstance(event, Assigned) else None
        values = followed.values.get(key_of(event), ()) if isinstance(event, Assigned) else ()
        if not isinstance(event, Assigned) or hint is None or len(values) <= run or _is_later(event):
            continue
        if hint.kind not in ("dz", "da") or elements.unfinished(event):
            continue
        for slope in _meant(hint, true):
            if slope.size == values[run].size:
                ratio = float(np.linalg.norm(values[run])) / max(float(np.linalg.norm(slope)), 1e-300)
                votes += 1 if ratio > np.sqrt(samples) else -1
    return votes > 0 if votes else None


def _meant(hint: Hint, true: Mapping[str, Array]) -> list[Array]:
    """Return the derivative that a name says, or all of its kind where it says no layer of the network."""
    if hint.layer is not None and not hint.listed and (name := f"{hint.kind}{hint.layer}") in true:
        return [true[name]]
    return [value for name, value in true.items() if name.startswith(hint.kind)]


def _is_later(event: Assigned) -> bool:
    """Whether an event belongs to a later pass of a loop, by which parameters may have been updated."""
    return any(number > 0 for _, number in event.loops[:1])


def _direction(first: Array, second: Array) -> int:
    """Return 1 for arrays that point the same way, -1 for opposite ones; 0 if neither or not comparable."""
    if first.size != second.size:
        return 0
    turned = first.T if first.shape != second.shape and first.T.shape == second.shape else first
    lengths = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
    cosine = float(np.dot(turned.ravel(), second.ravel())) / lengths if lengths else 0.0
    return int(np.sign(cosine)) if abs(cosine) > _ALIKE else 0
