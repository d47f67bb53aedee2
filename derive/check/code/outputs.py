"""Printed output against the code that printed it, array by array."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, MutableSequence
from dataclasses import dataclass

import numpy as np

from derive.check.catalogue import MISTAKES
from derive.check.code.expectation import State, variants
from derive.check.code.printed import SLACK, Pair, PrintedValue, digits_of, fits, pairs
from derive.check.code.runs import Followed, follow
from derive.check.code.shapes import Array, canonical, shown
from derive.check.findings import Finding, Place, Verdict
from derive.check.world import World
from derive.program import Step
from derive.read.code import Assigned, Drawn
from derive.read.document_types import Document
from derive.read.numbers import flatten

_ROUNDS = 4
"""How many contradictions in a row are adopted before the rest is left undecided."""
_OTHER_VERSION = "the code shown does not print this: the output is from another version"
_PATIENCE = 200_000
"""Steps of following the code anew, beyond which no contradiction is adopted, and none said any more."""


@dataclass(frozen=True)
class Standing:
    """What a variable was recognised as, in words, its finding, and the assignment.

    Of whole quantities there are the step, and what the code had computed before it.
    """

    label: str
    position: int
    event: Assigned
    step: Step | None = None
    before: State | None = None


def judge_outputs(
    document: Document,
    world: World,
    followed: Followed,
    standing: Mapping[tuple[object, int], Standing],
    findings: MutableSequence[Finding],
) -> None:
    """Judge each printed array: it must be what the code shown prints.

    Where a document printed something else, the printed value is adopted for the variable and the code is
    followed again, so that what was printed later is judged given it; what the code prints is right, too.

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
    shown = dict(_pairs(document, followed))
    steps, patient = 0, True
    for _ in range(_ROUNDS):
        contradiction = None
        for key, pair in _pairs(document, followed):
            if key in judged:
                continue
            stands = _standing(standing, pair.printed)
            if fits(pair.printed.value, pair.array):
                judged.add(key)
                findings.append(_agreeing(pair, stands, findings, roots))
            elif key in shown and fits(shown[key].printed.value, pair.array):
                judged.add(key)
                findings.append(_agreeing(shown[key], stands, findings, {}))
            elif stands is not None and digits_of(pair.array) is not None:
                judged.add(key)
                if patient:
                    contradiction = (pair, stands)
                    break
            elif stands is None and pair.printed.order < certain and digits_of(pair.array) is not None:
                judged.add(key)
                findings.append(_other(pair))
        if contradiction is None:
            return
        pair, stands = contradiction
        findings.append(_contradicting(pair, stands))
        roots[pair.printed.source] = len(findings) - 1
        printed, steps = digits_of(pair.array), steps + followed.first.steps
        patient = steps <= _PATIENCE
        if printed is not None and patient:
            adopted[stands.event.span, stands.event.count] = printed
            followed = follow(document, world, adopted)  # type: ignore[arg-type]  # keys are spans with counts


def _pairs(document: Document, followed: Followed) -> Iterator[tuple[tuple[int, int], Pair]]:
    """Yield what the outputs of a document show beside what the code prints, by segment and place in it."""
    for number, segment in enumerate(document.segments):
        if segment.kind == "output" and segment.of is not None:
            for pair in pairs(segment, followed, segment.of):
                yield (number, pair.array.span[0]), pair


def _standing(standing: Mapping[tuple[object, int], Standing], printed: PrintedValue) -> Standing | None:
    """Return what the variable stood for when it was printed: its latest assignment before."""
    names = {
        key: value for key, value in standing.items() if key[0] == printed.source and key[1] < printed.order
    }
    return names[max(names, key=lambda key: key[1])] if names else None


def _place(pair: Pair) -> tuple[Place, str]:
    start, end = (pair.segment.locate(offset) for offset in pair.array.span)
    text = pair.segment.text[pair.array.span[0] : pair.array.span[1]]
    return Place(start.line, start.column, end.line, end.column, start.cell), text


def _agreeing(
    pair: Pair, stands: Standing | None, findings: MutableSequence[Finding], roots: Mapping[str, int]
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
    evidence = f"it is what the code prints, {stands.label}"
    return Finding(Verdict.RIGHT, place, text, evidence=evidence)


def _other(pair: Pair) -> Finding:
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


def _difference(pair: Pair) -> str:
    """Return the first entry that the code does not give, with the digits that it takes to see it."""
    numbers = flatten(pair.array.entries)
    for k, (number, value) in enumerate(zip(numbers, pair.printed.value.ravel(), strict=True)):
        given, half = float(number.value), float(number.half_unit)
        if not abs(value - given) <= half * (1 + 1e-9) + SLACK * abs(value):
            where = f"entry {k + 1}: " if len(numbers) > 1 else ""
            return f"{where}the code gives {value:.10g}, the output shows {given:.10g}"
    return ""


def _contradicting(pair: Pair, stands: Standing) -> Finding:
    """The code shown cannot have printed this; say which slip in the code would have."""
    place, text = _place(pair)
    digits = digits_of(pair.array)
    code, hint = "stale-number", _OTHER_VERSION
    if digits is not None and stands.step is not None and stands.before is not None:
        shape = tuple(int(n) for n in stands.step.tensor.shape)
        for variant in variants(stands.step, stands.before.program):
            value = stands.before.expected(variant.step, 0)
            if value is not None and fits(
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
