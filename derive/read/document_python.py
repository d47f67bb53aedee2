"""Telling Python from what surrounds it: the longest run of lines that parses, comments, doctest prompts."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.read.code.source import adapt, try_parse
from derive.read.document_prose import read_prose
from derive.read.document_types import Segment, Source

_MOST_LINES = 4000
_MOST_TRIES = 20
_ERROR_LINE = re.compile(r"\(line (\d+)\)$")
_MAYBE = re.compile(
    r"(import|from|def|class|for|while|if|with|try|return|print|assert|global|del|pass)\b"
    r"|[@#]|[A-Za-z_][\w.]*(\[[^\]]*\])?(\s*,\s*[A-Za-z_][\w.\[\]]*)*\s*([-+*/@]|//|\*\*)?=(?!=)|[\w.]+\("
)
_NUMERIC = re.compile(
    r"(?:\s|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[\[\](),]|\.\.\.|-?\b(?:nan|inf)\b|\b(?:True|False|None)\b"
    r"|\b(?:array|tensor|matrix|dtype|float\d*|int\d*|requires_grad|grad_fn|np\.float\d*|np\.int\d*)\b|=)*"
)
_COMPOUND = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.With, ast.Import, ast.ImportFrom, ast.Try)


def is_numeric(text: str) -> bool:
    """Tell whether text consists of numbers, brackets and what NumPy writes around them."""
    return len(text) < 200_000 and bool(re.search(r"\d", text)) and _NUMERIC.fullmatch(text) is not None


def may_be_code(line: str) -> bool:
    """Tell, without parsing, whether a line could start code."""
    return _MAYBE.match(line) is not None


@dataclass(slots=True)
class Effort:
    """How many characters may still be parsed in the search for code."""

    characters: int = 3_000_000

    def spend(self, count: int) -> bool:
        """Account for a parse; tell whether it may be done."""
        self.characters -= count
        return self.characters > 0


def longest_code(lines: Sequence[str], start: int, stop: int, effort: Effort) -> int:
    """Return the end of the longest run of lines from `start`, before `stop`, that parses as Python."""
    if not _MAYBE.match(lines[start]):
        first = try_parse(lines[start].strip() + "\n")
        if isinstance(first, str) or lines[start][:1].isspace():
            return start
    end = min(stop, start + _MOST_LINES)
    for _ in range(_MOST_TRIES):
        if end <= start:
            return start
        text = "\n".join(lines[start:end]) + "\n"
        if not effort.spend(len(text)):
            return start
        result = try_parse(text)
        if isinstance(result, ast.Module):
            return end
        found = _ERROR_LINE.search(result)
        at = start + int(found.group(1)) - 1 if found else end - 1
        end = max(start, min(end - 1, at))
    return start


def statements_of(lines: Sequence[str], start: int, end: int) -> list[ast.stmt]:
    """Parse a run of lines, as Python 2 where it is not Python 3; empty if it does not parse."""
    tree = try_parse("\n".join(lines[start:end]) + "\n")
    if isinstance(tree, str):
        tree = try_parse("\n".join(adapt(lines[start:end])) + "\n")
    return tree.body if isinstance(tree, ast.Module) else []


def has_evidence(statements: Sequence[ast.stmt]) -> bool:
    """Tell code from prose or formulas that happen to parse."""
    calls = 0
    for statement in statements:
        if isinstance(statement, _COMPOUND):
            return True
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute | ast.MatMult | ast.ListComp):
                return True
            if isinstance(node, ast.Call):
                calls += 1
                if isinstance(node.func, ast.Name) and node.func.id in ("print", "len", "range"):
                    return True
    return calls > 1


def is_display(statement: ast.stmt, bound: set[str]) -> bool:
    """Tell whether a statement is rather a printed value, or a word, than code."""
    if not isinstance(statement, ast.Expr):
        return False
    queue: list[ast.AST] = [statement.value]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name not in ("array", "tensor", "matrix"):
                return False
            queue.extend(node.args)
        elif isinstance(node, ast.Name):
            if node.id in bound:
                return False
        elif isinstance(node, ast.Tuple | ast.List | ast.UnaryOp | ast.Constant):
            queue.extend(ast.iter_child_nodes(node))
        elif not isinstance(node, ast.expr_context | ast.unaryop):
            return False
    return True


def may_print(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether code can leave output: it calls something, or ends with an expression."""
    if statements and isinstance(statements[-1], ast.Expr):
        return True
    return any(isinstance(node, ast.Call) for statement in statements for node in ast.walk(statement))


