"""Spell the canonical names of a program in a notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from codegen.latex.expression import WRITERS
from codegen.latex.facts import Facts, Source, facts_of
from codegen.latex.functions import Functions
from codegen.latex.indices import affine, together
from codegen.latex.names import OF_SAMPLES, parse_name
from codegen.latex.numbers import number_text
from codegen.latex.ranges import sigma, written_out
from codegen.latex.spelling import Spelled, spell
from codegen.latex.style import Style
from codegen.latex.text import Text, escape_tex
from derive.activations import Activation
from derive.functions import IndexMax
from derive.matrix import Form
from derive.nodes import elements_by_name
from derive.notation import Notation
from derive.program import Step, name_of


@dataclass(frozen=True)
class Speller:
    r"""Writes the mathematics of one program in one notation.

    Parameters
    ----------
    source : Network, Derivation, Program or Step
        Whose names are spelled. A step alone does not know which layer is the last.
    notation : Notation
    delta : bool
        Whether the derivative by a pre-activation is called delta; otherwise the fraction is written.
    sample : str
        Which sample of a batch everything is of, a number or a letter, where the program is that of one
        sample: the first index of its elements, and the index of its loss. Empty where nothing says it.

    Notes
    -----
    Indices are shown from the base of the notation, with one exception: where a bias is folded, the
    coordinate of its constant 1 has the number 0, and the others count from 1 in both bases.
    """

    source: Source = field(repr=False)
    notation: Notation = field(default_factory=Notation)
    delta: bool = True
    sample: str = ""
    compact: ClassVar[bool] = True
    """Whether single digits stand side by side as indices."""
    _known: dict[str, Spelled] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def facts(self) -> Facts:
        """What the program says about its tensors."""
        return facts_of(self.source)

    @cached_property
    def functions(self) -> Functions:
        """The names of the activations."""
        return Functions(self.facts.activations, self.notation)

    def tensor(self, name: str) -> str:
        r"""Return a whole tensor: ``W^{(1)}``, ``\delta^{(2)}``, ``x``."""
        return self.spelled(name).whole

    def element(self, name: str, at: Iterable[int | sp.Expr]) -> str:
        """Return one element; numbers count from 0 here, and from the notation's base in the result."""
        node = sp.Indexed(sp.IndexedBase(name), *(tuple(at) or (0,)))
        return self.expression(node)

    def adjoint(self, name: str, at: Iterable[int | sp.Expr] | None = None) -> str:
        """Return the derivative of the loss by a tensor, or by one element of it, or its name."""
        return self.tensor(f"d{name}") if at is None else self.element(f"d{name}", at)

    def partial(self, of: tuple[str, Iterable[int]], by: tuple[str, Iterable[int]]) -> str:
        """Return the partial derivative of one element by another, written as a fraction."""
        upper, lower = (self.element(name, at) for name, at in (of, by))
        return rf"\frac{{\partial {upper}}}{{\partial {lower}}}"

    def expression(self, expr: sp.Expr, at: Mapping[sp.Symbol, int] | None = None) -> str:
        """Return an expression, with the author's order of terms and factors.

        Parameters
        ----------
        expr : sympy.Expr
        at : mapping of sympy.Symbol to int, optional
            Indices that stand for numbers, from 0; sums are then written out.
        """
        style = self.style(expr)
        if at is not None:
            numbers = {k: sp.Integer(value) for k, value in at.items()}
            style = replace(style, sums=written_out, where=numbers)
        return style.write(expr).first

    def equation(self, step: Step, at: tuple[int, ...] | None = None) -> tuple[str, str]:
        """Return both sides of a step, for all its elements or for one, with its sums written out."""
        node = sp.Indexed(sp.IndexedBase(step.tensor.name), *(step.indices or (0,)))
        style = self.style(step.expr, node)
        if at is not None:
            numbers = dict(zip(step.indices, map(sp.Integer, at), strict=True))
            style = replace(style, sums=written_out, where=numbers)
        return style.write(node).first, style.write(step.expr).first

    def with_numbers(
        self,
        expr: sp.Expr,
        values: Mapping[str, Any],
        digits: int = 6,
        at: Mapping[sp.Symbol, int] | None = None,
    ) -> str:
        r"""Return the line that `expression` gives with every element replaced by its number.

        Factors are joined by ``\cdot``, and a negative number after an operator has brackets.

        Parameters
        ----------
        expr : sympy.Expr
        values : mapping of str to array_like
            The tensors.
        digits : int
            Significant digits.
        at : mapping of sympy.Symbol to int, optional
            Indices that stand for numbers; sums are written out.
        """
        where = {k: sp.Integer(value) for k, value in (at or {}).items()}

        def leaf(node: sp.Indexed, style: Style) -> Text:
            array = np.asarray(values[name_of(node)])
            place = tuple(int(k.xreplace(style.where)) for k in node.indices)
            return number_text(float(array[place] if array.ndim else array), digits)

        dot = r" \cdot "
        plain = self.style(expr)
        style = replace(plain, leaf=leaf, sums=written_out, where=where, times=dot, after_number=dot)
        return style.write(expr).first

    def matrix_form(self, form: Form, vectors: str | None = None) -> str:
        """Return matrix algebra; `vectors` says how a tensor with one axis stands (as in the network)."""
        from codegen.latex.matrix import matrix_text

        return matrix_text(form, self, vectors or self.facts.vectors).first

    def definition(self, activation: Activation, layer: int | None = None, order: int = 0) -> str:
        r"""Return what an activation, or a derivative of it, is: ``\sigma(z) = \frac{1}{1 + e^{-z}}``."""
        return self.functions.definition(activation, layer, order, self)

    def remark(self, step: Step) -> str:
        """Return the assumptions of a step, to stand after it on its line; nothing where it has none."""
        words = escape_tex("; ".join(step.assumptions))
        return rf" \quad \text{{({words})}}" if words else ""

    # What the writers of expressions ask for.

    @property
    def sigmoid(self) -> str:
        """The name of the logistic function."""
        return self.functions.sigmoid

    def function(self, activation: Activation, argument: sp.Expr, order: int) -> str:
        """Return the name of an activation, or of one of its derivatives, where it has this argument."""
        node = next(iter(argument.atoms(sp.Indexed)), None)
        layer = parse_name(name_of(node)).layer if node is not None else None
        return self.functions.name(activation, layer) + "'" * order

    def style(self, *exprs: sp.Expr) -> Style:
        """Return the style of plain letters; its indices count as the axes do along which they run.

        Where two expressions differ in that, the last one decides.
        """
        offsets: dict[sp.Symbol, int] = {}
        for expr in reversed(exprs):
            for k, offset in self._offsets(expr).items():
                offsets.setdefault(k, offset)
        return Style(self, WRITERS, letters, sigma, offsets)

    def bound(self, style: Style, expr: sp.Sum | IndexMax) -> Style:
        """Return the style inside a sum or a maximum: its indices count as their axes do."""
        seen = self._offsets(expr.args[0])
        own = {k: seen.get(k, self.notation.base) for k, _, _ in expr.limits}
        where = {k: value for k, value in style.where.items() if k not in own}
        return replace(style, offsets={**style.offsets, **own}, where=where)

    def _offsets(self, expr: sp.Expr) -> dict[sp.Symbol, int]:
        """Return what is added to each index: as the axis along which it runs alone, else the base."""
        found: dict[sp.Symbol, int] = {}
        others: dict[sp.Symbol, int] = {}
        for node in elements_by_name(expr):
            for axis, k in enumerate(node.indices):
                if k.is_Symbol:
                    found.setdefault(k, self.offset(name_of(node), axis, len(node.indices)))
                others |= dict.fromkeys(k.free_symbols, self.notation.base)
        return {**others, **found}

    def offset(self, name: str, axis: int, rank: int) -> int:
        """Return what is added to an internal index along an axis to get the number shown."""
        return 0 if self.facts.counts_from_bias(name, axis, rank) else self.notation.base

    def index(self, expr: sp.Expr, style: Style, offset: int) -> str:
        """Return an index as it is shown, with what is added to it on its axis."""
        return affine(expr, style, offset)

    def side_by_side(self, parts: Sequence[str]) -> str:
        """Return several indices."""
        return together(parts)

    def spelled(self, name: str) -> Spelled:
        """Return the spelling of a name."""
        if name not in self._known:
            self._known[name] = spell(name, self.notation, self.facts, self.delta, self.sample)
        return self._known[name]

    def sample_of(self, name: str) -> tuple[str, ...]:
        """Return the index of the sample, for what exists once for each sample."""
        return (self.sample,) if self.sample and parse_name(name).stem in OF_SAMPLES else ()


def letters(node: sp.Indexed, style: Style) -> Text:
    """Write an element with its indices."""
    speller, name = style.speller, name_of(node)
    spelled = speller.spelled(name)
    if speller.facts.is_scalar(name) and node.indices == (sp.Integer(0),):
        return Text(spelled.whole, spelled.level)
    rank = len(node.indices)
    offsets = [speller.offset(name, axis, rank) for axis in range(rank)]
    shown = [speller.index(k, style, offset) for k, offset in zip(node.indices, offsets, strict=True)]
    places = [*speller.sample_of(name), *shown]
    return Text(spelled.head + speller.side_by_side(places) + spelled.tail, spelled.level)
