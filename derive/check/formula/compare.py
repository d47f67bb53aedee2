"""Whether two sides are equal, for all free indices and at all points; and where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.elided import has_elided, plain_sizes, restored, shown_place
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.expand import bodies
from derive.check.formula.frame import Frame, frames
from derive.check.formula.label_names import label_values, sample_of_label
from derive.check.formula.marks import SOME_LAYER
from derive.check.formula.shapes import as_scalar, flat, is_matrix, size_of
from derive.check.intervals import NOISE, TIGHT, Interval, Value, high_of, low_of, meets, middle_of
from derive.read.formula_walk import walk
from derive.read.tree import Comparison, Dots, Listing, Matrix, Name, Neg, Node, Number


@dataclass(frozen=True)
class Case:
    """The comparison under one assignment of the layers.

    Attributes
    ----------
    layers : dict of str to int
    holds : bool
    wrong : tuple of int
        The entries (rows first) at which the sides differ somewhere.
    counterexample : str
    trivial : bool
        Whether both sides are 0 everywhere.
    left, right : float
        The two values of the counterexample.
    """

    layers: dict[str, int]
    holds: bool
    wrong: tuple[int, ...] = ()
    counterexample: str = ""
    trivial: bool = False
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """All cases of one claim."""

    cases: tuple[Case, ...]

    @property
    def holds(self) -> bool:
        """Whether the sides are equal throughout."""
        return all(case.holds for case in self.cases)

    @property
    def first_wrong(self) -> Case:
        """The first case that fails."""
        return next(case for case in self.cases if not case.holds)

    @property
    def trivial(self) -> bool:
        """Whether both sides are 0 everywhere."""
        return all(case.trivial for case in self.cases)


def compare(
    ev: Evaluator,
    left: Node,
    right: Node,
    conditions: Sequence[Comparison] = (),
    fixed: dict[str, int] | None = None,
    *,
    brief: bool = False,
) -> Outcome:
    """Compare two sides; with `brief`, no further than to the first case that fails.

    Raises
    ------
    Undecided
        If a side has no value that is known.
    MistakeError
        If a side can have no value.
    """
    cases: list[Case] = []
    left_ev = ev.for_left()
    reason: Exception = Undecided("no layer and no index of the network fits")
    if ev.displayed and ev.exact and _is_rounded(right):
        ev = replace(ev, exact=frozenset())
    behind = tuple(body for side in (left, right) for body in bodies(side, ev.definitions))
    for frame in frames((left, right, *behind), ev.reading, fixed):
        if not _allowed(ev, conditions, frame):
            continue
        try:
            with np.errstate(all="ignore"):
                one, other, shown = _sides(left_ev, ev, left, right, frame)
            if frame.mask.any():
                case = _case(ev, one, other, frame, right)
                cases.append(replace(case, wrong=tuple(shown_place(right, shown, k) for k in case.wrong)))
        except MissingLayerError:
            continue
        except (Undecided, MistakeError) as error:
            if SOME_LAYER not in frame.layers:
                raise
            reason = error  # it may be meant of another layer
            continue
        if brief and cases and not cases[-1].holds:
            break
    if not cases:
        raise reason
    return Outcome(tuple(cases))


def _sides(
    left_ev: Evaluator, ev: Evaluator, left: Node, right: Node, frame: Frame
) -> tuple[Value, Value, Node]:
    """Return the values of both sides, and the right one with its matrices in full size."""
    both = ((left_ev, left), (ev, right))
    elided = [has_elided(side, ev.reading) for _, side in both]
    if not any(elided):
        return left_ev.side(left, frame), ev.side(right, frame), right
    known = [own.side(side, frame) for (own, side), gone in zip(both, elided, strict=True) if not gone]
    sizes = [size_of(value) for value in known if is_matrix(value)]
    sizes += [size[::-1] for size in sizes if 1 in size]
    sizes += [size for _, side in both for size in plain_sizes(side)]
    left, right = restored(left, sizes), restored(right, sizes)
    return left_ev.side(left, frame), ev.side(right, frame), right


def _is_rounded(side: Node) -> bool:
    """Whether a side is a result that shows by a last 0 that it was rounded: 0.2000 is not the given 0.2."""
    parts = tuple(walk(side))
    numbers = [part for part in parts if isinstance(part, Number)]
    plain = all(isinstance(part, (Number, Neg, Matrix, Listing, Dots)) for part in parts)
    return plain and any("." in number.text and number.text.endswith("0") for number in numbers)


def _allowed(ev: Evaluator, conditions: Sequence[Comparison], frame: Frame) -> bool:
    """Tell whether the layers meet the side conditions; thin the combinations by those on units."""
    for condition in conditions:
        values = [_plain(ev, term, frame) for term in condition.terms]
        for relation, one, other in zip(condition.relations, values, values[1:], strict=False):
            if one is None or other is None or relation not in _HOLDS:
                continue
            holds = _HOLDS[relation](one, other)
            if np.ndim(holds) == 0 and not holds:
                return False
            if np.ndim(holds):
                frame.mask &= holds
    return bool(frame.mask.any())


_HOLDS = {
    "<": np.less,
    "≤": np.less_equal,
    ">": np.greater,
    "≥": np.greater_equal,
    "≠": np.not_equal,
    "=": np.equal,
}


def _plain(ev: Evaluator, term: Node, frame: Frame) -> Array | float | None:
    if isinstance(term, Number):
        return float(term.value)
    if isinstance(term, Name) and not term.subscripts and not term.superscripts:
        if (sample := sample_of_label(term.base, ev.reading)) is not None:
            return label_values(sample, ev.reading, frame)
        if term.base == "L":
            return float(ev.reading.layers + ev.reading.units_from)
        if term.base in frame.layers:
            return float(frame.layers[term.base])
        return frame.units.get(term.base)
    return None


def _case(ev: Evaluator, one: Value, other: Value, frame: Frame, right: Node) -> Case:
    with np.errstate(all="ignore"):
        return _judged(ev, *_matched(one, other, right), frame)


def _judged(ev: Evaluator, first: Value, second: Value, frame: Frame) -> Case:
    if ev.displayed and ev.truth.draws is not None:
        first, second = _hull(first), _hull(second)
    if ev.displayed:
        agree = meets(first, second, NOISE if ev.loosened else TIGHT)
        size = np.maximum(np.abs(low_of(first)), np.abs(low_of(second)))
        usable = np.isfinite(size) & np.isfinite(low_of(second) + high_of(second))
    else:
        one_side, other_side = low_of(first), low_of(second)
        gap = np.abs(one_side - other_side)
        size = np.maximum(np.abs(one_side), np.abs(other_side))
        usable = np.isfinite(gap)
        floor = 1e-12 * float(np.max(size[usable], initial=0.0))
        agree = gap <= NOISE * size + floor
    usable = usable & frame.mask[None, :, None]
    size = np.broadcast_to(size, usable.shape)
    if not usable.any():
        raise Undecided("no finite numbers at any point")
    failing = ~agree & usable
    trivial = not np.any(np.asarray(size)[usable] > 0)
    if not failing.any():
        return Case(dict(frame.layers), True, trivial=trivial)
    entries = tuple(int(k) for k in np.flatnonzero(failing.any(axis=(0, 1))))
    p, c, k = (int(n) for n in np.argwhere(failing)[0])
    shape = np.broadcast_shapes(first.shape, second.shape)
    left_value = float(np.broadcast_to(middle_of(first), shape)[p, c, k])
    right_value = float(np.broadcast_to(middle_of(second), shape)[p, c, k])
    words = _words(ev, frame, p, c, k, shape[-1], left_value, right_value)
    return Case(dict(frame.layers), False, entries, words, trivial, left_value, right_value)


def _matched(one: Value, other: Value, right: Node) -> tuple[Value, Value]:
    """Return two values with three axes: points, combinations, entries."""
    one, other = as_scalar(one), as_scalar(other)
    if is_matrix(one) != is_matrix(other):
        matrix = one if is_matrix(one) else other
        shape = "×".join(map(str, size_of(matrix)))
        raise MistakeError("shape", f"one side is a {shape} matrix, the other a number", right.span)
    if is_matrix(one) and size_of(one) != size_of(other):
        a, b = size_of(one), size_of(other)
        if a != b[::-1] or 1 not in a:
            shown = ["×".join(map(str, size)) for size in (a, b)]
            raise MistakeError("shape", f"the sides are {shown[0]} and {shown[1]} matrices", right.span)
    first, second = flat(one), flat(other)
    return _widened(first, second), _widened(second, first)


def _hull(value: Value) -> Value:
    """Return what a value can be over all draws, as one point."""
    return Interval(low_of(value).min(axis=0, keepdims=True), high_of(value).max(axis=0, keepdims=True))


def _widened(value: Value, like: Value) -> Value:
    shape = np.broadcast_shapes(value.shape, like.shape)
    if isinstance(value, Interval):
        return Interval(np.broadcast_to(value.low, shape), np.broadcast_to(value.high, shape))
    return np.broadcast_to(np.real_if_close(value), shape)


def _words(
    ev: Evaluator, frame: Frame, p: int, c: int, k: int, entries: int, left: float, right: float
) -> str:
    names = ev.truth.world.names
    where = [names[p] if p < len(names) else names[0]]
    where += [f"{symbol} = {number}" for symbol, number in frame.layers.items() if symbol != "*"]
    where += [f"{symbol} = {int(values[c])}" for symbol, values in frame.units.items()]
    if entries > 1:
        where.append(f"entry {k + 1}")
    return f"at {', '.join(where)}: {left:.6g} against {right:.6g}"
