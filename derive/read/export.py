"""Notebooks and pages saved as plain text, where code and its output carry at most an ``In [3]:`` mark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from derive.read import document_python as python
from derive.read.code.source import adapt
from derive.read.document_math import find_math
from derive.read.document_prose import read_prose
from derive.read.document_types import Segment, Source
from derive.read.markdown import read_markdown

_IN = re.compile(r"^[ \t]*In[ \t]?\[[ \d*]*\]:[ \t]*")
_OUT = re.compile(r"^[ \t]*Out[ \t]?\[[ \d*]*\]:[ \t]*")
_MARKUP = re.compile(r"\s*(#{1,6}\s|\*\*|\$|!\[|<|[-*>]\s|\\\[|\\\(|\||In \[|https?:)")
_SENTENCE = re.compile(r"[A-Z][a-z’']*,?(\s+[\w’'(),$\\^\[\]{}=*-]+){3,}")


@dataclass(slots=True)
class _State:
    """What the code so far has told: names it binds and texts it prints."""

    bound: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    old: Sequence[str] = ()  # the lines with what is peculiar to Python 2 and to notebooks rewritten
    effort: python.Effort = field(default_factory=python.Effort)

    def learn(self, lines: Sequence[str], start: int, end: int) -> bool:
        statements = python.statements_of(lines, start, end)
        self.bound |= python.names_bound(statements)
        self.labels |= python.printed_labels(statements)
        return python.may_print(statements)


def has_marks(text: str) -> bool:
    """Tell whether a text has the marks of an exported notebook."""
    return any(_IN.match(line) for line in text.split("\n"))


def read_export(source: Source, notes: list[str]) -> list[Segment]:
    """Read text exported from a notebook with its ``In [3]:`` marks; what went unread is noted."""
    lines = source.text.split("\n")
    marks = [number for number, line in enumerate(lines) if _IN.match(line)] + [len(lines)]
    segments = read_markdown(source.part(0, marks[0])) if marks[0] else []
    state = _State()
    for first, last in pairwise(marks):
        segments += _read_cell(source, lines, first, last, state)
    _note_effort(state, notes)
    return segments


def _note_effort(state: _State, notes: list[str]) -> None:
    if state.effort.characters <= 0:
        notes.append("the document is too long to be searched for code to its end; split it")


def _read_cell(source: Source, lines: list[str], first: int, last: int, state: _State) -> list[Segment]:
    """Read one cell: code, then output, then prose up to the next mark."""
    mark = _IN.match(lines[first])
    skip = mark.end() if mark else 0
    rows = [lines[first][skip:], *lines[first + 1 : last]]
    out = next((n for n, row in enumerate(rows) if _OUT.match(row)), len(rows))
    start = next((n for n, row in enumerate(rows[:out]) if row.strip()), out)
    state.old = adapt(rows)
    end = _code_end(rows, start, out, state) if start < out else start
    segments: list[Segment] = []
    prints = False
    if end == start:  # not Python, but marked as code: the reader of code says what is wrong
        while end < out and rows[end].strip():
            end += 1
    if end > start:
        offset, stop = source.line_range(first + start, first + end)
        segments.append(source.segment("code", offset + (skip if start == 0 else 0), stop, "In"))
        prints = state.learn(rows, start, end)
    if out < len(rows):
        if segments:
            segments += _output(source, first, end, _output_end(rows, end, out, state, prints))
        found = _OUT.match(rows[out])
        if found and not rows[out][found.end() :].strip():
            # The value stands in the lines after the mark.
            while out + 1 < len(rows) and not rows[out + 1].strip():
                out += 1
            out, found = out + 1, None
        if out >= len(rows):
            return segments
        rows[out] = rows[out][found.end() if found else 0 :]
        stop = _output_end(rows, out, len(rows), state, True)
        marked = source.line_range(first + out, first + max(stop, out + 1))
        start_of_text = marked[0] + (found.end() if found else 0)
        if segments and source.text[start_of_text : marked[1]].strip():
            segments.append(source.segment("output", start_of_text, marked[1], "Out"))
        end = max(stop, out + 1)
    elif segments:
        stop = _output_end(rows, end, len(rows), state, prints)
        segments += _output(source, first, end, stop)
        end = stop
    if end < len(rows):
        segments += read_markdown(source.part(first + end, last))
    return segments


def read_plain(source: Source, notes: list[str]) -> list[Segment]:
    """Read text without marks: runs of Python are found by parsing, their output by what they print."""
    lines = source.text.split("\n")
    limits = _limits(source, len(lines))
    state, segments, hidden = _State(old=adapt(lines)), [], []
    number = 0
    while number < len(lines):
        if lines[number].lstrip().startswith(">>>"):
            end = number
            while end < len(lines) and lines[end].strip():
                end += 1
            segments += python.read_doctest(source, number, end)
            hidden.append(source.line_range(number, end))
            number = end
            continue
        limit = limits[number]
        end = _plain_code_end(lines, number, limit, state)
        if end <= number:
            number += 1
            continue
        prints = state.learn(lines, number, end)
        offset, stop = source.line_range(number, end)
        segments.append(source.segment("code", offset, stop))
        printed = _output_end(lines, end, limit, state, prints, glued=True)
        segments += _output(source, 0, end, printed)
        hidden.append((offset, source.line_range(end, max(end, printed))[1] if printed > end else stop))
        number = max(end, printed)
    _note_effort(state, notes)
    segments += read_prose(source, hidden=hidden, markdown=False)
    return sorted(segments, key=lambda segment: segment.start)


def _limits(source: Source, count: int) -> list[int]:
    """Return for each line the next one that belongs to a displayed formula: code ends before it."""
    busy = [False] * (count + 1)
    for span in find_math(source.text):
        if span.is_display or "\n" in source.text[span.start : span.end]:
            first = source.location(span.start).line - source.first_line
            last = source.location(max(span.start, span.end - 1)).line - source.first_line
            busy[first : last + 1] = [True] * (last + 1 - first)
    limits, limit = [0] * count, count
    for number in range(count - 1, -1, -1):
        limit = number if busy[number] else limit
        limits[number] = limit
    return limits


def _plain_code_end(lines: Sequence[str], start: int, stop: int, state: _State) -> int:
    if start >= stop or not python.may_be_code(lines[start]):
        return start
    end = _code_end(lines, start, stop, state)
    return end if python.has_evidence(python.statements_of(lines, start, end)) else start


def _code_end(lines: Sequence[str], start: int, stop: int, state: _State) -> int:
    """Return where code that begins at `start` ends: before output or prose that happens to parse."""
    raw = python.longest_code(lines, start, stop, state.effort)
    if any(map(str.__ne__, lines[raw : raw + 1], state.old[raw : raw + 1])):
        # It ended at a print statement of Python 2 or at a magic command.
        raw = max(raw, python.longest_code(state.old, start, stop, state.effort))
    statements = python.statements_of(lines, start, raw)
    if not statements:
        return start
    bound = state.bound | python.names_bound(statements)
    labels = state.labels | python.printed_labels(statements)
    end = start
    for number, statement in enumerate(statements):
        first = start + statement.lineno - 1
        apart = first > start and not lines[first - 1].strip()
        if number and apart and python.is_display(statement, bound):
            break
        if number and _is_printed(lines[first], labels):
            break
        end = start + (statement.end_lineno or statement.lineno)
    while end < raw and lines[end].lstrip().startswith("#") and end > start and lines[end - 1].strip():
        end += 1
    return end


def _is_printed(line: str, labels: set[str]) -> bool:
    """Tell output such as ``loss = 0.29`` from code: a printed text, then nothing but numbers."""
    line = line.strip()
    return any(
        line.startswith(label) and python.is_numeric(line[len(label) :].lstrip(" =:")) for label in labels
    )


def _output_end(
    lines: Sequence[str], start: int, limit: int, state: _State, prints: bool, *, glued: bool = False
) -> int:
    """Return where the output after code ends; `start` if there is none."""
    end, position = start, start
    while prints and position < limit:
        while position < limit and not lines[position].strip():
            position += 1
        stop = position
        while stop < limit and lines[stop].strip():
            stop += 1
        if position >= limit:
            break
        if glued:
            stop = _glued_end(lines, position, stop, state)
        block = "\n".join(lines[position:stop])
        if stop == position or not _is_output(block, state, first=end == start and not glued):
            break
        end = position = stop
        follows = lines[stop] if glued and stop < limit else ""
        if follows.strip() and not _is_output(follows, state, first=False):
            break
    return end


def _glued_end(lines: Sequence[str], start: int, stop: int, state: _State) -> int:
    """Without marks the next code may follow the output in the next line."""
    fresh = _State(old=state.old, effort=state.effort)
    for number in range(start, stop):
        line = lines[number]
        if not (python.is_numeric(line) or python.starts_with_label(line, state.labels)):
            return number
        if number > start and _plain_code_end(lines, number, stop, fresh) > number:
            return number
    return stop


def _is_output(block: str, state: _State, *, first: bool) -> bool:
    if python.is_numeric(block):
        return True
    head, _, rest = block.partition("\n")
    if python.starts_with_label(head, state.labels):
        return bool(re.search(r"\d", block)) or not rest or python.starts_with_label(block, state.labels)
    return first and not _MARKUP.match(block) and not _SENTENCE.match(block)


def _output(source: Source, first: int, start: int, end: int) -> list[Segment]:
    lines = [source.line_range(first + n, first + n + 1) for n in range(start, end)]
    while lines and not source.text[lines[0][0] : lines[0][1]].strip():
        lines.pop(0)
    while lines and not source.text[lines[-1][0] : lines[-1][1]].strip():
        lines.pop()
    return [source.segment("output", lines[0][0], lines[-1][1])] if lines else []
