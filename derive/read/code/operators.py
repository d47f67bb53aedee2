"""Arithmetic and comparison, with the size of each result estimated before it is computed."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code.budget import Failed, Refused
from derive.read.code.kinds import equal_types, is_type_in, same
from derive.read.code.rendering import format_percent
from derive.read.code.values import (
    INTERNAL,
    Bound,
    Function,
    Instance,
    Unknown,
    Value,
    find_unknown,
    weigh,
)

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_BINARY: dict[type[ast.operator], tuple[Callable[[Any, Any], Any], str]] = {
    ast.Add: (operator.add, "add"),
    ast.Sub: (operator.sub, "sub"),
    ast.Mult: (operator.mul, "mul"),
    ast.Div: (operator.truediv, "truediv"),
    ast.FloorDiv: (operator.floordiv, "floordiv"),
    ast.Mod: (operator.mod, "mod"),
    ast.Pow: (operator.pow, "pow"),
    ast.MatMult: (operator.matmul, "matmul"),
    ast.BitAnd: (operator.and_, "and"),
    ast.BitOr: (operator.or_, "or"),
    ast.BitXor: (operator.xor, "xor"),
    ast.LShift: (operator.lshift, "lshift"),
    ast.RShift: (operator.rshift, "rshift"),
}
_IN_PLACE: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.iadd,
    ast.Sub: operator.isub,
    ast.Mult: operator.imul,
    ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv,
    ast.Mod: operator.imod,
    ast.Pow: operator.ipow,
    ast.MatMult: operator.imatmul,
    ast.BitAnd: operator.iand,
    ast.BitOr: operator.ior,
    ast.BitXor: operator.ixor,
}
_UNARY: dict[type[ast.unaryop], tuple[Callable[[Any], Any], str]] = {
    ast.USub: (operator.neg, "neg"),
    ast.UAdd: (operator.pos, "pos"),
    ast.Invert: (operator.invert, "invert"),
}
_COMPARE: dict[type[ast.cmpop], tuple[Callable[[Any, Any], Any], str]] = {
    ast.Eq: (operator.eq, "eq"),
    ast.NotEq: (operator.ne, "ne"),
    ast.Lt: (operator.lt, "lt"),
    ast.LtE: (operator.le, "le"),
    ast.Gt: (operator.gt, "gt"),
    ast.GtE: (operator.ge, "ge"),
}
_PLAIN = (int, float, np.number, np.bool_)
_ARRAY = (np.ndarray, np.generic)
_SEQUENCE = (str, list, tuple)


def binary(machine: Machine, kind: type[ast.operator], left: Value, right: Value) -> Value:
    """Apply a binary operator."""
    function, name = _BINARY[kind]
    if isinstance(left, str) and kind is ast.Mod:
        return format_percent(machine, left, right)
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _overloaded(machine, name, left, right)
    found = _first_unknown(left, right)
    if found is not None:
        return found
    estimate(machine, kind, left, right)
    return admit(function(left, right))


def in_place(machine: Machine, kind: type[ast.operator], left: Value, right: Value) -> Value:
    """Apply an augmented assignment's operator: arrays and lists change in place."""
    if not isinstance(left, np.ndarray | list) or kind not in _IN_PLACE:
        return binary(machine, kind, left, right)
    found = _first_unknown(left, right)
    if found is not None:
        machine.taint(left)
        return found
    if isinstance(right, INTERNAL):
        raise Refused("this augmented assignment is not followed")
    if isinstance(left, list):
        if (kind is ast.Add and isinstance(right, range)) or (
            kind is ast.Add and isinstance(right, np.ndarray | str | dict | set)
        ):
            machine.meter.items(len(left) + len(right))
        else:
            estimate(machine, kind, left, right)
    else:
        estimate(machine, kind, left, right)
    machine.touch(left)
    return _IN_PLACE[kind](left, right)


def unary(machine: Machine, kind: type[ast.unaryop], value: Value) -> Value:
    """Apply a unary operator other than ``not``."""
    function, name = _UNARY[kind]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Instance):
        method = value.cls.find(f"__{name}__")
        if not isinstance(method, Function):
            raise Failed(f"bad operand type for unary {name}: {value.cls.name!r}")
        return machine.call(machine, Bound(method, value), (), {}, machine.site)
    if not isinstance(value, _PLAIN + _ARRAY):
        raise Failed(f"bad operand type for unary {name}: {type(value).__name__!r}")
    if isinstance(value, np.ndarray):
        machine.meter.allocate(value.nbytes)
    return admit(function(value))


