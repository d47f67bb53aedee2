"""What a document may cost: limits, the meter that counts against them, and the ways to stop."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits for following the code of one document.

    Parameters
    ----------
    steps, steps_per_statement : int
        Syntax nodes evaluated, in all and within one top-level statement.
    bytes : int
        Bytes of arrays, lists and strings: those held when a top-level statement begins, and all it makes.
    work, work_per_statement : int
        Elementary operations inside NumPy (a product of matrices counts ``m * k * n``).
    integer_bits, items, characters : int
        Largest Python integer, longest list and longest string.
    calls, depth : int
        Nested calls of the document's functions, and nested syntax nodes in all.
    printed : int
        Characters printed in all.
    events : int
        Events kept for one statement, besides the last.
    seconds : float
        Wall-clock limit; the other limits are meant to stop first.
    loop_steps : int or None
        After this many steps a loop ends with its third pass, as if it had no more; a loop inside another
        one has as many more. None where every pass is wanted.
    """

    steps: int = 1_000_000
    steps_per_statement: int = 250_000
    bytes: int = 256 * 2**20
    work: int = 400_000_000
    work_per_statement: int = 150_000_000
    integer_bits: int = 4096
    items: int = 100_000
    characters: int = 100_000
    calls: int = 40
    depth: int = 170
    printed: int = 1_000_000
    events: int = 64
    seconds: float = 10.0
    loop_steps: int | None = None


class Refused(Exception):  # noqa: N818 - a verdict on the document, not a fault of the program
    """A construct outside the followed part of Python, or one that costs too much at once."""


class Failed(Exception):  # noqa: N818 - the document's own code fails here, as Python would
    """The document's code raises an exception at this place."""


class Exhausted(Exception):  # noqa: N818 - a limit, handled at the top-level statement
    """The budget of a statement or of the document is used up."""


class Uncertain(Exception):  # noqa: N818 - handled at the enclosing call or top-level statement
    """The path through the code depends on a value that is not known."""


# What Python and NumPy raise when the document's own code is at fault.
PYTHON_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    LookupError,
    MemoryError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(slots=True)
class Meter:
    """Running totals against a `Budget`."""

    budget: Budget
    steps: int = 0
    limit: int = 0
    bytes: int = 0
    work: int = 0
    work_limit: int = 0
    printed: int = 0
    depth: int = 0
    deadline: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.limit, self.work_limit = self.budget.steps, self.budget.work
        self.deadline = time.monotonic() + self.budget.seconds

    def start_statement(self, held: int | None) -> None:
        """Give the next top-level statement its share; `held` are the bytes in use, None if not known."""
        self.limit = min(self.budget.steps, self.steps + self.budget.steps_per_statement)
        self.work_limit = min(self.budget.work, self.work + self.budget.work_per_statement)
        if held is not None:
            self.bytes = held

    def step(self, count: int = 1) -> None:
        """Count evaluated nodes; stop at the limit or at the deadline."""
        before = self.steps
        self.steps = before + count
        if self.steps > self.limit:
            # Clamped, so that one statement cannot use up more than its share.
            self.steps = self.limit
            raise Exhausted(f"stopped after {self.budget.steps_per_statement} steps")
        if (before ^ self.steps) & ~255 and time.monotonic() > self.deadline:
            raise Exhausted(f"stopped after {self.budget.seconds:g} seconds")

    def allocate(self, size: int) -> None:
        """Account for `size` bytes that are about to be made."""
        if size > self.budget.bytes - self.bytes:
            raise Refused(f"needs {size} bytes more than the {self.budget.bytes - self.bytes} left")
        self.bytes += size

    def labour(self, count: int) -> None:
        """Account for `count` elementary operations that are about to be done."""
        if count > self.work_limit - self.work:
            raise Refused(f"needs {count} operations, more than the {self.work_limit - self.work} left")
        self.work += count

    def items(self, count: int) -> None:
        """Check the length of a list about to be made, and account for it."""
        if count > self.budget.items:
            raise Refused(f"a list of {count} items is longer than {self.budget.items}")
        self.allocate(8 * count)

    def characters(self, count: int) -> None:
        """Check the length of a string about to be made, and account for it."""
        if count > self.budget.characters:
            raise Refused(f"a string of {count} characters is longer than {self.budget.characters}")
        self.allocate(count)

    def integer(self, bits: int) -> None:
        """Check the size of an integer about to be made."""
        if bits > self.budget.integer_bits:
            raise Refused(f"an integer of about {bits} bits is larger than {self.budget.integer_bits} bits")
