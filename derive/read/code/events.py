"""What happened when the code was followed, in order, and the log that keeps it short."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np

from derive.read.code.source import CodeSpan
from derive.read.code.values import Value

Loops: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """A name, element or attribute got a value.

    Parameters
    ----------
    name, resolved : str
        The target as written (``delta_L2[i]``) and with its indices evaluated (``delta_L2[0]``).
    value
        Snapshot of the value, see `derive.read.code.values.snapshot`.
    dtype : str
        NumPy's type of the elements where the value is an array, else empty.
    kind : str
        ``assign``, ``augmented`` (``+=`` and the like), ``loop`` (the variable of a loop), ``parameter``
        (of a called function, where the argument is written out in numbers), ``filled`` (an array as it
        stands after a loop wrote its elements, or a statement some of them), ``appended`` (an item put at the
        end of a list) or ``part`` (an entry of a display, ``d["z"]`` for ``d = {"z": ...}``, or what a
        function returns, by its name).
    node, span
        The statement and its place.
    calls : tuple of str
        Functions of the document that are being called, the outermost first.
    loops : tuple of (str, int)
        Variable and iteration (from 0) of each loop around, the outermost first.
    count : int
        How many times the statement had been executed before.
    given, drawn : bool
        Whether the right-hand side names nothing but libraries (numbers written out, zeros, random numbers),
        and whether evaluating it drew from a random generator.
    order : int
        Position among all events.
    running : int
        The cell whose top-level statement was being executed, which is the one a notebook shows output under.
    execution : int
        Which execution of its statement it belongs to, from 0, where the statement is recorded.
    """

    name: str
    resolved: str
    value: Value
    dtype: str
    kind: str
    node: ast.AST
    span: CodeSpan
    calls: tuple[str, ...] = ()
    loops: Loops = ()
    count: int = 0
    given: bool = False
    drawn: bool = False
    order: int = 0
    running: int = 0
    execution: int = 0


@dataclass(frozen=True, slots=True)
class PrintedValue:
    """One value inside printed text: its source, its snapshot and its text.

    The text is empty where the value was written through ``%``, ``str.format`` or ``str``.
    """

    source: str
    value: Value
    text: str
    span: CodeSpan


@dataclass(frozen=True, slots=True, eq=False)
class Printed:
    """A call of ``print``; `text` has ``?`` where a value is unknown and `complete` is then false.

    `running` is the cell under which a notebook shows the text, which need not be that of the `span`.
    """

    text: str
    values: tuple[PrintedValue, ...]
    complete: bool
    span: CodeSpan
    calls: tuple[str, ...] = ()
    loops: Loops = ()
    order: int = 0
    running: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The value of the expression that ends a cell, which a notebook displays."""

    text: str
    value: Value
    source: str
    complete: bool
    span: CodeSpan
    order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A function of the document was called: its name and the arguments by parameter."""

    function: str
    arguments: tuple[tuple[str, Value], ...]
    span: CodeSpan
    calls: tuple[str, ...] = ()
    loops: Loops = ()
    order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """A function of the document returned a value."""

    function: str
    value: Value
    span: CodeSpan
    calls: tuple[str, ...] = ()
    loops: Loops = ()
    order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A random generator was asked for numbers; `seeded` tells whether the document fixed its seed."""

    kind: str
    shape: tuple[int, ...]
    value: Value
    seeded: bool
    supplied: bool
    span: CodeSpan
    calls: tuple[str, ...] = ()
    loops: Loops = ()
    order: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Unsupported:
    """A statement that was not followed.

    `kind` is ``refused`` (outside the followed part of the language), ``failed`` (Python itself would raise
    here), ``budget`` (too long or too large), ``uncertain`` (depends on a value that is not known) or ``cut``
    (a loop whose further passes would only repeat the first ones). `execution` counts those of the statement,
    from 0, where it is recorded.
    """

    reason: str
    kind: str
    span: CodeSpan
    calls: tuple[str, ...] = ()
    loops: Loops = ()
    order: int = 0
    execution: int = 0


