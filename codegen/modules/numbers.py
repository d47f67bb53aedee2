"""Numbers of an example as literals that give the same float again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codegen.modules.lines import WIDTH


def array_literal(data: Any, indent: int) -> str:
    """Return nested tuples as the text of nested lists of floats, broken between rows where it is long."""
    whole = _text(data)
    if len(whole) <= WIDTH - indent - 24:
        return whole
    margin = " " * (indent + 4)
    rows = _filled([_text(row) for row in data], WIDTH - indent - 4)
    return "[\n" + "\n".join(margin + row for row in rows) + "\n" + " " * indent + "]"


def _text(data: Any) -> str:
    if isinstance(data, tuple | list):
        return "[" + ", ".join(map(_text, data)) + "]"
    return repr(float(data))


def _filled(parts: list[str], width: int) -> Iterator[str]:
    line = ""
    for part in parts:
        if line and len(line) + len(part) + 2 > width:
            yield line
            line = ""
        line += f"{' ' if line else ''}{part},"
    yield line


def flat_literal(data: Any, indent: int) -> str:
    """Return all the numbers of nested tuples, in order, as the text of one tuple of floats."""
    parts = [repr(value) for value in _floats(data)]
    whole = f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    if len(whole) <= WIDTH - indent - 12:
        return whole
    margin = " " * (indent + 4)
    rows = _filled(parts, WIDTH - indent - 4)
    return "(\n" + "\n".join(margin + row for row in rows) + "\n" + " " * indent + ")"


def _floats(data: Any) -> Iterator[float]:
    if isinstance(data, tuple | list):
        for item in data:
            yield from _floats(item)
    else:
        yield float(data)


def nested_braces(data: Any) -> str:
    """Return nested tuples as an initialiser of an array in C; `R` gives a number its type."""
    if isinstance(data, tuple | list):
        return "{" + ", ".join(map(nested_braces, data)) + "}"
    return f"R({float(data)!r})"
