"""What the document states in numbers, and the caller's chance to replace it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np

from derive.read.code.machine import AssignTarget
from derive.read.code.scopes import peek, walk
from derive.read.code.values import Bound, Builtin, Class, Function, Module, Scope, Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


def describe(
    machine: Machine, node: ast.AST, name: str, resolved: str, kind: str, given: bool
) -> AssignTarget:
    """Describe what is about to get a value, and count it."""
    span = machine.span(node)
    count = machine.log.count(span)
    calls, loops = machine.calls, machine.loops
    return AssignTarget(name, resolved, kind, span, calls, loops, count, given, machine.drawn)


def offer(machine: Machine, target: AssignTarget, value: Value) -> Value:
    """Return the caller's replacement of a value, or the value."""
    other = None if machine.override is None else machine.override(target, machine.snapshot(value))
    return value if other is None else restore(other, value)


def restore(other: Value, value: Value) -> Value:
    """Give a replacement the form of the value it replaces: array, nested list or number."""
    if isinstance(value, np.ndarray):
        return np.array(np.broadcast_to(np.asarray(other, dtype=np.float64), value.shape))
    if isinstance(value, list | tuple) and not isinstance(other, Unknown):
        return type(value)([restore(o, v) for o, v in zip(other, value, strict=True)])
    return other


def is_given(node: ast.AST | None, scope: Scope) -> bool:
    """Tell whether an expression is written out in numbers: no names but those of libraries."""
    if node is None or isinstance(node, ast.Constant):
        return node is not None
    for inner in walk([node]):
        if isinstance(inner, ast.Name) and not isinstance(peek(inner, scope), Module | Builtin):
            return False
    return True


def offer_arguments(
    machine: Machine,
    node: ast.Call,
    function: Value,
    args: tuple[Value, ...],
    kwargs: dict[str, Value],
    scope: Scope,
) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Log the arguments of a call that are written out in numbers, and let the caller replace them."""
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return args, kwargs
    names = _parameters(function)
    positional = list(args)
    for place, (name, argument) in enumerate(zip(names, node.args, strict=False)):
        positional[place] = _offer_argument(machine, name, argument, positional[place], scope)
    for keyword in node.keywords:
        if names and keyword.arg in kwargs:
            value = kwargs[keyword.arg]
            kwargs[keyword.arg] = _offer_argument(machine, keyword.arg, keyword.value, value, scope)
    return tuple(positional), kwargs


def _offer_argument(machine: Machine, name: str, argument: ast.expr, value: Value, scope: Scope) -> Value:
    if not is_given(argument, scope):
        return value
    target = describe(machine, argument, name, name, "parameter", True)
    value = offer(machine, target, value)
    machine.assigned(target, value, argument)
    return value


def _parameters(function: Value) -> list[str]:
    """Return the names of a function's parameters that a call fills, without that of the object."""
    if isinstance(function, Class):
        initializer = function.find("__init__")
        function = Bound(initializer, None) if isinstance(initializer, Function) else None
    inner = function.function if isinstance(function, Bound) else function
    if not isinstance(inner, Function):
        return []
    names = [a.arg for a in (*inner.node.args.posonlyargs, *inner.node.args.args)]
    return names[1:] if isinstance(function, Bound) else names
