"""Why a value is not what it should be, and which statement the mistake is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from derive.adjoint import adjoint_name
from derive.check.code.book import Book, Match
from derive.check.code.elements import Elements
from derive.check.code.expectation import State, Variant, variants
from derive.check.code.matching import agrees
from derive.check.code.repair import repair
from derive.check.code.runs import Followed, key_of, statement_of
from derive.check.code.shapes import Array, canonical, fingerprint, spoken
from derive.program import Role, Step
from derive.read.code import Assigned

_SIGN_CODES = ("sign", "negated-gradient")
_MOST_SEARCHES = 40
"""A document in which so many claims fit nothing is not about this network."""
_DEEPEST = 3
_TOO_EASY = ("missing-factor", "missing-term", "other")
"""Mistakes that could turn any line into any other; an unnamed line is not blamed with them."""


@dataclass(frozen=True)
class Orphan:
    """A statement that computes something that is no quantity of the network, and what was known then."""

    event: Assigned
    values: Sequence[Array]
    state: State


@dataclass
class Causes:
    """The search for causes in one document.

    Attributes
    ----------
    samples : int
        The number of samples over which the network takes the mean; 1 where it takes none.
    orphans : list of Orphan
        In the order of the document.
    """

    followed: Followed
    state: State
    book: Book
    elements: Elements
    samples: int
    orphans: list[Orphan] = field(default_factory=list)
    _tried: set[tuple[object, ...]] = field(default_factory=set)

    def cause(
        self, event: Assigned, match: Match, values: Sequence[Array], at: tuple[int, ...] | None
    ) -> Variant | None:
        """Return the mistake of an assignment that should be a quantity, None where no single one fits."""
        if (late := self.updated_before_use(match, values)) is not None:
            return late
        key = (statement_of(event), match.name)
        if key in self._tried or len(self._tried) > _MOST_SEARCHES:
            return None
        found = self.variant(match, values) or repair(
            self.book.places, self.state, self.followed, event, match, at
        )
        if found is None:
            self._tried.add(key)
        return found

    def variant(self, match: Match, values: Sequence[Array]) -> Variant | None:
        """Return the slip in the definition of a quantity that gives these values."""
        if (scaled := self._over_samples(match, values)) is not None:
            return scaled
        sign = self.state.orientation(match.name)
        for variant in variants(match.step, self.state.program):
            wrong = [self.state.expected(variant.step, run) for run in range(self.state.runs)]
            present = [sign * w for w in wrong if w is not None and np.all(np.isfinite(w))]
            if len(present) == len(wrong) and agrees(values, present):
                return variant
        return None

    def _over_samples(self, match: Match, values: Sequence[Array]) -> Variant | None:
        """Return a mistake in the mean over the samples: not taken, or taken twice."""
        if self.samples == 1:
            return None
        befores = [0.0 * v for v in match.values]
        if match.step.tensor.role is Role.UPDATED:
            found = [self.state.value(match.name.removesuffix("_new"), run) for run in range(self.state.runs)]
            befores = [v for v in found if v is not None]
        for factor, code, words in (
            (self.samples, "missing-factor", "a sum over the samples where their mean belongs: divide by {}"),
            (
                1 / self.samples,
                "surplus-factor",
                "the mean over the samples is taken twice: {} once too often",
            ),
        ):
            steps = zip(match.values, befores, strict=False)
            if agrees(values, [before + factor * (v - before) for v, before in steps]):
                return Variant(code, words.format(self.samples), match.step)
        return None

    def updated_before_use(self, match: Match, values: Sequence[Array]) -> Variant | None:
        """Return the mistake of a gradient taken with parameters that were updated too early."""
        state = self.state
        if not state.renewed or match.step.tensor.role not in (Role.ADJOINT, Role.UPDATED):
            return None
        sign = state.orientation(match.name)
        found = [state.current().expected(match.step, run) for run in range(state.runs)]
        present = [sign * v for v in found if v is not None]
        if len(present) < len(found) or not agrees(values, present) or agrees(values, match.values):
            return None
        own = match.name.removesuffix("_new")
        names = [n for n in state.renewed if n != own]
        if not names:
            return None
        name = next((n for n in names if n in self._inputs(match.step)), ", ".join(names))
        words = (
            f"{name} has been updated before this line uses it; {spoken(match.name)} needs the {name} of the "
            f"forward pass: compute all gradients first and update then, or keep the old {name}"
        )
        return Variant("wrong-variable", words, match.step)

    def _inputs(self, step: Step) -> frozenset[str]:
        """Return everything that the value of a step uses, through what the code has not stated itself."""
        seen: set[str] = set()
        stack = list(step.uses)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                if name not in self.state.stated and name in self.state.program.tensors:
                    inner = [s for s in self.state.program.steps if s.tensor.name == name]
                    stack.extend(use for s in inner for use in s.uses)
        return frozenset(seen)

    def at_fault(self, event: Assigned, match: Match) -> Assigned:
        """Return the statement that a mistake is in: this one, or the one whose value it goes on with."""
        begun = self.elements.begun(event)
        if begun is None:
            return event
        whole = self.elements.whole(begun, last=False)
        values = whole[1] if whole else self.followed.values.get(key_of(begun), [])
        if not values or not any(np.any(v) for v in values):
            return event
        if any(agrees(values, m.values) for m in self.quantities(values[0].size)):
            return event
        return event if self.variant(match, values) is not None else begun

    def quantities(self, size: int) -> Iterator[Match]:
        """Yield the quantities of that size with the values they should have now."""
        roles = (Role.HIDDEN, Role.LOSS, Role.ADJOINT, Role.UPDATED)
        for step in self.state.program.steps:
            if step.tensor.role not in roles:
                continue
            if int(np.prod([int(n) for n in step.tensor.shape], dtype=int)) != size:
                continue
            values = [self.state.expected(step, run) for run in range(self.state.runs)]
            present = [v for v in values if v is not None]
            if len(present) == len(values):
                sign = self.state.orientation(step.tensor.name)
                yield Match(step.tensor.name, step, [sign * v for v in present])

    def blame(self, event: Assigned, depth: int = 0) -> tuple[Orphan, Match, Variant] | None:
        """Return the unnamed statement whose mistake an assignment carries on, with the mistake."""
        if depth >= _DEEPEST:
            return None
        for orphan in self._orphans_read(event):
            deeper = self.blame(orphan.event, depth + 1)
            if deeper is not None:
                return deeper
            then = replace(self, state=orphan.state, orphans=[])
            for match in then.quantities(orphan.values[0].size):
                if match.step.tensor.role is Role.UPDATED or match.name in orphan.state.stated:
                    continue
                cause = then.cause(orphan.event, match, orphan.values, None)
                if cause is not None and cause.code not in _TOO_EASY:
                    return orphan, match, cause
        return None

    def _orphans_read(self, event: Assigned) -> Iterator[Orphan]:
        """Yield the orphans whose values an assignment reads, whichever names they have there."""
        read = {fingerprint(operand.value) for operand in self.followed.operands(event)} - {None}
        for orphan in self.orphans:
            keys = {fingerprint(orphan.values[0]), fingerprint(orphan.values[0].T)}
            if orphan.event.order < event.order and keys & read:
                yield orphan

    def inherited(self, event: Assigned) -> int | None:
        """Return the mistake that something stems from that an assignment reads."""
        roots = (self.book.root_of(operand.value) for operand in self.followed.operands(event))
        return next((root for root in roots if root is not None), None)

    def turned_twice(self, values: Sequence[Array], match: Match) -> Match | None:
        """Return what an update should be that adds a gradient with the wrong sign: it goes the right way."""
        if not match.name.endswith("_new"):
            return None
        parameter = match.name.removesuffix("_new")
        root = self.state.root_of(adjoint_name(parameter))
        if root is None or self.book.verdicts.findings[root].code not in _SIGN_CODES:
            return None
        turned = []
        for run in range(self.state.runs):
            before = self.state.value(parameter, run)
            if before is None:
                return None
            turned.append(2 * before - match.values[run])
        return replace(match, values=turned) if agrees(values, turned) else None

    def makes_up(self, values: Sequence[Array], match: Match) -> Match | None:
        """Return what an update should be from the forward pass alone, where it comes out so after all."""
        if match.step.tensor.role is not Role.UPDATED:
            return None
        clean = self.state.from_forward()
        shape = match.values[0].shape
        found = [clean.expected(match.step, run) for run in range(clean.runs)]
        present = [canonical(v, shape) for v in found if v is not None]
        if len(present) < len(found) or not agrees(values, present):
            return None
        return replace(match, values=present)
