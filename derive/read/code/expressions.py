"""Expressions: one function for each kind of node, found in a table."""

# ruff: noqa: ARG001 - functions of one table share one signature

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from derive.read.code.budget import Refused
from derive.read.code.calls import attribute, evaluate_call
from derive.read.code.comprehensions import comprehension
from derive.read.code.events import Evaluated
from derive.read.code.indexing import get_item
from derive.read.code.operators import binary, compare, truth, unary
from derive.read.code.python_table import listed
from derive.read.code.rendering import format_value, is_complete, note_piece
from derive.read.code.scopes import bind, local_names, look_up
from derive.read.code.values import Function, Scope, Unknown, Value, weigh

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

# Each handler takes the machine, a node of its own type, and the scope.
Handler: TypeAlias = Callable[..., Value]


def evaluate(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """Return the value of an expression.

    Raises
    ------
    Refused
        If the expression is outside the followed part of Python.
    """
    meter = machine.meter
    meter.step()
    handler = _TABLE.get(type(node))
    if handler is None:
        raise Refused(f"{type(node).__name__.lower()} expressions are not followed")
    if meter.depth >= meter.budget.depth:
        raise Refused(f"nested deeper than {meter.budget.depth} levels")
    meter.depth += 1
    try:
        value = handler(machine, node, scope)
    finally:
        meter.depth -= 1
    if machine.tainted and machine.is_tainted(value):
        value = Unknown("it may have been changed by a statement that was not followed")
    if machine.watched is not None and len(machine.watched) < 1000:
        span = machine.span(node)
        machine.watched.append(Evaluated(machine.text(node), machine.snapshot(value), node, span))
    return value


def _constant(machine: Machine, node: ast.Constant, scope: Scope) -> Value:
    value = node.value
    if isinstance(value, bytes | complex):
        raise Refused(f"{type(value).__name__} literals are not followed")
    if isinstance(value, int):
        machine.meter.integer(value.bit_length())
    return value


def _name(machine: Machine, node: ast.Name, scope: Scope) -> Value:
    return look_up(scope, node.id)


def _attribute(machine: Machine, node: ast.Attribute, scope: Scope) -> Value:
    return attribute(machine, evaluate(machine, node.value, scope), node.attr, node)


def _subscript(machine: Machine, node: ast.Subscript, scope: Scope) -> Value:
    container = evaluate(machine, node.value, scope)
    index = evaluate(machine, node.slice, scope)
    machine.site = node
    return get_item(machine, container, index)


def _slice(machine: Machine, node: ast.Slice, scope: Scope) -> Value:
    bounds = [
        None if part is None else evaluate(machine, part, scope)
        for part in (node.lower, node.upper, node.step)
    ]
    for bound in bounds:
        if isinstance(bound, Unknown):
            return bound
    return slice(*bounds)


def _binary(machine: Machine, node: ast.BinOp, scope: Scope) -> Value:
    left = evaluate(machine, node.left, scope)
    right = evaluate(machine, node.right, scope)
    machine.site = node
    if isinstance(left, str) and isinstance(node.op, ast.Mod) and machine.pieces is not None:
        values = right if isinstance(right, tuple) else (right,)
        nodes = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right] * len(values)
        for item, value in zip(nodes, values, strict=False):
            note_piece(machine, item, value, "")
    return binary(machine, type(node.op), left, right)


def _unary(machine: Machine, node: ast.UnaryOp, scope: Scope) -> Value:
    value = evaluate(machine, node.operand, scope)
    machine.site = node
    if isinstance(node.op, ast.Not):
        outcome = truth(machine, value)
        return outcome if isinstance(outcome, Unknown) else not outcome
    return unary(machine, type(node.op), value)


def _boolean(machine: Machine, node: ast.BoolOp, scope: Scope) -> Value:
    stops_at = isinstance(node.op, ast.Or)
    value: Value = None
    for operand in node.values:
        value = evaluate(machine, operand, scope)
        outcome = truth(machine, value)
        if isinstance(outcome, Unknown) or outcome == stops_at:
            return value
    return value


