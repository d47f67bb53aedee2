"""The judge of code: every assignment that holds a quantity of the network is a claim."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from derive.adjoint import adjoint_name
from derive.check.code.book import Book, CodeVerdicts, Match
from derive.check.code.convention import Sign, sign_of_deltas
from derive.check.code.elements import Elements
from derive.check.code.expectation import State, Variant, variants
from derive.check.code.intake import Intake
from derive.check.code.matching import agrees, contradicts, is_named, surely, unexplained
from derive.check.code.naming import Hint, hint_of
from derive.check.code.outputs import judge_outputs
from derive.check.code.places import Places
from derive.check.code.repair import repair
from derive.check.code.runs import Followed, follow, key_of
from derive.check.code.shapes import Array, spoken
from derive.check.code.unused import unused_gradients
from derive.check.findings import Finding, Inference, Verdict
from derive.check.world import World
from derive.program import Role
from derive.read.code import Assigned, Unsupported
from derive.read.document_types import Document

_FILLING = ("zeros", "empty", "ones", "full", "copy")
_SIGN_CODES = ("sign", "negated-gradient")


def check_code(document: Document, world: World, delta: Sign | None = None) -> CodeVerdicts:
    """Judge the code cells of a document and what they printed.

    Parameters
    ----------
    document : Document
    world : World
    delta : {1, -1}, optional
        What the document says that its delta is, the derivative or its negative; inferred from the
        values where it does not say.
    """
    verdicts = CodeVerdicts()
    if not any(segment.kind == "code" for segment in document.segments):
        return verdicts
    followed = follow(document, world)
    judge = _Judge(document, world, followed, verdicts, delta)
    for event in followed.events:
        if isinstance(event, Assigned):
            judge.assignment(event)
        elif isinstance(event, Unsupported):
            judge.book.unsupported(event)
    judge.close()
    judge_outputs(document, world, followed, judge.book.standing, verdicts.findings)
    return verdicts


class _Judge:
    def __init__(
        self, document: Document, world: World, followed: Followed, verdicts: CodeVerdicts, delta: Sign | None
    ) -> None:
        self.world, self.followed, self.verdicts = world, followed, verdicts
        self.state = State(followed.inputs, world.derivation.program)
        roles = (Role.HIDDEN, Role.LOSS, Role.ADJOINT, Role.UPDATED)
        self.quantities = {s.tensor.name: s for s in self.state.program.steps if s.tensor.role in roles}
        self.delta: Sign = delta or sign_of_deltas(world, followed, self.quantities)
        self.negated_root: int | None = None
        self.suspects: list[int] = []
        self.at: tuple[int, ...] | None = None
        self.begun: Assigned | None = None
        self.trained: dict[str, int] = {}
        targets = np.shape(world.inputs[-1]["y"])
        self.samples = targets[0] if world.network.reduction == "mean" and len(targets) == 2 else 1
        self.book = Book(Places(document), self.state, verdicts, self.state)
        self.intake = Intake(world, followed, self.state, self.book)
        self.elements = Elements(followed)
        self.idle_biases: list[str] = []
        self.filled = {e.span for e in followed.events if isinstance(e, Assigned) and e.kind == "filled"}
        if self.delta == -1:
            evidence = "the values of the deltas in the code are -dL/dz"
            verdicts.inferences.append(Inference("delta", "negative-gradient", evidence))

    def assignment(self, event: Assigned) -> None:
        """Judge one assignment, or record it as a given."""
        values = self.followed.values.get(key_of(event))
        if not values or event.kind in ("loop", "parameter") or self._again(event):
            return
        if (name := self.followed.givens.get((event.span, event.resolved, event.count))) is not None:
            self.intake.given(event, name, values)
            return
        hint = hint_of(event.resolved)
        self._watch_biases(event, hint)
        if event.given or event.drawn:
            self.intake.own_given(event, hint, values)
            return
        if self.elements.unfinished(event) or self.elements.passed_on(event):
            return
        self.at, self.begun = self.elements.place(event), self.elements.begun(event)
        if (whole := self.elements.whole(event)) is not None:
            event, values = whole
            hint = hint_of(event.resolved)
        elif self.elements.belongs(event):
            return
        empty = all(not np.any(v) for v in values)
        if (empty and not self._computes(event)) or (event.span in self.filled and event.kind != "filled"):
            return
        if hint is not None and hint.kind in ("none", "slope", "eta", "x"):
            return
        self.intake.operands(event, self.at)
        self.book.before = replace(self.state, stated=dict(self.state.stated), taint=dict(self.state.taint))
        self._claim(event, hint, values)

    def _again(self, event: Assigned) -> bool:
        """Whether a training loop has come round so often that its passes only repeat each other.

        Of a statement that runs very often some executions are not kept, so that what is known of the
        parameters no longer fits; and at the end of a training values agree by chance.
        """
        if not event.loops:
            return False
        name, number = event.loops[0]
        first = self.trained.get(name)
        return first is not None and number > first + 1

    def _watch_biases(self, event: Assigned, hint: Hint | None) -> None:
        """Remember gradients of biases until a bias is updated."""
        if hint is not None and hint.kind == "db":
            self.idle_biases.append(event.name)
        elif hint is not None and hint.kind in ("b", "b_new") and self.idle_biases:
            self.idle_biases.clear()

    def _claim(self, event: Assigned, hint: Hint | None, values: list[Array]) -> None:
        candidates = self._candidates(hint, values[0].size)
        found = next((m for m in candidates if agrees(values, m.values)), None)
        if found is not None and hint is not None and contradicts(hint, found.name):
            for match in (m for m in candidates if is_named(hint, m.name)):
                if (cause := self._cause(event, match, values)) is not None:
                    self.book.wrong(event, values, match, cause)
                    return
                if hint.listed:
                    self.suspects.append(self.book.wrong(event, values, match, unexplained(event, match)))
                    return
        if found is not None and (hint is not None or self._telling(values, found)):
            self._holding(event, values, found)
            return
        if (each := self._of_each_sample(candidates, values)) is not None:
            self._holding(event, [v / self.samples for v in values], each)
            return
        negative = next((m for m in candidates if agrees(values, [-v for v in m.values])), None)
        if negative is not None and negative.name.startswith("d"):
            self._negative(event, hint, values, negative)
            return
        if hint is None:
            return
        named = [m for m in candidates if is_named(hint, m.name)]
        for match in named:
            if self._turned_twice(event, values, match):
                return
            cause = self._cause(event, match, values)
            if cause is not None:
                self.book.wrong(event, values, match, cause, self._at_fault(event, match))
                return
        reads = (operand.source for operand in self.followed.operands(event))
        if named and self.state.runs > 1 and surely(hint, values, named[0], reads):
            if roots := self.state.roots(named[0].step):
                self.book.state_as(event, named[0], values, roots[0])
                self.book.verdict(event, named[0], roots)
                return
            unknown, fault = unexplained(event, named[0]), self._at_fault(event, named[0])
            self.suspects.append(self.book.wrong(event, values, named[0], unknown, fault))
        elif named and hint.layer is not None and hint.labelled:
            text = f"{event.name} is no {spoken(named[0].name)} here, and no known slip explains it"
            place = self.book.places.of_statement(event)
            self.book.add(
                event, Finding(Verdict.UNDECIDED, place, self.book.places.statement(event), hint=text)
            )

    def _candidates(self, hint: Hint | None, size: int) -> list[Match]:
        found: list[Match] = []
        for name, step in self.quantities.items():
            if int(np.prod([int(n) for n in step.tensor.shape], dtype=int)) != size:
                continue
            values = [self.state.expected(step, run) for run in range(self.state.runs)]
            present = [v for v in values if v is not None]
            if len(present) == len(values):
                found.append(Match(name, step, present))
        if hint is not None and hint.layer is not None and not any(is_named(hint, m.name) for m in found):
            hint = replace(hint, layer=None)
        return sorted(found, key=lambda m: not (hint is not None and is_named(hint, m.name)))

    def _of_each_sample(self, candidates: Sequence[Match], values: Sequence[Array]) -> Match | None:
        """Return the adjoint of a batch taken of each sample's loss, the mean being left for later."""
        if self.samples == 1:
            return None
        inner = (m for m in candidates if m.name.startswith(("dz", "da")))
        return next((m for m in inner if agrees(values, [self.samples * v for v in m.values])), None)

    def _telling(self, values: Sequence[Array], match: Match) -> bool:
        """Whether an unnamed variable may be taken for a quantity: its values cannot agree by chance."""
        return self.state.runs > 1 and values[0].size > 1 and not match.name.endswith("_new")

    def _cause(self, event: Assigned, match: Match, values: Sequence[Array]) -> Variant | None:
        return self._variant(match, values) or repair(
            self.book.places, self.state, self.followed, event, match, self.at
        )

    def _variant(self, match: Match, values: Sequence[Array]) -> Variant | None:
        if self.samples > 1 and agrees(values, [self.samples * v for v in match.values]):
            words = f"a sum over the samples where their mean belongs: divide by {self.samples}"
            return Variant("missing-factor", words, match.step)
        for variant in variants(match.step, self.state.program):
            wrong = [self.state.expected(variant.step, run) for run in range(self.state.runs)]
            present = [w for w in wrong if w is not None and np.all(np.isfinite(w))]
            if len(present) == len(wrong) and agrees(values, present):
                return variant
        return None

    def _computes(self, event: Assigned) -> bool:
        """Whether a statement works out its value from others, unlike ``np.zeros(3)``."""
        node = self.book.places.expression(event)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].startswith(_FILLING):
            return False
        operands = self.followed.operands(event)
        return any(operand.value.size > 1 and hint_of(operand.source) is not None for operand in operands)

    def _at_fault(self, event: Assigned, match: Match) -> Assigned:
        """Return the statement that a mistake is in: this one, or the one whose value it goes on with."""
        if self.begun is None:
            return event
        whole = self.elements.whole(self.begun, last=False)
        values = whole[1] if whole else self.followed.values.get(key_of(self.begun), [])
        if not values:
            return event
        halfway = [m for m in self._candidates(None, values[0].size) if agrees(values, m.values)]
        if halfway or self._variant(match, values) is not None:
            return event
        return self.begun

    def _turned_twice(self, event: Assigned, values: Sequence[Array], match: Match) -> bool:
        """An update that adds a gradient with the wrong sign goes the right way."""
        if not match.name.endswith("_new"):
            return False
        gradient = adjoint_name(match.name.removesuffix("_new"))
        root = self.state.root_of(gradient)
        if root is None or self.verdicts.findings[root].code not in _SIGN_CODES:
            return False
        parameter = match.name.removesuffix("_new")
        turned = []
        for run in range(self.state.runs):
            before = self.state.value(parameter, run)
            if before is None:
                return False
            turned.append(2 * before - match.values[run])
        if not agrees(values, turned):
            return False
        self._holding(event, values, replace(match, values=turned))
        return True

    def _holding(self, event: Assigned, values: Sequence[Array], match: Match) -> None:
        roots = self.state.roots(match.step)
        if event.loops and match.name.endswith("_new"):
            self.trained.setdefault(*event.loops[0])
        self.book.state_as(event, match, values, roots[0] if roots else None)
        self.book.verdict(event, match, roots)

    def _negative(self, event: Assigned, hint: Hint | None, values: list[Array], match: Match) -> None:
        """A negated derivative: a convention for delta, a mistake under the label of a gradient."""
        positive = [-v for v in values]
        roots = self.state.roots(match.step)
        is_delta = match.name.startswith("dz")
        labelled = hint is not None and (hint.labelled or not is_delta)
        if is_delta and self.delta == 1 and hint is not None:
            words = "the sign is turned: this is the negative of the derivative"
            self.book.wrong(event, values, match, Variant("sign", words, match.step))
        elif labelled and not roots and self.negated_root is None:
            words = f"called a gradient, but it is the negative of {spoken(match.name)}"
            variant = Variant("negated-gradient", words, match.step)
            self.negated_root = self.book.wrong(event, values, match, variant)
        else:
            if labelled and self.negated_root is not None:
                roots = [self.negated_root]
            self.book.state_as(event, match, values if labelled else positive, roots[0] if roots else None)
            if hint is not None:
                self.book.verdict(event, match, roots)

    def close(self) -> None:
        """Note what was computed and never used; take back what rests on names that prove unreliable."""
        findings = self.verdicts.findings
        right = sum(finding.verdict is Verdict.RIGHT for finding in findings)
        if len(self.suspects) > max(1, right // 2):
            for position in self.suspects:
                findings[position] = replace(findings[position], verdict=Verdict.UNDECIDED, code=None)
        self.verdicts.notes.extend(unused_gradients(self.state, self.idle_biases))
