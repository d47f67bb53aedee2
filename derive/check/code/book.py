"""What was found in the code so far, and what the code's variables hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from derive.check.code.expectation import State, Variant
from derive.check.code.naming import Hint, hint_of
from derive.check.code.outputs import Standing
from derive.check.code.places import Places
from derive.check.code.runs import SYNTHETIC
from derive.check.code.shapes import Array, canonical, fingerprint, shown, spoken
from derive.check.findings import Finding, Inference, Verdict
from derive.program import Step
from derive.read.code import Assigned, Unsupported

_UNNUMBERED = re.compile(r"\d+(?=\D*$)")
_WORST_FIRST = (Verdict.WRONG, Verdict.FOLLOWS, Verdict.UNDECIDED, Verdict.RIGHT)


@dataclass
class CodeVerdicts:
    """What was found in the code of a document.

    Attributes
    ----------
    findings : list of Finding
        In the order of execution, then the outputs; ``because_of`` refers to positions in this list.
    inferences : list of Inference
    notes : list of str
    links : dict of int to int
        By the position of a finding here, that of the finding among those of the formulas that it stems from.
    """

    findings: list[Finding] = field(default_factory=list)
    inferences: list[Inference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """A quantity that a value agrees with, given what came before."""

    name: str
    step: Step
    values: list[Array]


@dataclass
class Book:
    """The findings in the making.

    Attributes
    ----------
    holds : dict of str to str
        The canonical quantity that a variable was recognised as.
    before : State
        What the code had computed before the statement at hand.
    standing : dict of (str, int) to Standing
        By the name of a variable and the order of its assignment.
    """

    places: Places
    state: State
    verdicts: CodeVerdicts
    before: State
    holds: dict[str, str] = field(default_factory=dict)
    standing: dict[tuple[object, int], Standing] = field(default_factory=dict)
    judged: dict[tuple[object, ...], int] = field(default_factory=dict)
    tainted: dict[bytes, int] = field(default_factory=dict)

    def numbered(self, event: Assigned, hint: Hint) -> Hint:
        """Return a hint with the layer that its kin say: ``a[1]`` is a2 where ``a[0]`` is a1."""
        stem, apart = _UNNUMBERED.sub("", event.resolved), set()
        for name, held in self.holds.items():
            kin = hint_of(name) if name != event.resolved and _UNNUMBERED.sub("", name) == stem else None
            if kin is not None and kin.layer is not None and held.rstrip("0123456789") == hint.kind:
                apart.add(int(held.removeprefix(hint.kind)) - kin.layer)
        if hint.layer is None or len(apart) != 1:
            return hint
        return replace(hint, layer=hint.layer + apart.pop(), listed=False, anchored=True)

    def taint(self, values: Sequence[Array], root: int) -> None:
        """Remember values that a mistake has made, under whichever name they go on."""
        for value in (values[0], values[0].T):
            if (key := fingerprint(value)) is not None:
                self.tainted.setdefault(key, root)

    def root_of(self, value: Array) -> int | None:
        """Return the mistake that a value stems from, if it is known to."""
        key = fingerprint(value)
        return None if key is None else self.tainted.get(key)

    def state_as(self, event: Assigned, match: Match, values: Sequence[Array], root: int | None) -> None:
        """Take over the code's values of a quantity for what comes later."""
        name = match.name
        if values[0].size != match.values[0].size:  # it is of the wrong shape: nothing later can use it
            if root is not None:
                self.taint(values, root)
            return
        shape, factor = match.values[0].shape, self.state.factor(match.name)
        self.state.stated[name] = [
            canonical(v, shape, like=m) / factor for v, m in zip(values, match.values, strict=False)
        ]
        self.state.taint[name] = root
        if len(shape) == 2 and name[:2].lstrip("d")[:1] in "za" and values[0].shape != shape:
            self.state.samples_last = values[0].shape == shape[::-1]
        if root is not None:
            self.taint(values, root)
        parameter = name.removesuffix("_new")
        if name != parameter and self.holds.get(event.resolved) == parameter:
            self.state.renewed[parameter] = self.state.stated[name]

    def verdict(self, event: Assigned, match: Match, roots: Sequence[int]) -> None:
        """Add a finding that the assignment holds, or follows from a mistake."""
        place, text = self.places.of_statement(event), self.places.statement(event)
        label = f"{'-' if self.state.factor(match.name) < 0 else ''}{spoken(match.name)}"
        if roots:
            words = f"right given an earlier mistake: {label}"
            finding = Finding(Verdict.FOLLOWS, place, text, hint=words, because_of=roots[0])
        else:
            finding = Finding(Verdict.RIGHT, place, text, evidence=f"its values are {label}")
        self._stand(event, match, self.add(event, finding))

    def wrong(
        self,
        event: Assigned,
        values: Sequence[Array],
        match: Match,
        cause: Variant,
        fault: Assigned | None = None,
    ) -> int:
        """Add a finding that the assignment is wrong, with its cause; return its position.

        The statement at fault may be another one, whose value this one goes on with.
        """
        faulty = fault or event
        place, text = self.places.of_statement(faulty), self.places.statement(faulty)
        expected, given = shown(match.values[0]), shown(values[0])
        sign = "-" if self.state.factor(match.name) < 0 else ""
        finding = Finding(
            Verdict.WRONG,
            place,
            text,
            code=cause.code,
            expected=f"{sign}{spoken(match.name)} = {expected}",
            given=given,
            hint=cause.words,
            counterexample=_difference(event.name, values[0], match.values[0]),
        )
        position = self._instead(finding) if fault is not None else None
        position = self.add(event, finding) if position is None else position
        self.state_as(event, match, values, position)
        self._stand(event, match, position)
        return position

    def _instead(self, finding: Finding) -> int | None:
        """Put a finding in the place of another that its statement is right, which its use belies."""
        earlier = enumerate(self.verdicts.findings)
        for position, other in earlier:
            if other.place == finding.place and other.verdict is Verdict.RIGHT:
                self.verdicts.findings[position] = finding
                return position
        return None

    def _stand(self, event: Assigned, match: Match, position: int) -> None:
        if self.holds.get(event.resolved) != match.name.removesuffix("_new"):
            self.holds[event.resolved] = match.name
        for name in {event.resolved, event.name}:
            self.standing[name, event.order] = Standing(
                spoken(match.name), position, event, match.step, self.before
            )

    def add(self, event: Assigned, finding: Finding) -> int:
        """Add a finding; a statement that runs again keeps its worst verdict."""
        key = (finding.place, event.resolved.split("[")[0])
        position = self.judged.get(key)
        if position is None:
            self.verdicts.findings.append(finding)
            self.judged[key] = position = len(self.verdicts.findings) - 1
        elif self._is_worse(finding, self.verdicts.findings[position]):
            self.verdicts.findings[position] = finding
        return position

    def _is_worse(self, finding: Finding, before: Finding) -> bool:
        if _WORST_FIRST.index(finding.verdict) >= _WORST_FIRST.index(before.verdict):
            return False
        if finding.because_of is None or before.verdict is not Verdict.RIGHT:
            return True
        # In the next pass of a loop everything follows from a mistake further down, which says nothing.
        root = self.verdicts.findings[finding.because_of].place
        return (root.cell or 0, root.line) < (finding.place.cell or 0, finding.place.line)

    def acquit(self, position: int, evidence: str, turned: bool = False) -> None:
        """Take a mistake back that the rest of the code makes up for, with what follows from it.

        Where the mistake was a turned sign, the state goes back to the derivatives themselves.
        """
        findings = self.verdicts.findings
        old = findings[position]
        findings[position] = Finding(Verdict.RIGHT, old.place, old.claim, evidence=evidence)
        for number, finding in enumerate(findings):
            if finding.because_of == position:
                findings[number] = Finding(Verdict.RIGHT, finding.place, finding.claim, evidence=evidence)
        for name, root in self.state.taint.items():
            if root == position:
                self.state.taint[name] = None
                if turned:
                    self.state.stated[name] = [-v for v in self.state.stated[name]]
        for key in [key for key, root in self.tainted.items() if root == position]:
            del self.tainted[key]

    def cannot_run(self, event: Unsupported, root: int | None) -> None:
        """Report a statement that cannot run because its shapes do not fit."""
        place, text = self.places.of(event.span), self.places.text(event.span)
        verdict = Verdict.WRONG if root is None else Verdict.FOLLOWS
        code = "shape" if root is None else None
        hint = f"this cannot run: {event.reason}"
        finding = Finding(verdict, place, text, code=code, hint=hint, because_of=root)
        if (event.span, "unsupported") not in self.judged:
            self.verdicts.findings.append(finding)
            self.judged[event.span, "unsupported"] = len(self.verdicts.findings) - 1

    def unsupported(self, event: Unsupported) -> None:
        """Report a statement that was not followed, if it stands in the document and computes something."""
        text = self.places.text(event.span)
        if event.kind == "cut":
            self.verdicts.notes.append(f"line {self.places.of(event.span).line}: {event.reason}")
            return
        if event.span.cell == SYNTHETIC or event.kind == "uncertain" or text.startswith(("import ", "from ")):
            return
        key = (event.span, "unsupported")
        if key not in self.judged:
            place = self.places.of(event.span)
            self.verdicts.findings.append(Finding(Verdict.UNDECIDED, place, text, hint=event.reason))
            self.judged[key] = len(self.verdicts.findings) - 1


def _difference(name: str, given: Array, expected: Array) -> str:
    """Say in words where a value differs first from what it should be."""
    if given.size != expected.size:
        return f"at the document's numbers {name} has {given.size} numbers, and should have {expected.size}"
    should = canonical(expected, given.shape)
    apart = np.abs(given - should) > 1e-6 * max(float(np.max(np.abs(should))), 1e-12)
    if not apart.any():
        return ""
    at = tuple(int(k) for k in np.argwhere(apart)[0]) if given.ndim else ()
    entry = f"{name}[{', '.join(map(str, at))}]" if at else name
    return f"at the document's numbers {entry} is {given[at]:.6g}, and should be {should[at]:.6g}"