def _compare(machine: Machine, node: ast.Compare, scope: Scope) -> Value:
    left = evaluate(machine, node.left, scope)
    result: Value = True
    for operator, operand in zip(node.ops, node.comparators, strict=True):
        right = evaluate(machine, operand, scope)
        machine.site = node
        result = compare(machine, type(operator), left, right)
        if len(node.ops) > 1:
            outcome = truth(machine, result)
            if isinstance(outcome, Unknown) or not outcome:
                return result
        left = right
    return result


def _conditional(machine: Machine, node: ast.IfExp, scope: Scope) -> Value:
    outcome = truth(machine, evaluate(machine, node.test, scope))
    if isinstance(outcome, Unknown):
        return outcome
    return evaluate(machine, node.body if outcome else node.orelse, scope)


def _items(machine: Machine, nodes: list[ast.expr], scope: Scope) -> list[Value]:
    items: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = evaluate(machine, node.value, scope)
            if isinstance(inner, Unknown):
                raise Refused("an unknown value is unpacked")
            items.extend(listed(machine, inner))
        else:
            items.append(evaluate(machine, node, scope))
        if len(items) > machine.meter.budget.items:
            raise Refused("the list is too long")
    machine.meter.items(len(items))
    return items


def _list(machine: Machine, node: ast.List, scope: Scope) -> Value:
    return _items(machine, node.elts, scope)


def _tuple(machine: Machine, node: ast.Tuple, scope: Scope) -> Value:
    return tuple(_items(machine, node.elts, scope))


def _set(machine: Machine, node: ast.Set, scope: Scope) -> Value:
    items = _items(machine, node.elts, scope)
    weigh(items)
    return set(items)


def _dict(machine: Machine, node: ast.Dict, scope: Scope) -> Value:
    result: dict[Value, Value] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(machine, value_node, scope)
        if key_node is None:
            if not isinstance(value, dict):
                raise Refused("only a dictionary is unpacked into a dictionary")
            result |= value
            continue
        key = evaluate(machine, key_node, scope)
        weigh(key)
        result[key] = value
    machine.meter.items(len(result))
    return result


def _joined(machine: Machine, node: ast.JoinedStr, scope: Scope) -> Value:
    text = "".join(str(evaluate(machine, part, scope)) for part in node.values)
    machine.meter.characters(len(text))
    return text


def _formatted(machine: Machine, node: ast.FormattedValue, scope: Scope) -> Value:
    value = evaluate(machine, node.value, scope)
    spec = "" if node.format_spec is None else evaluate(machine, node.format_spec, scope)
    conversion = "" if node.conversion < 0 else chr(node.conversion)
    machine.site = node.value
    text = format_value(machine, value, spec, conversion) if is_complete(value) else "?"
    note_piece(machine, node.value, value, text)
    return text


def _lambda(machine: Machine, node: ast.Lambda, scope: Scope) -> Value:
    return make_function(machine, "lambda", node, scope)


def _walrus(machine: Machine, node: ast.NamedExpr, scope: Scope) -> Value:
    value = evaluate(machine, node.value, scope)
    bind(machine, scope, node.target.id, value)
    return value


def make_function(
    machine: Machine, name: str, node: ast.FunctionDef | ast.Lambda, scope: Scope, kind: str = "plain"
) -> Function:
    """Make a function value; its defaults are evaluated here, as Python does."""
    outer = scope.parent if scope.is_class and scope.parent is not None else scope
    return Function(
        name=name,
        node=node,
        scope=outer,
        cell=machine.cell,
        defaults=tuple(evaluate(machine, d, scope) for d in node.args.defaults),
        keyword_defaults=tuple(
            Unknown("an argument without a value") if d is None else evaluate(machine, d, scope)
            for d in node.args.kw_defaults
        ),
        kind=kind,
        local=local_names(machine, node),
    )


_TABLE: dict[type[ast.AST], Handler] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Call: evaluate_call,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.DictComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
}
