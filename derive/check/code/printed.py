"""What code prints, number by number, beside what a document shows below it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias, TypeGuard

import numpy as np

from derive.check.code.runs import Followed
from derive.check.code.shapes import Array, as_array
from derive.read.code import Event, Printed, Shown
from derive.read.document_types import Segment
from derive.read.number_tokens import number_tokens, without_numbers
from derive.read.numbers import PrintedArray, flatten, read_numbers

SLACK = 2e-7
"""Relative: what digits that a document rounded before printing may add."""

Output: TypeAlias = Printed | Shown


@dataclass(frozen=True)
class PrintedValue:
    """A value that the code prints, with its source and the words that come before it."""

    source: str
    value: Array
    order: int
    label: str = ""


@dataclass(frozen=True)
class Pair:
    """A printed array of a document, and what the code prints in its place."""

    segment: Segment
    array: PrintedArray
    printed: PrintedValue


def pairs(segment: Segment, followed: Followed, cell: int) -> Iterator[Pair]:
    """Pair the arrays of an output with the values that its code prints, in order.

    Where the words of all lines are those that the code prints, the numbers of a line are its values.
    Elsewhere what fits is paired, and what does not by position, only if the counts leave no choice, or by
    the words before it.
    """
    events = [event for event in followed.events if _prints(event, cell)]
    found = list(_by_lines(segment, events))
    lines = {segment.text.count("\n", 0, pair.array.span[0]) for pair in found}
    arrays = [
        array
        for array in read_numbers(segment.text)
        if not array.elided and segment.text.count("\n", 0, array.span[0]) not in lines
    ]
    paired = {pair.printed.order for pair in found}
    rest = [value for value in _labelled(events) if value.order not in paired]
    yield from sorted([*found, *_by_position(segment, arrays, rest)], key=lambda pair: pair.array.span)


def _prints(event: Event, cell: int) -> TypeGuard[Output]:
    if isinstance(event, Printed):
        return event.running == cell
    return isinstance(event, Shown) and event.span.cell == cell


def _by_lines(segment: Segment, events: Sequence[Output]) -> Iterator[Pair]:
    """Pair the decimals of lines in which the code prints single numbers, if all lines have its words."""
    starts = [0, *accumulate(len(line) + 1 for line in segment.text.split("\n"))]
    shown = [(at, line) for at, line in zip(starts, segment.text.split("\n"), strict=False) if line.strip()]
    given = [(event, line) for event in events for line in event.text.split("\n") if line.strip()]
    if [without_numbers(line) for _, line in shown] != [without_numbers(line) for _, line in given]:
        return
    lines = [event for event, _ in given]
    for (at, text), (event, line) in zip(shown, given, strict=True):
        values = list(_values_of(event))
        if lines.count(event) == 1 and event.complete and all(value.size == 1 for _, value in values):
            yield from _in_line(segment, at, text, line, [PrintedValue(s, v, event.order) for s, v in values])


def _in_line(
    segment: Segment, start: int, text: str, line: str, values: Sequence[PrintedValue]
) -> Iterator[Pair]:
    """Pair the numbers of a line with the values by which the code makes it; those of its words are left."""
    tokens = list(zip(number_tokens(text, start), number_tokens(line), strict=True))
    places = iter(tokens)
    found: list[Pair] = []
    for value in values:
        shown = next((shown for shown, own in places if fits(value.value, own)), None)
        if shown is None:
            return
        if "." in segment.text[shown.span[0] : shown.span[1]]:
            found.append(Pair(segment, shown, value))
    yield from found


def _labelled(events: Sequence[Output]) -> Iterator[PrintedValue]:
    """Yield the arrays and numbers that are printed, each with the words that come before it."""
    texts = [event.text if event.text.endswith("\n") else f"{event.text}\n" for event in events]
    starts = [0, *accumulate(map(len, texts))]
    labels: dict[int, list[str]] = {}
    for array in read_numbers("".join(texts)):
        labels.setdefault(bisect_right(starts, array.span[0]) - 1, []).append(array.label)
    for number, event in enumerate(events):
        values = list(_values_of(event))
        words = labels.get(number, [])
        known = len(words) == len(values) and event.complete
        for k, (source, value) in enumerate(values):
            yield PrintedValue(source, value, event.order, words[k] if known else "")


def _values_of(event: Output) -> Iterator[tuple[str, Array]]:
    pieces = event.values if isinstance(event, Printed) else (event,)
    for piece in pieces:
        if (value := as_array(piece.value)) is not None:
            yield piece.source, value


def _by_position(
    segment: Segment, arrays: Sequence[PrintedArray], printed: Sequence[PrintedValue]
) -> Iterator[Pair]:
    sizes = [len(flatten(array.entries)) for array in arrays]
    if len(arrays) == len(printed) and sizes == [p.value.size for p in printed]:
        yield from (Pair(segment, array, value) for array, value in zip(arrays, printed, strict=True))
        return
    position = 0
    for array in arrays:
        rest = range(position, len(printed))
        named = next((k for k in rest if _called(printed[k], array)), None)
        found = next((k for k in rest if fits(printed[k].value, array)), None)
        if found is None or (named is not None and named < found):
            found = named
        if found is not None:
            position = found + 1
            yield Pair(segment, array, printed[found])


def _called(printed: PrintedValue, array: PrintedArray) -> bool:
    same = bool(array.label) and array.label == printed.label
    return same and len(flatten(array.entries)) == printed.value.size


def fits(value: Array, array: PrintedArray) -> bool:
    """Whether printed digits can be those of a value."""
    numbers = flatten(array.entries)
    if array.elided or value.size != len(numbers):
        return False
    given = np.array([float(n.value) for n in numbers])
    half = np.array([float(n.half_unit) for n in numbers])
    allowed = half * (1 + 1e-9) + SLACK * np.maximum(np.abs(value.ravel()), float(np.max(np.abs(value))))
    return bool(np.all(np.abs(value.ravel() - given) <= allowed))


def digits_of(array: PrintedArray) -> Array | None:
    """Return the numbers of a printed array, None where one is not finite."""
    values = np.array([float(n.value) for n in flatten(array.entries)]).reshape(array.shape)
    return values if np.all(np.isfinite(values)) else None
