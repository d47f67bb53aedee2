"""Statements: one function for each kind, found in a table; what fails is logged and made unknown."""

# ruff: noqa: ARG001 - functions of one table share one signature

from __future__ import annotations

import ast
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from derive.read.code.budget import PYTHON_ERRORS, Exhausted, Failed, Refused, Uncertain
from derive.read.code.calls import Return, log_return
from derive.read.code.expressions import make_function
from derive.read.code.indexing import delete_item
from derive.read.code.library import MODULES, module_attribute, public_names
from derive.read.code.operators import truth
from derive.read.code.python_table import iterate
from derive.read.code.rendering import check_print_options
from derive.read.code.scopes import bind, has_flow, poison, walk
from derive.read.code.targets import assign, augment, is_given, log_filled
from derive.read.code.values import Class, Function, Module, Scope, Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


class Jump(Enum):
    """Signals that leave a loop's body."""

    BREAK = 1
    CONTINUE = 2


Signal: TypeAlias = Return | Jump | None
Handler: TypeAlias = Callable[..., Signal]
_KINDS = {"staticmethod": "static", "classmethod": "class", "property": "property"}
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
            _stop_recording(machine, statement, recorded)


def _give_up(machine: Machine, statement: ast.stmt, scope: Scope, reason: str, kind: str) -> Signal:
    machine.unsupported(statement, reason, kind)
    poison(machine, [statement], scope, reason)
    if isinstance(statement, ast.Return):
        return Return(Unknown(reason))
    if isinstance(statement, _COMPOUND) and has_flow([statement]) and machine.calls:
        raise Uncertain(reason)
    return None


def _start_recording(machine: Machine, statement: ast.stmt) -> tuple[tuple[int, int, int], Value] | None:
    if not machine.record or isinstance(statement, (*_COMPOUND, ast.FunctionDef, ast.ClassDef)):
        return None
    span = machine.span(statement)
    key = (span.cell, span.line, span.column)
    if key not in machine.record:
        return None
    before, machine.watched = machine.watched, []
    return key, before


def _stop_recording(
    machine: Machine, statement: ast.stmt, recorded: tuple[tuple[int, int, int], Value]
) -> None:
    key, before = recorded
    seen = tuple(machine.watched or ())
    machine.log.first.setdefault(key, seen)
    machine.log.latest[key] = seen
    machine.watched = before


def _assign(machine: Machine, node: ast.Assign, scope: Scope) -> Signal:
    given = is_given(node.value, scope)
    value = machine.evaluate(machine, node.value, scope)
    for target in node.targets:
        assign(machine, target, value, scope, node, given=given)
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
        machine.evaluate(machine, node.value, scope)
    return None


def _if(machine: Machine, node: ast.If, scope: Scope) -> Signal:
    outcome = truth(machine, machine.evaluate(machine, node.test, scope))
    if isinstance(outcome, Unknown):
        return _unknown_path(machine, node, scope, outcome.reason)
    return execute(machine, node.body if outcome else node.orelse, scope)


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


def _for(machine: Machine, node: ast.For, scope: Scope) -> Signal:
    items = machine.evaluate(machine, node.iter, scope)
    if isinstance(items, Unknown):
        return _unknown_path(machine, node, scope, items.reason)
    loops, name = machine.loops, machine.text(node.target)
    machine.nest += 1
    try:
        for number, item in enumerate(iterate(machine, items)):
            machine.meter.step()
            machine.loops = (*loops, (name, number))
            machine.drawn = False
            assign(machine, node.target, item, scope, node, kind="loop")
            signal = execute(machine, node.body, scope)
            if signal is Jump.BREAK:
                break
            if isinstance(signal, Return):
                return signal
        else:
            return execute(machine, node.orelse, scope)
    finally:
        _end_loop(machine, loops)
    return None


def _while(machine: Machine, node: ast.While, scope: Scope) -> Signal:
    loops, number = machine.loops, 0
    machine.nest += 1
    try:
        while True:
            outcome = truth(machine, machine.evaluate(machine, node.test, scope))
            if isinstance(outcome, Unknown):
                return _unknown_path(machine, node, scope, outcome.reason)
            if not outcome:
                return execute(machine, node.orelse, scope)
            machine.meter.step()
            machine.loops = (*loops, ("while", number))
            number += 1
            signal = execute(machine, node.body, scope)
            if signal is Jump.BREAK:
                return None
            if isinstance(signal, Return):
                return signal
    finally:
        _end_loop(machine, loops)


