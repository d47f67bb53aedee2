"""Printed output against the code that printed it, array by array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableSequence
from dataclasses import dataclass

import numpy as np

from derive.check.code.expectation import State, variants
from derive.check.code.runs import Followed, follow
from derive.check.code.shapes import Array, as_array, canonical, shown, spoken
from derive.check.findings import Finding, Place, Verdict
from derive.check.world import World
from derive.program import Step
from derive.read.code import Assigned, Printed, Shown
from derive.read.document_types import Document, Segment
from derive.read.numbers import PrintedArray, flatten, read_numbers

_SLACK = 2e-7
"""Relative: what digits that a document rounded before printing may add."""
_ROUNDS = 4
"""How many contradictions in a row are adopted before the rest is left undecided."""


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
    for _ in range(_ROUNDS):
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
    for event in followed.events:
        if isinstance(event, Printed) and event.running == cell:
            for item in event.values:
                if (value := as_array(item.value)) is not None:
                    yield _Value(item.source, value, event.order)
        elif (
            isinstance(event, Shown)
            and event.span.cell == cell
            and (value := as_array(event.value)) is not None
        ):
            yield _Value(event.source, value, event.order)


def _pairs(segment: Segment, printed: list[_Value]) -> Iterator[_Pair]:
    """Pair the arrays of an output with the values that its code prints, in order.

    Where some digits fit no value, they are paired by position, and only if the counts leave no choice.
    """
    arrays = [array for array in read_numbers(segment.text) if not array.elided]
    sizes = [len(flatten(array.entries)) for array in arrays]
    if len(arrays) == len(printed) and sizes == [p.value.size for p in printed]:
        yield from (_Pair(segment, array, value) for array, value in zip(arrays, printed, strict=True))
        return
    position = 0
    for array in arrays:
        found = next((k for k in range(position, len(printed)) if _fits(printed[k].value, array)), None)
        if found is not None:
            position = found + 1
            yield _Pair(segment, array, printed[found])


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


def _contradicting(pair: _Pair, stands: Standing) -> Finding:
    """The code shown cannot have printed this; say which slip in the code would have."""
    place, text = _place(pair)
    shape = tuple(int(n) for n in stands.step.tensor.shape)
    digits = _digits(pair.array)
    code, hint = "stale-number", "the code shown does not print this: the output is from another version"
    if digits is not None:
        for variant in variants(stands.step, stands.before.program):
            value = stands.before.expected(variant.step, 0)
            if value is not None and _fits(
                canonical(value, shape).reshape(pair.printed.value.shape), pair.array
            ):
                code, hint = variant.code, f"this is what the code prints with another slip: {variant.words}"
                break
    return Finding(
        Verdict.WRONG,
        place,
        text,
        code=code,
        expected=f"the code gives {shown(pair.printed.value)}",
        given=shown(digits) if digits is not None else text,
        hint=hint,
    )
