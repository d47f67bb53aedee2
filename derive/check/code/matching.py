"""Whether values are those of a quantity, and whether a name points at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from derive.check.code.book import Book, Match
from derive.check.code.expectation import Variant
from derive.check.code.naming import Hint, hint_of
from derive.check.code.shapes import Array, agree, spoken
from derive.check.findings import Verdict
from derive.read.code import Assigned


def agrees(values: Sequence[Array], expected: Sequence[Array]) -> bool:
    """Whether the values of all runs are what they should be."""
    pairs = list(zip(values, expected, strict=False))
    return bool(pairs) and all(agree(given, true) for given, true in pairs)


def opposite(values: Sequence[Array], expected: Sequence[Array]) -> bool:
    """Whether the values of all runs are the negatives of what they should be; zero is no negative."""
    return any(np.any(v) for v in values) and agrees(values, [-v for v in expected])


def proportional(values: Sequence[Array], expected: Sequence[Array]) -> bool:
    """Whether values are the same positive multiple of what they should be in every run."""
    factors = [float(np.ravel(v)[0] / np.ravel(e)[0]) for v, e in zip(values, expected, strict=False)]
    return factors[0] > 0 and all(abs(f - factors[0]) <= 1e-9 * abs(factors[0]) for f in factors)


def is_named(hint: Hint, name: str) -> bool:
    """Whether a hint points at a quantity; without a layer, at that of any layer."""
    kind = hint.kind.removesuffix("_new")
    wanted = {f"{kind}{hint.layer or ''}"} if not hint.kind.endswith("_new") else set()
    if kind in ("W", "b"):
        wanted |= {f"{kind}{hint.layer or ''}_new"}
    if hint.layer is None and kind != "L":
        layerless = name.removesuffix("_new").rstrip("0123456789") + ("_new" if name.endswith("_new") else "")
        return layerless in wanted
    return name in wanted


def unexplained(event: Assigned, match: Match) -> Variant:
    """Return the mistake of a value that no known slip explains."""
    words = (
        f"{event.name} should have the value of {spoken(match.name)}; no single slip explains that it has not"
    )
    return Variant("other", words, match.step)


def held_beside(book: Book, event: Assigned, hint: Hint) -> bool:
    """Whether another variable of the same function is right as what a name says: s1 is no second z1."""
    label = f"{hint.kind}{hint.layer}"
    return hint.kind in ("z", "a") and any(
        stands.label == label
        and name not in (event.resolved, event.name)
        and stands.event.calls == event.calls
        and hint_of(str(name)) == hint
        and book.verdicts.findings[stands.position].verdict is not Verdict.WRONG
        for (name, _), stands in book.standing.items()
    )


def contradicts(hint: Hint, name: str) -> bool:
    """Whether a name says one quantity of a layer and the values are another of the same layer."""
    if (hint.layer is None or hint.listed) and hint.kind == "dz" and name.startswith("da"):
        return True
    if hint.anchored and name.rstrip("0123456789") == hint.kind:
        return not is_named(hint, name)
    same_layer = hint.layer is not None and name.removesuffix("_new").endswith(str(hint.layer))
    return same_layer and not hint.listed and not is_named(hint, name)


def surely(
    hint: Hint, values: Sequence[Array], match: Match, reads: Iterable[str], only: bool = False
) -> bool:
    """Whether a name says clearly enough what the values should be.

    Parameters
    ----------
    hint : Hint
        What the name suggests.
    values : sequence of numpy.ndarray
        What it holds, in each run.
    match : Match
        What the name points at.
    reads : iterable of str
        The names that the statement reads.
    only : bool
        Whether no other quantity of its kind has the size of the values.
    """
    kind = hint.kind.removesuffix("_new")
    if hint.kind in ("slope", "eta", "x", "y", "none"):
        return False
    if kind in ("W", "b"):
        found = (hint_of(source) for source in reads)
        return match.name.endswith("_new") and any(h is not None and h.kind == "eta" for h in found)
    if kind == "L":
        # A loss may have another constant factor, or be that of one sample; that is no mistake.
        return match.name == "L" and not proportional(values, match.values)
    return hint.layer is not None or (only and kind in ("dz", "da", "dW", "db"))
