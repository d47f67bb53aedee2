"""The types of values: isinstance, type, and when two of them are one and the same."""

# ruff: noqa: ARG001, ARG005 - functions of one table share one signature

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code.budget import Refused
from derive.read.code.values import Builtin, Class, Instance, Record, TypeName, Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

DTYPES: dict[str, Any] = {
    "bool": np.bool_,
    "bool_": np.bool_,
    "int": np.int64,
    "int_": np.int64,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "float": np.float64,
    "float16": np.float16,
    "float32": np.float32,
    "float64": np.float64,
    "double": np.float64,
    "longdouble": np.float64,
    "intp": np.int64,
}
TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float,),
    "bool": (bool,),
    "str": (str,),
    "list": (list,),
    "tuple": (tuple,),
    "dict": (dict,),
    "set": (set,),
    "numpy.ndarray": (np.ndarray,),
    "numpy.number": (np.number,),
    "numpy.generic": (np.generic,),
    "numpy.floating": (np.floating,),
    "numpy.integer": (np.integer,),
    **{f"numpy.{name}": (kind,) for name, kind in DTYPES.items()},
}


def is_instance(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """Do what ``isinstance`` does."""
    value, kinds = args
    if isinstance(value, Unknown):
        return value
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if isinstance(kind, Builtin) and kind.name in TYPES:
            if isinstance(value, TYPES[kind.name]):
                return True
        elif isinstance(kind, Class):
            cls = value.cls if isinstance(value, Instance | Record) else None
            while cls is not None:
                if cls is kind:
                    return True
                cls = cls.base
        else:
            raise Refused("isinstance with this type is not followed")
    return False


def type_of(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """Do what ``type`` with one argument does."""
    (value,) = args
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Instance | Record):
        return value.cls
    name = next((n for n, kinds in TYPES.items() if type(value) in kinds), None)
    if name is None:
        raise Refused("the type of this is not followed")
    return Builtin(name, lambda m, a, k: Unknown(f"{name} is made from its type"))


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are one object: a builtin type is, by whatever name, and so is a dtype."""
    if isinstance(left, Builtin) and isinstance(right, Builtin):
        return left.name == right.name
    if isinstance(left, TypeName) and isinstance(right, TypeName):
        return left == right
    return left is right


def equal_types(left: Value, right: Value) -> bool:
    """Tell whether two types are equal: a dtype equals the type of NumPy that it is made from."""
    if not (isinstance(left, TypeName) or isinstance(right, TypeName)):
        return same(left, right)
    pair = (left, right)
    names = [value.name.removeprefix("numpy.") if isinstance(value, Builtin) else value for value in pair]
    first, second = (np.dtype(DTYPES[name]).name for name in names) if set(names) <= DTYPES.keys() else names
    return bool(first == second)


def is_type_in(item: Value, container: Sequence[Value]) -> bool:
    """Whether a type is among others: ``type(x) in (list, tuple)``."""
    return isinstance(item, Builtin) and any(same(item, other) for other in container)
