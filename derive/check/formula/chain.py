"""Judge the statements of formulas in the order of the document: each link of a chain is a claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from derive.check.findings import Finding, Place, Verdict
from derive.check.formula.attempt import Decision
from derive.check.formula.context import Context
from derive.check.formula.decide import decide
from derive.check.formula.definition import Definition
from derive.check.formula.digits import STATED, follows_from
from derive.check.formula.errors import MistakeError, Undecided
from derive.check.formula.frame import quiet
from derive.check.formula.gaps import missing_equals
from derive.check.formula.marks import spelled
from derive.check.formula.mistakes import Link, finding_of_mistake, why_open
from derive.check.formula.numbers import element_with_value, remember, stated_value
from derive.check.formula.quantities import is_symbolic, own_key
from derive.check.intervals import Value
from derive.check.ledger import Stated
from derive.notation import Notation
from derive.read.formula import Statement
from derive.read.formula_walk import walk
from derive.read.tree import Call, Comparison, Dots, Name, Node, Number, Placeholder, Span

CLAIMS = frozenset({"=", "≈", ":=", "≡", "←"})
_CONSTANTS = frozenset({"e", "pi"})
_SMALL = 0.001
COUNTERS = frozenset({"l", "ell", "i", "j", "k", "n", "p", "q"})


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
    """

    sound: Node | None = None
    root: int | None = None
    doubtful: bool = False
    taint: int | None = None


