"""Canonical names with indices from 0, as they stand in network files and in code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sympy as sp

from codegen.latex.names import parse_name
from codegen.latex.speller import Speller, letters
from codegen.latex.spelling import Spelled
from codegen.latex.style import Style
from codegen.latex.text import Level, Text
from codegen.plaintext.expression import WRITERS, index_text, over_indices
from derive.activations import ACTIVATIONS, A, Activated, Activation, formula, through_output
from derive.functions import Z
from derive.program import Step, name_of


class PlainSpeller(Speller):
    """Writes the mathematics of one program as plain text; the notation plays no part."""

    compact = False

    def style(self, *exprs: sp.Expr) -> Style:
        """Return the style of plain text, in which every index counts from 0."""
        del exprs
        return Style(self, WRITERS, letters, over_indices("sum"), times="*", after_number="*")

    def offset(self, name: str, axis: int, rank: int) -> int:
        """Return 0: all indices count from 0."""
        del name, axis, rank
        return 0

    def bound(self, style: Style, expr: sp.Expr) -> Style:
        """Return the style inside a sum: its indices hide those of the same name outside."""
        own = {k for k, _, _ in expr.limits}
        return replace(style, where={k: value for k, value in style.where.items() if k not in own})

    def index(self, expr: sp.Expr, style: Style, offset: int) -> str:
        """Return an index."""
        del offset
        return index_text(expr.xreplace(style.where))

    def side_by_side(self, parts: Sequence[str]) -> str:
        """Return several indices."""
        return ", ".join(parts)

    def spelled(self, name: str) -> Spelled:
        """Return the name itself."""
        return Spelled(name, f"{name}[", "]", Level.ATOM)

    def function(self, activation: Activation, argument: sp.Expr, order: int) -> str:
        """Return the name of an activation; that of an expression is ``g`` with the number of its layer."""
        name = activation.name
        if name not in ACTIVATIONS:
            node = next(iter(argument.atoms(sp.Indexed)), None)
            name = f"g{parse_name(name_of(node)).layer}" if node is not None else "g"
        return name.replace("-", "_") + "'" * order

    def definitions(self, steps: Iterable[Step]) -> list[str]:
        """Return the formulas of the activations that steps use, and of their derivatives, in ``z``."""
        found: dict[str, str] = {}
        for step in steps:
            for call in sorted(step.expr.atoms(Activated), key=str):
                name = self.function(call.activation, call.args[0], call.order)
                found.setdefault(name, f"{name}(z) = {self._definition(call, name)}")
        return list(found.values())

    def _definition(self, call: Activated, name: str) -> str:
        short = through_output(call.activation) if call.order == 1 else None
        if short is not None:
            whole = f"{name.rstrip(chr(39))}(z)"
            own = sp.Indexed(sp.IndexedBase("a"), 0)
            style = replace(self.style(), leaf=lambda _, __: Text(whole))
            return style.write(short.xreplace({A: own})).text
        value = formula(call.activation, call.order)
        if value == sp.tanh(Z):
            value = value.rewrite(sp.exp)
        return self.style().write(value).text
