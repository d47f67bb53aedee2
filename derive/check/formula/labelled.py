r"""Claims about labels, ``L_i = -\log p_{y_i}``: judged with one right class for each sample.

Labels have no place among targets in general position, such as the random points have. A claim with labels is
decided once for each of a few classes, at points whose targets are those labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.context import Context, recomputed
from derive.check.formula.frame import names_of, quiet
from derive.check.formula.label_names import sample_of_label
from derive.check.formula.values import Truth
from derive.check.names import Reading
from derive.read.formula_walk import walk
from derive.read.tree import BigOperator, Name, Node

MOST_CLASSES = 3
"""Classes that are tried as the right one of the first sample."""


def has_labels(ctx: Context, *sides: Node) -> bool:
    """Tell whether a claim is about labels, or about the losses of single samples."""
    reading = ctx.reading
    if not (reading.sample_letter or reading.label_letter or reading.network.loss == "cross-entropy"):
        return False
    return any(reading.remembered("labels", side, _has_labels) for side in sides)


def _has_labels(side: Node, reading: Reading) -> bool:
    for name in names_of(side):
        if sample_of_label(name.base, reading) is not None:
            return True
        ref = quiet(name, reading)
        entries = ref.at or () if ref is not None else ()
        if any(sample_of_label(symbol, reading) is not None for entry in entries for symbol in entry.symbols):
            return True
        if ref is not None and ref.sample is not None and ref.sample.text == reading.sample_letter != "":
            return True
    return False


def of_all_samples(ctx: Context, *sides: Node) -> bool:
    """Tell whether a claim with labels is about several samples: it adds them up, or names their number."""
    letter = ctx.reading.sample_letter
    nodes = [node for side in sides for node in walk(side)]
    if any(isinstance(n, BigOperator) and any(_is(index, letter) for index in n.indices) for n in nodes):
        return True
    refs = [ref for side in sides for name in names_of(side) if (ref := quiet(name, ctx.reading)) is not None]
    whole = any(ref.role == "L" and ref.sample is None for ref in refs)
    return any(ref.role == "m" for ref in refs) or (whole and any(ref.sample is not None for ref in refs))


def _is(index: Node, letter: str) -> bool:
    return isinstance(index, Name) and index.base == letter != ""


def labelled(ctx: Context, *, together: bool) -> Iterator[Context]:
    """Yield contexts in which each sample has one right class, `together` with all samples or one alone."""
    here = ctx if together else ctx.alone()
    truth = here.truth
    classes = here.reading.network.sizes[-1]
    samples = truth.samples
    for first in range(min(classes, MOST_CLASSES)):
        labels = tuple((first + n) % classes for n in range(samples))
        yield replace(here, truth=_with_targets(truth, labels), reading=_with_labels(here, labels))


def labelled_by_example(ctx: Context, *, together: bool) -> Context | None:
    """Return the context in which the labels are those of the example; None where its targets are none."""
    here = ctx if together else ctx.alone()
    if not here.has_example:
        return None
    targets = np.atleast_2d(np.asarray(here.truth.world.inputs[0]["y"], dtype=float))
    if not np.all((targets == 0) | (targets == 1)) or not np.all(targets.sum(axis=-1) == 1):
        return None
    return replace(here, reading=_with_labels(here, tuple(int(k) for k in targets.argmax(axis=-1))))


def _with_labels(ctx: Context, labels: tuple[int, ...]) -> Reading:
    return ctx.reading.changed(labels=labels)


def _with_targets(truth: Truth, labels: tuple[int, ...]) -> Truth:
    """Return the truth at the same points, but for the targets, which are the given labels."""
    found = truth.variants.get(labels)
    if found is None:
        world = truth.world
        targets: Array = np.eye(world.network.sizes[-1])[list(labels)]
        stated = {"y": targets if truth.batched else targets[0]}
        draws = tuple(recomputed(world, point, stated) for point in world.points)
        found = truth.variants[labels] = Truth(world, draws)
    return found
