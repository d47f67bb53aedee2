"""Elements and slices: reading, writing and deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derive.read.code.budget import Failed, Refused
from derive.read.code.operators import admit
from derive.read.code.values import Bound, Function, Instance, Unknown, Value, find_unknown, weigh

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


def get_item(machine: Machine, container: Value, index: Value) -> Value:
    """Return ``container[index]``."""
    if isinstance(container, Unknown):
        return container
    found = find_unknown(index)
    if found is not None:
        return found
    if isinstance(container, np.generic):
        container = np.asarray(container)
    if isinstance(container, np.ndarray):
        index = _array_index(index)
        size = _selected(container, index)
        machine.meter.labour(size)
        machine.meter.allocate(8 * size if _copies(index) else 0)
        return admit(container[index])
    if isinstance(container, str | list | tuple | range):
        index = _sequence_index(index)
        if isinstance(index, slice) and not isinstance(container, range):
            machine.meter.items(len(range(*index.indices(len(container)))))
        return container[index]
    if isinstance(container, dict):
        weigh(index)
        return container[index]
    if isinstance(container, Instance):
        method = container.cls.find("__getitem__")
        if isinstance(method, Function):
            return machine.call(machine, Bound(method, container), (index,), {}, machine.site)
    raise Refused("this value cannot be indexed here")


def set_item(machine: Machine, container: Value, index: Value, value: Value) -> None:
    """Do ``container[index] = value``."""
    if isinstance(container, Unknown):
        return
    if find_unknown(index) is not None:
        machine.taint(container)
        return
    machine.touch(container)
    if isinstance(container, np.ndarray):
        if find_unknown(value) is not None:
            machine.taint(container)
            return
        index = _array_index(index)
        machine.meter.labour(_selected(container, index))
        container[index] = _fitting(machine, container, index, value)
    elif isinstance(container, list):
        index = _sequence_index(index)
        if isinstance(index, slice):
            if not isinstance(value, list | tuple):
                raise Refused("this assignment to a slice of a list is not followed")
            machine.meter.items(len(container) + len(value))
        container[index] = value
    elif isinstance(container, dict):
        weigh(index)
        machine.meter.items(1)
        container[index] = value
    elif isinstance(container, Instance) and isinstance(container.cls.find("__setitem__"), Function):
        method = container.cls.find("__setitem__")
        machine.call(machine, Bound(method, container), (index, value), {}, machine.site)  # type: ignore[arg-type]  # checked above
    else:
        raise Failed(f"{type(container).__name__} does not support item assignment")


def delete_item(machine: Machine, container: Value, index: Value) -> None:
    """Do ``del container[index]``."""
    if isinstance(container, Unknown) or find_unknown(index) is not None:
        machine.taint(container)
        return
    if not isinstance(container, list | dict):
        raise Refused("this deletion is not followed")
    machine.touch(container)
    if isinstance(container, list):
        del container[_sequence_index(index)]
    else:
        weigh(index)
        del container[index]


def _fitting(machine: Machine, array: np.ndarray, index: Value, value: Value) -> Value:
    """Return `value` in a form that NumPy accepts for the slot."""
    if isinstance(value, list | tuple | range):
        machine.meter.step(weigh(value) // 8)
        value = np.asarray(value)
    if isinstance(value, np.ndarray):
        # NumPy before 2.4 let an array of one element stand for a number, and much code relies on it.
        slot = array[index]
        if np.ndim(slot) == 0 and value.size == 1 and value.ndim > 0:
            value = value.reshape(()).item()
        return admit(value)
    if not isinstance(value, bool | int | float | np.generic):
        raise Refused(f"a {type(value).__name__} is put into an array")
    return value


def _array_index(index: Value) -> Value:
    """Check an index of an array and turn lists into arrays."""
    if isinstance(index, tuple):
        return tuple(_array_index_part(part) for part in index)
    return _array_index_part(index)


def _array_index_part(part: Value) -> Value:
    if part is None or part is Ellipsis or isinstance(part, bool | int | np.integer | np.bool_):
        return part
    if isinstance(part, slice):
        return _integers(part)
    if isinstance(part, list | tuple | range):
        weigh(part)
        part = np.asarray(part, dtype=np.intp) if len(part) == 0 else np.asarray(part)
    if isinstance(part, np.ndarray) and part.dtype.kind in "biu":
        return part
    raise Failed("only integers, slices, ellipsis, newaxis and integer or boolean arrays are valid indices")


def _sequence_index(index: Value) -> Value:
    if isinstance(index, slice):
        return _integers(index)
    if isinstance(index, bool | int | np.integer):
        return int(index)
    if isinstance(index, np.ndarray) and index.ndim == 0 and index.dtype.kind in "iu":
        return int(index)
    raise Failed(f"list indices must be integers or slices, not {type(index).__name__}")


def _integers(part: slice) -> slice:
    def bound(value: Value) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool | int | np.integer):
            return int(value)
        raise Failed("slice indices must be integers or None")

    return slice(bound(part.start), bound(part.stop), bound(part.step))


def _copies(index: Value) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, np.ndarray) for part in parts)


def _selected(array: np.ndarray | np.generic, index: Value) -> int:
    """Bound the number of elements that an index selects."""
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if not arrays:
        return int(array.size)
    size = int(np.prod(np.broadcast_shapes(*(a.shape for a in arrays if a.dtype.kind != "b")), dtype=object))
    size = max(size, *(a.size for a in arrays))
    consumed = sum(a.ndim if a.dtype.kind == "b" else 1 for a in arrays)
    # Which axes stay does not matter for a bound: the longest ones.
    kept = sorted(array.shape, reverse=True)[: max(0, array.ndim - consumed)]
    return size * int(np.prod(kept, dtype=object))
