"""Lines of generated code: a target, its source, a comment; and how they are laid out."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

WIDTH = 110


@dataclass(frozen=True)
class Line:
    """One assignment, or one statement.

    Attributes
    ----------
    target : str
        The name that is defined; empty where the source is a whole statement.
    source : str
        Its value.
    comment : str
        The formula that the line implements.
    """

    target: str
    source: str
    comment: str = ""

    @property
    def code(self) -> str:
        """The line without its comment."""
        return f"{self.target} = {self.source}" if self.target else self.source

    @property
    def uses(self) -> frozenset[str]:
        """The names in the source."""
        return names_in_code(self.source)


@lru_cache(maxsize=4096)
def names_in_code(source: str) -> frozenset[str]:
    """Return the names in a piece of code."""
    return frozenset(_NAME.findall(source))


_NAME = re.compile(r"[A-Za-z_]\w*")


def needed(lines: Sequence[Line], names: Iterable[str]) -> list[Line]:
    """Return the lines without those that none of `names` depends on."""
    wanted = set(names)
    kept = []
    for line in reversed(lines):
        if line.target in wanted:
            kept.append(line)
            wanted |= line.uses
    return kept[::-1]


def laid_out(lines: Iterable[Line], indent: int = 4) -> list[str]:
    """Return lines of text: comments in a column of their own where they fit, above the line elsewhere."""
    margin = " " * indent
    found: list[str] = []
    made = list(lines)
    short = [len(line.code) for line in made]
    column = indent + max((n for n in short if n <= 44), default=0) + 2
    for line in made:
        code = f"{margin}{line.code}"
        beside = f"{code.ljust(column - 2)}  # {line.comment}"
        if not line.comment:
            found += wrapped(code, indent)
        elif len(beside) <= WIDTH:
            found.append(beside)
        else:
            found += [f"{margin}# {part}" for part in broken(line.comment, WIDTH - indent - 2)]
            found += wrapped(code, indent)
    return found


def broken(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` characters, all but the first indented."""
    return textwrap.wrap(text, width, subsequent_indent="    ", break_long_words=False)


def statement(start: str, source: str, names: Sequence[str], indent: int = 4) -> list[str]:
    """Return the lines, without margin, of an unpacking (``a, b = source``) or of a ``return`` of names.

    Parameters
    ----------
    start : str
        What stands before the names; a name directly before the parenthesis makes a call.
    source : str
        What is unpacked; empty for a ``return``.
    names : sequence of str
    """
    end = f" = {source}" if source else ""
    comma = "," if len(names) == 1 and not start.endswith("Params") else ""
    bare = f"{start} {', '.join(names)}{comma}{end}".strip()
    if start.endswith("Params"):
        bare = f"{start}({', '.join(names)})"
    if len(bare) <= WIDTH - indent:
        return [bare]
    body = [f"    {part}" for part in _words(", ".join(names) + ",", WIDTH - indent - 4)]
    opening = f"{start}(" if start.endswith("Params") else f"{start} (".strip()
    return [opening, *body, f"){end}"]


def wrapped(code: str, indent: int) -> list[str]:
    """Break an assignment that is too long inside parentheses, at the operators and commas of its text."""
    parts = re.fullmatch(r"(.*? [-+*/]?=) (.*)", code)
    if len(code) <= WIDTH or parts is None:
        return [code]
    left, right = parts.groups()
    inner = " " * (indent + 4)
    return [f"{left} (", *(inner + part for part in _words(right, WIDTH - indent - 4)), " " * indent + ")"]


def wrapped_element(code: str, indent: int) -> list[str]:
    """Return an element of a tuple, with its comma, broken as an assignment is where it is too long."""
    margin = " " * indent
    first, *rest = _words(f"{code},", WIDTH - indent - 4)
    return [margin + first, *(f"{margin}    {part}" for part in rest)]


def _words(text: str, width: int) -> list[str]:
    """Break a text at spaces, before an operator rather than after it."""
    parts: list[str] = []
    for word in re.split(r" (?=[-+*/<>=]+ )|(?<=,) ", text):
        if parts and len(parts[-1]) + 1 + len(word) <= width:
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts
