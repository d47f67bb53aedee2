"""How an expression is written: the writers of its nodes, and what its leaves look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from codegen.latex.text import Text

if TYPE_CHECKING:
    from codegen.latex.speller import Speller


class PrintError(TypeError):
    """An expression that there is no way to write."""


@dataclass(frozen=True)
class Style:
    """How an expression is written.

    Attributes
    ----------
    speller : Speller
    writers : mapping of type to callable
        The writer of each kind of node.
    leaf : callable
        Writes an element.
    sums : callable
        Writes a sum over an index: with a sigma, or term by term.
    offsets : mapping of sympy.Symbol to int
        What is added to each index to get the number that is shown for it.
    where : mapping of sympy.Symbol to sympy.Expr
        Indices that stand for numbers.
    times : str
        Between factors.
    after_number : str
        Between a number and the factors after it.
    """

    speller: Speller
    writers: Mapping[type, Writer]
    leaf: Writer
    sums: Writer
    offsets: Mapping[sp.Symbol, int] = field(default_factory=dict)
    where: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    times: str = " "
    after_number: str = " "

    def write(self, expr: sp.Expr) -> Text:
        """Write an expression.

        Raises
        ------
        PrintError
            If the expression holds a kind of node that has no notation.
        """
        for kind in type(expr).__mro__:
            if kind in self.writers:
                return self.writers[kind](expr, self)
        raise PrintError(f"there is no notation for {type(expr).__name__}: {expr}")

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> Style:
        """Return the style with more indices that stand for numbers."""
        return replace(self, where={**self.where, **values})


Writer = Callable[[Any, Style], Text]
