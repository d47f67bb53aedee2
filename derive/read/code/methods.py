"""Attributes and methods of strings, lists, dictionaries, sets and arrays, all by table."""

# ruff: noqa: ARG001 - functions of one table share one signature

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from derive.read.code.budget import Refused
from derive.read.code.numpy_table import ROUTINES, call_routine, to_dtype
from derive.read.code.operators import admit
from derive.read.code.rendering import format_template
from derive.read.code.values import Builtin, TypeName, Unknown, Value, find_unknown, weigh, words

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

Method: TypeAlias = Callable[["Machine", Any, tuple[Value, ...], dict[str, Value]], Value]

# Methods of arrays that are the function of the same name with the array as first argument.
_ARRAY_FUNCTIONS = frozenset(
    words(
        "sum mean std var max min argmax argmin cumsum cumprod prod any all dot transpose ravel squeeze "
        "repeat swapaxes clip round trace diagonal nonzero argsort"
    )
)
_TEXT: dict[str, Callable[..., Any]] = {
    name: getattr(str, name)
    for name in words(
        "upper lower strip lstrip rstrip title capitalize split startswith endswith find count isdigit "
        "isalpha index replace splitlines"
    )
}
_WIDTHS: dict[str, Callable[..., Any]] = {"ljust": str.ljust, "rjust": str.rjust, "center": str.center}


