"""What code that keeps its arrays between calls asks of NumPy: dtypes, copies into place, places."""

# ruff: noqa: ARG001 - functions of one table share one signature

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code.budget import Failed, Refused
from derive.read.code.numpy_table import to_dtype
from derive.read.code.operators import admit
from derive.read.code.values import NUMBER, Builtin, TypeName, Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_GROUPS = {"floating": np.floating, "integer": np.integer, "number": np.number}


def _dtype(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    return TypeName(np.dtype(to_dtype(args[0])))


def _result_type(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    kinds = [value if isinstance(value, np.ndarray | np.generic) else to_dtype(value) for value in args]
    return TypeName(np.result_type(*kinds))


def _is_subtype(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    kind, group = args
    short = group.name.rpartition(".")[2] if isinstance(group, Builtin) else ""
    return bool(np.issubdtype(to_dtype(kind), _GROUPS[short] if short in _GROUPS else to_dtype(group)))


def _places(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    shape = args[0] if len(args) == 1 and isinstance(args[0], tuple) else args
    machine.meter.items(math.prod(map(int, shape)))
    return list(np.ndindex(*map(int, shape)))


def _copy_to(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    target, values = args
    if isinstance(values, Unknown) and isinstance(target, np.ndarray):
        machine.taint(target)
        return values
    if not isinstance(target, np.ndarray):
        raise Failed("copyto() needs an array to copy into")
    machine.touch(target)
    if kwargs or not isinstance(values, (*NUMBER, np.ndarray)):
        machine.taint(target)
        raise Refused("copyto with these arguments is not followed")
    np.copyto(target, admit(values))
    return None


def _may_share(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    first, second = args
    return bool(np.may_share_memory(first, second))


HELPERS: dict[str, Callable[[Machine, tuple[Value, ...], dict[str, Value]], Any]] = {
    "dtype": _dtype,
    "result_type": _result_type,
    "promote_types": _result_type,
    "issubdtype": _is_subtype,
    "ndindex": _places,
    "copyto": _copy_to,
    "may_share_memory": _may_share,
    "shares_memory": _may_share,
}
"""By name: a function of NumPy."""
