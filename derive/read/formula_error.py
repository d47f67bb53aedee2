"""The reader's own exception."""

from __future__ import annotations

from derive.read.tree import Span


class FormulaError(ValueError):
    """A piece of mathematics that cannot be read; `span` is the part of the text at fault."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