def _astype(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    dtype = to_dtype(args[0] if args else kwargs.get("dtype"))
    machine.meter.allocate(8 * array.size)
    return array.astype(dtype)


def _reshape(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    shape = args[0] if len(args) == 1 else args
    machine.meter.allocate(array.nbytes)
    return array.reshape(tuple(shape) if isinstance(shape, list) else shape, order=kwargs.get("order", "C"))


def _flatten(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    machine.meter.allocate(array.nbytes)
    return array.flatten(*args, **kwargs)


def _copy(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    machine.meter.allocate(array.nbytes)
    return array.copy()


def _transpose(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    return array.transpose(*args)


def _item(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    return array.item(*args)


def _to_list(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    machine.meter.items(array.size)
    return array.tolist()


def _fill(machine: Machine, array: Any, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    machine.touch(array)
    if len(args) != 1 or find_unknown(args[0]) is not None:
        machine.taint(array)
        return None
    array.fill(admit(args[0]))
    return None


_ARRAY: dict[str, Method] = {
    "astype": _astype,
    "reshape": _reshape,
    "flatten": _flatten,
    "copy": _copy,
    "transpose": _transpose,
    "item": _item,
    "tolist": _to_list,
    "fill": _fill,
}


def _list_append(machine: Machine, items: list[Value], args: tuple[Value, ...], _: dict[str, Value]) -> Value:
    (item,) = args
    machine.meter.items(1)
    if len(items) >= machine.meter.budget.items:
        raise Refused("the list has become too long")
    items.append(item)
    return None


def _list_extend(machine: Machine, items: list[Value], args: tuple[Value, ...], _: dict[str, Value]) -> Value:
    (more,) = args
    if not isinstance(more, list | tuple | range | set | dict | str | np.ndarray):
        raise Refused("a list is extended by something that is not followed")
    machine.meter.items(len(items) + len(more))
    items.extend(more)
    return None


def _list_call(name: str) -> Method:
    function = getattr(list, name)

    def call(machine: Machine, items: list[Value], args: tuple[Value, ...], _: dict[str, Value]) -> Value:
        machine.meter.step(weigh([items, *args]) // 8 if name in ("index", "count", "remove", "sort") else 1)
        machine.meter.items(len(items) + 1 if name in ("copy", "insert") else 0)
        return function(items, *args)

    return call


_LIST: dict[str, Method] = {
    "append": _list_append,
    "extend": _list_extend,
    **{name: _list_call(name) for name in words("insert pop index count copy reverse sort remove clear")},
}
_CHANGING = frozenset(
    words("append extend insert pop reverse sort remove clear update setdefault add discard")
)


def _dict_call(name: str) -> Method:
    def call(machine: Machine, items: dict[Any, Value], args: tuple[Value, ...], kwargs: Any) -> Value:
        weigh(list(args), 1000)
        machine.meter.items(len(items) + 1 if name in ("items", "keys", "values", "copy", "update") else 1)
        if name in ("keys", "values", "items"):
            return list(_DICT_VIEWS[name](items))
        if name == "update":
            items.update(*args, **kwargs)
            return None
        return _DICT_FUNCTIONS[name](items, *args)

    return call


_DICT_VIEWS: dict[str, Callable[..., Any]] = {
    "keys": dict.keys,
    "values": dict.values,
    "items": dict.items,
}
_DICT_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "get": dict.get,
    "pop": dict.pop,
    "copy": dict.copy,
    "setdefault": dict.setdefault,
}
_DICT = {name: _dict_call(name) for name in words("items keys values get pop copy setdefault update")}


def _set_call(name: str) -> Method:
    function = getattr(set, name)

    def call(machine: Machine, items: set[Any], args: tuple[Value, ...], kwargs: Any) -> Value:
        weigh(list(args), 10_000)
        machine.meter.items(len(items) + 1)
        return function(items, *args)

    return call


_SET = {name: _set_call(name) for name in words("add discard remove union intersection difference copy")}

# What folding a function of two arguments along an axis comes to.
REDUCTIONS = {
    "numpy.add": "sum",
    "numpy.multiply": "prod",
    "numpy.maximum": "max",
    "numpy.minimum": "min",
    "numpy.logical_and": "all",
    "numpy.logical_or": "any",
}


def attribute_of(machine: Machine, value: Value, name: str) -> Value:
    """Return an attribute or a bound method of a plain value.

    Raises
    ------
    Refused
        If the tables do not hold the attribute.
    """
    if isinstance(value, np.ndarray | np.generic):
        found = _array_attribute(value, name)
        if found is not None:
            return found
        if name in _ARRAY:
            return _bind(value, name, _ARRAY[name], unknowns=name == "fill")
        if name in _ARRAY_FUNCTIONS:
            return Builtin(f"ndarray.{name}", _as_function(value, name), unknowns=True)
    elif isinstance(value, Builtin) and name == "reduce" and (whole := REDUCTIONS.get(value.name)):
        return Builtin(f"{value.name}.reduce", _reduction(whole), unknowns=True)
    elif isinstance(value, TypeName) and name in ("kind", "name", "itemsize"):
        return getattr(np.dtype(str(value)), name)
    elif isinstance(value, str):
        return _text_method(value, name)
    elif isinstance(value, int | float) and name == "real":
        return value
    else:
        for kind, table in ((list, _LIST), (dict, _DICT), (set, _SET)):
            if isinstance(value, kind) and name in table:
                return _bind(value, name, table[name], unknowns=True)
        if isinstance(value, tuple) and name in ("index", "count"):
            return _bind(value, name, lambda m, items, args, _: _LIST[name](m, list(items), args, {}))
    raise Refused(f"the attribute {name!r} of a {type(value).__name__} is not followed")


def _array_attribute(array: Any, name: str) -> Value:
    match name:
        case "T":
            return array.T
        case "shape":
            return tuple(int(n) for n in array.shape)
        case "size":
            return int(array.size)
        case "ndim":
            return int(array.ndim)
        case "nbytes":
            return int(array.nbytes)
        case "dtype":
            return TypeName(array.dtype)
    return None


def _bind(value: Value, name: str, method: Method, unknowns: bool = False) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if name in _CHANGING and not isinstance(value, np.ndarray | np.generic):
            machine.touch(value)
        return method(machine, value, args, kwargs)

    return Builtin(f"{type(value).__name__}.{name}", call, unknowns=unknowns)


def _as_function(value: Value, name: str) -> Callable[..., Value]:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        return call_routine(machine, name, ROUTINES[name], (value, *args), kwargs)

    return call


def _reduction(name: str) -> Callable[..., Value]:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        axis = {} if len(args) > 1 or "axis" in kwargs else {"axis": 0}
        return call_routine(machine, name, ROUTINES[name], args, {**axis, **kwargs})

    return call


def _text_method(text: str, name: str) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if name == "format":
            return format_template(machine, text, args, kwargs)
        if name == "join":
            parts: list[Any] = list(args[0]) if isinstance(args[0], list | tuple | set | str) else [None]
            if find_unknown(parts) is not None:
                return Unknown("a text is joined from unknown parts")
            machine.meter.characters(sum(map(len, parts)) + len(text) * len(parts))
            return text.join(parts)
        if name in _WIDTHS or name == "zfill":
            machine.meter.characters(int(args[0]))
            return text.zfill(args[0]) if name == "zfill" else _WIDTHS[name](text, *args)
        if name == "replace":
            machine.meter.characters((len(text) + 1) * max(1, len(args[1])) + len(text))
        machine.meter.items(len(text))
        return _TEXT[name](text, *args)

    if name not in _TEXT and name not in _WIDTHS and name not in ("format", "join", "zfill"):
        raise Refused(f"the method {name!r} of a text is not followed")
    return Builtin(f"str.{name}", call, unknowns=name in ("format",))
