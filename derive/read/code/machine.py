"""The state of one run: meter, log, objects that became unknown, and the hooks of the caller."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from derive.read.code.budget import Meter
from derive.read.code.events import Assigned, Evaluated, Log, PrintedValue, Unsupported
from derive.read.code.randomness import Draw, Streams
from derive.read.code.source import CodeSpan, Source
from derive.read.code.values import Instance, Scope, Unknown, Value, members, snapshot, storage


@dataclass(frozen=True, slots=True)
class AssignTarget:
    """What is about to get a value; the fields are those of `Assigned`."""

    name: str
    resolved: str
    kind: str
    span: CodeSpan
    calls: tuple[str, ...]
    loops: tuple[tuple[str, int], ...]
    count: int
    given: bool
    drawn: bool


Override: TypeAlias = Callable[[AssignTarget, Value], Value]


@dataclass(slots=True)
class Machine:
    """Everything that changes while code is followed; one for each run.

    `evaluate`, `execute` and `call` are the functions of the modules of those names; they are kept here
    because each needs the others.
    """

    meter: Meter
    log: Log
    sources: dict[int, Source]
    evaluate: Callable[[Machine, ast.expr, Scope], Value]
    execute: Callable[[Machine, list[ast.stmt], Scope], Value]
    call: Callable[[Machine, Value, tuple[Value, ...], dict[str, Value], ast.AST], Value]
    streams: Streams
    draw: Draw | None = None
    override: Override | None = None
    record: Collection[tuple[int, int, int]] = ()
    print_options: dict[str, Value] = field(default_factory=dict)
    cell: int = 0
    running: int = 0
    site: ast.AST = field(default_factory=ast.Pass)
    calls: tuple[str, ...] = ()
    loops: tuple[tuple[str, int], ...] = ()
    nest: int = 0
    troubles: int = 0
    drawn: bool = False
    tainted: dict[int, Value] = field(default_factory=dict)
    touched: dict[tuple[int, str], tuple[Value, str]] = field(default_factory=dict)
    filled: dict[str, tuple[Value, ast.AST]] = field(default_factory=dict)
    locals: dict[int, frozenset[str]] = field(default_factory=dict)
    pieces: list[PrintedValue] | None = None
    watched: list[Evaluated] | None = None
    execution: int = 0

    def span(self, node: ast.AST) -> CodeSpan:
        """Return the span of a node of the current cell."""
        return self.sources[self.cell].span(node)

    def text(self, node: ast.AST) -> str:
        """Return the source text of a node of the current cell."""
        return self.sources[self.cell].text(node)

    def snapshot(self, value: Value) -> Value:
        """Copy a value for an event, and account for the copy."""
        if isinstance(value, np.ndarray):
            self.meter.allocate(8 * value.size)
        elif isinstance(value, list | tuple):
            self.meter.step(len(value) // 8)
        return snapshot(value)

    def taint(self, value: Value) -> None:
        """Mark an object as unknown from here on, whoever holds it."""
        owner = storage(value)
        if isinstance(owner, np.ndarray | list | dict | set):
            self.tainted[id(owner)] = owner  # held, so that its id stays its own
        elif isinstance(owner, Instance):
            for name in owner.attributes:
                owner.attributes[name] = Unknown(f"an object of class {owner.cls.name} may have changed")

    def is_tainted(self, value: Value) -> bool:
        """Tell whether an object, or one inside a list of it, was marked."""
        queue, seen = [value], 0
        while queue and seen < 1000:
            item = queue.pop()
            seen += 1
            if id(storage(item)) in self.tainted:
                return True
            if isinstance(item, list | tuple | dict):
                queue.extend((members(item) or ())[:1000])
        return False

    def touch(self, value: Value, name: str = "") -> None:
        """Remember that the current top-level statement changes an object in place, or a name of a scope."""
        self.touched[id(storage(value)), name] = (storage(value), name)

    def forget_touched(self, reason: str) -> None:
        """After a statement was broken off: whatever it had begun to change is unknown."""
        for value, name in self.touched.values():
            if isinstance(value, Scope):
                value.names[name] = Unknown(reason)
            elif isinstance(value, Instance) and name:
                value.attributes[name] = Unknown(reason)
            else:
                self.taint(value)

    def unsupported(self, node: ast.AST, reason: str, kind: str) -> None:
        """Log a statement that was not followed."""
        self.troubles += 1
        span = self.span(node)
        order = self.log.next_order()
        event = Unsupported(reason, kind, span, self.calls, self.loops, order, self.execution)
        self.log.add(event, kind)

    def assigned(self, target: AssignTarget, value: Value, node: ast.AST) -> None:
        """Log an assignment."""
        dtype = str(value.dtype) if isinstance(value, np.ndarray | np.generic) else ""
        event = Assigned(
            name=target.name,
            resolved=target.resolved,
            value=self.snapshot(value),
            dtype=dtype,
            kind=target.kind,
            node=node,
            span=target.span,
            calls=target.calls,
            loops=target.loops,
            count=target.count,
            given=target.given,
            drawn=target.drawn,
            order=self.log.next_order(),
            running=self.running,
            execution=self.execution,
        )
        self.log.add(event, f"{target.kind} {target.name}")
