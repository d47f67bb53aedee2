"""How much memory the objects of a followed document hold between two statements."""

from __future__ import annotations

import numpy as np

from derive.read.code.values import (
    Bound,
    Class,
    Function,
    Instance,
    Parent,
    Scope,
    Value,
    members,
    storage,
)

_MOST_OBJECTS = 300_000


def held_bytes(root: Value) -> int | None:
    """Count the bytes of everything that can be reached from `root`.

    Returns
    -------
    int or None
        None if there are too many objects to count.
    """
    total, seen, queue = 0, set(), [root]
    while queue:
        value = queue.pop()
        if value is None or isinstance(value, bool | int | float | np.generic):
            continue
        value = storage(value)
        if id(value) in seen:
            continue
        seen.add(id(value))
        total += _own_bytes(value)
        inside = _inside(value)
        if len(seen) + len(inside) > _MOST_OBJECTS:
            return None
        queue.extend(inside)
    return total


def _own_bytes(value: Value) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return len(value) if isinstance(value, str) else 64


def _inside(value: Value) -> tuple[Value, ...]:
    match value:
        case Scope(names=names, parent=parent):
            return (*names.values(), *((parent,) if parent is not None else ()))
        case Instance(cls=cls, attributes=attributes):
            return (cls, *attributes.values())
        case Class(members=inner, base=base):
            return (*inner.values(), *((base,) if base is not None else ()))
        case Function(scope=scope, defaults=defaults):
            return (scope, *defaults)
        case Bound(function=function, receiver=receiver):
            return (function, receiver)
        case Parent(receiver=receiver):
            return (receiver,)
    return members(value) or ()
