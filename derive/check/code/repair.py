"""Find the edit of a statement after which it computes what it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from derive.check.code.book import Book, Match
from derive.check.code.edits import Expression, fix_of
from derive.check.code.expectation import State, Variant
from derive.check.code.naming import hint_of
from derive.check.code.plain import plain
from derive.check.code.runs import Followed
from derive.check.code.shapes import Array
from derive.read.code import Assigned

Position = tuple[int, ...]


def repair(
    book: Book, state: State, followed: Followed, event: Assigned, match: Match, at: Position | None
) -> Variant | None:
    """Return the mistake of a statement by the single edit that undoes it, None where no edit does.

    Parameters
    ----------
    book, state, followed
        The document with what was found in it, what its code has computed so far, and its runs.
    event : Assigned
    match : Match
        The quantity that it should be.
    at : tuple of int or None
        The element that it sets, if it is one of several.
    """
    places = book.places
    node = places.expression(event)
    if node is None or state.runs < 2:
        return None
    values = operand_values(followed, event, state.runs)
    update = match.name.endswith("_new")
    hint = hint_of(event.resolved)
    if at is None and not (hint is not None and hint.listed):  # else the index is that of a layer
        at = _last_place(places.indices(event), values, match.values[0].shape)
    expected = match.values if at is None else [np.asarray(value[at]) for value in match.values]
    pool = pool_of(state, match)
    in_place = event.kind == "augmented" and not update
    before = pool.get(book.holds.get(event.resolved, "") if in_place else match.name.removesuffix("_new"))
    if (update or in_place) and before is not None:
        pool["before"] = before
    if at is not None:
        pool = dict(_elements(pool, at, match.values[0].shape))
    wrong = frozenset(text for text, value in values.items() if book.root_of(value[0]) is not None)
    found = fix_of(Expression(plain(node), values, pool, update, wrong), expected)
    return Variant(found.code, found.words, match.step) if found is not None else None


def operand_values(followed: Followed, event: Assigned, runs: int) -> Mapping[str, list[Array]]:
    """Return what the names, elements and calls of a statement were worth, in all runs."""
    values: dict[str, list[Array]] = {}
    for run in range(followed.count):
        for operand in followed.operands(event, run):
            kept = values.setdefault(operand.text, [])
            if len(kept) == run:
                kept.append(operand.value)
    return {name: kept for name, kept in values.items() if len(kept) == runs}


def _last_place(
    indices: Sequence[str], values: Mapping[str, Sequence[Array]], shape: tuple[int, ...]
) -> Position | None:
    """Return the element that a statement in a loop sets when it runs for the last time."""
    if not indices or len(indices) != len(shape):
        return None
    found = [values[i][0] if i in values else np.asarray(int(i) if i.isdigit() else -1) for i in indices]
    if any(number.size != 1 for number in found):
        return None
    at = tuple(int(number) for number in found)
    return at if all(0 <= k < n for k, n in zip(at, shape, strict=True)) else None


def pool_of(state: State, match: Match) -> dict[str, Sequence[Array]]:
    """Return the quantities that the code has computed so far, and its inputs."""
    pool: dict[str, Sequence[Array]] = {}
    for name in dict.fromkeys([*state.inputs(0), *state.stated]):
        values = [state.value(name, run) for run in range(state.runs)]
        present = [value for value in values if value is not None]
        if name not in ("eta", match.name) and len(present) == state.runs:
            turned = state.samples_last and name[:2].lstrip("d")[:1] in "xyza" and present[0].ndim == 2
            pool[name] = [state.factor(name) * (value.T if turned else value) for value in present]
    return pool


def _elements(
    pool: Mapping[str, Sequence[Array]], at: Position, shape: tuple[int, ...]
) -> Iterator[tuple[str, list[Array]]]:
    """Yield the elements of quantities that belong to one element of a result."""
    for name, values in pool.items():
        if values[0].shape == shape:
            yield name, [value[at] for value in values]
        elif values[0].ndim == 1 and len(shape) == 2:
            for axis, k in enumerate(at):
                if values[0].shape[0] == shape[axis]:
                    yield name, [value[k] for value in values]
