"""The judge of assignments: every one that holds a quantity of the network is a claim."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from derive.check.code.book import Book, Match
from derive.check.code.causes import Causes
from derive.check.code.convention import Signs, keeps_each
from derive.check.code.elements import Elements
from derive.check.code.expectation import State
from derive.check.code.intake import Intake
from derive.check.code.matching import agrees, contradicts, held_beside, is_named, opposite
from derive.check.code.mistakes import Mistakes
from derive.check.code.naming import Hint, hint_of
from derive.check.code.partial import of_each_sample, part_of_sum
from derive.check.code.runs import Followed, key_of
from derive.check.code.shapes import Array, canonical
from derive.check.code.slopes import Slopes, gives_activation
from derive.check.code.turned import Turned
from derive.check.code.unused import IdleBiases
from derive.check.code.written_out import WrittenOut
from derive.check.findings import Verdict
from derive.check.ledger import Told
from derive.check.world import World
from derive.program import Role
from derive.read.code import Assigned

_FILLING = ("zeros", "empty", "ones", "full", "copy")
_FORWARD = (Role.HIDDEN, Role.LOSS)


class Claims:
    """Judges the assignments of a document, given what its code had computed before each."""

    def __init__(
        self,
        world: World,
        followed: Followed,
        elements: Elements,
        state: State,
        book: Book,
        signs: Signs,
        trained: dict[str, int],
        told: Told,
    ) -> None:
        self.world, self.followed, self.elements = world, followed, elements
        self.state, self.book, self.signs = state, book, signs
        targets = np.shape(world.inputs[-1]["y"])
        self.samples = targets[0] if world.network.reduction == "mean" and len(targets) == 2 else 1
        self.keeps_each = keeps_each(world, followed, elements, self.samples)
        factor = float(signs.deltas * (self.samples if self.keeps_each else 1))
        gradient = float(signs.gradients)
        state.scale.update({"dz": factor, "da": factor, "dW": gradient, "db": gradient})
        self.intake = Intake(world, followed, state, book)
        self.causes = Causes(followed, state, book, elements, self.samples)
        self.written_out = WrittenOut(followed, book, self.causes, told)
        self.turned = Turned(state, book, self.causes)
        self.slopes = Slopes(followed, book, self.causes)
        self.mistakes = Mistakes(followed, state, book, self.causes, self.intake, self.slopes)
        self.at: tuple[int, ...] | None = None
        self.trained = trained
        self.idle_biases = IdleBiases()
        self.latest: dict[str, Sequence[Array]] = {}

    def assignment(self, event: Assigned) -> None:
        """Judge one assignment, or record it as a given."""
        hint = self.intake.watch(event)
        values = self.followed.values.get(key_of(event))
        if not values or event.kind in ("loop", "parameter") or self._again(event):
            return
        if np.isnan(values[0]).all() and self.book.places.copied(event):
            return  # an array that is reserved, and not filled yet
        if (name := self.followed.givens.get((event.span, event.resolved, event.count))) is not None:
            self.intake.given(event, name, values)
            return
        self.idle_biases.watch(event, hint)
        if self.written_out.takes(event, hint, values):
            return
        if event.drawn or (event.given and not self.written_out.stands_for_loss(event, hint, values)):
            self.intake.own_given(event, hint, values)
            return
        if self.elements.unfinished(event) or self.elements.filling(event):
            return
        if self.elements.passed_on(event):
            size = values[0].size
            known = (*self.causes.quantities(size), *self.causes.slopes(size))
            if not any(agrees(values, m.values) for m in known):
                self.causes.abandon(event, values)
            return
        self.at = self.elements.place(event)
        if (whole := self.elements.whole(event)) is not None:
            event, values = whole
            hint = hint_of(event.resolved)
        elif self.elements.belongs(event):
            return
        if all(not np.any(v) for v in values) and not self._computes(event):
            return
        if hint is not None and hint.kind in ("none", "slope", "eta"):
            return
        if self.book.places.copied(event) and self.intake.starts_again(hint, values):
            return
        self.intake.operands(event, self.at)
        self.book.before = self.state.copy()
        self._claim(event, hint, values)
        self.latest[event.resolved] = values

    def _again(self, event: Assigned) -> bool:
        """Whether a training loop has come round so often that its passes only repeat each other.

        Of a statement that runs very often some executions are not kept, so that what is known of the
        parameters no longer fits; and at the end of a training values agree by chance.
        """
        if not event.loops:
            return False
        name, number = event.loops[0]
        first = self.trained.get(name)
        faulty = any(finding.verdict is Verdict.WRONG for finding in self.book.verdicts.findings)
        return first is not None and number > first + (0 if faulty else 1)

    def _claim(self, event: Assigned, hint: Hint | None, values: Sequence[Array]) -> None:
        if self.slopes.in_place(event, hint, values):
            return
        held = self.book.holds.get(event.resolved, "")
        if hint is None and held in self.world.network.parameter_shapes:
            hint = Hint(held.rstrip("0123456789"), int(held.lstrip("Wb")))
        if hint is not None and hint.kind in ("W", "b", "W_new", "b_new"):
            self._find_rate(event, hint, values)
        if held in self.world.network.parameter_shapes and self._is_update(event):
            size = int(np.prod(self.world.network.parameter_shapes[held]))
            if self.mistakes.misshapen(event, values, held, size):
                return
        candidates = self._candidates(hint, values[0].size)
        found = self._fitting(event, candidates, hint, values)
        if found is None and self.state.renewed and self._begins_forward(hint, values):
            candidates = self._candidates(hint, values[0].size)
            found = self._fitting(event, candidates, hint, values)
        if hint is not None and hint.kind == "x":
            if found is None:
                self.intake.own_given(event, hint, values)
                return
            hint = None
        if hint is not None and found is not None:
            hint = self.book.numbered(event, hint)
        named = [m for m in candidates if hint is not None and is_named(hint, m.name)]
        # A name without a layer means what the code has not had yet.
        named.sort(key=lambda m: m.name in self.state.stated)
        if any(opposite(values, m.values) for m in named):
            found = None
        if found is not None and hint is not None and contradicts(hint, found.name):
            for match in named:
                if (cause := self.causes.cause(event, match, values, self.at)) is not None:
                    self.mistakes.wrong(event, values, match, cause)
                    return
        if found is not None:
            if not self.turned.mislabelled(event, hint, values, found):
                self._holding(event, values, found)
        elif (root := self.book.root_of(values[0])) is not None:
            self.mistakes.following(event, values, named, root)
        elif not (
            self._excused(event, named, values)
            or self._of_samples(event, hint, candidates, values)
            or self._negative(event, hint, values, candidates)
            or self.elements.adding_up(event)
            or self.mistakes.is_late(event, values, candidates)
        ):
            if hint is None or hint.kind == "x" or held_beside(self.book, event, hint):
                self.mistakes.unnamed(event, values)
            else:
                self.mistakes.mistaken(event, hint, values, named, self.at)
        if held in self.world.network.parameter_shapes:
            self._renewed(event, held, values)

    def _is_update(self, event: Assigned) -> bool:
        """Whether a statement works out the new value of what it sets from the old one, for all of it."""
        if self.at is not None:
            return False
        own = {event.resolved.replace('"', "'"), event.name.replace('"', "'")}
        read = {operand.source.replace('"', "'") for operand in self.followed.operands(event)}
        return event.kind == "augmented" or bool(own & read)

    def _renewed(self, event: Assigned, parameter: str, values: Sequence[Array]) -> None:
        """Take over the values that an update leaves, whatever is to be said of it."""
        shape = self.world.network.parameter_shapes[parameter]
        if parameter not in self.state.renewed and values[0].size == int(np.prod(shape)):
            self.state.renewed[parameter] = [canonical(v, shape) for v in values]
        if event.loops:
            self.trained.setdefault(*event.loops[0])

    def _fitting(
        self, event: Assigned, candidates: Sequence[Match], hint: Hint | None, values: Sequence[Array]
    ) -> Match | None:
        """Return the quantity that the values are, if a name says so or chance cannot."""
        fitting = (m for m in candidates if agrees(values, m.values))
        found = next((m for m in fitting if not gives_activation(event, m)), None)
        return found if found is not None and (hint is not None or self._telling(values, found)) else None

    def _find_rate(self, event: Assigned, hint: Hint, values: Sequence[Array]) -> None:
        """Take over the learning rate of an update that writes it out as a number, or leaves out a 1."""
        before = self.state.stated.get("eta")
        rates = self.intake.rates(event, self.book.places.expression(event))
        for rate in rates:
            self.state.stated["eta"] = [np.asarray(rate)] * self.state.runs
            for match in self._candidates(hint, values[0].size):
                right = self.causes.makes_up(values, match)
                if match.name.endswith("_new") and (right is not None or agrees(values, match.values)):
                    return
        if before is not None:
            self.state.stated["eta"] = before
        elif rates:
            self.state.stated["eta"] = [np.asarray(rates[0])] * self.state.runs

    def _begins_forward(self, hint: Hint | None, values: Sequence[Array]) -> bool:
        """Whether values are those of a forward pass with updated parameters, which holds from here on."""
        now = self.state.current().fixed()
        for step in self.state.program.steps:
            if step.tensor.role in _FORWARD:
                expected = [now.expected(step, run) for run in range(now.runs)]
                present = [e for e in expected if e is not None]
                if len(present) == len(expected) and agrees(values, present):
                    break
        else:
            if hint is None or hint.kind not in ("z", "a", "L"):
                return False
        self.state.commit()
        return True

    def _candidates(self, hint: Hint | None, size: int) -> list[Match]:
        found = list(self.causes.quantities(size))
        if hint is not None and hint.layer is not None and not any(is_named(hint, m.name) for m in found):
            hint = replace(hint, layer=None)
        return sorted(found, key=lambda m: not (hint is not None and is_named(hint, m.name)))

    def _excused(self, event: Assigned, named: Sequence[Match], values: Sequence[Array]) -> bool:
        """Whether an update goes the right way although its gradient is not what its name says."""
        for match in named:
            if (right := self.turned.excused(match, values, self.mistakes.suspects)) is not None:
                self._holding(event, values, right)
                return True
            if event.kind == "augmented" and self.intake.is_step(match, values):
                return True
        return False

    def _negative(
        self, event: Assigned, hint: Hint | None, values: Sequence[Array], candidates: Sequence[Match]
    ) -> bool:
        """Whether values are a negated derivative: a convention, or a mistake that is reported here."""
        adjoint = (m for m in candidates if m.step.tensor.role is Role.ADJOINT)
        match = next((m for m in adjoint if opposite(values, m.values)), None)
        if match is not None:
            self.turned.negative(event, hint, values, match)
        return match is not None

    def _of_samples(
        self, event: Assigned, hint: Hint | None, candidates: Sequence[Match], values: Sequence[Array]
    ) -> bool:
        """Take over what is left for a mean later: adjoints of each sample's loss, and sums in the making."""
        if hint is not None and hint.kind[0] in "Wb":
            return False
        own = [event.name] if event.kind == "augmented" else []
        names = [*own, *(operand.source for operand in self.followed.operands(event))]
        # Where deltas have their names, what has none does not say whose loss they belong to.
        samples = 1 if hint is None and self.keeps_each is False else self.samples
        each = of_each_sample(self.state, samples, event, candidates, values, names)
        if each is not None:
            self._holding(event, values, each)
            return True
        found = part_of_sum(self.latest.get(event.resolved), candidates, event, values)
        if found is not None:
            part, added = found
            self._holding(event, added, part)
            if (root := self.state.taint.get(part.name)) is not None:
                self.book.taint(values, root)
        return found is not None

    def _telling(self, values: Sequence[Array], match: Match) -> bool:
        """Whether an unnamed variable may be taken for a quantity: its values cannot agree by chance."""
        if self.state.runs < 2 or match.name.endswith("_new"):
            return False
        return values[0].size > 1 or len({float(v.ravel()[0]) for v in values}) == len(values)

    def _computes(self, event: Assigned) -> bool:
        """Whether a statement works out its value from others, unlike ``np.zeros(3)``."""
        node = self.book.places.expression(event)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].startswith(_FILLING):
            return False
        operands = self.followed.operands(event)
        return any(operand.value.size > 1 and hint_of(operand.source) is not None for operand in operands)

    def _holding(self, event: Assigned, values: Sequence[Array], match: Match) -> None:
        roots = self.state.roots(match.step)
        if event.loops and match.name.endswith("_new"):
            self.trained.setdefault(*event.loops[0])
        self.book.state_as(event, match, values, roots[0] if roots else None)
        if hint_of(event.resolved) is not None or not self.book.places.copied(event):
            self.book.verdict(event, match, roots)
