"""Calls and attributes: the document's functions and classes, and the tables of the libraries."""

# ruff: noqa: ARG005 - functions of one table share one signature

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np

from derive.read.code.arguments import bind_arguments
from derive.read.code.budget import Failed, Refused, Uncertain
from derive.read.code.events import Called, Returned
from derive.read.code.givens import offer_arguments
from derive.read.code.library import module_attribute, source_method
from derive.read.code.methods import attribute_of
from derive.read.code.printing import print_values
from derive.read.code.python_table import BUILTINS, listed
from derive.read.code.randomness import RandomSource
from derive.read.code.records import make_record, of_class, of_record
from derive.read.code.rendering import is_complete, note_piece, to_text
from derive.read.code.scopes import poison
from derive.read.code.values import (
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Module,
    Parent,
    Record,
    Scope,
    Unknown,
    Value,
    find_unknown,
    words,
)

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_DUNDERS = frozenset({"__init__", "__call__", "__name__"})
# Library functions that change their arguments in place.
_CHANGING = frozenset(
    words("shuffle fill_diagonal copyto put place putmask sort fill resize partition setfield")
)
# Functions whose argument is what a reader sees in the printed text.
_TEXTUAL = frozenset({"str", "repr", "format", "str.format"})
PRINT = Builtin("print", lambda machine, args, kwargs: print_values(machine, args, kwargs), unknowns=True)
BUILTINS["print"] = PRINT


def attribute(machine: Machine, value: Value, name: str, node: ast.AST) -> Value:
    """Return an attribute, by table or from an object of the document.

    Raises
    ------
    Refused
        For names with double underscores and for whatever the tables do not hold.
    Failed
        If an object of the document has no such attribute.
    """
    if name.startswith("__") and name.endswith("__") and name not in _DUNDERS:
        raise Refused(f"the attribute {name!r} is not followed")
    match value:
        case Unknown(reason=reason, library=library):
            return Unknown(reason, library)
        case Module(name=module):
            return module_attribute(module, name)
        case RandomSource():
            return source_method(value, name)
        case Instance(cls=cls, attributes=attributes):
            if name in attributes:
                return attributes[name]
            return _member(machine, cls.find(name), name, value, cls, node)
        case Record(cls=cls):
            if name in (fields := cls.fields or ()):
                return value[fields.index(name)]
            if (member := cls.find(name)) is not None:
                return _member(machine, member, name, value, cls, node)
            if (part := of_record(value, name)) is not None:
                return part
        case Class(fields=fields) if fields is not None and name in ("_fields", "_make"):
            return of_class(value, fields, name)
        case Class():
            found = value.find(name)
            if isinstance(found, Function) and found.kind == "class":
                return Bound(found, value)
            if found is None:
                raise Failed(f"class {value.name!r} has no attribute {name!r}")
            return found
        case Parent(cls=parent, receiver=receiver):
            if name == "__init__" and (parent is None or parent.find(name) is None):
                return Builtin("object.__init__", lambda machine, args, kwargs: None)
            if parent is None:
                raise Failed(f"'super' object has no attribute {name!r}")
            return _member(machine, parent.find(name), name, receiver, parent, node)
        case Function(name=own):
            if name == "__name__":
                return own
            raise Refused("attributes of functions are not followed")
    return attribute_of(machine, value, name)


def _member(
    machine: Machine, found: Value, name: str, receiver: Value, cls: Class | None, node: ast.AST
) -> Value:
    if found is None:
        raise Failed(f"object has no attribute {name!r}")
    if not isinstance(found, Function) or found.kind == "static":
        return found
    bound = Bound(found, cls if found.kind == "class" else receiver)
    return call(machine, bound, (), {}, node) if found.kind == "property" else bound


