"""A name of the document's own."""

from __future__ import annotations

from dataclasses import dataclass

from derive.read.tree import Node


@dataclass(frozen=True)
class Definition:
    """What the document said that a name of its own is.

    Attributes
    ----------
    symbols : tuple of str
        The index symbols over which it is general.
    node : Node
        A formula, or the name of the quantity that it is another name for.
    numeric : bool
        Whether it is a number of the example, which says nothing of any other point.
    """

    symbols: tuple[str, ...]
    node: Node
    numeric: bool = False
