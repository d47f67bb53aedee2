"""Results that code writes out as numbers: worked out by hand, or copied from the text."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from derive.check.code.book import Book, Match
from derive.check.code.causes import Causes
from derive.check.code.expectation import Variant
from derive.check.code.matching import is_named
from derive.check.code.naming import Hint
from derive.check.code.runs import Followed
from derive.check.code.shapes import Array, canonical, shown, spoken
from derive.check.findings import Finding, Verdict
from derive.check.intervals import high_of, low_of
from derive.check.ledger import Stated, Told
from derive.program import Role
from derive.read.code import Assigned, CodeSpan, Printed

_KINDS = frozenset({"z", "a", "L", "dz", "da", "dW", "db"})
_LOSS = re.compile(r"(?:self\.)?(?:total_?)?(?:loss|cost|mse|bce)", re.I)
"""What is called so is the loss; a letter may be anything, unless it is printed."""

_FACTORS = (1.0, 2.0, 0.5)
"""A loss may be kept with its 1/2 or without."""

TELLING = 2.5
"""How many digits it takes until numbers are no others by chance."""


@dataclass(frozen=True)
class WrittenOut:
    """Judges results that are written out.

    Attributes
    ----------
    told : Told
        What the formulas of the document state, and where.
    """

    followed: Followed
    book: Book
    causes: Causes
    told: Told

    def takes(self, event: Assigned, hint: Hint | None, values: Sequence[Array]) -> bool:
        """Judge numbers by their digits, if they are a result's; the code goes on with them as they are."""
        if hint is None or hint.kind not in _KINDS or not (event.given or _is_the_same(values)):
            return False
        if not self._stays(event) or not np.any(values[0]) or not np.all(np.isfinite(values[0])):
            return False
        found = [m for m in self.causes.quantities(values[0].size) if is_named(hint, m.name)]
        return any(self._is_right(event, m, values) for m in found) or any(
            self._is_off(event, m, values) for m in found
        )

    def stands_for_loss(self, event: Assigned, hint: Hint | None, values: Sequence[Array]) -> bool:
        """Whether a number stands where the loss should be computed: behind the forward pass."""
        literal, state = self.book.places.expression(event), self.book.state
        if hint is None or hint.kind != "L" or not event.given or not self._stays(event):
            return False
        if not isinstance(literal, ast.Constant) or not isinstance(literal.value, float) or not literal.value:
            return False
        outputs = state.program.with_role(Role.HIDDEN)[-1:]
        if not all(tensor.name in state.stated for tensor in outputs) or not np.isfinite(literal.value):
            return False
        (loss,) = state.program.with_role(Role.LOSS)
        true = state.expected(state.program.step(loss.name), 0)
        named = bool(_LOSS.fullmatch(event.resolved)) or self._is_printed(event)
        return named and true is not None and not any(np.all(_near(values[0], f * true)) for f in _FACTORS)

    def _stays(self, event: Assigned) -> bool:
        """Whether a name keeps its value: what is overwritten or added to begins with any."""
        if event.kind != "assign" or event.loops or event.drawn:
            return False
        return len(self._places[event.resolved]) == 1

    @cached_property
    def _places(self) -> Mapping[str, set[CodeSpan]]:
        """Where each variable gets a value, as a whole or in part."""
        found: dict[str, set[CodeSpan]] = defaultdict(set)
        for event in self.followed.events:
            if isinstance(event, Assigned):
                found[event.resolved.partition("[")[0]].add(event.span)
                found[event.resolved].add(event.span)
        return found

    def _is_printed(self, event: Assigned) -> bool:
        printed = (e for e in self.followed.events if isinstance(e, Printed))
        return any(piece.source == event.resolved for e in printed for piece in e.values)

    def _is_right(self, event: Assigned, match: Match, values: Sequence[Array]) -> bool:
        given, true = self._pair(match, values)
        if not np.all(_near(given, true)) or np.sum(_digits(given)) < TELLING:
            return False
        roots = self.book.state.roots(match.step)
        self.book.state_as(event, match, values, roots[0] if roots else None)
        self.book.verdict(event, match, roots)
        return True

    def _is_off(self, event: Assigned, match: Match, values: Sequence[Array]) -> bool:
        """Report numbers of which some are not the result's: a slip here, or in the text above."""
        given, true = self._pair(match, values)
        near = _near(given, true)
        if (root := self._told(event, match, given, near)) is not None:
            words = f"the number that the text gives for {spoken(match.name)}, which is wrong there"
            position = self._stands(event, words)
            self.book.verdicts.links[position] = root
            self.book.state_as(event, match, values, position)
            return True
        if 2 * np.sum(near) < near.size or np.sum(_digits(given)[near]) < TELLING:
            return False
        words = f"{shown(given[~near])} should be {shown(true[~near])}"
        self.book.wrong(event, values, match, Variant("arithmetic", words, match.step))
        return True

    def _stands(self, event: Assigned, words: str) -> int:
        """Add a finding that follows from the text, and return its position, by which its heirs know it."""
        place, text = self.book.places.of_statement(event), self.book.places.statement(event)
        finding = Finding(Verdict.FOLLOWS, place, text, hint=words)
        position = self.book.add(event, finding)
        self.book.verdicts.findings[position] = replace(finding, because_of=position)
        return position

    def _told(self, event: Assigned, match: Match, given: Array, near: Array) -> int | None:
        """Return the wrong claim of the text above that gives the numbers that are off; None if none does."""
        factor, here = self.book.state.factor(match.name), self.book.places.of_statement(event)
        roots: list[int] = []
        for name, stated in self.told.ledger.entries.items():
            above = self.told.findings[stated.index].place.order < here.order
            root = stated.tainted_by if name.partition("[")[0] == match.name and above else None
            if root is not None:
                same = _same(stated, given / factor)
                roots += [root] if np.any(same & ~near) else []
                near = near | same
        return roots[0] if roots and np.all(near) else None

    @staticmethod
    def _pair(match: Match, values: Sequence[Array]) -> tuple[Array, Array]:
        """Return what is written out and what it should be, in one shape."""
        true = np.asarray(match.values[0])
        return canonical(values[0], true.shape, like=true), true


def _is_the_same(values: Sequence[Array]) -> bool:
    """Whether a value is the same whatever the givens are."""
    return len(values) > 1 and all(np.array_equal(values[0], value) for value in values[1:])


def _units(given: Array) -> Array:
    """Return one unit in the last place of numbers, by the fewest digits that tell them from others."""
    places = [Decimal(repr(float(number))).as_tuple().exponent for number in given.ravel()]
    return np.array([10.0 ** int(place) for place in places]).reshape(given.shape)


def _digits(given: Array) -> Array:
    """Return how many digits each number shows."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log10(np.abs(given) / _units(given)), 0.0))


def _near(given: Array, true: Array) -> Array:
    return np.asarray(np.abs(given - true) <= 0.5 * _units(given) * (1 + 1e-9))


def _same(stated: Stated, given: Array) -> Array:
    """Tell which numbers are those of a statement, by the digits of both."""
    low, high = (end.reshape(given.shape) for end in (low_of(stated.value), high_of(stated.value)))
    half = 0.5 * _units(given)
    with np.errstate(invalid="ignore"):
        return np.asarray((given + half >= low) & (given - half <= high))