def evaluate_call(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    """Evaluate a call: the function, the arguments in order, then the call itself."""
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(scope)
    function = machine.evaluate(machine, node.func, scope)
    outer = machine.pieces
    if function is PRINT:
        machine.pieces = []
    try:
        args = _arguments(machine, node, function, scope)
        kwargs: dict[str, Value] = {}
        for keyword in node.keywords:
            value = machine.evaluate(machine, keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                kwargs |= value
            else:
                raise Refused("only a dictionary with text keys is unpacked into arguments")
        args, kwargs = offer_arguments(machine, node, function, args, kwargs, scope)
        machine.site = node
        return call(machine, function, args, kwargs, node)
    finally:
        if function is PRINT:
            machine.pieces = outer


def _arguments(machine: Machine, node: ast.Call, function: Value, scope: Scope) -> tuple[Value, ...]:
    args: list[Value] = []
    textual = isinstance(function, Builtin) and function.name in _TEXTUAL
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = machine.evaluate(machine, argument.value, scope)
            if isinstance(value, Unknown):
                raise Refused("an unknown value is unpacked into arguments")
            args.extend(listed(machine, value))
            if len(args) > 1000:
                raise Refused("too many arguments")
            continue
        value = machine.evaluate(machine, argument, scope)
        if machine.pieces is not None and (function is PRINT or textual):
            text = to_text(machine, value) if is_complete(value) else "?"
            note_piece(machine, argument, value, text if function is PRINT else "")
        args.append(value)
    return tuple(args)


def _super(scope: Scope) -> Parent:
    inner: Scope | None = scope
    while inner is not None:
        if inner.method is not None:
            function, receiver = inner.method
            cls = receiver.cls if isinstance(receiver, Instance) else None
            while cls is not None and function not in cls.members.values():
                cls = cls.base
            return Parent(cls.base if cls is not None else None, receiver)
        inner = inner.parent
    raise Failed("super(): no arguments")


def call(
    machine: Machine, function: Value, args: tuple[Value, ...], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Call anything that can be called."""
    match function:
        case Unknown():
            return _call_unknown(machine, function, args, kwargs, node)
        case Builtin(unknowns=unknowns):
            found = None if unknowns else find_unknown([*args, *kwargs.values()])
            return found if found is not None else function.call(machine, args, kwargs)
        case Function():
            return _call_function(machine, function, args, kwargs, node, None)
        case Bound(function=inner, receiver=receiver):
            return _call_function(machine, inner, (receiver, *args), kwargs, node, receiver)
        case Class(fields=fields) if fields is not None:
            return make_record(function, fields, args, kwargs)
        case Class():
            instance = Instance(function)
            initializer = function.find("__init__")
            if isinstance(initializer, Function):
                call(machine, Bound(initializer, instance), args, kwargs, node)
            return instance
        case Instance(cls=cls) if isinstance(method := cls.find("__call__"), Function):
            return call(machine, Bound(method, function), args, kwargs, node)
    raise Failed(f"{type(function).__name__.lower()!r} object is not callable")


def _call_unknown(
    machine: Machine, function: Unknown, args: tuple[Value, ...], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    if not function.library or name in _CHANGING:
        for value in (*args, *kwargs.values()):
            if isinstance(value, np.ndarray | list | dict | set | Instance):
                machine.taint(value)
    return Unknown(function.reason, function.library)


def _call_function(
    machine: Machine,
    function: Function,
    args: tuple[Value, ...],
    kwargs: dict[str, Value],
    node: ast.AST,
    receiver: Value,
) -> Value:
    if len(machine.calls) >= machine.meter.budget.calls:
        raise Refused(f"calls are nested deeper than {machine.meter.budget.calls}")
    names = bind_arguments(function, args, kwargs)
    scope = Scope(names, function.scope, function.local)
    if receiver is not None:
        scope.method = (function, receiver)
    _log_call(machine, function, names, node)
    saved = (machine.cell, machine.calls, machine.nest, machine.filled, machine.pieces, machine.watched)
    machine.cell, machine.nest, machine.filled, machine.pieces = function.cell, 0, {}, None
    machine.calls, machine.watched = (*saved[1], function.qualified), None
    try:
        if isinstance(function.node, ast.Lambda):
            return machine.evaluate(machine, function.node.body, scope)
        try:
            signal = machine.execute(machine, function.node.body, scope)
        except Uncertain as error:
            poison(machine, function.node.body, scope, str(error))
            return Unknown(str(error))
        return signal.value if isinstance(signal, Return) else None
    finally:
        machine.cell, machine.calls, machine.nest, machine.filled, machine.pieces, machine.watched = saved


class Return:
    """Signal that a ``return`` statement was executed."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


def log_return(machine: Machine, value: Value, node: ast.AST) -> None:
    """Log the value that the current function returns."""
    name = machine.calls[-1] if machine.calls else ""
    event = Returned(
        name,
        machine.snapshot(value),
        machine.span(node),
        machine.calls,
        machine.loops,
        machine.log.next_order(),
    )
    machine.log.add(event)


def _log_call(machine: Machine, function: Function, names: dict[str, Value], node: ast.AST) -> None:
    if function.name == "lambda":
        return
    arguments = tuple((name, machine.snapshot(value)) for name, value in names.items())
    event = Called(
        function.qualified,
        arguments,
        machine.span(node),
        machine.calls,
        machine.loops,
        machine.log.next_order(),
    )
    machine.log.add(event, function.qualified)
