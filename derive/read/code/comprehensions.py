"""Comprehensions and generator expressions, evaluated at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from derive.read.code.budget import Failed, Refused
from derive.read.code.operators import truth
from derive.read.code.python_table import iterate, listed
from derive.read.code.values import Scope, Unknown, Value, weigh

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


def comprehension(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """Return the list, set or dictionary that a comprehension makes.

    Raises
    ------
    Refused
        If it has more than five loops or becomes too long.
    """
    if not isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        raise Refused("this comprehension is not followed")
    inner = Scope(parent=scope)
    results: list[Value] = []

    def loop(level: int) -> Unknown | None:
        if level == len(node.generators):
            results.append(_element(machine, node, inner))
            machine.meter.items(1)
            return None
        generator = node.generators[level]
        items = machine.evaluate(machine, generator.iter, inner if level else scope)
        if isinstance(items, Unknown):
            return items
        for item in iterate(machine, items):
            machine.meter.step()
            _unpack(machine, generator.target, item, inner)
            kept: bool | Unknown = True
            for condition in generator.ifs:
                kept = truth(machine, machine.evaluate(machine, condition, inner))
                if isinstance(kept, Unknown):
                    return kept
                if not kept:
                    break
            if kept:
                found = loop(level + 1)
                if found is not None:
                    return found
        return None

    if len(node.generators) > 5:
        raise Refused("a comprehension with more than five loops is not followed")
    found = loop(0)
    if found is not None:
        return found
    if len(results) > machine.meter.budget.items:
        raise Refused("the list is too long")
    if isinstance(node, ast.DictComp):
        return dict(results)
    return set(results) if isinstance(node, ast.SetComp) else results


def _element(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    if isinstance(node, ast.DictComp):
        key = machine.evaluate(machine, node.key, scope)
        weigh(key)
        return key, machine.evaluate(machine, node.value, scope)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        value = machine.evaluate(machine, node.elt, scope)
        if isinstance(node, ast.SetComp):
            weigh(value)
        return value
    raise Refused("this comprehension is not followed")


def _unpack(machine: Machine, target: ast.expr, value: Value, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope.names[target.id] = value
        return
    if not isinstance(target, ast.Tuple | ast.List):
        raise Refused("the variable of a comprehension is not a name")
    values = [value] * len(target.elts) if isinstance(value, Unknown) else listed(machine, value)
    if len(values) != len(target.elts):
        raise Failed(f"{len(values)} values for {len(target.elts)} names")
    for part, item in zip(target.elts, values, strict=True):
        _unpack(machine, part, item, scope)
