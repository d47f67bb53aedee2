"""Follow NumPy code step by step over its syntax tree, without ever running it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Sequence

import numpy as np

from derive.read.code.budget import PYTHON_ERRORS, Budget, Exhausted, Failed, Meter, Refused, Uncertain
from derive.read.code.calls import call
from derive.read.code.events import Log, Recording, Run, Shown, Unsupported
from derive.read.code.expressions import evaluate
from derive.read.code.machine import Machine, Override
from derive.read.code.memory import held_bytes
from derive.read.code.randomness import Draw, Streams
from derive.read.code.rendering import is_complete, to_code
from derive.read.code.scopes import poison
from derive.read.code.source import Broken, CodeCell, Source, read_cells
from derive.read.code.statements import execute, execute_one
from derive.read.code.values import (
    Builtin,
    Class,
    Function,
    Instance,
    Module,
    Scope,
    Unknown,
    Value,
    snapshot,
)

_MODULE_NAMES: dict[str, Value] = {"__name__": "__main__"}


def interpret(
    cells: Sequence[CodeCell],
    *,
    draw: Draw | None = None,
    override: Override | None = None,
    budget: Budget | None = None,
    record: Collection[tuple[int, int, int]] = (),
) -> Run:
    """Follow the code of a document.

    Parameters
    ----------
    cells : sequence of CodeCell
        Pieces of Python in order of execution; they share one namespace.
    draw : callable, optional
        ``draw(kind, shape, span)`` supplies random numbers (an array, a number, or None for NumPy's stream).
    override : callable, optional
        ``override(target, value)`` is asked at every assignment; anything but None replaces the value.
    budget : Budget, optional
        Limits.
    record : collection of (cell, line, column)
        Statements of which the value of every sub-expression is wanted.

    Returns
    -------
    Run
        Events in order, final values, and what was recorded. Code that cannot be followed never raises: it
        appears as `Unsupported` events.
    """
    budget = budget or Budget()
    sources = read_cells(cells)
    machine = Machine(
        meter=Meter(budget),
        log=Log(budget.events),
        sources={source.cell.index: source for source in sources},
        evaluate=evaluate,
        execute=execute,
        call=call,
        streams=Streams(),
        draw=draw,
        override=override,
        record=record,
    )
    scope = Scope(dict(_MODULE_NAMES))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source in sources:
            _follow(machine, source, scope)
        names = _final(machine, scope)
    log = machine.log
    recorded = {key: Recording(kept, log.latest[key]) for key, kept in log.executions.items()}
    return Run(log.events(), names, recorded, log.counts, machine.meter.steps)


def _follow(machine: Machine, source: Source, scope: Scope) -> None:
    machine.cell = machine.running = source.cell.index
    for number, statement in enumerate(source.statements):
        held = held_bytes(scope)
        machine.meter.start_statement(None if held is None else held + machine.log.held)
        machine.touched.clear()
        if isinstance(statement, Broken):
            span, order = source.span(statement), machine.log.next_order()
            machine.log.add(Unsupported(statement.reason, "refused", span, order=order))
            continue
        last = number == len(source.statements) - 1
        try:
            if last and isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant):
                _show(machine, statement, scope)
            else:
                execute_one(machine, statement, scope)
        except (Exhausted, Uncertain) as error:
            kind = "budget" if isinstance(error, Exhausted) else "uncertain"
            _reset(machine, source)
            machine.unsupported(statement, str(error), kind)
            machine.forget_touched(str(error))
            poison(machine, [statement], scope, str(error))


def _show(machine: Machine, statement: ast.Expr, scope: Scope) -> None:
    """Follow the last expression of a cell and log what a notebook displays."""
    shown: list[Value] = []

    def keep(inner: Machine, node: ast.expr, where: Scope) -> Value:
        value = evaluate(inner, node, where)
        if node is statement.value:
            shown.append(value)
        return value

    machine.evaluate = keep
    try:
        execute_one(machine, statement, scope)
    finally:
        machine.evaluate = evaluate
    if not shown or shown[0] is None:
        return
    value = shown[0]
    try:
        complete = is_complete(value)
        text = to_code(machine, value) if complete else "?"
    except (Refused, Failed, *PYTHON_ERRORS):
        complete, text = False, "?"
    event = Shown(
        text,
        machine.snapshot(value),
        machine.text(statement.value),
        complete,
        machine.span(statement),
        machine.log.next_order(),
    )
    machine.log.add(event)


def _reset(machine: Machine, source: Source) -> None:
    """Return to the module's level after a statement was broken off."""
    machine.cell, machine.calls, machine.loops, machine.nest = source.cell.index, (), (), 0
    machine.filled, machine.pieces, machine.watched, machine.meter.depth = {}, None, None, 0


def _final(machine: Machine, scope: Scope) -> dict[str, Value]:
    names: dict[str, Value] = {}
    for name, value in scope.names.items():
        if name in _MODULE_NAMES or isinstance(value, Module | Function | Builtin | Class):
            continue
        names[name] = _last(machine, value)
        if isinstance(value, Instance):
            names |= {f"{name}.{key}": _last(machine, item) for key, item in value.attributes.items()}
    return names


def _last(machine: Machine, value: Value) -> Value:
    if machine.is_tainted(value):
        return Unknown("it may have been changed by a statement that was not followed")
    return snapshot(value)