def names_bound(statements: Sequence[ast.stmt]) -> set[str]:
    """Return every name that statements bind at any depth."""
    names = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).partition(".")[0])
    return names


def printed_labels(statements: Sequence[ast.stmt]) -> set[str]:
    """Return the texts with which lines of output may start, from the calls of ``print``."""
    labels: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            ):
                continue
            for argument in node.args:
                for inner in ast.walk(argument):
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        labels.update(_labels(inner.value))
    return labels


def _labels(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        label = re.split(r"[{%]", line, maxsplit=1)[0].strip()
        if label and len(label) < 200 and re.search(r"\w", label):
            yield label


def starts_with_label(line: str, labels: set[str]) -> bool:
    """Tell whether a line starts with one of the texts that the code prints."""
    line = line.strip()
    for label in labels:
        if line.startswith(label):
            rest = line[len(label) :]
            if not rest or not (label[-1].isalnum() and (rest[0].isalnum() or rest[0] == "_")):
                return True
    return False


def read_comments(source: Source) -> list[Segment]:
    """Return the formulas and lines of mathematics in the comments and docstrings of Python source."""
    segments: list[Segment] = []
    for rows, escaped in _comment_rows(source):
        text = source.gathered("text", rows)
        shown = "\n".join(source.text[start:end] for start, end in rows)
        # A backslash in a plain string is written twice; no column moves.
        inner = Source(shown.replace("\\\\", " \\") if escaped else shown)
        for found in read_prose(inner):
            if found.kind in ("formula", "textmath"):
                lines = tuple(text.locate_line(place.line, place.column) for place in found.lines)
                segments.append(
                    Segment(found.kind, found.text, lines, found.form or "comment", note=found.note)
                )
    return segments


def _comment_rows(source: Source) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """Yield runs of comment lines, without their signs, and the lines of docstrings.

    With each goes whether backslashes are escaped there.
    """
    rows: list[tuple[int, int]] = []
    last = -2
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            line = token.start[0] - 1
            if token.type == tokenize.COMMENT:
                start, end = source.starts[line] + token.start[1], source.starts[line] + token.end[1]
                start += len(token.string) - len(token.string.lstrip("#: "))
                if line != last + 1 and rows:
                    yield rows, False
                    rows = []
                rows.append((min(start, end), end))
                last = line
            elif token.type == tokenize.STRING and token.string.lstrip("rRuUbBfF").startswith(('"""', "'''")):
                if rows:
                    yield rows, False
                    rows = []
                yield _docstring_rows(source, token), "r" not in token.string[:2].lower()
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass  # what comes before the trouble has been read
    if rows:
        yield rows, False


def _docstring_rows(source: Source, token: tokenize.TokenInfo) -> list[tuple[int, int]]:
    """Return the lines of a docstring without its quotes."""
    first, last = token.start[0] - 1, token.end[0] - 1
    prefix = len(token.string) - len(token.string.lstrip("rRuUbBfF")) + 3
    rows = []
    for number in range(first, last + 1):
        start, end = source.line_range(number, number + 1)
        if number == last:
            end = source.starts[number] + token.end[1] - 3
        if number == first:
            start = source.starts[number] + token.start[1] + prefix
        rows.append((start, max(start, end)))
    return rows


def read_doctest(source: Source, first: int, last: int) -> list[Segment]:
    """Read lines with ``>>>`` prompts: code without the prompts, and what each prints."""
    segments: list[Segment] = []
    code: list[tuple[int, int]] = []
    printed: list[tuple[int, int]] = []

    def flush() -> None:
        if code:
            segments.append(source.gathered("code", code, ">>>"))
            if printed:
                segments.append(source.gathered("output", printed))
        code.clear()
        printed.clear()

    for number in range(first, last):
        start, end = source.line_range(number, number + 1)
        line = source.text[start:end]
        indent = len(line) - len(line.lstrip())
        if line.lstrip().startswith((">>>", "...")) and not (printed and line.lstrip().startswith("...")):
            if printed:
                flush()
            skip = indent + (4 if line[indent + 3 : indent + 4] == " " else 3)
            code.append((min(start + skip, end), end))
        elif line.strip() and code:
            printed.append((start, end))
        elif code:
            flush()
    flush()
    return segments
