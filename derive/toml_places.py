"""Where the keys of a TOML document stand: `tomllib` gives the values without their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys, and positions in lists (from 0), from the top of the document."""

_TOKEN = re.compile(
    r'''(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{}=,.])
    |(?P<text>"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<word>[^\s\[\]{}=,.\#"']+|.)''',
    re.DOTALL | re.VERBOSE,
)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table, key and element of a list in a valid document.

    Keys inside inline tables are not followed; they stand where their table does.
    """
    return _Walk().over(text)


def line_at(places: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a path, or that of the nearest thing around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return None


@dataclass
class _Walk:
    """One pass over a document, statement by statement."""

    places: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, int] = field(default_factory=dict)

    def over(self, text: str) -> dict[Path, int]:
        header: Path = ()
        for line, statement in _statements(text):
            if statement[0][1] == "[":
                header = self.header(line, statement)
            else:
                self.assignment(header, statement)
        return self.places

    def header(self, line: int, statement: list[tuple[int, str]]) -> Path:
        words = [word for _, word in statement]
        keys = [_key(word) for word in words if word not in ("[", "]", ".")]
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if words[1:2] == ["["] and position == len(keys) - 1:
                self.places.setdefault(path, line)
                self.tables[path] = self.tables.get(path, -1) + 1
            if path in self.tables:
                path = (*path, self.tables[path])
        self.places.setdefault(path, line)
        return path

    def assignment(self, path: Path, statement: list[tuple[int, str]]) -> None:
        tokens = iter(statement)
        for line, word in tokens:
            if word == "=":
                break
            if word != ".":
                path = (*path, _key(word))
                self.places.setdefault(path, line)
        counts: list[int] = []
        inline = 0
        for line, word in tokens:
            inline += (word == "{") - (word == "}")
            if inline:
                continue
            if word == "]" and counts:
                counts.pop()
            elif word == "," and counts:
                counts[-1] += 1
            else:
                self.places.setdefault((*path, *counts), line)
                if word == "[":
                    counts.append(0)


def _key(word: str) -> str:
    return word[1:-1] if word[0] in "\"'" and word[-1] == word[0] else word


def _statements(text: str) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yield each table header or assignment: the line where it begins, and its tokens with their lines."""
    line, depth = 1, 0
    statement: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text):
        word = token[0]
        if token.lastgroup == "newline":
            line += 1
            if depth == 0 and statement:
                yield statement[0][0], statement
                statement = []
            continue
        if token.lastgroup != "skip":
            depth += (word in ("[", "{")) - (word in ("]", "}"))
            statement.append((line, word))
        line += word.count("\n")
    if statement:
        yield statement[0][0], statement