@dataclass
class Judge:
    """Judges statements one after the other and keeps their findings.

    Attributes
    ----------
    ctx : Context
    offset : int
        The number of findings of the document before the first one here.
    findings : list of Finding
    """

    ctx: Context
    offset: int = 0
    findings: list[Finding] = field(default_factory=list)

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
            if relation not in CLAIMS or _silent(left) or _silent(right):
                chain = Chain()
                continue
            following = terms[k + 2] if k + 2 < len(terms) else None
            if k == 0 and self._counts(left, right):
                continue
            link = Link(terms[0], left, right, following, relation, tuple(conditions), text, place)
            self._link(link, chain)
        if not _silent(terms[-1]):
            self.ctx.last = terms[-1]

    def _counts(self, left: Node, right: Node) -> bool:
        """Note ``l = 2`` and the like, which fix a symbol and claim nothing."""
        if (
            not isinstance(left, Name)
            or left.subscripts
            or left.superscripts
            or not isinstance(right, Number)
        ):
            return False
        if left.base not in COUNTERS or right.unit != 1 or self.ctx.reading.roles.get(left.base) == "eta":
            return False
        if left.base in ("l", "ell"):
            self.ctx.fixed["l"] = int(right.value)
        return True

    def _link(self, link: Link, chain: Chain) -> None:
        if self._defines(link):
            self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence="a definition of the document"))
            return
        self.ctx.free = _arguments(self.ctx, link.left, link.right)
        anchor = chain.sound if chain.sound is not None else link.left
        if self._is_depth(link):
            return
        decision = decide(self.ctx, anchor, link.right, link.relation, link.conditions)
        if decision.holds is not True and chain.doubtful and link.head is not link.left:
            from_head = decide(self.ctx, link.head, link.right, link.relation, link.conditions)
            decision = from_head if from_head.holds is not None else decision
            anchor = link.head
        if decision.holds:
            self._right(link, anchor, decision, chain.taint)
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

    def _heir_of_left(self, link: Link) -> bool:
        """Tell whether the right side is what the wrong side before it gives."""
        own = decide(self.ctx, link.left, link.right, link.relation, link.conditions)
        if own.holds is False and own.mistake is not None:
            clipped = decide(self.ctx, link.left, link.right, link.relation, link.conditions, clipped=True)
            return bool(clipped.holds)
        return bool(own.holds)

    def _right(self, link: Link, anchor: Node, decision: Decision, taint: int | None) -> None:
        self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence=decision.reason))
        self._state(link, anchor, decision, taint)

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
                self._inherits(link, anchor, decision, root)
                return
        finding, on_left = finding_of_mistake(self.ctx, link, anchor, decision)
        if finding is None:
            self._undecided(link, why_open(decision))
            chain.doubtful = True
            return
        self._add(finding)
        index = self.offset + len(self.findings) - 1
        self._state(link, anchor, decision, index)
        if not on_left:
            chain.sound, chain.root = anchor, index
        else:
            chain.sound, chain.root = None, None

    def _inherits(self, link: Link, anchor: Node, decision: Decision, root: int | None) -> None:
        if root is None:
            finding = Finding(Verdict.RIGHT, link.at(), link.claim, evidence=STATED)
        else:
            finding = Finding(Verdict.FOLLOWS, link.at(), link.claim, because_of=root, evidence=STATED)
        self._add(finding)
        self._state(link, anchor, decision, root)

    def _state(self, link: Link, anchor: Node, decision: Decision, root: int | None) -> None:
        """Record what a displayed result says of its quantity."""
        remember(self.ctx, link.right, link.text[link.head.span.start : link.head.span.end])
        stated = stated_value(self.ctx, link.head, link.right, decision)
        if stated is None and anchor is not link.head:
            stated = stated_value(self.ctx, anchor, link.right, decision)
        if stated is not None:
            index = self.offset + len(self.findings) - 1
            self.ctx.ledger.state(stated[0], Stated(stated[1], index, root))

    def _defines(self, link: Link) -> bool:
        """Take the first statement about a name of the document's own as its definition."""
        name = link.left
        if not isinstance(name, Name) or name is not link.head or own_key(name) in self.ctx.definitions:
            return False
        if not self._is_own(name, link.right):
            return False
        constant = spelled(name) in _CONSTANTS and not name.subscripts
        if constant or any(node == name for node in walk(link.right)):
            return False
        symbols = tuple(s.text for s in (*name.subscripts, *name.superscripts) if is_symbolic(s))
        number = isinstance(link.right, Number)
        meant = element_with_value(self.ctx, name, link.right) if isinstance(link.right, Number) else None
        self.ctx.definitions[own_key(name)] = Definition(
            symbols, meant or link.right, number and meant is None
        )
        return True

    def _is_own(self, name: Name, right: Node) -> bool:
        """Tell whether a name is the document's own: unknown, a weight by its number, a part of the loss."""
        if self.ctx.reading.roles.get(spelled(name)) == "L" and name.subscripts:
            return quiet(name, self.ctx.reading) is None
        try:
            if self.ctx.reading.resolve(name) is None or self._scalar_weight(name, right):
                return True
            return self._step_width(name, right)
        except (MistakeError, Undecided):
            return isinstance(right, Number)

    def _scalar_weight(self, name: Name, right: Node) -> bool:
        """Recognise ``w_5 = 0.4``: a weight by its own number, not the weights of layer 5."""
        ref = self.ctx.reading.resolve(name)
        bare = ref is not None and ref.role in ("W", "b") and ref.at is None and bool(name.subscripts)
        return bare and isinstance(right, Number) and not name.superscripts

    def _step_width(self, name: Name, right: Node) -> bool:
        """Recognise ``h = 0.0001``: a bare letter with another customary meaning, that of a vector."""
        ref = self.ctx.reading.resolve(name)
        if ref is None or name.subscripts or name.superscripts or not isinstance(right, Number):
            return False
        own = {getattr(self.ctx.reading.notation, field.name) for field in fields(Notation)}
        # Beside a layer of one unit only what is too small for an activation is clear.
        clear = 1 not in self.ctx.reading.network.sizes[1:] or abs(right.value) <= _SMALL
        return ref.role in ("z", "a") and name.base not in own and clear

    def _is_depth(self, link: Link) -> bool:
        """Judge ``L = 2`` where L counts the layers."""
        left, right = link.left, link.right
        if not isinstance(left, Name) or left.base != "L" or left.subscripts or not isinstance(right, Number):
            return False
        if right.unit != 1 or int(right.value) != self.ctx.reading.layers + self.ctx.reading.units_from:
            return False
        self._add(Finding(Verdict.RIGHT, link.at(), link.claim, evidence="the number of layers"))
        return True

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)


def _silent(node: Node) -> bool:
    return isinstance(node, (Placeholder, Dots))


def _arguments(ctx: Context, *sides: Node) -> dict[str, Value]:
    """Return random values for names that are the mere argument of a function: ``g(q) = q (1 - q)``."""
    found: dict[str, Value] = {}
    for side in sides:
        for node in walk(side):
            if not isinstance(node, Call) or len(node.arguments) != 1:
                continue
            name = node.arguments[0]
            if isinstance(name, Name) and not name.subscripts and not name.superscripts:
                key = spelled(name)
                known = key in ctx.reading.roles or own_key(name) in ctx.definitions or key in _CONSTANTS
                if not known:
                    chance = np.random.default_rng(sum(map(ord, key)))
                    found[key] = chance.uniform(-1.5, 1.5, (ctx.truth.count, 1))
    return found
