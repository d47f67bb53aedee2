"""Printed output against the code that printed it, array by array."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, MutableSequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeGuard

import numpy as np

from derive.check.catalogue import MISTAKES
from derive.check.code.expectation import State, variants
from derive.check.code.runs import Followed, follow
from derive.check.code.shapes import Array, as_array, canonical, shown, spoken
from derive.check.findings import Finding, Place, Verdict
from derive.check.world import World
from derive.program import Step
from derive.read.code import Assigned, Drawn, Event, Printed, Shown
from derive.read.document_types import Document, Segment
from derive.read.numbers import PrintedArray, flatten, read_numbers

_SLACK = 2e-7
"""Relative: what digits that a document rounded before printing may add."""
_ROUNDS = 4
"""How many contradictions in a row are adopted before the rest is left undecided."""
_OTHER_VERSION = "the code shown does not print this: the output is from another version"
_PATIENCE = 2.0
"""Seconds of computing after which no contradiction is adopted: following the code anew takes too long."""


@dataclass(frozen=True)
class Standing:
    """What a variable was recognised as: the quantity with its step, its finding, and the assignment.

    `before` is what the code had computed until then.
    """

    quantity: str
    step: Step
    position: int
    event: Assigned
    before: State


@dataclass(frozen=True)
class _Value:
    source: str
    value: Array
    order: int
    label: str = ""


@dataclass(frozen=True)
class _Pair:
    segment: Segment
    array: PrintedArray
    printed: _Value


def judge_outputs(
    document: Document,
    world: World,
    followed: Followed,
    standing: Mapping[tuple[object, int], Standing],
    findings: MutableSequence[Finding],
) -> None:
    """Judge each printed array: it must be what the code shown prints.

    Where a document printed something else, the printed value is adopted for the variable and the code is
    followed again, so that what was printed later is judged given it.

    Parameters
    ----------
    document : Document
    world : World
    followed : Followed
    standing : mapping of (str, int) to Standing
        By the name of a variable and the order of its assignment.
    findings : mutable sequence of Finding
        Extended in place.
    """
    adopted: dict[tuple[object, int], Array] = {}
    judged: set[tuple[int, int]] = set()
    roots: dict[str, int] = {}
    # What comes after random numbers without a seed is another each time that the code is run.
    draws = (e for e in followed.events if isinstance(e, Drawn) and (e.supplied or not e.seeded))
    certain = min((event.order for event in draws), default=math.inf)
    started = time.process_time()
    for attempt in range(_ROUNDS):
        if attempt and time.process_time() - started > _PATIENCE:
            return
        contradiction = None
        for number, segment in enumerate(document.segments):
            if segment.kind != "output" or segment.of is None or contradiction is not None:
                continue
            for pair in _pairs(segment, list(_printed(followed, segment.of))):
                key = (number, pair.array.span[0])
                stands = _standing(standing, pair.printed)
                if key in judged:
                    continue
                if _fits(pair.printed.value, pair.array):
                    judged.add(key)
                    findings.append(_agreeing(pair, stands, findings, roots))
                elif stands is not None and _digits(pair.array) is not None:
                    contradiction = (pair, stands)
                    judged.add(key)
                    break
                elif stands is None and pair.printed.order < certain and _digits(pair.array) is not None:
                    judged.add(key)
                    findings.append(_other(pair))
        if contradiction is None:
            return
        pair, stands = contradiction
        findings.append(_contradicting(pair, stands))
        roots[pair.printed.source] = len(findings) - 1
        printed = _digits(pair.array)
        if printed is None:
            return
        adopted[stands.event.span, stands.event.count] = printed
        followed = follow(document, world, adopted)  # type: ignore[arg-type]  # keys are spans with counts


def _standing(standing: Mapping[tuple[object, int], Standing], printed: _Value) -> Standing | None:
    """Return what the variable stood for when it was printed: its latest assignment before."""
    names = {
        key: value for key, value in standing.items() if key[0] == printed.source and key[1] < printed.order
    }
    return names[max(names, key=lambda key: key[1])] if names else None


def _printed(followed: Followed, cell: int) -> Iterator[_Value]:
    """Yield the arrays and numbers that a cell prints, each with the words that come before it."""
    events = [event for event in followed.events if _prints(event, cell)]
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
            yield _Value(source, value, event.order, words[k] if known else "")


def _prints(event: Event, cell: int) -> TypeGuard[Printed | Shown]:
    if isinstance(event, Printed):
        return event.running == cell
    return isinstance(event, Shown) and event.span.cell == cell


def _values_of(event: Printed | Shown) -> Iterator[tuple[str, Array]]:
    pieces = event.values if isinstance(event, Printed) else (event,)
    for piece in pieces:
        if (value := as_array(piece.value)) is not None:
            yield piece.source, value


def _pairs(segment: Segment, printed: list[_Value]) -> Iterator[_Pair]:
    """Pair the arrays of an output with the values that its code prints, in order.

    Where some digits fit no value, they are paired by position, and only if the counts leave no choice, or by
    the words before them.
    """
    arrays = [array for array in read_numbers(segment.text) if not array.elided]
    sizes = [len(flatten(array.entries)) for array in arrays]
    if len(arrays) == len(printed) and sizes == [p.value.size for p in printed]:
        yield from (_Pair(segment, array, value) for array, value in zip(arrays, printed, strict=True))
        return
    position = 0
    for array in arrays:
        rest = range(position, len(printed))
        named = next((k for k in rest if _called(printed[k], array)), None)
        found = next((k for k in rest if _fits(printed[k].value, array)), None)
        if found is None or (named is not None and named < found):
            found = named
        if found is not None:
            position = found + 1
            yield _Pair(segment, array, printed[found])


def _called(printed: _Value, array: PrintedArray) -> bool:
    same = bool(array.label) and array.label == printed.label
    return same and len(flatten(array.entries)) == printed.value.size


def _fits(value: Array, array: PrintedArray) -> bool:
    numbers = flatten(array.entries)
    if array.elided or value.size != len(numbers):
        return False
    given = np.array([float(n.value) for n in numbers])
    half = np.array([float(n.half_unit) for n in numbers])
    allowed = half * (1 + 1e-9) + _SLACK * np.maximum(np.abs(value.ravel()), float(np.max(np.abs(value))))
    return bool(np.all(np.abs(value.ravel() - given) <= allowed))


def _digits(array: PrintedArray) -> Array | None:
    values = np.array([float(n.value) for n in flatten(array.entries)]).reshape(array.shape)
    return values if np.all(np.isfinite(values)) else None


def _place(pair: _Pair) -> tuple[Place, str]:
    start, end = (pair.segment.locate(offset) for offset in pair.array.span)
    text = pair.segment.text[pair.array.span[0] : pair.array.span[1]]
    return Place(start.line, start.column, end.line, end.column, start.cell), text


def _agreeing(
    pair: _Pair, stands: Standing | None, findings: MutableSequence[Finding], roots: Mapping[str, int]
) -> Finding:
    place, text = _place(pair)
    if pair.printed.source in roots:
        hint = "printed from a value that contradicts the code"
        return Finding(Verdict.FOLLOWS, place, text, hint=hint, because_of=roots[pair.printed.source])
    if stands is None:
        return Finding(Verdict.RIGHT, place, text, evidence="it is what the code prints")
    cause = findings[stands.position]
    if cause.verdict is Verdict.WRONG:
        return Finding(
            Verdict.FOLLOWS, place, text, hint="printed from a wrong value", because_of=stands.position
        )
    if cause.verdict is Verdict.FOLLOWS:
        return Finding(Verdict.FOLLOWS, place, text, hint=cause.hint, because_of=cause.because_of)
    evidence = f"it is what the code prints, {spoken(stands.quantity)}"
    return Finding(Verdict.RIGHT, place, text, evidence=evidence)


def _other(pair: _Pair) -> Finding:
    """A printed value that is no quantity of the network, and not what the code shown gives."""
    place, text = _place(pair)
    numbers = flatten(pair.array.entries)
    given = np.array([float(n.value) for n in numbers])
    unit = np.array([2 * float(n.half_unit) for n in numbers])
    close = bool(np.all(np.abs(pair.printed.value.ravel() - given) <= unit)) and bool(np.any(unit))
    words = "this is rounded the wrong way" if close else "the code shown does not print this"
    return Finding(
        Verdict.WRONG,
        place,
        text,
        code="rounding" if close else "stale-number",
        expected=f"the code gives {shown(pair.printed.value)}",
        given=shown(given),
        hint=f"{words}: {pair.printed.source} is {shown(pair.printed.value)}",
        counterexample=_difference(pair),
    )


def _difference(pair: _Pair) -> str:
    """Return the first entry that the code does not give, with the digits that it takes to see it."""
    numbers = flatten(pair.array.entries)
    for k, (number, value) in enumerate(zip(numbers, pair.printed.value.ravel(), strict=True)):
        given, half = float(number.value), float(number.half_unit)
        if not abs(value - given) <= half * (1 + 1e-9) + _SLACK * abs(value):
            where = f"entry {k + 1}: " if len(numbers) > 1 else ""
            return f"{where}the code gives {value:.10g}, the output shows {given:.10g}"
    return ""


def _contradicting(pair: _Pair, stands: Standing) -> Finding:
    """The code shown cannot have printed this; say which slip in the code would have."""
    place, text = _place(pair)
    shape = tuple(int(n) for n in stands.step.tensor.shape)
    digits = _digits(pair.array)
    code, hint = "stale-number", _OTHER_VERSION
    if digits is not None:
        for variant in variants(stands.step, stands.before.program):
            value = stands.before.expected(variant.step, 0)
            if value is not None and _fits(
                canonical(value, shape).reshape(pair.printed.value.shape), pair.array
            ):
                version = f"a version that differs in one place ({MISTAKES[variant.code].title})"
                code, hint = variant.code, f"the code shown does not print this, but {version}"
                break
    return Finding(
        Verdict.WRONG,
        place,
        text,
        code=code,
        expected=f"the code gives {shown(pair.printed.value)}",
        given=shown(digits) if digits is not None else text,
        hint=hint,
        counterexample=_difference(pair),
    )
