"""Numbers that a document writes out otherwise than the network file: a slip in copying, or meant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from derive.check.code.givens import LABELS, with_folded
from derive.check.code.places import Places
from derive.check.code.runs import Followed, key_of
from derive.check.code.shapes import agree, spoken
from derive.check.world import World
from derive.read.code import Assigned


def own_numbers(known: World, followed: Followed, places: Places) -> Iterator[str]:
    """Yield a note on each input that differs from the network file, where others are the same."""
    example = with_folded(known, known.example_inputs)
    same = 0
    other: list[str] = []
    for event in followed.events:
        if not isinstance(event, Assigned) or not event.given or event.drawn:
            continue
        name = followed.givens.get((event.span, event.resolved, event.count), LABELS)
        values = followed.values.get(key_of(event))
        if name not in example or not values or not values[0].any():
            continue  # zeros are where a training starts
        if agree(values[0], np.asarray(example[name], dtype=float)):
            same += 1
        else:
            line = places.of(event.span).line
            other.append(f"line {line}: {spoken(name)} has other numbers here than in the network file")
    if same:
        yield from dict.fromkeys(other)
