"""What a document has stated so far, shared by the judges of formulas and of code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derive.check.findings import Finding
from derive.check.intervals import Interval, high_of, low_of


@dataclass(frozen=True)
class Stated:
    """One statement.

    Attributes
    ----------
    value : numpy.ndarray or Interval
        In the canonical shape of the quantity: what the digits can be rounded from.
    index : int
        The position of its finding.
    tainted_by : int or None
        The position of the wrong finding that it stems from; its own, where it is itself wrong.
    """

    value: np.ndarray[Any, Any] | Interval
    index: int
    tainted_by: int | None = None


@dataclass
class Ledger:
    """The latest statement of every quantity.

    Attributes
    ----------
    entries : dict of str to Stated
        By canonical name (``z1``, ``dW2``, ``W1_new``); an element has its indices behind the name
        (``z1[0]``), and NaN for all others.
    """

    entries: dict[str, Stated] = field(default_factory=dict)

    def state(self, quantity: str, stated: Stated) -> None:
        """Record a statement; it takes the place of earlier ones of the same quantity."""
        for element in [name for name in self.entries if name.startswith(f"{quantity}[")]:
            del self.entries[element]
        self.entries.pop(quantity, None)
        self.entries[quantity] = stated

    def get(self, quantity: str) -> Stated | None:
        """Return the latest statement of a quantity."""
        return self.entries.get(quantity)

    def roots(self) -> list[int]:
        """Return the wrong findings that statements stem from, the latest first."""
        return sorted({e.tainted_by for e in self.entries.values() if e.tainted_by is not None}, reverse=True)

    def without(self, root: int | None) -> Ledger:
        """Return the statements that do not stem from one wrong finding, or from none for None."""
        kept = {
            name: entry
            for name, entry in self.entries.items()
            if (entry.tainted_by is None if root is None else entry.tainted_by != root)
        }
        return Ledger(kept)

    def draws(self, count: int, seed: int = 5) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
        """Yield values that the stated digits can be rounded from: their middles, then random ones."""
        chance = np.random.default_rng(seed)
        for number in range(count):
            values: dict[str, np.ndarray[Any, Any]] = {}
            for key, entry in self.entries.items():
                low, high = low_of(entry.value), high_of(entry.value)
                share = 0.5 if number == 0 else chance.choice([0.0, 1.0], np.shape(low))
                drawn = low + (high - low) * share
                name = key.partition("[")[0]
                before = values.get(name)
                values[name] = drawn if before is None else np.where(np.isnan(drawn), before, drawn)
            yield values


@dataclass(frozen=True)
class Told:
    """What the formulas of a document state, with their findings: the statements say which are theirs."""

    ledger: Ledger = field(default_factory=Ledger)
    findings: Sequence[Finding] = ()
