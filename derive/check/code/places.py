"""Places of code in the document."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from derive.check.findings import Place
from derive.read.code import Assigned, CodeSpan
from derive.read.code.source import try_parse
from derive.read.document_types import Document


@dataclass(frozen=True)
class Places:
    """Turns spans of code cells into places and text of the document."""

    document: Document

    def of(self, span: CodeSpan) -> Place:
        """Return the place of a span."""
        if span.cell < 0:
            return Place(1, 1, 1, 1)
        segment = self.document.segments[span.cell]
        start = segment.locate_line(span.line, span.column)
        end = segment.locate_line(span.end_line, span.end_column)
        return Place(start.line, start.column, end.line, end.column, start.cell)

    def of_statement(self, event: Assigned) -> Place:
        """Return the place of the statement of an assignment."""
        return self.of(self._whole(event.span))

    def statement(self, event: Assigned) -> str:
        """Return the text of the statement of an assignment."""
        return self.text(self._whole(event.span))

    def indices(self, event: Assigned) -> tuple[str, ...]:
        """Return the indices of the element that a statement sets, as they are written."""
        tree = self._parsed(event)
        if tree is None:
            return ()
        target = tree.target if isinstance(tree, ast.AugAssign) else getattr(tree, "targets", [None])[0]
        parts: list[str] = []
        while isinstance(target, ast.Subscript):
            inner = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
            parts = [*(ast.unparse(part) for part in inner), *parts]
            target = target.value
        return tuple(parts)

    def _parsed(self, event: Assigned) -> ast.stmt | None:
        try:
            tree = ast.parse(self.statement(event).strip()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return tree[0] if len(tree) == 1 else None

    def expression(self, event: Assigned) -> ast.expr | None:
        """Return the expression whose value a statement assigns; None for one that changes in place."""
        tree = self._parsed(event)
        if isinstance(tree, ast.AugAssign) and isinstance(tree.op, (ast.Add, ast.Sub)):
            return ast.BinOp(ast.Name("?before", ast.Load()), tree.op, tree.value)
        return tree.value if isinstance(tree, ast.Assign) else None

    def _whole(self, span: CodeSpan) -> CodeSpan:
        return _statement(span, self.document.segments[span.cell].text) if span.cell >= 0 else span

    def text(self, span: CodeSpan) -> str:
        """Return the text of a span."""
        if span.cell < 0:
            return ""
        rows = self.document.segments[span.cell].text.split("\n")[span.line - 1 : span.end_line]
        if not rows:
            return ""
        rows[-1] = rows[-1][: span.end_column - 1]
        rows[0] = rows[0][span.column - 1 :]
        return "\n".join(rows)


@lru_cache(maxsize=256)
def _statements(text: str) -> tuple[tuple[int, int, int, int], ...]:
    """Return line, column, end line and end column of every simple statement."""
    tree = try_parse(text)
    if not isinstance(tree, ast.Module):
        return ()
    simple = (n for n in ast.walk(tree) if isinstance(n, ast.stmt) and not hasattr(n, "body"))
    return tuple(
        (n.lineno, n.col_offset + 1, n.end_lineno or n.lineno, (n.end_col_offset or 0) + 1) for n in simple
    )


def _statement(span: CodeSpan, text: str) -> CodeSpan:
    """Return the smallest simple statement around a span."""
    around = [
        s
        for s in _statements(text)
        if (s[0], s[1]) <= (span.line, span.column) and (span.end_line, span.end_column) <= (s[2], s[3])
    ]
    return CodeSpan(span.cell, *min(around, key=lambda s: (s[2] - s[0], s[3] - s[1]))) if around else span
