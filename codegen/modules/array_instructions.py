"""What a computation with arrays consists of: statements that define or change one array each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

import sympy as sp

from codegen.modules.array_shapes import Shape

OUT = "@"
"""Stands for the array that a call writes to."""


class Kind(Enum):
    """What an instruction does with the array that it defines."""

    ELEMENTWISE = "its array may be one of those that it reads"
    PRODUCT = "its array must be none of those that it reads"
    FILLED = "its array is filled by assignments to its parts"
    LASTING = "its array is for it alone, and keeps what is not assigned"
    COPIED = "its array is filled by an assignment, if need be over and over"
    CHANGED = "its array is there already"
    AUGMENTED = "it is an array over a row of ones, of which an array is a part"
    VIEW = "it is another name for an array, or a part of one"
    PLAIN = "a number, in no array"


@dataclass(frozen=True)
class Instruction:
    """One statement.

    Attributes
    ----------
    target : str
        The value that it defines or changes.
    source : str
        The statement without ``target =``; with `OUT` in place of the array that it writes to. Whole for an
        instruction that changes an array.
    kind : Kind
    shape : tuple of sympy.Expr
    comment : str
        The formula that begins here.
    made : str
        How its array is made before the first call; empty where it is made without contents.
    """

    target: str
    source: str
    kind: Kind
    shape: Shape
    comment: str = ""
    made: str = ""

    @property
    def reads(self) -> frozenset[str]:
        """The names in the source."""
        return frozenset(re.findall(r"[A-Za-z_]\w*", self.source))


@dataclass(frozen=True)
class Definition:
    """A value to compute: its name, its expression as its array lies, and its formula as a comment."""

    name: str
    expr: sp.Expr
    comment: str
