"""Code cells to syntax trees, with positions; never compiled, never run."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LONGEST_LINE = 20_000
LONGEST_CELL = 400_000
_MERGES = 40

_MAGIC = re.compile(r"^(\s*)([%!?])(.*)$|^(\s*)([\w.\[\]]+\?{1,2})\s*$")
_PRINT = re.compile(r"^([ \t]*(?:[^#'\"\n]*[:;][ \t]*)?)print([ \t]+)(?![ \t(=.,\[]|in\b|is\b)")
_CONTINUES = re.compile(r"^(\s|[)\]}]|(else|elif|except|finally)\b)")


@dataclass(frozen=True, slots=True)
class CodeCell:
    """One piece of Python.

    Parameters
    ----------
    text : str
        Source text.
    index : int
        Number by which spans refer to the cell: the index of its segment in the document.
    """

    text: str
    index: int = 0


@dataclass(frozen=True, slots=True, order=True)
class CodeSpan:
    """A stretch of a cell: lines and columns count from 1, in characters; the end is exclusive."""

    cell: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Lines that cannot be read as Python."""

    line: int
    end_line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed cell: its lines and its top-level statements in order."""

    cell: CodeCell
    lines: tuple[str, ...]
    statements: tuple[ast.stmt | Broken, ...] = field(default=())

    def span(self, node: ast.AST | Broken) -> CodeSpan:
        """Return the span of a node that has a position."""
        if isinstance(node, Broken):
            end = len(self.lines[node.end_line - 1]) + 1 if node.end_line <= len(self.lines) else 1
            return CodeSpan(self.cell.index, node.line, 1, node.end_line, end)
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        column = self._column(line, getattr(node, "col_offset", 0))
        end_column = self._column(end_line, getattr(node, "end_col_offset", None) or 0)
        return CodeSpan(self.cell.index, line, column, end_line, end_column)

    def text(self, node: ast.AST) -> str:
        """Return the source text of a node."""
        span = self.span(node)
        rows = list(self.lines[span.line - 1 : span.end_line])
        if not rows:
            return ""
        rows[-1] = rows[-1][: span.end_column - 1]
        rows[0] = rows[0][span.column - 1 :]
        return "\n".join(rows)

    def _column(self, line: int, offset: int) -> int:
        # The parser counts bytes of UTF-8; readers count characters.
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1


def try_parse(text: str) -> ast.Module | str:
    """Parse Python source; return the tree, or the reason why it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like, in somebody else's code
            return ast.parse(text)
    except SyntaxError as error:
        return f"is not Python: {error.msg} (line {error.lineno})"
    except (ValueError, RecursionError, MemoryError, UnicodeError) as error:
        return f"cannot be parsed: {type(error).__name__}"


def parse_cell(text: str) -> ast.Module | str:
    """Parse Python source; magic commands and print statements are rewritten where it needs that."""
    tree = try_parse(text)
    return tree if isinstance(tree, ast.Module) else try_parse("\n".join(adapt(text.split("\n"))))


def is_unfinished(text: str) -> bool:
    """Tell whether the source ends inside a bracket or a triple-quoted string."""
    try:
        for _ in tokenize.generate_tokens(io.StringIO(text).readline):
            pass
    except tokenize.TokenError as error:
        return "EOF in multi-line" in str(error) or "unterminated triple-quoted" in str(error)
    except (SyntaxError, ValueError):
        return False
    return False


def read_cell(cell: CodeCell) -> Source:
    """Parse a cell; what cannot be parsed becomes `Broken`, the rest is kept.

    Statements of Python 2 that print, and the magic commands of notebooks, are rewritten in place so that
    every column stays where it was.
    """
    lines = tuple(re.split(r"\r\n|\r|\n", cell.text))
    if len(cell.text) > LONGEST_CELL and max(map(len, lines)) <= LONGEST_LINE:
        return Source(cell, lines, (Broken(1, len(lines), f"is longer than {LONGEST_CELL} characters"),))
    long = [
        Broken(number, number, f"is a line longer than {LONGEST_LINE} characters")
        for number, line in enumerate(lines, 1)
        if len(line) > LONGEST_LINE
    ]
    kept = ["" if len(line) > LONGEST_LINE else line for line in lines]
    for rows in (kept, adapt(kept)):
        tree = try_parse("\n".join(rows) + "\n")
        if isinstance(tree, ast.Module):
            return Source(cell, lines, _in_order([*tree.body, *long]))
    return Source(cell, lines, _in_order([*_salvage(adapt(kept)), *long]))


def read_cells(cells: Sequence[CodeCell]) -> tuple[Source, ...]:
    """Parse several cells."""
    return tuple(read_cell(cell) for cell in cells)


def _in_order(statements: list[ast.stmt | Broken]) -> tuple[ast.stmt | Broken, ...]:
    return tuple(sorted(statements, key=lambda s: s.line if isinstance(s, Broken) else s.lineno))


def adapt(lines: Sequence[str]) -> list[str]:
    """Rewrite what Python 2 prints and the magic commands of notebooks; no column moves."""
    adapted = []
    for line in lines:
        if _MAGIC.match(line):
            indent = len(line) - len(line.lstrip())
            adapted.append(line[:indent] + "#" + line[indent + 1 :])
            continue
        found = _PRINT.match(line)
        if found is None:
            adapted.append(line)
            continue
        # "print x" becomes "print(x)": the bracket takes the place of the blank, so no column moves.
        body, comment = _split_comment(line[found.end() :])
        blank = len(found.group(2)) - 1
        adapted.append(f"{line[: found.end(1)]}print({' ' * blank}{body.rstrip()}){comment}")
    return adapted


def _split_comment(text: str) -> tuple[str, str]:
    quote = ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#":
            return text[:position], text[position:]
    return text, ""


def _salvage(lines: list[str]) -> Iterator[ast.stmt | Broken]:
    """Parse block by block, where a block starts at a line without indentation."""
    starts = [n for n, line in enumerate(lines) if line.strip() and not _CONTINUES.match(line)]
    starts = [n for n in starts if n == 0 or not lines[n - 1].startswith("@")]
    if starts and starts[0] > 0 and any(line.strip() for line in lines[: starts[0]]):
        starts.insert(0, 0)
    starts.append(len(lines))
    block = 0
    while block < len(starts) - 1:
        first, merged = starts[block], 1
        reason: ast.Module | str = "is not Python"
        while block + merged < len(starts) and merged <= _MERGES:
            text = "\n".join(lines[first : starts[block + merged]]) + "\n"
            result = try_parse(text)
            if merged == 1 or isinstance(result, ast.Module):
                reason = result
            if isinstance(result, ast.Module) or not is_unfinished(text):
                break
            merged += 1
        if isinstance(reason, ast.Module):
            ast.increment_lineno(reason, first)
            yield from reason.body
            block += merged
        else:
            # The line that the parser names counts from the start of the block.
            yield Broken(first + 1, starts[block + 1], re.sub(r" \(line \d+\)$", "", reason))
            block += 1
