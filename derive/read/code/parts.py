"""Values that no target takes: results of functions, entries of displays, items of lists, ``out=`` arrays."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from derive.read.code.givens import describe, is_given, offer
from derive.read.code.scopes import peek
from derive.read.code.values import Scope, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_PLAIN = (ast.Name, ast.Constant, ast.Attribute)
_DISPLAYS = (ast.Dict, ast.List, ast.Tuple, ast.ListComp)
_MOST = 20
"""A display of more entries is data."""


def log_display(
    machine: Machine, statement: ast.stmt, node: ast.expr, value: Value, name: str, scope: Scope
) -> None:
    """Log the entries of a display, or a value that a function returns, as parts of `name`.

    A part that is a mere name has been logged where that got its value.
    """
    for part, item, key in _parts(node, value):
        if not isinstance(part, _PLAIN):
            full = name if key is None else f"{name}[{key!r}]"
            target = describe(machine, part, full, full, "part", is_given(part, scope))
            if key is not None and isinstance(value, dict | list):
                item = offer(machine, target, item)
                value[key] = item  # type: ignore[index]  # the keys of a list are numbers
            machine.assigned(target, item, statement)


def _parts(node: ast.expr, value: Value) -> Iterator[tuple[ast.expr, Value, str | int | None]]:
    if isinstance(node, ast.Dict) and isinstance(value, dict):
        for key, part in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value in value:
                yield part, value[key.value], key.value
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(value, list | tuple):
        if len(node.elts) == len(value) <= _MOST:
            for place, (part, item) in enumerate(zip(node.elts, value, strict=True)):
                yield part, item, place
    elif isinstance(node, ast.ListComp) and isinstance(value, list):
        for place, item in enumerate(value if len(value) <= _MOST else ()):
            yield node.elt, item, place
    elif not isinstance(node, _DISPLAYS):
        yield node, value, None


def log_assigned_display(machine: Machine, node: ast.Assign, value: Value, scope: Scope) -> None:
    """Log the entries of a display that is given one name."""
    target = node.targets[0]
    if isinstance(node.value, _DISPLAYS) and isinstance(target, ast.Name | ast.Attribute):
        log_display(machine, node, node.value, value, machine.text(target), scope)


def log_appended(machine: Machine, statement: ast.stmt, node: ast.expr, scope: Scope) -> None:
    """Log the item that ``items.append(...)`` has put at the end of a list."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    if node.func.attr != "append" or len(node.args) != 1 or isinstance(node.args[0], _PLAIN):
        return
    items = peek(node.func.value, scope)
    if isinstance(items, list) and items and not machine.is_tainted(items):
        name = f"{machine.text(node.func.value)}[{len(items) - 1}]"
        target = describe(machine, node.args[0], name, name, "appended", False)
        machine.assigned(target, items[-1], statement)


def written_into(node: ast.Expr) -> ast.Name | None:
    """Return the array that a statement only writes a result into: ``np.exp(e, out=e)``."""
    keywords = node.value.keywords if isinstance(node.value, ast.Call) else []
    into = (keyword.value for keyword in keywords if keyword.arg == "out")
    return next((target for target in into if isinstance(target, ast.Name)), None)


def log_written(machine: Machine, statement: ast.Expr, value: Value) -> None:
    """Log the result that a call writes into an array; what goes on with its value changes it in place."""
    target = written_into(statement)
    if target is None:
        return
    read = (n for n in ast.walk(statement.value) if isinstance(n, ast.Name) and n is not target)
    kind = "augmented" if any(name.id == target.id for name in read) else "assign"
    described = describe(machine, statement.value, target.id, target.id, kind, False)
    machine.assigned(described, value, statement.value)
