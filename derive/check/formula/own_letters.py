"""Letters that a document needs for itself: ``s1`` that is worked out from ``z1`` is no other name for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from derive.check.formula.frame import names_of, quiet
from derive.check.formula.marks import Index
from derive.check.names import Reading
from derive.notation import Notation
from derive.read.formula import Formula
from derive.read.tree import Name, Node

_ROLES = frozenset({"z", "a"})

Key = tuple[str, tuple[str, ...]]


def without_own_letters(formulas: Sequence[Formula], reading: Reading) -> Reading:
    """Return a reading in which customary letters that the document defines otherwise stand for nothing.

    A quantity is not defined by an expression in itself: where the formula for ``s1``, with what the document
    defines for it, holds the ``z1`` of the notation, ``s`` is no letter for pre-activations.
    """
    bodies: dict[Key, tuple[Name, Node]] = {}
    for formula in formulas:
        for statement in formula.statements:
            left = statement.terms[0]
            if isinstance(left, Name) and statement.relations[:1] in (("=",), (":=",)):
                bodies.setdefault(_key(left), (left, statement.terms[1]))
    named = {getattr(reading.notation, field.name) for field in fields(Notation)}
    own = {
        name.base
        for name, body in bodies.values()
        if len(name.base) == 1 and name.base not in named and _is_of_itself(name, body, bodies, reading)
    }
    return reading.changed(roles={k: v for k, v in reading.roles.items() if k not in own}) if own else reading


def _key(name: Name) -> Key:
    return name.base, tuple(s.text for s in name.subscripts[:1] if s.text.isdigit())


def _is_of_itself(name: Name, body: Node, bodies: Mapping[Key, tuple[Name, Node]], reading: Reading) -> bool:
    meant = _quantity(name, reading)
    if meant is None or isinstance(body, Name):
        return False
    return any(
        inner.base != name.base and _quantity(inner, reading) == meant for inner in _behind(body, bodies)
    )


def _behind(body: Node, bodies: Mapping[Key, tuple[Name, Node]]) -> Iterator[Name]:
    """Yield the names of a formula, and those of the formulas for the names that it holds, each once."""
    seen: set[Key] = set()
    todo = [body]
    while todo:
        for name in names_of(todo.pop()):
            if (key := _key(name)) not in seen:
                seen.add(key)
                todo += [bodies[key][1]] if key in bodies else []
            yield name


def _quantity(name: Name, reading: Reading) -> tuple[str, Index] | None:
    ref = quiet(name, reading)
    return (ref.role, ref.layer) if ref is not None and ref.role in _ROLES and ref.layer else None
