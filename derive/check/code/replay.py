"""Arrays that loops add up element by element: replay their statements with one of them edited."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from typing import NamedTuple

import numpy as np

from derive.check.code.book import Book, Match
from derive.check.code.edits import MOST_EDITS, Expression, Fix, edits, value_of
from derive.check.code.plain import plain
from derive.check.code.runs import Followed, key_of, statement_of
from derive.check.code.shapes import Array, agree
from derive.read.code import Assigned

_MOST_STEPS = 2_000
_INDICES = re.compile(r"(?:\[\d+(?:, ?\d+)*\])+")
_NEUTRAL: Mapping[type[ast.operator], float] = {ast.Add: 0.0, ast.Sub: 0.0, ast.Mult: 1.0, ast.Div: 1.0}
Position = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One execution of a statement for one element: what it was before and after, in every run.

    It adds (neutral is 0), multiplies (1) or sets the element (None).
    """

    event: Assigned
    neutral: float | None
    before: Sequence[float]
    after: Sequence[float]
    operands: Sequence[Mapping[str, Array]]


class Replayed(NamedTuple):
    """The statement that a mistake is in, and the edit that undoes it."""

    event: Assigned
    fix: Fix


def replayed(
    book: Book, followed: Followed, event: Assigned, match: Match, pool: Mapping[str, Sequence[Array]]
) -> Replayed | None:
    """Return the statement after whose edit all elements of an array come out right, None where none does.

    An edit that adds to its statement could make up for a mistake in another one; it comes after those
    that do not.

    Parameters
    ----------
    book, followed
        The document with what was found in it, and its runs.
    event : Assigned
        What completes the array.
    match : Match
        What the array should be.
    pool : mapping
        Quantities that the code has computed so far.
    """
    runs = len(match.values)
    steps = _steps(book, followed, event, runs)
    total = sum(map(len, steps.values()))
    if (
        runs < 2
        or not _MOST_STEPS >= total > len(steps)
        or set(steps) != set(np.ndindex(match.values[0].shape))
    ):
        return None
    found: list[tuple[tuple[bool, int], Replayed]] = []
    statements = {statement_of(s.event): s.event for chain in steps.values() for s in chain}
    for number, faulty in enumerate(statements.values()):
        node = book.places.expression(faulty)
        if node is None:
            continue
        node = plain(node)
        for fix, edited in _fitting(node, faulty, steps, match, pool):
            found.append(((_size(edited) > _size(node), -number), Replayed(faulty, fix)))
            break
    return min(found, key=lambda item: item[0])[1] if found else None


def _steps(book: Book, followed: Followed, event: Assigned, runs: int) -> dict[Position, list[Step]]:
    """Return what was done to each element of an array since it was made."""
    base, found = event.resolved, dict[Position, list[Step]]()
    start: Sequence[Array] | None = None
    for other in followed.events:
        if not isinstance(other, Assigned) or other.order > event.order:
            continue
        values = followed.values.get(key_of(other), [])
        if other.resolved == base and other.kind == "assign" and len(values) == runs:
            start, found = values, {}
            continue
        rest = other.resolved.removeprefix(base)
        if (
            other.kind not in ("assign", "augmented")
            or other.resolved == rest
            or not _INDICES.fullmatch(rest)
        ):
            continue
        at = tuple(int(k) for k in re.findall(r"\d+", rest))
        if len(values) != runs or any(value.size != 1 for value in values):
            return {}
        chain = found.setdefault(at, [])
        if chain:
            before = chain[-1].after
        elif start is not None and start[0].ndim == len(at):
            before = [float(value[at]) for value in start]
        else:
            before = [0.0] * runs
        read = [{o.text: o.value for o in followed.operands(other, run)} for run in range(runs)]
        node = book.places.expression(other) if other.kind == "augmented" else None
        neutral = _NEUTRAL[type(node.op)] if isinstance(node, ast.BinOp) else None
        step = Step(other, neutral, before, [float(value.ravel()[0]) for value in values], read)
        found[at] = [step] if other.kind == "assign" else [*chain, step]
    return found


def _fitting(
    node: ast.expr,
    faulty: Assigned,
    steps: Mapping[Position, Sequence[Step]],
    match: Match,
    pool: Mapping[str, Sequence[Array]],
) -> Iterator[tuple[Fix, ast.expr]]:
    """Yield the edits of a statement after which every element is right in every run."""
    own = statement_of(faulty)
    first = next(s for chain in steps.values() for s in chain if statement_of(s.event) == own)
    names = _indices(node, first)
    values = {text: [value] for text, value in first.operands[0].items()}
    elements = dict(_elements(names, first, 0, pool))
    expression = Expression(
        node, values, {name: [value] for name, value in elements.items()}, match.name.endswith("_new")
    )
    for fix, edited in islice(edits(expression), MOST_EDITS):
        if all(
            (got := _result(edited, own, chain, run, names, pool)) is not None
            and agree(np.asarray(got), np.asarray(match.values[run][at]))
            for at, chain in steps.items()
            for run in range(len(match.values))
        ):
            yield fix, edited


def _result(
    edited: ast.expr,
    own: tuple[int, int, int],
    chain: Sequence[Step],
    run: int,
    names: Sequence[str],
    pool: Mapping[str, Sequence[Array]],
) -> float | None:
    """Return an element as it comes out with one of its statements edited."""
    value = chain[0].before[run]
    for step in chain:
        if statement_of(step.event) == own:
            values = {text: [found] for text, found in step.operands[run].items()}
            elements = {name: [found] for name, found in _elements(names, step, run, pool)}
            elements["before"] = [np.asarray(step.neutral or 0.0)]
            worth = value_of(edited, Expression(edited, values, elements), 0)
            if worth is None or worth.size != 1:
                return None
            part = float(worth.ravel()[0])
        elif step.neutral:
            part = step.after[run] / step.before[run] if step.before[run] else 0.0
        else:
            part = step.after[run] - (0.0 if step.neutral is None else step.before[run])
        value = part if step.neutral is None else value * part if step.neutral else value + part
    return value


def _indices(node: ast.expr, step: Step) -> list[str]:
    """Return the names that count in the indices of a statement."""
    inside = (n.slice for n in (*ast.walk(node), *ast.walk(step.event.node)) if isinstance(n, ast.Subscript))
    names = dict.fromkeys(n.id for part in inside for n in ast.walk(part) if isinstance(n, ast.Name))
    return [name for name in names if name in step.operands[0]]


def _elements(
    names: Sequence[str], step: Step, run: int, pool: Mapping[str, Sequence[Array]]
) -> Iterator[tuple[str, Array]]:
    """Yield the elements of quantities that the indices of a statement can point at."""
    numbers = {name: int(step.operands[run][name]) for name in names if name in step.operands[run]}
    for quantity, values in pool.items():
        array = values[run]
        for chosen in permutations(numbers, array.ndim) if array.ndim in (1, 2) else ():
            at = tuple(numbers[name] for name in chosen)
            if all(0 <= k < n for k, n in zip(at, array.shape, strict=True)):
                yield f"{quantity}[{', '.join(chosen)}]", array[at]


def _size(node: ast.expr) -> int:
    return sum(1 for _ in ast.walk(node))
