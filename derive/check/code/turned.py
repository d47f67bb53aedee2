"""Derivatives with a turned sign, and updates that make up for what was called a mistake before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from derive.check.code.book import Book, Match
from derive.check.code.causes import Causes
from derive.check.code.expectation import State, Variant
from derive.check.code.naming import Hint
from derive.check.code.shapes import Array, spoken
from derive.read.code import Assigned

_FORGIVABLE = ("missing-factor", "surplus-factor", "loss-factor")


@dataclass
class Turned:
    """Signs and factors of gradients that a later update may make up for."""

    state: State
    book: Book
    causes: Causes
    root: int | None = None
    labelled: bool = False
    ascent: bool = False

    def excused(self, match: Match, values: Sequence[Array], suspects: Collection[int]) -> Match | None:
        """Return what an update should be that goes the right way after all; mistakes are taken back then."""
        right = self.causes.makes_up(values, match)
        if right is None:
            return self.causes.turned_twice(values, match)
        for root in self.state.roots(match.step):
            code = self.book.verdicts.findings[root].code
            turned = code == "negated-gradient" and not self.labelled
            if root not in suspects and (turned or code in _FORGIVABLE):
                self.book.acquit(root, f"the update makes up for it: {spoken(match.name)} is right", turned)
                if turned:
                    self.ascent = True
                    self.state.scale.update({"dW": -1.0, "db": -1.0})
        return right

    def mislabelled(self, event: Assigned, hint: Hint | None, values: Sequence[Array], found: Match) -> bool:
        """Judge a negative delta under the label of a gradient of biases, which the network does not have."""
        label = hint is not None and hint.kind == "db" and hint.labelled
        if not label or not found.name.startswith("dz") or self.state.factor(found.name) > 0:
            return False
        roots = [self.root] if self.root is not None else self.state.roots(found.step)
        if roots and not self.ascent:
            self.book.verdict(event, found, roots)
        elif not self.ascent:
            true = Match(found.name, found.step, [-value for value in found.values])
            words = f"called a gradient, but it is the negative of {spoken(found.name)}"
            self.labelled = True
            delta = self.state.stated[found.name]
            self.root = self.book.wrong(event, values, true, Variant("negated-gradient", words, found.step))
            self.state.stated[found.name], self.state.taint[found.name] = delta, None
        return not self.ascent

    def negative(self, event: Assigned, hint: Hint | None, values: Sequence[Array], match: Match) -> None:
        """Judge a negated derivative: a convention for delta, a mistake under the label of a gradient."""
        roots = self.state.roots(match.step)
        is_delta = match.name.startswith(("dz", "da"))
        labelled = hint is not None and (hint.labelled or not is_delta)
        if is_delta and hint is not None and hint.kind in ("dz", "da") and not labelled:
            words = "the sign is turned: this is the negative of the derivative"
            variant = Variant("sign", words, match.step)
            fault = self.causes.at_fault(event, match, values, variant)
            self.book.wrong(event, values, match, variant, fault)
        elif labelled and not roots and self.root is None:
            words = f"called a gradient, but it is the negative of {spoken(match.name)}"
            self.labelled = hint is not None and hint.labelled
            variant = Variant("negated-gradient", words, match.step)
            self.root = self.book.wrong(event, values, match, variant)
        else:
            if labelled and self.root is not None and not self.ascent:
                roots = [self.root]
            kept = values if labelled else [-v for v in values]
            self.book.state_as(event, match, kept, roots[0] if roots else None)
            if hint is not None:
                self.book.verdict(event, match, roots)
