"""Why a value is not what it should be, and which statement the mistake is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import sympy as sp

from derive.activations import Activated
from derive.adjoint import adjoint_name
from derive.check.code.book import Book, Match
from derive.check.code.elements import Elements
from derive.check.code.expectation import State, Variant, variants
from derive.check.code.matching import agrees
from derive.check.code.repair import pool_of, repair
from derive.check.code.replay import replayed
from derive.check.code.runs import Followed, Operand, key_of, statement_of
from derive.check.code.shapes import Array, canonical, fingerprint, spoken
from derive.program import Role, Step
from derive.read.code import Assigned

_SIGN_CODES = ("sign", "negated-gradient")
MOST_SEARCHES = 40
"""A document in which so many claims fit nothing is not about this network."""
_MOST_ORPHANS = 400
_THROUGHOUT = ("missing-factor", "surplus-factor", "loss-factor", "missing-activation-derivative")


@dataclass(frozen=True)
class Orphan:
    """A statement that computes something that is no quantity of the network, and what was known then."""

    event: Assigned
    values: Sequence[Array]
    state: State

    @cached_property
    def keys(self) -> frozenset[bytes]:
        """What its value is known by, whichever way it lies."""
        found = (fingerprint(self.values[0]), fingerprint(self.values[0].T))
        return frozenset(key for key in found if key is not None)


@dataclass
class Causes:
    """The search for causes in one document.

    Attributes
    ----------
    samples : int
        The number of samples over which the network takes the mean; 1 where it takes none.
    orphans : list of Orphan
        In the order of the document.
    last_sample : State or None
        What the code has of the sample that it took up last, where it takes them one at a time.
    """

    followed: Followed
    state: State
    book: Book
    elements: Elements
    samples: int
    orphans: list[Orphan] = field(default_factory=list)
    _tried: set[tuple[object, ...]] = field(default_factory=set)
    blames: list[int] = field(default_factory=list)
    last_sample: State | None = None

    def abandon(self, event: Assigned, values: Sequence[Array]) -> None:
        """Remember a statement that is no quantity of the network."""
        if len(self.orphans) < _MOST_ORPHANS:
            self.orphans.append(Orphan(event, values, self.state.copy()))

    def cause(
        self, event: Assigned, match: Match, values: Sequence[Array], at: tuple[int, ...] | None
    ) -> Variant | None:
        """Return the mistake of an assignment that should be a quantity, None where no single one fits."""
        if (late := self.updated_before_use(match, values)) is not None:
            return late
        key = (statement_of(event), match.name)
        if key in self._tried or len(self._tried) > MOST_SEARCHES:
            return None
        if at is not None:
            again = replayed(self.book, self.followed, event, match, pool_of(self.state, match))
            if again is not None:
                return Variant(again.fix.code, again.fix.words, match.step, again.event)
        found = self.variant(match, values) or repair(self.book, self.state, self.followed, event, match, at)
        if found is None:
            self._tried.add(key)
        return found

    def variant(self, match: Match, values: Sequence[Array]) -> Variant | None:
        """Return the slip in the definition of a quantity that gives these values."""
        if (scaled := self._over_samples(match, values)) is not None:
            return scaled
        factor, now = self.state.factor(match.name), self.state.fixed()
        for variant in variants(match.step, now.program):
            if all(self._gives(now, variant, factor, run, value) for run, value in enumerate(values)):
                return variant
        if match.step.tensor.role is not Role.UPDATED:
            return None
        return self._in_gradient(match, values) or self._of_last_sample(match, values)

    def _of_last_sample(self, match: Match, values: Sequence[Array]) -> Variant | None:
        """Return the mistake of an update that the gradient of the last sample alone has reached."""
        parameter = match.name.removesuffix("_new")
        gradients = self.last_sample.stated.get(adjoint_name(parameter)) if self.last_sample else None
        if gradients is None:
            return None
        for share in (1.0, 1 / self.samples):
            expected = []
            for run, gradient in enumerate(gradients):
                before, rate = (self.state.value(name, run) for name in (parameter, "eta"))
                if before is None or rate is None:
                    return None
                expected.append(before - rate * share * gradient)
            if agrees(values, expected):
                words = f"only the last sample's gradient arrives here: add up all {self.samples} with +="
                return Variant("missing-term", words, match.step)
        return None

    @staticmethod
    def _gives(now: State, variant: Variant, factor: float, run: int, value: Array) -> bool:
        """Whether a quantity with a slip in it has a value in one run."""
        wrong = now.expected(variant.step, run)
        return wrong is not None and bool(np.all(np.isfinite(wrong))) and agrees([value], [factor * wrong])

    def _in_gradient(self, match: Match, values: Sequence[Array]) -> Variant | None:
        """Return the slip in the gradient that an update takes."""
        step = self.state.program.step(adjoint_name(match.name.removesuffix("_new")))
        steps: list[Array] = []
        for run, value in enumerate(values):
            before, rate = (self.state.value(n, run) for n in (match.name.removesuffix("_new"), "eta"))
            if before is None or rate is None or not np.all(rate):
                return None
            steps.append((before - canonical(value, before.shape, like=match.values[run])) / rate)
        expected = [self.state.expected(step, run) for run in range(self.state.runs)]
        present = [e for e in expected if e is not None]
        if len(present) < len(expected) or step.tensor.name in self.state.stated:
            return None
        found = self.variant(Match(step.tensor.name, step, present), steps)
        return None if found is None else replace(found, step=match.step)

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
        sign = state.factor(match.name)
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

    def at_fault(self, event: Assigned, match: Match, values: Sequence[Array], cause: Variant) -> Assigned:
        """Return the statement that a mistake is in: this one, or the one whose value it goes on with.

        That is the line that gave it its value first, or the result of the function that it takes as it is.
        """
        if cause.fault is not None:
            return cause.fault
        key = fingerprint(values[0])
        if key is not None and cause.code != "wrong-variable":
            results = (o for o in self.orphans if o.event.kind == "part" and o.event.order < event.order)
            same = [o.event for o in results if key in o.keys]
            if same:
                return same[-1]
        begun = self.elements.begun(event)
        if begun is None:
            return event
        whole = self.elements.whole(begun, last=False)
        earlier = whole[1] if whole else self.followed.values.get(key_of(begun), [])
        if not earlier or not any(np.any(v) for v in earlier):
            return event
        if any(agrees(earlier, m.values) for m in self.quantities(earlier[0].size)):
            return event
        return event if self.variant(match, earlier) is not None else begun

    def same_again(self, match: Match, cause: Variant) -> int | None:
        """Return an earlier finding of this very mistake, which shows in every gradient built on it."""
        if match.step.tensor.role not in (Role.ADJOINT, Role.UPDATED) or cause.code not in _THROUGHOUT:
            return None
        earlier = enumerate(self.book.verdicts.findings)
        return next((n for n, f in earlier if f.code == cause.code and f.hint == cause.words), None)

    def slopes(self, size: int | None) -> Iterator[Match]:
        """Yield the derivatives of activations, which code computes in functions of their own."""
        now = self.state.fixed()
        for step in self.state.program.steps:
            if step.tensor.role is not Role.ADJOINT or not step.tensor.name.startswith("dz"):
                continue
            found = [f for f in sp.preorder_traversal(step.expr) if isinstance(f, Activated) and f.order == 1]
            if len(found) != 1:
                continue
            name = f"slope{step.tensor.name[2:]}"
            slope = replace(step, tensor=replace(step.tensor, name=name), expr=found[0])
            values = [now.expected(slope, run) for run in range(now.runs)]
            present = [v for v in values if v is not None]
            if len(present) == len(values) and size in (None, present[0].size):
                yield Match(name, slope, present)

    def quantities(self, size: int | None) -> Iterator[Match]:
        """Yield the quantities of that size, or of any, with the values they should have now."""
        roles = (Role.HIDDEN, Role.LOSS, Role.ADJOINT, Role.UPDATED)
        now = self.state.fixed()
        for step in self.state.program.steps:
            if step.tensor.role not in roles:
                continue
            if int(np.prod([int(n) for n in step.tensor.shape], dtype=int)) != size and size is not None:
                continue
            values = [now.expected(step, run) for run in range(now.runs)]
            present = [v for v in values if v is not None]
            if len(present) == len(values):
                sign = self.state.factor(step.tensor.name)
                yield Match(step.tensor.name, step, [sign * v for v in present])

    def inherited(self, reads: Sequence[Operand]) -> int | None:
        """Return the mistake that something stems from that is read."""
        roots = (self.book.root_of(operand.value) for operand in reads)
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
