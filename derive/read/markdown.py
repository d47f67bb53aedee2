"""Markdown: blocks by markdown-it, formulas by their delimiters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from derive.read import document_python as python
from derive.read.document_math import find_math
from derive.read.document_prose import blank_all, looks_like_mathematics, read_prose
from derive.read.document_types import Segment, Source, TableCell
from derive.read.tables import table_claims, with_note

_PYTHON = frozenset({"python", "py", "python3", "python2", "ipython", "ipython3", "{code-cell}", "pycon"})
_MATH = frozenset({"math", "latex", "tex", "{math}", "katex"})
_PRINTED = frozenset({"", "text", "output", "console", "txt", "plaintext", "none", "{output}"})
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"^[\s|:\-]+$")


def read_markdown(source: Source) -> list[Segment]:
    """Read Markdown text (or one Markdown cell) into segments."""
    if not source.text.strip():
        return []
    segments: list[Segment] = []
    hidden: list[tuple[int, int]] = []
    tokens = _blocks(source.text)
    fences = [source.line_range(*t.map) for t in tokens if t.type == "fence" and t.map]
    formulas = (
        find_math(blank_all(source.text, fences)) if any(t.type == "code_block" for t in tokens) else ()
    )
    for token in tokens:
        if token.map is None:
            continue
        start, end = source.line_range(*token.map)
        if token.type == "fence":
            found, keep = _fence(source, token, segments), False
        elif token.type == "code_block":
            # A formula whose lines are indented looks like code to Markdown.
            keep = any(span.start < end and start < span.end for span in formulas)
            found = [] if keep else _indented(source, token, segments)
            keep = keep or not found
        else:
            table = _table(source, token)
            claims = table_claims(table)
            found, keep = [with_note(table, claims), *claims], True
        segments += found
        if not keep:
            hidden.append((start, end))
    segments += read_prose(source, hidden=hidden)
    return sorted(segments, key=lambda segment: (segment.start, segment.kind != "table"))


def _blocks(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
    kinds = ("fence", "code_block", "table_open")
    return [token for token in parser.parse(text) if token.type in kinds]


def _rows(source: Source, token: Token, first: int) -> list[tuple[int, int]]:
    """Find the lines of a code block in the source: the block has lost its indentation there."""
    rows = []
    content = token.content.split("\n")
    if content and not content[-1]:
        content.pop()
    for number, line in enumerate(content, first):
        if number >= len(source.starts):
            break
        start, end = source.line_range(number, number + 1)
        rows.append((max(start, end - len(line)), end))
    return rows


def _fence(source: Source, token: Token, before: list[Segment]) -> list[Segment]:
    assert token.map is not None  # noqa: S101 - markdown-it gives every fence its lines
    rows = _rows(source, token, token.map[0] + 1)
    language = token.info.strip().split(" ")[0].lower()
    if not rows:
        return []
    if language in _MATH:
        return [source.gathered("formula", rows, "$$")]
    if token.content.lstrip().startswith(">>>"):
        return python.read_doctest(source, token.map[0] + 1, token.map[0] + 1 + len(rows))
    if language in _PYTHON:
        return [source.gathered("code", rows, language)]
    if language not in _PRINTED:
        return [source.gathered("text", rows, language, f"code in {language} is not followed")]
    return _unnamed(source, token.content, rows, before, language)


def _indented(source: Source, token: Token, before: list[Segment]) -> list[Segment]:
    assert token.map is not None  # noqa: S101 - markdown-it gives every code block its lines
    if token.content.lstrip().startswith(">>>"):
        return python.read_doctest(source, *token.map)
    return _unnamed(source, token.content, _rows(source, token, token.map[0]), before, "")


def _unnamed(
    source: Source, content: str, rows: list[tuple[int, int]], before: list[Segment], language: str
) -> list[Segment]:
    """Decide what a block without a language is: Python, output of the code before it, or formulas."""
    lines = content.rstrip("\n").split("\n")
    statements = python.statements_of(lines, 0, len(lines))
    if python.has_evidence(statements):
        return [source.gathered("code", rows, language)]
    previous = before[-1] if before else None
    if previous is not None and previous.kind == "code" and re.search(r"\d", content):
        labels = python.printed_labels(
            python.statements_of(previous.text.split("\n"), 0, len(previous.lines))
        )
        if python.is_numeric(content) or any(python.starts_with_label(line, labels) for line in lines):
            return [source.gathered("output", rows, language)]
    return list(_lines(source, rows, language))


def _lines(source: Source, rows: list[tuple[int, int]], language: str) -> Iterator[Segment]:
    for start, end in rows:
        line = source.text[start:end]
        if line.strip():
            kind = "textmath" if looks_like_mathematics(line) else "text"
            first = start + len(line) - len(line.lstrip())
            if kind == "textmath":
                yield source.segment("textmath", first, start + len(line.rstrip()), language or "fence")
            else:
                yield source.segment("text", first, start + len(line.rstrip()), language or "fence")


def _table(source: Source, token: Token) -> Segment:
    assert token.map is not None  # noqa: S101 - markdown-it gives every table its lines
    start, end = source.line_range(*token.map)
    segment = source.segment("table", start, end)
    rows = []
    offset = 0
    for line in segment.text.split("\n"):
        if not _RULE.match(line):
            rows.append(tuple(_cells(line, offset)))
        offset += len(line) + 1
    return Segment("table", segment.text, segment.lines, rows=tuple(rows))


def _cells(line: str, offset: int) -> Iterator[TableCell]:
    bars = [-1, *(m.start() for m in _BAR.finditer(line)), len(line)]
    for number, (left, right) in enumerate(pairwise(bars)):
        text = line[left + 1 : right]
        if not text.strip() and number in (0, len(bars) - 2):
            continue
        yield TableCell(text.strip(), offset + left + 1 + len(text) - len(text.lstrip()))