Event: TypeAlias = Assigned | Printed | Shown | Called | Returned | Drawn | Unsupported
_EXECUTIONS = 12
"""How many executions of a recorded statement are kept, besides the last."""
_E = TypeVar("_E", Assigned, Printed, Shown, Called, Returned, Drawn, Unsupported)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The value of one expression inside a recorded statement, innermost first."""

    source: str
    value: Value
    node: ast.expr
    span: CodeSpan


@dataclass(frozen=True, slots=True)
class Recording:
    """The expressions of one statement at its first executions, by number, and at its last one."""

    executions: dict[int, tuple[Evaluated, ...]]
    last: tuple[Evaluated, ...]

    @property
    def first(self) -> tuple[Evaluated, ...]:
        """The expressions at the first execution."""
        return self.executions[0]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The result of following code.

    Parameters
    ----------
    events : tuple
        In order of execution; of each statement the first few and the last.
    names : dict
        Final values of the module's names, and of attributes of objects as ``net.W1``.
    recorded : dict
        By (cell, line, column) of a statement, for the statements asked for.
    counts : dict
        How often each statement produced an event, by the same key.
    steps : int
        Syntax nodes evaluated.
    """

    events: tuple[Event, ...]
    names: dict[str, Value]
    recorded: dict[tuple[int, int, int], Recording] = field(default_factory=dict)
    counts: dict[tuple[int, int, int], int] = field(default_factory=dict)
    steps: int = 0

    def of_kind(self, kind: type[_E]) -> tuple[_E, ...]:
        """Return the events of one kind."""
        return tuple(event for event in self.events if isinstance(event, kind))

    def last(self, name: str) -> Assigned | None:
        """Return the last assignment to `name`, as written."""
        found = [e for e in self.events if isinstance(e, Assigned) and e.name == name]
        return found[-1] if found else None


def _size(event: Event) -> int:
    values: list[Value] = [event.value] if isinstance(event, Assigned | Shown | Returned | Drawn) else []
    if isinstance(event, Called):
        values = [value for _, value in event.arguments]
    elif isinstance(event, Printed):
        values = [piece.value for piece in event.values]
    return 200 + sum(value.nbytes for value in values if isinstance(value, np.ndarray))


@dataclass(slots=True)
class Log:
    """Collects events: the first `keep` of each statement and kind, and the last."""

    keep: int
    order: int = 0
    held: int = 0
    _kept: dict[tuple[object, ...], list[Event]] = field(default_factory=dict)
    _last: dict[tuple[object, ...], Event] = field(default_factory=dict)
    counts: dict[tuple[int, int, int], int] = field(default_factory=dict)
    executions: dict[tuple[int, int, int], dict[int, tuple[Evaluated, ...]]] = field(default_factory=dict)
    begun: dict[tuple[int, int, int], int] = field(default_factory=dict)
    latest: dict[tuple[int, int, int], tuple[Evaluated, ...]] = field(default_factory=dict)

    def next_order(self) -> int:
        """Number the next event."""
        self.order += 1
        return self.order

    def count(self, span: CodeSpan) -> int:
        """Count the executions of a statement; return how many there had been before."""
        key = (span.cell, span.line, span.column)
        before = self.counts.get(key, 0)
        self.counts[key] = before + 1
        return before

    def begin(self, key: tuple[int, int, int]) -> int:
        """Count an execution of a recorded statement; return its number."""
        number = self.begun.get(key, 0)
        self.begun[key] = number + 1
        return number

    def record(self, key: tuple[int, int, int], number: int, seen: tuple[Evaluated, ...]) -> None:
        """Keep the expressions of one execution of a statement."""
        if number < _EXECUTIONS:
            self.executions.setdefault(key, {})[number] = seen
        self.latest[key] = seen

    def add(self, event: Event, detail: str = "") -> None:
        """Keep an event, or replace the last one of its statement."""
        span = event.span
        key = (type(event), span.cell, span.line, span.column, detail)
        kept = self._kept.setdefault(key, [])
        if kept and isinstance(event, Unsupported):
            return  # a loop that is not followed says so once
        if len(kept) < self.keep or key not in self._last:
            self.held += _size(event)
        if len(kept) < self.keep:
            kept.append(event)
        else:
            self._last[key] = event

    def events(self) -> tuple[Event, ...]:
        """Return what was kept, in order."""
        kept = [event for events in self._kept.values() for event in events]
        return tuple(sorted([*kept, *self._last.values()], key=lambda event: event.order))
