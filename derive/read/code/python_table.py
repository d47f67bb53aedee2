"""The builtin functions of Python that are followed."""

# ruff: noqa: ARG001, ARG005 - functions of one table share one signature

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code.budget import Failed, Refused
from derive.read.code.kinds import is_instance, type_of
from derive.read.code.numpy_table import routine
from derive.read.code.operators import admit, binary, truth
from derive.read.code.rendering import format_value, to_code, to_text
from derive.read.code.values import (
    INTERNAL,
    NUMBER,
    Bound,
    Builtin,
    Function,
    Instance,
    Unknown,
    Value,
    find_unknown,
    weigh,
)

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


def iterate(machine: Machine, value: Value) -> Iterable[Value]:
    """Return the items of a value, lazily where it may be long.

    Raises
    ------
    Failed
        If the value has no items.
    """
    if isinstance(value, list | tuple | range | str):
        return value
    if isinstance(value, dict | set):
        machine.meter.items(len(value))
        return list(value)
    if isinstance(value, np.ndarray) and value.ndim:
        return value
    raise Failed(f"{type(value).__name__!r} object is not iterable")


def listed(machine: Machine, value: Value) -> list[Value]:
    """Return the items of a value as a new list of bounded length."""
    items = iterate(machine, value)
    count = len(items)  # type: ignore[arg-type]  # iterate returns sized containers
    machine.meter.items(count)
    machine.meter.step(count // 8)
    return list(items)


def scalar(value: Value) -> Value:
    """Let an array of one element stand for its number, as NumPy before 2.4 did."""
    return value.reshape(()).item() if isinstance(value, np.ndarray) and value.size == 1 else value


def _convert(name: str, kind: Callable[..., Any]) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        value = scalar(args[0]) if args else 0
        if isinstance(value, str):
            machine.meter.integer(4 * len(value))
        elif name == "bool":
            return truth(machine, value)
        elif not isinstance(value, NUMBER):
            raise Failed(f"{name}() argument must be a number, not {type(value).__name__!r}")
        return kind(value)

    return Builtin(name, call)


def _collect(name: str, kind: Callable[..., Any]) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if not args:
            return kind(**kwargs) if name == "dict" else kind()
        if isinstance(args[0], Unknown):
            return args[0]
        if name == "dict" and isinstance(args[0], dict):
            machine.meter.items(len(args[0]))
            return {**args[0], **kwargs}
        items = listed(machine, args[0])
        if name in ("set", "dict"):
            weigh(items)
        return kind(items, **kwargs) if name == "dict" else kind(items)

    return Builtin(name, call, unknowns=True)


def _len(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    (value,) = args
    if isinstance(value, Instance):
        method = value.cls.find("__len__")
        if isinstance(method, Function):
            return machine.call(machine, Bound(method, value), (), {}, machine.site)
    return value if isinstance(value, Unknown) else len(value)


def _sum(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    total = args[1] if len(args) > 1 else kwargs.get("start", 0)
    if isinstance(args[0], Unknown):
        return args[0]
    for item in listed(machine, args[0]):
        machine.meter.step()
        total = binary(machine, ast.Add, total, item)
    return total


def _extreme(name: str, choose: Callable[..., Any]) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        items = listed(machine, args[0]) if len(args) == 1 else list(args)
        machine.meter.step(weigh(items) // 4)
        key = kwargs.pop("key", None)
        if key is not None:
            keys = [machine.call(machine, key, (item,), {}, machine.site) for item in items]
            found = find_unknown(keys)
            return found or items[choose(range(len(keys)), key=keys.__getitem__)]
        if any(isinstance(item, INTERNAL) for item in items):
            raise Refused(f"{name} is followed with numbers")
        return choose(items, **kwargs)

    return Builtin(name, call)


def _sorted(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    items = listed(machine, args[0])
    machine.meter.step(weigh(items) // 2)
    key = kwargs.get("key")
    keys = items if key is None else [machine.call(machine, key, (i,), {}, machine.site) for i in items]
    if find_unknown(keys) is not None or any(isinstance(k, INTERNAL) for k in keys):
        raise Refused("sorted is followed with numbers")
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=bool(kwargs.get("reverse", False)))
    return [items[n] for n in order]


def _enumerate(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Unknown):
        return args[0]
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    return list(enumerate(listed(machine, args[0]), int(start)))


def _zip(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    for argument in args:
        if isinstance(argument, Unknown):
            return argument
    return list(zip(*(listed(machine, a) for a in args), strict=bool(kwargs.get("strict", False))))


def _reversed(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    (value,) = args
    if isinstance(value, range):
        return value[::-1]
    return value if isinstance(value, Unknown) else listed(machine, value)[::-1]


def _map(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    if any(isinstance(a, Unknown) for a in args):
        return Unknown("an unknown value is mapped")
    rows = zip(*(listed(machine, a) for a in args[1:]), strict=False)
    return [machine.call(machine, args[0], row, {}, machine.site) for row in rows]


def _range(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    whole = [int(a) if isinstance(a, np.integer | np.bool_) else a for a in map(scalar, args)]
    if any(isinstance(bound, int) and bound.bit_length() > 62 for bound in whole):
        raise Refused("a range is too long")
    return range(*whole)


def _abs(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    (value,) = args
    if not isinstance(value, (*NUMBER, np.ndarray)):
        raise Failed("bad operand type for abs()")
    machine.meter.allocate(8 * np.size(value))
    return admit(abs(value))


def _round(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], np.ndarray):
        return routine("round").call(machine, args, {})
    digits = args[1] if len(args) > 1 else kwargs.get("ndigits")
    if digits is not None and abs(int(digits)) > 400:
        raise Refused("rounds to too many digits")
    return round(args[0]) if digits is None else round(args[0], int(digits))


def _pow(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    if len(args) != 2:
        raise Refused("pow is followed with two arguments")
    return binary(machine, ast.Pow, *args)


def _text(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    return to_text(machine, args[0]) if args else ""


def _code(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    return to_code(machine, args[0])


def _format(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    return format_value(machine, args[0], args[1] if len(args) > 1 else "")


def _all_or_any(name: str, stop_at: bool) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        for item in listed(machine, args[0]):
            outcome = truth(machine, item)
            if isinstance(outcome, Unknown) or outcome == stop_at:
                return outcome
        return not stop_at

    return Builtin(name, call)


BUILTINS: dict[str, Value] = {
    "int": _convert("int", int),
    "float": _convert("float", float),
    "bool": _convert("bool", bool),
    "list": _collect("list", list),
    "tuple": _collect("tuple", tuple),
    "set": _collect("set", set),
    "dict": _collect("dict", dict),
    "str": Builtin("str", _text),
    "repr": Builtin("repr", _code),
    "format": Builtin("format", _format),
    "len": Builtin("len", _len, unknowns=True),
    "sum": Builtin("sum", _sum, unknowns=True),
    "min": _extreme("min", builtins.min),
    "max": _extreme("max", builtins.max),
    "sorted": Builtin("sorted", _sorted),
    "enumerate": Builtin("enumerate", _enumerate, unknowns=True),
    "zip": Builtin("zip", _zip, unknowns=True),
    "reversed": Builtin("reversed", _reversed, unknowns=True),
    "map": Builtin("map", _map, unknowns=True),
    "range": Builtin("range", _range),
    "xrange": Builtin("range", _range),
    "abs": Builtin("abs", _abs),
    "round": Builtin("round", _round),
    "pow": Builtin("pow", _pow),
    "isinstance": Builtin("isinstance", is_instance, unknowns=True),
    "type": Builtin("type", type_of, unknowns=True),
    "all": _all_or_any("all", stop_at=False),
    "any": _all_or_any("any", stop_at=True),
    "object": Builtin("object", lambda m, a, k: Unknown("a bare object")),
}
