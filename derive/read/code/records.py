"""Tuples with names: the NamedTuple classes of a document and their objects."""

# ruff: noqa: ARG005 - functions of one table share one signature

from __future__ import annotations

from derive.read.code.budget import Failed
from derive.read.code.values import Builtin, Class, Record, Value


def make_record(
    cls: Class, fields: tuple[str, ...], args: tuple[Value, ...], kwargs: dict[str, Value]
) -> Record:
    """Make a tuple with names; what is not given has its default."""
    values = {name: cls.members[name] for name in fields if name in cls.members}
    values.update(zip(fields, args, strict=False))
    values.update(kwargs)
    if len(args) > len(fields) or set(values) != set(fields):
        raise Failed(f"{cls.name}() takes {len(fields)} arguments: {', '.join(fields)}")
    return Record.of(cls, [values[name] for name in fields])


def of_record(record: Record, name: str) -> Value:
    """Return what every tuple with names has; None for anything else."""
    cls, fields = record.cls, record.cls.fields or ()
    known = dict(zip(fields, record, strict=True))
    if name == "_fields":
        return fields
    if name == "_asdict":
        return Builtin(name, lambda machine, args, kwargs: dict(known))
    if name == "_replace":
        change = lambda machine, args, kwargs: make_record(cls, fields, (), {**known, **kwargs})  # noqa: E731  one of the table's functions
        return Builtin(name, change, unknowns=True)
    return None


def of_class(cls: Class, fields: tuple[str, ...], name: str) -> Value:
    """Return ``_fields`` or ``_make`` of a class of such tuples."""
    if name == "_fields":
        return fields
    return Builtin(
        name, lambda machine, args, kwargs: make_record(cls, fields, tuple(args[0]), {}), unknowns=True
    )
