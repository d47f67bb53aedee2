"""Assignment: to names, elements, attributes and patterns, with the caller's overrides."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code.budget import Failed, Refused
from derive.read.code.calls import attribute
from derive.read.code.givens import describe, offer
from derive.read.code.indexing import get_item, set_item
from derive.read.code.operators import in_place
from derive.read.code.python_table import iterate
from derive.read.code.scopes import bind
from derive.read.code.values import Class, Instance, Scope, Unknown, Value, find_unknown

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


def assign(
    machine: Machine,
    target: ast.expr,
    value: Value,
    scope: Scope,
    statement: ast.stmt,
    *,
    kind: str = "assign",
    given: bool = False,
) -> None:
    """Give `target` a value and log it.

    Raises
    ------
    Refused, Failed
        If the target cannot be assigned.
    """
    if isinstance(target, ast.Tuple | ast.List):
        for part, item in _matched(machine, target, value):
            assign(machine, part, item, scope, statement, kind=kind, given=given)
    elif isinstance(target, ast.Name):
        value = _overridden(machine, target, target.id, value, kind, given)
        bind(machine, scope, target.id, value)
    elif isinstance(target, ast.Attribute):
        owner = machine.evaluate(machine, target.value, scope)
        name = machine.text(target)
        value = _overridden(machine, target, name, value, kind, given)
        _set_attribute(machine, owner, target.attr, value)
    elif isinstance(target, ast.Subscript):
        container = machine.evaluate(machine, target.value, scope)
        index = machine.evaluate(machine, target.slice, scope)
        owner = _base_text(machine, target, scope)
        _assign_item(machine, target, container, index, value, kind, given, owner)
    else:
        raise Refused(f"assignment to a {type(target).__name__.lower()} is not followed")


def augment(machine: Machine, node: ast.AugAssign, scope: Scope) -> None:
    """Do ``target op= value``; arrays and lists change in place, and so do their other names."""
    target, kind = node.target, type(node.op)
    if isinstance(target, ast.Name):
        current = machine.evaluate(machine, ast.copy_location(ast.Name(target.id, ast.Load()), target), scope)
        value = in_place(machine, kind, current, machine.evaluate(machine, node.value, scope))
        value = _overridden(machine, target, target.id, value, "augmented", False)
        bind(machine, scope, target.id, value)
    elif isinstance(target, ast.Attribute):
        owner = machine.evaluate(machine, target.value, scope)
        current = attribute(machine, owner, target.attr, target)
        if machine.is_tainted(current):
            current = Unknown("it may have been changed by a statement that was not followed")
        value = in_place(machine, kind, current, machine.evaluate(machine, node.value, scope))
        value = _overridden(machine, target, machine.text(target), value, "augmented", False)
        _set_attribute(machine, owner, target.attr, value)
    else:
        container = machine.evaluate(machine, target.value, scope)
        index = machine.evaluate(machine, target.slice, scope)
        current = get_item(machine, container, index)
        value = in_place(machine, kind, current, machine.evaluate(machine, node.value, scope))
        base = _base_text(machine, target, scope)
        _assign_item(machine, target, container, index, value, "augmented", False, base)


def _assign_item(
    machine: Machine,
    target: ast.Subscript,
    container: Value,
    index: Value,
    value: Value,
    kind: str,
    given: bool,
    base: str,
) -> None:
    resolved = f"{base}[{_index_text(machine, target, index)}]"
    value = _overridden(machine, target, resolved, value, kind, given)
    set_item(machine, container, index, value)
    written = machine.text(target.value)
    if isinstance(container, np.ndarray) and not _is_element(index, container):
        # A row, a column or what a mask chooses: the array is taken as it stands after each such statement.
        machine.assigned(describe(machine, target.value, written, base, "filled", False), container, target)
    elif isinstance(container, np.ndarray | list) and machine.nest:
        machine.filled[base] = (container, target)


def _base_text(machine: Machine, target: ast.Subscript, scope: Scope) -> str:
    """Return what an element belongs to, with the indices in it evaluated: ``w[1]`` for ``w[k][j]``."""
    inner = target.value
    if not isinstance(inner, ast.Subscript) or not isinstance(inner.slice, ast.Name):
        return machine.text(inner)
    index = machine.evaluate(machine, inner.slice, scope)
    return f"{_base_text(machine, inner, scope)}[{_index_text(machine, inner, index)}]"


def _is_element(index: Value, container: np.ndarray[Any, Any]) -> bool:
    """Whether an index names one number of an array."""
    parts = index if isinstance(index, tuple) else (index,)
    return len(parts) == container.ndim and all(isinstance(part, int | np.integer) for part in parts)


def log_filled(machine: Machine) -> None:
    """Log the arrays that a loop has written, as they stand when the loop is over."""
    for name, (container, node) in machine.filled.items():
        unknown = Unknown("it was written by a statement that was not followed")
        value = unknown if machine.is_tainted(container) else container
        machine.assigned(describe(machine, node, name, name, "filled", False), value, node)
    machine.filled = {}


def _matched(machine: Machine, target: ast.Tuple | ast.List, value: Value) -> list[tuple[ast.expr, Value]]:
    """Pair the parts of a pattern with the items of a value."""
    parts = target.elts
    if isinstance(value, Unknown):
        return [(p.value if isinstance(p, ast.Starred) else p, value) for p in parts]
    items = iterate(machine, value)
    count = len(items)  # type: ignore[arg-type]  # iterate returns sized containers
    starred = [n for n, part in enumerate(parts) if isinstance(part, ast.Starred)]
    if count > 10_000 or (count != len(parts) and not starred) or count < len(parts) - len(starred):
        raise Failed(f"{count} values for {len(parts)} names")
    values = list(items)
    if not starred:
        return list(zip(parts, values, strict=True))
    first, last = starred[0], len(parts) - starred[0] - 1
    middle = parts[first]
    inner = middle.value if isinstance(middle, ast.Starred) else middle
    return [
        *zip(parts[:first], values[:first], strict=True),
        (inner, values[first : count - last]),
        *zip(parts[first + 1 :], values[count - last :], strict=True),
    ]


def _set_attribute(machine: Machine, owner: Value, name: str, value: Value) -> None:
    if name.startswith("__") and name.endswith("__"):
        raise Refused(f"the attribute {name!r} is not followed")
    if isinstance(owner, Instance):
        machine.touch(owner, name)
        owner.attributes[name] = value
    elif isinstance(owner, Class):
        owner.members[name] = value
    elif isinstance(owner, np.ndarray) and name == "shape" and find_unknown(value) is None:
        machine.touch(owner)
        owner.shape = value
    elif not isinstance(owner, Unknown):
        raise Refused(f"an attribute of a {type(owner).__name__.lower()} is not followed")


def _overridden(
    machine: Machine, node: ast.expr, resolved: str, value: Value, kind: str, given: bool
) -> Value:
    """Let the caller replace a value, and log the assignment."""
    name = machine.text(node) if not isinstance(node, ast.Name) else node.id
    target = describe(machine, node, name, resolved, kind, given)
    value = offer(machine, target, value)
    machine.assigned(target, value, node)
    return value


def _index_text(machine: Machine, target: ast.Subscript, index: Value) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    if all(isinstance(part, int | np.integer) for part in parts):
        return ",".join(str(int(part)) for part in parts)
    if isinstance(index, str):
        return repr(index)
    return machine.text(target.slice)
