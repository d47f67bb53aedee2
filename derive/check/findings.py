"""What the verifier says of the claims of a document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """The four answers; see the contract for their meaning."""

    RIGHT = "right"
    WRONG = "wrong"
    FOLLOWS = "follows"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Place:
    """Where a claim stands: line and column count from 1, the end is behind the last character.

    In a notebook the line is that within `cell`, which counts from 0; elsewhere `cell` is None.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None

    @property
    def order(self) -> tuple[int, int, int]:
        """What places are sorted by."""
        return (-1 if self.cell is None else self.cell, self.line, self.column)


@dataclass(frozen=True)
class Finding:
    """One claim with its verdict.

    Attributes
    ----------
    verdict : Verdict
    place : Place
    claim : str
        The user's own text.
    code : str or None
        The kind of mistake, a key of `derive.check.catalogue.MISTAKES`, where the verdict is ``wrong``;
        None otherwise.
    expected, given : str
        What should stand there and what stands there, in plain text.
    hint : str
        The remedy; for ``undecided``, why nothing could be decided.
    counterexample : str
        Numbers at which the claim fails.
    evidence : str
        For ``right``: what it follows from ("the derivation", "the digits displayed beside it", ...).
    because_of : int or None
        For ``follows``: the position, in the list of findings, of the wrong claim that it stems from.
    """

    verdict: Verdict
    place: Place
    claim: str
    code: str | None = None
    expected: str = ""
    given: str = ""
    hint: str = ""
    counterexample: str = ""
    evidence: str = ""
    because_of: int | None = None


@dataclass(frozen=True)
class Inference:
    """A convention that was read off the document: what it is, its value, and what showed it."""

    convention: str
    value: str
    evidence: str


@dataclass(frozen=True)
class Report:
    """All findings of one document, in its order, with the conventions inferred and notes."""

    path: str
    findings: tuple[Finding, ...]
    inferences: tuple[Inference, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def summary(self) -> dict[str, int]:
        """The number of findings of each verdict."""
        counted = Counter(finding.verdict.value for finding in self.findings)
        return {verdict.value: counted.get(verdict.value, 0) for verdict in Verdict}

    @property
    def faulty(self) -> bool:
        """Whether anything was found wrong."""
        return any(finding.verdict is Verdict.WRONG for finding in self.findings)