def _end_loop(machine: Machine, loops: tuple[tuple[str, int], ...]) -> None:
    machine.loops = loops
    machine.nest -= 1
    if machine.nest == 0 and machine.filled:
        log_filled(machine)


def _return(machine: Machine, node: ast.Return, scope: Scope) -> Signal:
    value = None if node.value is None else machine.evaluate(machine, node.value, scope)
    log_return(machine, value, node)
    return Return(value)


def _raise(machine: Machine, node: ast.Raise, scope: Scope) -> Signal:
    reason = f"raises here: {machine.text(node)[:100]}"
    machine.unsupported(node, reason, "failed")
    raise Uncertain(reason)


def _function(machine: Machine, node: ast.FunctionDef, scope: Scope) -> Signal:
    kind = "plain"
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Name) or decorator.id not in _KINDS:
            raise Refused(f"the decorator {machine.text(decorator)[:60]!r} is not followed")
        kind = _KINDS[decorator.id]
    if any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in walk(node.body)):
        raise Refused("generators are not followed")
    bind(machine, scope, node.name, make_function(machine, node.name, node, scope, kind))
    return None


def _class(machine: Machine, node: ast.ClassDef, scope: Scope) -> Signal:
    if node.decorator_list or node.keywords:
        raise Refused("decorators and metaclasses of classes are not followed")
    bases = [machine.evaluate(machine, base, scope) for base in node.bases]
    own = [base for base in bases if isinstance(base, Class)]
    plain = [
        b for b, n in zip(bases, node.bases, strict=True) if isinstance(n, ast.Name) and n.id == "object"
    ]
    if len(own) > 1 or len(own) + len(plain) != len(bases):
        raise Refused(f"the bases of class {node.name!r} are not followed")
    inner = Scope(parent=scope, is_class=True)
    execute(machine, node.body, inner)
    members: dict[str, Value] = {}
    for name, value in inner.names.items():
        if isinstance(value, Function) and not value.owner:
            value = Function(
                value.name,
                value.node,
                value.scope,
                value.cell,
                value.defaults,
                value.keyword_defaults,
                value.kind,
                node.name,
                value.local,
            )
        members[name] = value
    bind(machine, scope, node.name, Class(node.name, members, own[0] if own else None))
    return None


def _import(machine: Machine, node: ast.Import, scope: Scope) -> Signal:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        value: Value = Module(name)
        if alias.name not in MODULES:
            value = _unknown_library(machine, node, alias.name)
        bind(machine, scope, alias.asname or name, value)
    return None


def _import_from(machine: Machine, node: ast.ImportFrom, scope: Scope) -> Signal:
    module = node.module or ""
    for alias in node.names:
        if module in MODULES and alias.name == "*":
            for name in public_names(module):
                bind(machine, scope, name, module_attribute(module, name))
            continue
        try:
            value = module_attribute(module, alias.name) if module in MODULES else None
        except Refused:
            value = None
        if value is None and alias.name != "newaxis":
            value = _unknown_library(machine, node, f"{module}.{alias.name}")
        bind(machine, scope, alias.asname or alias.name, value)
    return None


def _unknown_library(machine: Machine, node: ast.stmt, name: str) -> Unknown:
    reason = f"the library {name!r} is not followed"
    machine.unsupported(node, reason, "refused")
    return Unknown(reason, library=True)


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
            if item.optional_vars is not None:
                poison(machine, [item.optional_vars], scope, "what a with statement provides is not followed")
        return execute(machine, node.body, scope)
    finally:
        machine.print_options = options


def _try(machine: Machine, node: ast.Try, scope: Scope) -> Signal:
    before = machine.log.order
    signal = execute(machine, node.body, scope)
    trouble = any(e.order > before for e in machine.log.events() if type(e).__name__ == "Unsupported")
    if trouble:
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
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.FunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
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
__all__ = ["Exhausted", "execute", "execute_one"]
