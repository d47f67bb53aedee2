"""Names and their scopes; what a statement would have bound or changed when it is not followed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from derive.read.code.budget import Failed
from derive.read.code.python_table import BUILTINS
from derive.read.code.values import Bound, Function, Instance, Scope, Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_FLOW = (ast.Return, ast.Break, ast.Continue)
_CHANGING = (
    ast.AugAssign,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.Call,
    ast.Global,
)
_MUTABLE = (np.ndarray, list, dict, set, Instance)


def walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Visit nodes and what is below them, but not the bodies of functions and classes."""
    queue = list(nodes)
    while queue:
        node = queue.pop()
        yield node
        if not isinstance(node, _SCOPES):
            queue.extend(ast.iter_child_nodes(node))


@lru_cache(maxsize=4096)
def changing(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return the nodes at and below one that bind or change something, found once for each statement."""
    return tuple(
        inner
        for inner in walk([node])
        if isinstance(inner, _CHANGING)
        or (
            isinstance(inner, ast.Name | ast.Attribute | ast.Subscript)
            and not isinstance(inner.ctx, ast.Load)
        )
    )


def has_flow(nodes: Iterable[ast.AST]) -> bool:
    """Tell whether statements may leave the function or loop around them."""
    return any(isinstance(node, _FLOW) for node in walk(nodes))


def bound_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Return the names that statements bind in their own scope."""
    names: set[str] = set()
    elsewhere: set[str] = set()
    for node in walk(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name).partition(".")[0] for a in node.names}
        elif isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere |= set(node.names)
    return frozenset(names - elsewhere)


def local_names(machine: Machine, node: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """Return the local names of a function, found once for each function."""
    if id(node) not in machine.locals:
        args = node.args
        names = {a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
        names |= {a.arg for a in (args.vararg, args.kwarg) if a is not None}
        body = node.body if isinstance(node, ast.FunctionDef) else [node.body]
        machine.locals[id(node)] = frozenset(names) | bound_names(body)
    return machine.locals[id(node)]


def look_up(scope: Scope, name: str) -> Value:
    """Return the value of a name.

    Raises
    ------
    Failed
        If nothing has bound the name.
    """
    inner: Scope | None = scope
    while inner is not None:
        if name in inner.outer:
            inner = inner.outer[name]
        if name in inner.names:
            return inner.names[name]
        if name in inner.local:
            raise Failed(f"the local name {name!r} is used before it is assigned")
        inner = inner.parent
    if name in BUILTINS:
        return BUILTINS[name]
    raise Failed(f"the name {name!r} is not defined or not followed")


def bind(machine: Machine, scope: Scope, name: str, value: Value) -> None:
    """Bind a name where the scope's declarations say."""
    scope = scope.outer.get(name, scope)
    if machine.calls and scope.parent is None:
        machine.touch(scope, name)
    scope.names[name] = value


def peek(node: ast.AST, scope: Scope) -> Value:
    """Find the object that a name, attribute or element refers to, without evaluating anything."""
    if isinstance(node, ast.Name):
        try:
            return look_up(scope, node.id)
        except Failed:
            return None
    if isinstance(node, ast.Attribute):
        owner = peek(node.value, scope)
        if not isinstance(owner, Instance):
            return None
        found = owner.attributes.get(node.attr)
        member = owner.cls.find(node.attr) if found is None else None
        return Bound(member, owner) if isinstance(member, Function) else found
    if isinstance(node, ast.Subscript | ast.Starred):
        return peek(node.value, scope)
    return None


def poison(machine: Machine, nodes: Iterable[ast.AST], scope: Scope, reason: str) -> None:
    """Make unknown whatever the statements would bind or change.

    Calls of the document's own functions are followed into their bodies, each function once.
    """
    unknown = Unknown(reason)
    queue: list[tuple[list[ast.AST], Scope]] = [(list(nodes), scope)]
    seen: set[int] = set()
    while queue:
        body, inner = queue.pop()
        for node in (found for statement in body for found in changing(statement)):
            machine.meter.steps += 1  # counted, but never refused: this is the clean-up
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bind(machine, inner, node.id, unknown)
            elif isinstance(node, ast.AugAssign):
                machine.taint(peek(node.target, inner))
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                owner = peek(node.value, inner)
                if isinstance(owner, Instance):
                    owner.attributes[node.attr] = unknown
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                machine.taint(peek(node.value, inner))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                bind(machine, inner, node.name, unknown)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    bind(machine, inner, (alias.asname or alias.name).partition(".")[0], unknown)
            elif isinstance(node, ast.Call):
                _poison_call(machine, node, inner, queue, seen)


def _poison_call(
    machine: Machine,
    node: ast.Call,
    scope: Scope,
    queue: list[tuple[list[ast.AST], Scope]],
    seen: set[int],
) -> None:
    callee = peek(node.func, scope)
    if isinstance(node.func, ast.Attribute) and callee is None:
        receiver = peek(node.func.value, scope)
        if isinstance(receiver, list | dict | set) or node.func.attr in ("fill", "sort"):
            machine.taint(receiver)
    function = callee.function if isinstance(callee, Bound) else callee
    if isinstance(function, Function) and id(function) not in seen:
        seen.add(id(function))
        names = {}
        if isinstance(callee, Bound) and function.node.args.args:
            names[function.node.args.args[0].arg] = callee.receiver
        body = function.node.body if isinstance(function.node, ast.FunctionDef) else [function.node.body]
        outer = {
            name: function.scope.module
            for statement in body
            for inner in changing(statement)
            if isinstance(inner, ast.Global)
            for name in inner.names
        }
        queue.append((list(body), Scope(names, function.scope, local_names(machine, function.node), outer)))
    if isinstance(function, Function | Unknown) and not (isinstance(function, Unknown) and function.library):
        for argument in (*node.args, *(k.value for k in node.keywords)):
            value = peek(argument, scope)
            if isinstance(value, _MUTABLE):
                machine.taint(value)
