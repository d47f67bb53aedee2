"""Statements: one function for each kind, found in a table; what fails is logged and made unknown."""

# ruff: noqa: ARG001 - functions of one table share one signature

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from derive.read.code.budget import PYTHON_ERRORS, Failed, Refused, Uncertain
from derive.read.code.calls import Return, log_return
from derive.read.code.definitions import define_class, define_function, follow_import, follow_import_from
from derive.read.code.events import Evaluated
from derive.read.code.flow import Jump, Signal, follow_for, follow_if, follow_while
from derive.read.code.givens import is_given
from derive.read.code.indexing import delete_item
from derive.read.code.parts import log_appended, log_assigned_display, log_display, log_written
from derive.read.code.rendering import check_print_options
from derive.read.code.scopes import has_flow, poison
from derive.read.code.targets import assign, augment
from derive.read.code.values import Scope, Unknown

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


Handler: TypeAlias = Callable[..., Signal]


class _Recorded(NamedTuple):
    """A statement being recorded, and what the machine goes back to after it."""

    key: tuple[int, int, int]
    number: int
    watched: list[Evaluated] | None
    execution: int


_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try)


def execute(machine: Machine, statements: list[ast.stmt], scope: Scope) -> Signal:
    """Follow statements in order; return the signal that ends them early, if any.

    A statement that cannot be followed is logged, what it would have bound becomes unknown, and the next one
    is followed.
    """
    for statement in statements:
        signal = execute_one(machine, statement, scope)
        if signal is not None:
            return signal
    return None


def execute_one(machine: Machine, statement: ast.stmt, scope: Scope) -> Signal:
    """Follow one statement."""
    meter = machine.meter
    meter.step()
    handler = _TABLE.get(type(statement))
    recorded = _start_recording(machine, statement)
    depth = meter.depth
    try:
        if handler is None:
            raise Refused(f"{type(statement).__name__.lower()} statements are not followed")
        if depth >= meter.budget.depth:
            raise Refused(f"nested deeper than {meter.budget.depth} levels")
        meter.depth = depth + 1
        machine.drawn = False
        return handler(machine, statement, scope)
    except Refused as error:
        return _give_up(machine, statement, scope, str(error), "refused")
    except Failed as error:
        return _give_up(machine, statement, scope, str(error), "failed")
    except RecursionError:
        return _give_up(machine, statement, scope, "nested too deep", "refused")
    except PYTHON_ERRORS as error:
        text = str(error).split("\n", 1)[0][:200]
        return _give_up(machine, statement, scope, f"{type(error).__name__}: {text}", "failed")
    finally:
        meter.depth = depth
        if recorded is not None:
            _stop_recording(machine, recorded)


def _give_up(machine: Machine, statement: ast.stmt, scope: Scope, reason: str, kind: str) -> Signal:
    machine.unsupported(statement, reason, kind)
    poison(machine, [statement], scope, reason)
    if isinstance(statement, ast.Return):
        return Return(Unknown(reason))
    if isinstance(statement, _COMPOUND) and has_flow([statement]) and machine.calls:
        raise Uncertain(reason)
    return None


def _start_recording(machine: Machine, statement: ast.stmt) -> _Recorded | None:
    if not machine.record or isinstance(statement, (*_COMPOUND, ast.FunctionDef, ast.ClassDef)):
        return None
    span = machine.span(statement)
    key = (span.cell, span.line, span.column)
    if key not in machine.record:
        return None
    recorded = _Recorded(key, machine.log.begin(key), machine.watched, machine.execution)
    machine.watched, machine.execution = [], recorded.number
    return recorded


def _stop_recording(machine: Machine, recorded: _Recorded) -> None:
    machine.log.record(recorded.key, recorded.number, tuple(machine.watched or ()))
    machine.watched, machine.execution = recorded.watched, recorded.execution


def _assign(machine: Machine, node: ast.Assign, scope: Scope) -> Signal:
    given = is_given(node.value, scope)
    value = machine.evaluate(machine, node.value, scope)
    for target in node.targets:
        assign(machine, target, value, scope, node, given=given)
    log_assigned_display(machine, node, value, scope)
    return None


def _annotated(machine: Machine, node: ast.AnnAssign, scope: Scope) -> Signal:
    if node.value is not None:
        given = is_given(node.value, scope)
        value = machine.evaluate(machine, node.value, scope)
        assign(machine, node.target, value, scope, node, given=given)
    return None