def compare(machine: Machine, kind: type[ast.cmpop], left: Value, right: Value) -> Value:
    """Apply one comparison."""
    if kind is ast.Is or kind is ast.IsNot:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return left if isinstance(left, Unknown) else right
        return same(left, right) == (kind is ast.Is)
    if kind is ast.In or kind is ast.NotIn:
        return _contains(machine, left, right) if kind is ast.In else _negate(_contains(machine, left, right))
    function, name = _COMPARE[kind]
    if isinstance(left, Instance):
        method = left.cls.find(f"__{name}__")
        if isinstance(method, Function):
            return machine.call(machine, Bound(method, left), (right,), {}, machine.site)
    found = _first_unknown(left, right)
    if found is not None:
        return found
    if isinstance(left, _SEQUENCE) or isinstance(right, _SEQUENCE):
        machine.meter.step((weigh(left) + weigh(right)) // 16)
    if isinstance(left, _ARRAY) or isinstance(right, _ARRAY):
        _elementwise(machine, left, right)
    if isinstance(left, INTERNAL) or isinstance(right, INTERNAL):
        if kind not in (ast.Eq, ast.NotEq):
            raise Failed("objects without an order are compared")
        return equal_types(left, right) == (kind is ast.Eq)
    return admit(function(left, right))


def truth(machine: Machine, value: Value) -> bool | Unknown:
    """Return what ``bool(value)`` gives."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Instance):
        method = value.cls.find("__bool__") or value.cls.find("__len__")
        if isinstance(method, Function):
            return truth(machine, machine.call(machine, Bound(method, value), (), {}, machine.site))
        return True
    return True if isinstance(value, INTERNAL) else bool(value)


def admit(value: Value) -> Value:
    """Let a result through if it is made of real numbers, truth values and text.

    Raises
    ------
    Refused
        For complex numbers and for arrays of objects or text.
    """
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in "biuf":
            raise Refused(f"values of type {value.dtype} are not followed")
    elif isinstance(value, tuple | list):
        for item in value:
            if isinstance(item, np.ndarray | np.generic | complex):
                admit(item)
    elif isinstance(value, complex):
        raise Refused("complex numbers are not followed")
    return value


def estimate(machine: Machine, kind: type[ast.operator], left: Value, right: Value) -> None:
    """Account for the result of a binary operator before it is computed."""
    if isinstance(left, INTERNAL) or isinstance(right, INTERNAL):
        raise Failed(f"unsupported operands: {type(left).__name__} and {type(right).__name__}")
    if isinstance(left, _ARRAY) or isinstance(right, _ARRAY):
        if kind is ast.MatMult:
            matrix_product(machine, left, right)
        else:
            _elementwise(machine, left, right)
    elif isinstance(left, int) and isinstance(right, int):
        _integer(machine, kind, left, right)
    elif isinstance(left, _SEQUENCE) or isinstance(right, _SEQUENCE):
        _sequence(machine, kind, left, right)


def matrix_product(machine: Machine, left: Value, right: Value) -> None:
    """Account for a product of matrices (or of stacks of them)."""
    a, b = as_shape(left), as_shape(right)
    rows = int(np.prod(a, dtype=object))
    columns = b[-1] if len(b) > 1 else 1
    stack = int(np.prod(b[:-2], dtype=object)) if len(b) > 2 else 1
    machine.meter.labour(rows * columns * stack)
    inner = max(1, a[-1] if a else 1)
    machine.meter.allocate(8 * (rows // inner) * columns * stack)


def as_shape(value: Value) -> tuple[int, ...]:
    """Return the shape of an array, number or (nested) list."""
    if isinstance(value, _ARRAY):
        return tuple(int(n) for n in value.shape)
    if isinstance(value, list | tuple | range):
        return (weigh(value),)
    return ()


def _elementwise(machine: Machine, left: Value, right: Value) -> None:
    for side in (left, right):
        if isinstance(side, list | tuple):
            machine.meter.step(weigh(side) // 8)
            _only_numbers(side)
    shapes = [side.shape if isinstance(side, _ARRAY) else (np.shape(side)) for side in (left, right)]
    size = int(np.prod(np.broadcast_shapes(*shapes), dtype=object))
    machine.meter.labour(size)
    machine.meter.allocate(8 * size)


def _only_numbers(value: Value) -> None:
    queue = [value]
    while queue:
        item = queue.pop()
        if isinstance(item, list | tuple):
            queue.extend(item)
        elif not isinstance(item, (*_PLAIN, np.ndarray)):
            raise Refused("a list that holds other things than numbers is used as an array")


def _integer(machine: Machine, kind: type[ast.operator], left: int, right: int) -> None:
    if kind is ast.Pow and right > 0:
        machine.meter.integer(left.bit_length() * right)
    elif kind is ast.LShift and right > 0:
        machine.meter.integer(left.bit_length() + right)
    elif kind is ast.Mult:
        machine.meter.integer(left.bit_length() + right.bit_length())
    else:
        machine.meter.integer(max(left.bit_length(), right.bit_length()))


def _sequence(machine: Machine, kind: type[ast.operator], left: Value, right: Value) -> None:
    length = 0
    if kind is ast.Mult:
        items, times = (left, right) if isinstance(left, _SEQUENCE) else (right, left)
        length = len(items) * max(0, times) if isinstance(times, int) else 0
    elif isinstance(left, _SEQUENCE) and isinstance(right, _SEQUENCE):
        length = len(left) + len(right)
    if isinstance(left, str) or isinstance(right, str):
        machine.meter.characters(length)
    else:
        machine.meter.items(length)


def _first_unknown(left: Value, right: Value) -> Unknown | None:
    return find_unknown(left) or find_unknown(right)


def _contains(machine: Machine, item: Value, container: Value) -> Value:
    if isinstance(container, Unknown) or isinstance(item, Unknown):
        return container if isinstance(container, Unknown) else item
    if isinstance(container, dict | set):
        weigh(item)
        return item in container
    if isinstance(container, range):
        return isinstance(item, int | float | np.number) and item in container
    if isinstance(container, str):
        return item in container
    if isinstance(container, list | tuple):
        machine.meter.step((weigh(container) + weigh(item)) // 8)
        found = find_unknown(container)
        return found if found is not None else item in container or is_type_in(item, container)
    raise Refused("this test of membership is not followed")


def _negate(value: Value) -> Value:
    return value if isinstance(value, Unknown) else not value


def _overloaded(machine: Machine, name: str, left: Value, right: Value) -> Value:
    for owner, other, prefix in ((left, right, ""), (right, left, "r")):
        if isinstance(owner, Instance):
            method = owner.cls.find(f"__{prefix}{name}__")
            if isinstance(method, Function):
                return machine.call(machine, Bound(method, owner), (other,), {}, machine.site)
    raise Failed(f"unsupported operands for {name}")
