"""Functions, classes and imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.read.code.budget import Refused
from derive.read.code.expressions import make_function
from derive.read.code.library import MODULES, module_attribute, public_names
from derive.read.code.scopes import bind, walk
from derive.read.code.values import Builtin, Class, Function, Module, Scope, Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_KINDS = {"staticmethod": "static", "classmethod": "class", "property": "property"}


def define_function(machine: Machine, node: ast.FunctionDef, scope: Scope) -> None:
    """Bind a function; its body is followed when it is called.

    Raises
    ------
    Refused
        For generators and for decorators other than those of methods.
    """
    kind = "plain"
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Name) or decorator.id not in _KINDS:
            raise Refused(f"the decorator {machine.text(decorator)[:60]!r} is not followed")
        kind = _KINDS[decorator.id]
    if any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in walk(node.body)):
        raise Refused("generators are not followed")
    bind(machine, scope, node.name, make_function(machine, node.name, node, scope, kind))


def define_class(machine: Machine, node: ast.ClassDef, scope: Scope) -> None:
    """Bind a class with at most one base of the document.

    Raises
    ------
    Refused
        For other bases, for decorators and metaclasses.
    """
    if node.decorator_list or node.keywords:
        raise Refused("decorators and metaclasses of classes are not followed")
    bases = [machine.evaluate(machine, base, scope) for base in node.bases]
    own = [base for base in bases if isinstance(base, Class)]
    plain = [
        b for b, n in zip(bases, node.bases, strict=True) if isinstance(n, ast.Name) and n.id == "object"
    ]
    record = len(bases) == 1 and isinstance(bases[0], Builtin) and bases[0].name == "typing.NamedTuple"
    plain = bases if record else plain
    if len(own) > 1 or len(own) + len(plain) != len(bases):
        raise Refused(f"the bases of class {node.name!r} are not followed")
    inner = Scope(parent=scope, is_class=True)
    machine.execute(machine, node.body, inner)
    members: dict[str, Value] = {}
    for name, value in inner.names.items():
        if isinstance(value, Function) and not value.owner:
            value = replace(value, owner=node.name)
        members[name] = value
    fields = tuple(_fields(node)) if record else own[0].fields if own else None
    bind(machine, scope, node.name, Class(node.name, members, own[0] if own else None, fields))


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """Yield the names that a NamedTuple declares."""
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id


def follow_import(machine: Machine, node: ast.Import, scope: Scope) -> None:
    """Bind libraries: those of the tables, and any other as unknown."""
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        value: Value = Module(name)
        if alias.name not in MODULES:
            value = _unknown_library(machine, node, alias.name)
        bind(machine, scope, alias.asname or name, value)


def follow_import_from(machine: Machine, node: ast.ImportFrom, scope: Scope) -> None:
    """Bind single names of libraries."""
    module = node.module or ""
    if module == "__future__":
        return
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


def _unknown_library(machine: Machine, node: ast.stmt, name: str) -> Unknown:
    reason = f"the library {name!r} is not followed"
    machine.unsupported(node, reason, "refused")
    return Unknown(reason, library=True)
