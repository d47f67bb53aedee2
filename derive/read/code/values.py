"""The values that followed code can hold, besides plain Python and NumPy numbers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from derive.read.code.budget import Refused

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

Value: TypeAlias = Any
_DEEPEST = 30
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that could not be followed; everything computed from it is unknown too.

    Parameters
    ----------
    reason : str
        Why, in words for the reader.
    library : bool
        Whether it stands for (part of) a library that is not followed.
    """

    reason: str
    library: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value without a number in it (a function, a class, an object), as seen from outside."""

    description: str


@dataclass(slots=True, eq=False)
class Scope:
    """Names bound in a module, a class body, a function call or a comprehension."""

    names: dict[str, Value] = field(default_factory=dict)
    parent: Scope | None = None
    local: frozenset[str] = frozenset()
    outer: dict[str, Scope] = field(default_factory=dict)
    is_class: bool = False
    method: tuple[Function, Value] | None = None

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function or lambda of the document."""

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    cell: int
    defaults: tuple[Value, ...] = ()
    keyword_defaults: tuple[Value, ...] = ()
    kind: str = "plain"  # plain, static, class, property
    owner: str = ""
    local: frozenset[str] = frozenset()

    @property
    def qualified(self) -> str:
        """Name with the class it belongs to."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the document."""

    name: str
    members: dict[str, Value]
    base: Class | None = None
    fields: tuple[str, ...] | None = None  # of a NamedTuple

    def find(self, name: str) -> Value | None:
        """Look a member up here and in the bases."""
        cls: Class | None = self
        while cls is not None:
            if name in cls.members:
                return cls.members[name]
            cls = cls.base
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of a class of the document."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)


class TypeName(str):
    """The ``dtype`` of an array, which compares like its name."""

    __slots__ = ()


class Record(tuple[Any, ...]):
    """A tuple with names: an object of a NamedTuple of the document."""

    cls: Class

    @classmethod
    def of(cls, kind: Class, values: Sequence[Value]) -> Record:
        """Return a record of a class."""
        record = cls(values)
        record.cls = kind
        return record


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A method together with its object."""

    function: Function
    receiver: Value


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """What ``super()`` returns."""

    cls: Class | None
    receiver: Value


@dataclass(frozen=True, slots=True)
class Module:
    """A library that is followed in part."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A function or type of Python or NumPy that stands in the tables."""

    name: str
    call: Callable[[Machine, tuple[Value, ...], dict[str, Value]], Value]
    unknowns: bool = False  # whether it can deal with unknown arguments itself


INTERNAL = (Function, Class, Instance, Bound, Parent, Module, Builtin, Opaque)
NUMBER = (bool, int, float, np.bool_, np.integer, np.floating)


def words(text: str) -> tuple[str, ...]:
    """Split a list of names written as one text; the tables of names use it."""
    return tuple(text.split())


def members(value: Value) -> tuple[Value, ...] | None:
    """Return the items of a container, or None for anything else."""
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(value)
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return None


def weigh(value: Value, limit: int = _LARGEST) -> int:
    """Count the items of nested containers, each as often as it is reached.

    Lists that contain one another several times unfold exponentially when Python compares, hashes or
    prints them; this count is taken first.

    Raises
    ------
    Refused
        If there are more than `limit` items or more than 30 levels.
    """
    total, queue = 0, [(value, 0)]
    while queue:
        item, depth = queue.pop()
        total += 1
        if total > limit or depth > _DEEPEST:
            raise Refused("a nested list is too large or too deep")
        if isinstance(item, range):
            total += len(item)
        inside = members(item)
        if inside is not None:
            if total + len(inside) > limit:
                raise Refused("a nested list is too large or too deep")
            queue.extend((entry, depth + 1) for entry in inside)
    if total > limit:
        raise Refused("a range is too long")
    return total


def find_unknown(value: Value) -> Unknown | None:
    """Return an unknown value inside `value`, if there is one."""
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, list | tuple | dict | set):
        return None
    weigh(value)
    queue = [value]
    while queue:
        item = queue.pop()
        if isinstance(item, Unknown):
            return item
        queue.extend(members(item) or ())
    return None


def storage(value: Value) -> Value:
    """Return the object that owns the memory: the array behind a view, or the value itself."""
    while isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
        value = value.base
    return value


def _is_small(value: Value) -> bool:
    try:
        return weigh(value, 5000) > 0
    except Refused:
        return False


def snapshot(value: Value, depth: int = 0) -> Value:
    """Copy a value so that later changes of the document's objects do not reach it.

    Returns
    -------
    value
        A read-only float64 array, a Python number, a string, None, a tuple of such, `Unknown` or `Opaque`.
    """
    if isinstance(value, np.ndarray):
        copy = value.astype(np.float64)
        copy.setflags(write=False)
        return copy
    if isinstance(value, np.bool_ | np.integer | np.floating):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str | Unknown):
        return value
    if isinstance(value, list | tuple):
        if depth == 0 and not _is_small(value):
            return Opaque(f"a list of {len(value)} items")
        return tuple(snapshot(item, depth + 1) for item in value)
    if isinstance(value, Instance):
        return Opaque(f"an object of class {value.cls.name}")
    if isinstance(value, Function | Bound | Builtin):
        return Opaque("a function")
    return Opaque(f"a value of type {type(value).__name__}")
