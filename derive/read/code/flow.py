"""Branches and loops."""

from __future__ import annotations

import ast
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from derive.read.code.budget import Uncertain
from derive.read.code.calls import Return
from derive.read.code.events import Unsupported
from derive.read.code.operators import truth
from derive.read.code.python_table import iterate
from derive.read.code.scopes import poison, walk
from derive.read.code.targets import assign, log_filled
from derive.read.code.values import Scope, Unknown

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


_PASSES = 3
"""Of a loop that is cut short: enough to see what a pass does with what the one before left."""


_ELEMENTS = 10
"""How many times as many steps a loop has whose variable is an index: each pass may be another element."""


class Jump(Enum):
    """Signals that leave a loop's body."""

    BREAK = 1
    CONTINUE = 2


Signal: TypeAlias = Return | Jump | None


def follow_if(machine: Machine, node: ast.If, scope: Scope) -> Signal:
    """Follow the branch that the condition chooses; both become unknown if it is not known."""
    outcome = truth(machine, machine.evaluate(machine, node.test, scope))
    if isinstance(outcome, Unknown):
        return _unknown_path(machine, node, scope, outcome.reason)
    return machine.execute(machine, node.body if outcome else node.orelse, scope)


def follow_for(machine: Machine, node: ast.For, scope: Scope) -> Signal:
    """Follow a loop over items; the arrays that it fills are logged when it is over."""
    items = machine.evaluate(machine, node.iter, scope)
    if isinstance(items, Unknown):
        return _unknown_path(machine, node, scope, items.reason)
    loops, name = machine.loops, machine.text(node.target)
    begun = machine.meter.steps
    machine.nest += 1
    try:
        for number, item in enumerate(iterate(machine, items)):
            if _is_cut(machine, node, number, begun):
                break
            machine.meter.step()
            machine.loops = (*loops, (name, number))
            machine.drawn = False
            assign(machine, node.target, item, scope, node, kind="loop")
            signal = machine.execute(machine, node.body, scope)
            if signal is Jump.BREAK:
                break
            if isinstance(signal, Return):
                return signal
        else:
            return machine.execute(machine, node.orelse, scope)
    finally:
        _end_loop(machine, loops)
    return None


def follow_while(machine: Machine, node: ast.While, scope: Scope) -> Signal:
    """Follow a loop with a condition; the budget ends it if nothing else does."""
    loops, number, begun = machine.loops, 0, machine.meter.steps
    machine.nest += 1
    try:
        while not _is_cut(machine, node, number, begun):
            outcome = truth(machine, machine.evaluate(machine, node.test, scope))
            if isinstance(outcome, Unknown):
                return _unknown_path(machine, node, scope, outcome.reason)
            if not outcome:
                return machine.execute(machine, node.orelse, scope)
            machine.meter.step()
            machine.loops = (*loops, ("while", number))
            number += 1
            signal = machine.execute(machine, node.body, scope)
            if signal is Jump.BREAK:
                return None
            if isinstance(signal, Return):
                return signal
    finally:
        _end_loop(machine, loops)
    return None


def _is_cut(machine: Machine, node: ast.For | ast.While, number: int, begun: int) -> bool:
    """Tell whether a loop has come round often enough for what it costs, and log that it ends here."""
    limit = machine.meter.budget.loop_steps
    if limit is None or number < _PASSES or machine.meter.steps - begun <= limit * machine.nest:
        return False
    if _is_through_elements(node) and machine.meter.steps - begun <= _ELEMENTS * limit * machine.nest:
        return False
    event = Unsupported(
        f"of this loop the first {number} passes were followed; the others repeat them",
        "cut",
        machine.span(node),
        machine.calls,
        machine.loops,
        machine.log.next_order(),
    )
    machine.log.add(event, "cut")
    return True


@lru_cache(maxsize=512)
def _is_through_elements(node: ast.For | ast.While) -> bool:
    """Tell whether the variable of a loop is an index in its body."""
    if isinstance(node, ast.While):
        return False
    names = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    slices = (n.slice for statement in node.body for n in walk([statement]) if isinstance(n, ast.Subscript))
    return any(isinstance(n, ast.Name) and n.id in names for part in slices for n in ast.walk(part))


def _end_loop(machine: Machine, loops: tuple[tuple[str, int], ...]) -> None:
    machine.loops = loops
    machine.nest -= 1
    if machine.nest == 0 and machine.filled:
        log_filled(machine)


def _unknown_path(machine: Machine, node: ast.stmt, scope: Scope, reason: str) -> Signal:
    machine.unsupported(node, f"depends on a value that is not known: {reason}", "uncertain")
    poison(machine, [node], scope, reason)
    loop = isinstance(node, ast.For | ast.While)
    leaves = any(
        isinstance(inner, ast.Return) or (not loop and isinstance(inner, ast.Break | ast.Continue))
        for inner in walk([node])
    )
    if leaves:
        raise Uncertain(reason)
    return None