def _augmented(machine: Machine, node: ast.AugAssign, scope: Scope) -> Signal:
    augment(machine, node, scope)
    return None


def _expression(machine: Machine, node: ast.Expr, scope: Scope) -> Signal:
    if not isinstance(node.value, ast.Constant):
        value = machine.evaluate(machine, node.value, scope)
        log_appended(machine, node, node.value, scope)
        log_written(machine, node, value)
    return None


def _return(machine: Machine, node: ast.Return, scope: Scope) -> Signal:
    value = None if node.value is None else machine.evaluate(machine, node.value, scope)
    log_return(machine, value, node)
    if node.value is not None and machine.calls:
        log_display(machine, node, node.value, value, machine.calls[-1].rpartition(".")[2], scope)
    return Return(value)


def _raise(machine: Machine, node: ast.Raise, scope: Scope) -> Signal:
    reason = f"raises here: {machine.text(node)[:100]}"
    machine.unsupported(node, reason, "failed")
    raise Uncertain(reason)


def _with(machine: Machine, node: ast.With, scope: Scope) -> Signal:
    options = machine.print_options
    try:
        for item in node.items:
            expression = item.context_expr
            function = expression.func if isinstance(expression, ast.Call) else expression
            if isinstance(function, ast.Attribute) and function.attr == "printoptions":
                keywords = expression.keywords if isinstance(expression, ast.Call) else []
                given = {k.arg or "**": machine.evaluate(machine, k.value, scope) for k in keywords}
                machine.print_options = {**machine.print_options, **check_print_options(given)}
            else:
                _enter(machine, expression, scope)
            if item.optional_vars is not None:
                poison(machine, [item.optional_vars], scope, "what a with statement provides is not followed")
        return execute(machine, node.body, scope)
    finally:
        machine.print_options = options


def _enter(machine: Machine, expression: ast.expr, scope: Scope) -> None:
    """Evaluate what a with statement enters; the body is followed even if that is not."""
    try:
        machine.evaluate(machine, expression, scope)
    except (Refused, Failed) as error:
        machine.unsupported(expression, str(error), "refused")


def _try(machine: Machine, node: ast.Try, scope: Scope) -> Signal:
    before = machine.troubles
    signal = execute(machine, node.body, scope)
    if machine.troubles > before:
        poison(
            machine, [*node.handlers, *node.orelse], scope, "it depends on whether an exception was raised"
        )
        if has_flow([*node.handlers, *node.orelse]):
            raise Uncertain("the path depends on whether an exception was raised")
    elif signal is None:
        signal = execute(machine, node.orelse, scope)
    return execute(machine, node.finalbody, scope) or signal


def _delete(machine: Machine, node: ast.Delete, scope: Scope) -> Signal:
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            container = machine.evaluate(machine, target.value, scope)
            delete_item(machine, container, machine.evaluate(machine, target.slice, scope))
        elif isinstance(target, ast.Name):
            if target.id not in scope.names:
                raise Failed(f"the name {target.id!r} is not defined here")
            del scope.names[target.id]
        else:
            raise Refused("this deletion is not followed")
    return None


def _global(machine: Machine, node: ast.Global, scope: Scope) -> Signal:
    for name in node.names:
        scope.outer[name] = scope.module
    return None


def _nonlocal(machine: Machine, node: ast.Nonlocal, scope: Scope) -> Signal:
    for name in node.names:
        outer = scope.parent
        while outer is not None and name not in outer.names:
            outer = outer.parent
        if outer is None:
            raise Failed(f"no binding for nonlocal {name!r}")
        scope.outer[name] = outer
    return None


def _nothing(machine: Machine, node: ast.stmt, scope: Scope) -> Signal:
    return None


def _break(machine: Machine, node: ast.Break, scope: Scope) -> Signal:
    return Jump.BREAK


def _continue(machine: Machine, node: ast.Continue, scope: Scope) -> Signal:
    return Jump.CONTINUE


_TABLE: dict[type[ast.AST], Handler] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _expression,
    ast.If: follow_if,
    ast.For: follow_for,
    ast.While: follow_while,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.FunctionDef: define_function,
    ast.ClassDef: define_class,
    ast.Import: follow_import,
    ast.ImportFrom: follow_import_from,
    ast.With: _with,
    ast.Try: _try,
    ast.Delete: _delete,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Assert: _nothing,  # a check of the document's own, which it has passed
    ast.Pass: _nothing,
    ast.Break: _break,
    ast.Continue: _continue,
}
