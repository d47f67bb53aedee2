"""How much searching for the causes of mistakes a document gets.

Edits are counted rather than timed, so that what is found does not depend on what else the machine does; the
clock is the last resort, for edits that take very long.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

PATIENCE = 20_000
"""Edits that are tried for the causes of the mistakes of a document."""

SHARE = 10
"""One claim may take one of so many parts of the edits that are left for the whole document."""

LEAST = 5
"""Edits that are tried for any claim, however many mistakes came before it."""

LONGEST = 10.0
"""Seconds of computing for a document at the most."""

LONGEST_SEARCH = 1.0
"""Seconds of computing for one claim at the most."""

EDITS_A_LOOK = 8
"""Edits between two looks at the clock, which is slow to tell the processor time."""

Item = TypeVar("Item")


@dataclass
class Allowance:
    """What one search may still take.

    Attributes
    ----------
    edits : int
    deadline : float
        The processor time at which it ends at the latest.
    tried : int
        How many edits it has taken.
    """

    edits: int
    deadline: float
    tried: int = 0

    def some_of(self, edits: Iterator[Item]) -> Iterator[Item]:
        """Yield edits until nothing is left for more."""
        while self.edits > 0:
            if self.tried % EDITS_A_LOOK == 0 and time.process_time() >= self.deadline:
                self.edits = 0
                return
            edit = next(edits, None)
            if edit is None:
                return
            self.edits -= 1
            self.tried += 1
            yield edit


@dataclass
class Patience:
    """What is left for finding causes, in all contexts of a document.

    Attributes
    ----------
    edits : int
    seconds : float
        Of computing.
    """

    edits: int = field(default_factory=lambda: PATIENCE)
    seconds: float = LONGEST

    @property
    def spent(self) -> bool:
        """Whether only the least that any claim has is left."""
        return self.edits <= 0 or self.seconds <= 0

    def allowance(self) -> Allowance:
        """Return what the next claim may take."""
        seconds = min(LONGEST_SEARCH, max(self.seconds, 0.0))
        return Allowance(LEAST + max(self.edits, 0) // SHARE, time.process_time() + seconds)

    def charge(self, allowance: Allowance, seconds: float) -> None:
        """Take off what a search has used."""
        self.edits -= allowance.tried
        self.seconds -= seconds
