"""Judge the statements of formulas in the order of the document: each link of a chain is a claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from derive.check.findings import Finding, Place, Verdict
from derive.check.formula.attempt import Decision
from derive.check.formula.context import Context
from derive.check.formula.decide import decide
from derive.check.formula.digits import STATED, follows_from, gives_exactly
from derive.check.formula.gaps import missing_equals
from derive.check.formula.inherited import Slip, heir_of, slip_of
from derive.check.formula.mistakes import Link, finding_of_mistake, why_open
from derive.check.formula.numbers import remember, stated_value
from derive.check.formula.own_names import (
    arguments,
    counts,
    define_function,
    defines,
    forget_function,
    is_depth,
    is_step,
)
from derive.check.formula.values import Truth
from derive.check.ledger import Stated
from derive.read.formula import Statement
from derive.read.tree import Comparison, Derivative, Differential, Dots, Name, Node, Placeholder, Span

CLAIMS = frozenset({"=", "≈", ":=", "≡", "←"})
DEFINITION = "a definition of the document"


@dataclass
class Chain:
    """How far a chain has been judged.

    Attributes
    ----------
    sound : Node or None
        A side before the present one that is known to be right, where the present left side is not.
    root : int or None
        The finding that made the left side wrong.
    doubtful : bool
        Whether the left side could not be decided.
    taint : int or None
        The finding that the numbers of this chain stem from, although the steps between them are right.
    updated : {"no", "left", "all"}
        How the name of a parameter at the head of the chain is meant; see `frame.Mode`.
    true : Node or None
        A side whose true value the numbers of the present left side give exactly.
    """

    sound: Node | None = None
    root: int | None = None
    doubtful: bool = False
    taint: int | None = None
    updated: str = "no"
    true: Node | None = None


@dataclass
class Judge:
    """Judges statements one after the other and keeps their findings.

    Attributes
    ----------
    ctx : Context
    offset : int
        The number of findings of the document before the first one here.
    findings : list of Finding
    slips : list of Slip
        The wrong formulas so far.
    supposed : dict
        The derivation as it would be if some of them were right; see `heir_of`.
    """

    ctx: Context
    offset: int = 0
    findings: list[Finding] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    supposed: dict[tuple[int, ...], Truth] = field(default_factory=dict)

    def statement(
        self,
        statement: Statement,
        conditions: Sequence[Comparison],
        text: str,
        place: Callable[[Span], Place],
    ) -> None:
        """Judge all links of one statement."""
        chain = Chain()
        terms = statement.terms
        if statement.headless and self.ctx.last is not None and len(terms) > 1:
            terms = (self.ctx.last, *terms[1:])
            chain.doubtful = True
        for k, relation in enumerate(statement.relations):
            left, right = terms[k], terms[k + 1]
            if relation == "→" and is_step(self.ctx, left, right):
                relation = ":="
            if relation not in CLAIMS or _silent(left) or _silent(right):
                chain = Chain()
                continue
            following = terms[k + 2] if k + 2 < len(terms) else None
            if k == 0 and counts(self.ctx, left, right):
                continue
            link = Link(terms[0], left, right, following, relation, tuple(conditions), text, place)
            self._link(link, chain)
        if not _silent(terms[-1]):
            self.ctx.last = terms[-1]

    def _link(self, link: Link, chain: Chain) -> None:
        if defines(self.ctx, link):
            self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence=DEFINITION))
            return
        self.ctx.free = arguments(self.ctx, link.left, link.right)
        forget_function(self.ctx, link)
        anchor = chain.sound if chain.sound is not None else link.left
        if is_depth(self.ctx, link):
            self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence="the number of layers"))
            return
        decision = decide(self.ctx, anchor, link.right, link.relation, link.conditions)
        if decision.holds and decision.displayed and anchor is link.left and chain.true is not None:
            # Its numbers are no rounded ones: what comes out of them is the true value.
            exactly = decide(self.ctx, chain.true, link.right, link.relation, link.conditions)
            decision, anchor = (exactly, chain.true) if exactly.holds is False else (decision, anchor)
        chain.true = self._given_exactly(link, anchor, decision, chain)
        if link.left is link.head:
            chain.updated = "left" if link.relation in (":=", "←") else decision.mode.updated
        if decision.holds is not True and chain.doubtful and link.head is not link.left:
            from_head = decide(self.ctx, link.head, link.right, link.relation, link.conditions)
            if from_head.holds or (decision.holds is None and from_head.holds is not None):
                decision, anchor = from_head, link.head
        if decision.holds:
            self._right(link, anchor, decision, chain)
            chain.sound, chain.root, chain.doubtful = None, None, False
        elif chain.sound is not None and self._heir_of_left(link):
            self._add(
                Finding(
                    Verdict.FOLLOWS,
                    link.at(),
                    link.claim,
                    because_of=chain.root,
                    evidence="the side before it",
                ),
            )
        elif decision.holds is None:
            self._undecided(link, decision.reason)
            chain.doubtful = True
        else:
            self._failed(link, anchor, decision, chain)

    def _given_exactly(self, link: Link, anchor: Node, decision: Decision, chain: Chain) -> Node | None:
        """Return the side whose true value the right side of a link gives exactly, if it does."""
        true = chain.true if chain.true is not None else anchor
        exact = decision.holds and gives_exactly(self.ctx, true, link.right, decision.mode)
        return true if exact else None

    def _heir_of_left(self, link: Link) -> bool:
        """Tell whether the right side is what the wrong side before it gives."""
        own = decide(self.ctx, link.left, link.right, link.relation, link.conditions)
        if own.holds is False and own.mistake is not None:
            clipped = decide(self.ctx, link.left, link.right, link.relation, link.conditions, clipped=True)
            return bool(clipped.holds)
        return bool(own.holds)

    def _right(self, link: Link, anchor: Node, decision: Decision, chain: Chain) -> None:
        self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence=decision.reason))
        define_function(self.ctx, link, known=True)
        self._state(link, anchor, decision, chain, chain.taint)

    def _undecided(self, link: Link, reason: str) -> None:
        self._add(Finding(Verdict.UNDECIDED, link.at(), link.claim, hint=reason))

    def _failed(self, link: Link, anchor: Node, decision: Decision, chain: Chain) -> None:
        """Find out what a claim that does not hold is: heir of a mistake, mistake, or not to be decided."""
        if missing_equals(self.ctx, anchor, link.right, link.relation, link.conditions):
            self._undecided(link, "an = seems to be missing between two sides")
            chain.sound, chain.doubtful = anchor, True
            return
        if decision.displayed:
            heir, root = follows_from(self.ctx, anchor, link.right, link.relation)
            if heir:
                chain.taint = root
                self._inherits(link, anchor, decision, chain)
                return
        elif (root := self._root_of_formula(link, anchor, decision)) is not None:
            evidence = "a formula stated earlier in the document"
            self._add(Finding(Verdict.FOLLOWS, link.at(), link.claim, because_of=root, evidence=evidence))
            chain.sound, chain.root = anchor, root
            return
        finding, on_left = finding_of_mistake(self.ctx, link, anchor, decision)
        if finding is None:
            self._undecided(link, why_open(self.ctx, link, decision))
            chain.doubtful = True
            return
        if finding.code == "other" and define_function(self.ctx, link, known=False):
            self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence=DEFINITION))
            return
        if (root := self._same_negation(finding)) is not None:
            finding = replace(finding, verdict=Verdict.FOLLOWS, code=None, because_of=root)
        self._add(finding)
        index = self.offset + len(self.findings) - 1 if root is None else root
        self._state(link, anchor, decision, chain, index)
        if _is_formula(link, anchor, decision):
            slip = slip_of(self.ctx, anchor, link.right, decision, index)
            self.slips += [slip] if slip is not None else []
        if not on_left:
            chain.sound, chain.root = anchor, index
        else:
            chain.sound, chain.root = None, None

    def _same_negation(self, finding: Finding) -> int | None:
        """Return the first gradient that was called so although it is negated: it is one mistake."""
        if finding.code != "negated-gradient":
            return None
        codes = [other.code for other in self.findings]
        return self.offset + codes.index(finding.code) if finding.code in codes else None

    def _root_of_formula(self, link: Link, anchor: Node, decision: Decision) -> int | None:
        """Return the wrong formula that this one follows from, if it is the first of its chain."""
        if not _is_formula(link, anchor, decision):
            return None
        sides = (anchor, link.right, link.relation, link.conditions)
        return heir_of(self.ctx, self.slips, *sides, self.supposed)

    def _inherits(self, link: Link, anchor: Node, decision: Decision, chain: Chain) -> None:
        root = chain.taint
        if root is None:
            finding = Finding(Verdict.RIGHT, link.at(), link.claim, evidence=STATED)
        else:
            finding = Finding(Verdict.FOLLOWS, link.at(), link.claim, because_of=root, evidence=STATED)
        self._add(finding)
        self._state(link, anchor, decision, chain, root)

    def _state(self, link: Link, anchor: Node, decision: Decision, chain: Chain, root: int | None) -> None:
        """Record what a displayed result says of its quantity."""
        remember(self.ctx, link.right, link.text[link.head.span.start : link.head.span.end])
        meant = replace(decision, mode=replace(decision.mode, updated=chain.updated))
        stated = stated_value(self.ctx, link.head, link.right, meant)
        if stated is None and anchor is not link.head:
            stated = stated_value(self.ctx, anchor, link.right, decision)
        if stated is not None:
            index = self.offset + len(self.findings) - 1
            self.ctx.ledger.state(stated[0], Stated(stated[1], index, root))

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)


def _silent(node: Node) -> bool:
    return isinstance(node, (Placeholder, Dots))


def _is_formula(link: Link, anchor: Node, decision: Decision) -> bool:
    """Tell whether a failing claim gives a formula for what stands at the head of its chain."""
    named = isinstance(anchor, (Name, Derivative, Differential)) and anchor is link.head
    return named and not decision.displayed and decision.outcome is not None
