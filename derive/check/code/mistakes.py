"""Assignments that are not what they should be: whose mistake it is, and how it is reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from derive.check.code.blame import blame
from derive.check.code.book import Book, Match
from derive.check.code.causes import Causes
from derive.check.code.expectation import State, Variant
from derive.check.code.intake import Intake
from derive.check.code.matching import agrees, is_named, surely, unexplained
from derive.check.code.naming import Hint, hint_of
from derive.check.code.runs import Followed, Operand
from derive.check.code.shapes import Array, spoken
from derive.check.code.slopes import Slopes
from derive.check.findings import Finding, Verdict
from derive.read.code import Assigned, Unsupported

_SHAPES = re.compile(r"shape|broadcast|align|dimension|mismatch|did not match|out of bounds")

_OF_SHAPE = ("shape", "transpose")


@dataclass
class Mistakes:
    """Reports what is wrong in one document, and what follows from it.

    Attributes
    ----------
    suspects : list of int
        Findings that rest on a name alone.
    misshaped : int or None
        The mistake that changes the shape of parameters: each of them shows it.
    """

    followed: Followed
    state: State
    book: Book
    causes: Causes
    intake: Intake
    slopes: Slopes
    suspects: list[int] = field(default_factory=list)
    misshaped: int | None = None

    def failed(self, event: Unsupported) -> bool:
        """Report a statement that cannot run because of the shapes in it, by the line that is to blame."""
        right = any(finding.verdict is Verdict.RIGHT for finding in self.book.verdicts.findings)
        if event.kind != "failed" or not right or not _SHAPES.search(event.reason):
            return False
        root = self._root(self.followed.read_by(event), event.order)
        self.book.cannot_run(event, root)
        return True

    def _root(self, reads: Sequence[Operand], order: int) -> int | None:
        """Return the mistake that shapes which do not fit stem from, reported now if it was not before."""
        root = self.causes.inherited(reads)
        if root is None and (blamed := blame(self.causes, reads, order, any_size=True)) is not None:
            orphan, should, why = blamed
            root = self.book.wrong(orphan.event, orphan.values, should, why)
        return root

    def misshapen(self, event: Assigned, values: Sequence[Array], parameter: str, size: int) -> bool:
        """Report an update after which a parameter has another shape, which NumPy allows by broadcasting."""
        if values[0].size == size or event.kind == "filled":
            return False
        root = self._root(self.followed.operands(event), event.order)
        root = self.misshaped if root is None else root
        self.misshaped = root
        shape = "x".join(map(str, values[0].shape)) or "a number"
        words = f"{event.name} has the shape {shape} after this: {parameter} has {size} numbers"
        place, text = self.book.places.of_statement(event), self.book.places.statement(event)
        verdict = Verdict.WRONG if root is None else Verdict.FOLLOWS
        code = "shape" if root is None else None
        self.book.add(event, Finding(verdict, place, text, code=code, hint=words, because_of=root))
        return True

    def is_late(self, event: Assigned, values: Sequence[Array], candidates: Sequence[Match]) -> bool:
        """Whether a gradient was taken with parameters that were updated too early, which is reported."""
        for match in candidates if self.state.runs > 1 and self.state.renewed else ():
            if (late := self.causes.updated_before_use(match, values)) is not None:
                self.wrong(event, values, match, late)
                return True
        return False

    def unnamed(self, event: Assigned, values: Sequence[Array]) -> None:
        """Remember a statement that is nothing of the network."""
        if any(agrees(values, m.values) for m in self.causes.slopes(values[0].size)):
            return
        if (root := self.causes.inherited(self.followed.operands(event))) is not None:
            self.book.taint(values, root)
        else:
            self.causes.abandon(event, values)

    def following(self, event: Assigned, values: Sequence[Array], named: Sequence[Match], root: int) -> None:
        """A value that stems from a mistake further up."""
        self.book.taint(values, root)
        if named:
            self.book.state_as(event, named[0], values, root)
            self.book.verdict(event, named[0], [root])

    def wrong(self, event: Assigned, values: Sequence[Array], match: Match, cause: Variant) -> int:
        """Report a mistake with its cause, at the statement that it is in."""
        fault = self.causes.at_fault(event, match, values, cause)
        return self.book.wrong(event, values, match, cause, fault)

    def mistaken(
        self,
        event: Assigned,
        hint: Hint,
        values: Sequence[Array],
        named: Sequence[Match],
        at: tuple[int, ...] | None,
    ) -> None:
        """Judge a value that is not what its name says."""
        if self._by_function(event, values, named):
            return
        if (blamed := blame(self.causes, self.followed.operands(event), event.order)) is not None:
            orphan, should, why = blamed
            root = self.causes.same_again(should, why)
            root = self.book.wrong(orphan.event, orphan.values, should, why) if root is None else root
            self.following(event, values, named, root)
            return
        inherited = self.causes.inherited(self.followed.operands(event))
        for match in named or self._of_any_size(hint):
            # An update of a gradient that is known to be wrong has no mistake of its own.
            known = inherited is None or inherited in self.state.roots(match.step)
            if match.name.endswith("_new") and not known:
                continue
            cause = self.causes.cause(event, match, values, at)
            if cause is not None and (named or cause.code in _OF_SHAPE):
                if cause.code == "wrong-variable":
                    cause = replace(cause, fault=cause.fault or self._wrong_copy(event))
                same = self._same_fault(cause) if cause.fault else self.causes.same_again(match, cause)
                if same is not None:
                    self.following(event, values, [match], same)
                else:
                    self.wrong(event, values, match, cause)
                return
        if inherited is not None:
            self.following(event, values, named, inherited)
            return
        self.causes.abandon(event, values)
        reads = [operand.source for operand in self.followed.operands(event)]
        if self.intake.rates(event, self.book.places.expression(event)):
            reads.append("eta")
        if not named or isinstance(event.value, int):
            return
        match = named[0]
        if self.state.runs > 1 and surely(hint, values, match, reads, len(named) == 1):
            if roots := self.state.roots(match.step):
                self.following(event, values, named, roots[0])
            else:
                self.suspects.append(self.wrong(event, values, match, unexplained(event, match)))
        elif hint.layer is not None and hint.labelled:
            text = (
                f"{event.name} has not the value of {spoken(match.name)} here, and no single slip explains it"
            )
            place = self.book.places.of_statement(event)
            self.book.add(
                event, Finding(Verdict.UNDECIDED, place, self.book.places.statement(event), hint=text)
            )

    def _by_function(self, event: Assigned, values: Sequence[Array], named: Sequence[Match]) -> bool:
        """Report a function that should give slopes, once for all statements that are wrong by it alone."""
        for match in named:
            if (cause := self.slopes.of_function(event, match)) is None:
                continue
            if (root := self._same_fault(cause)) is None:
                self.wrong(event, values, match, cause)
            else:
                self.following(event, values, [match], root)
            return True
        return False

    def _same_fault(self, cause: Variant) -> int | None:
        """Return the finding of a mistake in another statement that was reported before."""
        if cause.fault is None:
            return None
        place = self.book.places.of_statement(cause.fault)
        earlier = enumerate(self.book.verdicts.findings)
        return next((n for n, f in earlier if f.verdict is Verdict.WRONG and f.place == place), None)

    def _wrong_copy(self, event: Assigned) -> Assigned | None:
        """Return the assignment that puts z where its name says a, such as ``a[0] = z[0]``."""
        for operand in self.followed.operands(event):
            hint, held = hint_of(operand.source), self.book.holds.get(operand.source, "")
            kinds = {hint.kind if hint is not None else "", held.rstrip("0123456789")}
            if kinds == {"z", "a"}:
                standing = self.book.standing.items()
                made = [s.event for (name, _), s in standing if name == operand.source]
                if made and self.book.places.copied(made[-1]):
                    return made[-1]
        return None

    def _of_any_size(self, hint: Hint) -> list[Match]:
        """Return what a name with a layer says, whatever its size: a product of the wrong kind changes it."""
        if hint.layer is None or hint.kind.removesuffix("_new") in ("W", "b"):
            return []
        return [m for m in self.causes.quantities(None) if is_named(hint, m.name)]

    def close(self) -> None:
        """Take back what rests on names that prove unreliable, with what follows from it."""
        findings = self.book.verdicts.findings
        right = sum(finding.verdict is Verdict.RIGHT for finding in findings)
        if len(self.suspects) <= max(1, right // 2):
            return
        for position, finding in enumerate(findings):
            if position in self.suspects or finding.because_of in self.suspects:
                reason = (
                    finding.hint if position in self.suspects else "it rests on a line that is not decided"
                )
                findings[position] = replace(
                    finding, verdict=Verdict.UNDECIDED, code=None, because_of=None, hint=reason
                )
