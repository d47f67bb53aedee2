"""Places of code in the document."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from derive.check.findings import Place
from derive.read.code import Assigned, CodeSpan
from derive.read.code.source import CodeCell, Source, parse_cell
from derive.read.document_types import Document

_PARTS = ("part", "appended")
_IN_PLACE = (ast.Add, ast.Sub, ast.Mult, ast.Div)


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
        """Return the place of the statement of an assignment; of the part where it is one of several."""
        return self.of(self._span(event))

    def statement(self, event: Assigned) -> str:
        """Return the text of the statement of an assignment, or of the part."""
        return self.text(self._span(event))

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

    def _span(self, event: Assigned) -> CodeSpan:
        return event.span if event.kind in _PARTS else self._whole(event.span)

    def _parsed(self, event: Assigned) -> ast.stmt | None:
        try:
            text = self.statement(event).strip()
            tree = ast.parse(f"({text})" if event.kind in _PARTS else text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return tree[0] if len(tree) == 1 else None

    def expression(self, event: Assigned) -> ast.expr | None:
        """Return the expression whose value a statement assigns; None for one that changes in place."""
        tree = self._parsed(event)
        if isinstance(tree, ast.AugAssign) and isinstance(tree.op, _IN_PLACE):
            return ast.BinOp(ast.Name("?before", ast.Load()), tree.op, tree.value)
        return tree.value if isinstance(tree, ast.Assign | ast.Expr) else None

    def copied(self, event: Assigned) -> bool:
        """Whether a statement only takes over what stands elsewhere: ``z = cache``, ``x, y = X[i], Y[i]``."""
        tree = self._parsed(event)
        return isinstance(tree, ast.Assign) and _is_copy(tree.value)

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


def _is_copy(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List):
        return bool(node.elts) and all(_is_copy(part) for part in node.elts)
    if isinstance(node, ast.Call):
        # x.reshape(-1, 1), X[i].copy(), np.array(x)
        method = isinstance(node.func, ast.Attribute) and node.func.attr
        if method in ("array", "asarray", "atleast_2d", "copy") and len(node.args) >= 1:
            return _is_copy(node.args[0])
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        return owner is not None and method in ("reshape", "copy", "ravel", "flatten") and _is_copy(owner)
    if isinstance(node, ast.Attribute | ast.Subscript):
        return _is_copy(node.value)
    return isinstance(node, ast.Name)


@lru_cache(maxsize=256)
def _statements(text: str) -> tuple[tuple[int, int, int, int], ...]:
    """Return line, column, end line and end column of every simple statement."""
    tree = parse_cell(text)
    if not isinstance(tree, ast.Module):
        return ()
    source = Source(CodeCell(text), tuple(text.split("\n")))
    spans = (source.span(n) for n in ast.walk(tree) if isinstance(n, ast.stmt) and not hasattr(n, "body"))
    return tuple((span.line, span.column, span.end_line, span.end_column) for span in spans)


def _statement(span: CodeSpan, text: str) -> CodeSpan:
    """Return the smallest simple statement around a span."""
    around = [
        s
        for s in _statements(text)
        if (s[0], s[1]) <= (span.line, span.column) and (span.end_line, span.end_column) <= (s[2], s[3])
    ]
    return CodeSpan(span.cell, *min(around, key=lambda s: (s[2] - s[0], s[3] - s[1]))) if around else span
