"""Tables of a network file with typed access; every fault names the file, the line and the key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from derive.suggest import nearest, shown
from derive.toml_places import Path, line_at, lines_of


class SpecError(ValueError):
    """A network file that cannot be used; the message names the file, the place and the remedy."""


@dataclass(frozen=True)
class Document:
    """The text of a network file and what it is called."""

    source: str
    text: str

    @cached_property
    def places(self) -> dict[Path, int]:
        """The line of every key; found when the first fault is."""
        return lines_of(self.text)

    def error(self, path: Path, problem: str) -> SpecError:
        """Return the error that something is wrong at a path."""
        line = line_at(self.places, path)
        where = self.source if line is None else f"{self.source}, line {line}"
        return SpecError(f"{where}: {spelled(path)}: {problem}" if path else f"{where}: {problem}")


def spelled(path: Path) -> str:
    """Return a path as a message names it; entries of lists count from 1."""
    spelling = ""
    for part in path:
        word = f"entry {part + 1}" if isinstance(part, int) else shown(part).strip("'")
        spelling += (", " if isinstance(part, int) or "entry" in spelling else ".") + word
    return spelling.removeprefix(".")


KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a table"),
    (object, "a date or a time"),
)
"""What a value is called, by the first type that it is an instance of."""


def kind(value: object) -> str:
    """Return what a value of a TOML document is called."""
    return next(name for cls, name in KINDS if isinstance(value, cls))


@dataclass(frozen=True)
class Value:
    """A value of a network file with its place."""

    document: Document
    path: Path
    data: Any

    def error(self, problem: str) -> SpecError:
        """Return the error that something is wrong with the value."""
        return self.document.error(self.path, problem)

    def expected(self, what: str, remedy: str = "") -> SpecError:
        """Return the error that the value is of another kind."""
        found = kind(self.data)
        example = f" ({shown(self.data)})" if not isinstance(self.data, (list, dict)) else ""
        return self.error(f"expected {what}, found {found}{example}{remedy and ': ' + remedy}")

    def at(self, key: str | int) -> Value:
        """Return the value under a key, or an entry of a list."""
        return Value(self.document, (*self.path, key), self.data[key])

    def text(self) -> str:
        """Return the value as a text."""
        if not isinstance(self.data, str):
            raise self.expected("a text in quotes")
        return self.data

    def whole(self) -> int:
        """Return the value as a whole number."""
        if isinstance(self.data, bool) or not isinstance(self.data, int):
            raise self.expected("a whole number")
        return self.data

    def number(self) -> float:
        """Return the value as a finite float."""
        if isinstance(self.data, bool) or not isinstance(self.data, (int, float)):
            raise self.expected("a number")
        try:
            number = float(self.data)
        except OverflowError:
            number = float("inf")
        if not abs(number) < float("inf"):
            raise self.error(f"expected a finite number, found {shown(self.data)}")
        return number

    def entries(self, what: str, remedy: str = "") -> list[Value]:
        """Return the entries of a list."""
        if not isinstance(self.data, list):
            raise self.expected(what, remedy)
        return [self.at(position) for position in range(len(self.data))]

    def table(self, known: Collection[str], required: Mapping[str, str]) -> dict[str, Value]:
        """Return the values of a table by their keys.

        Parameters
        ----------
        known : collection of str
            The keys that the table may have.
        required : mapping of str to str
            The keys that it must have, each with a line that gives it.
        """
        if not isinstance(self.data, dict):
            raise self.expected("a table")
        for key in self.data:
            if key not in known:
                near = nearest(key, known)
                guess = f"did you mean {near!r}?" if near else "remove it"
                raise replace(self, path=(*self.path, key)).error(
                    f"this key is not known: {guess} Known here: {', '.join(known) or 'none'}"
                )
        for key, line in required.items():
            if key not in self.data:
                raise self.error(f"the key {key!r} is missing: add {line}")
        return {key: self.at(key) for key in self.data}
