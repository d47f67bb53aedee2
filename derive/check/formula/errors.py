"""Why a formula has no value: it cannot be decided, or what it says cannot be."""

from __future__ import annotations

from derive.read.tree import Span

SINGLE_ELEMENTS = "single elements of a batch"
PARTIALS = "partial derivatives of a batch"


class Undecided(Exception):  # noqa: N818  a verdict, not an error of the program
    """The formula cannot be judged; the message says why."""


class UnknownNameError(Undecided):
    """A name that neither the notation nor the document explains."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name} is explained nowhere")
        self.name = name


class MistakeError(Exception):
    """What stands there has no value because it is wrong in itself.

    Attributes
    ----------
    code : str
        The kind of mistake.
    span : Span or None
        Where.
    sure : bool
        Whether this alone makes the claim wrong; otherwise an edit has to confirm it.
    """

    def __init__(self, code: str, message: str, span: Span | None = None, sure: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.span = span
        self.sure = sure


class AssumeError(ValueError):
    """An assumption that does not exist; the message says which do."""


class MissingLayerError(Exception):
    """A layer number out of range: for this layer the formula says nothing."""
