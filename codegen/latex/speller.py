"""Spell the canonical names of a program in a notation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from codegen.latex.expression import Style, sigma, write
from codegen.latex.facts import Facts, Source, facts_of
from codegen.latex.functions import Functions
from codegen.latex.indices import affine, together
from codegen.latex.names import Name, letter, parse_name, small, subscript, superscript
from codegen.latex.numbers import number_text
from codegen.latex.text import Level, Text
from codegen.latex.written_out import written_out
from derive.activations import Activation
from derive.matrix import Form
from derive.notation import Notation
from derive.program import Step, name_of


@dataclass(frozen=True)
class Spelled:
    """One name: the whole tensor, and an element as the text before and after its indices."""

    whole: str
    head: str
    tail: str
    level: Level


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

    Notes
    -----
    Indices are shown from the base of the notation, with one exception: where a bias is folded, the
    coordinate of its constant 1 has the number 0, and the others count from 1 in both bases.
    """

    source: Source = field(repr=False)
    notation: Notation = field(default_factory=Notation)
    delta: bool = True
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
        return write(expr, style).first

    def equation(self, step: Step, at: tuple[int, ...] | None = None) -> tuple[str, str]:
        """Return both sides of a step, for all its elements or for one, with its sums written out."""
        node = sp.Indexed(sp.IndexedBase(step.tensor.name), *(step.indices or (0,)))
        style = self.style(step.expr, node)
        if at is not None:
            numbers = dict(zip(step.indices, map(sp.Integer, at), strict=True))
            style = replace(style, sums=written_out, where=numbers)
        return write(node, style).first, write(step.expr, style).first

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
        style = Style(self, leaf, written_out, self.style(expr).offsets, where, dot, dot)
        return write(expr, style).first

    def matrix_form(self, form: Form, vectors: str | None = None) -> str:
        """Return matrix algebra; `vectors` says how a tensor with one axis stands (as in the network)."""
        from codegen.latex.matrix import matrix_text

        return matrix_text(form, self, vectors or self.facts.vectors).first

    def definition(self, activation: Activation, layer: int | None = None, order: int = 0) -> str:
        r"""Return what an activation, or a derivative of it, is: ``\sigma(z) = \frac{1}{1 + e^{-z}}``."""
        return self.functions.definition(activation, layer, order, self)

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
        return Style(self, letters, sigma, offsets)

    def bound(self, style: Style, body: sp.Expr, letters: Iterable[sp.Symbol]) -> Style:
        """Return the style inside a sum over the given indices."""
        seen = self._offsets(body)
        own = {k: seen.get(k, self.notation.base) for k in letters}
        where = {k: value for k, value in style.where.items() if k not in own}
        return replace(style, offsets={**style.offsets, **own}, where=where)

    def _offsets(self, expr: sp.Expr) -> dict[sp.Symbol, int]:
        """Return what is added to each index: as the axis along which it runs alone, else the base."""
        found: dict[sp.Symbol, int] = {}
        others: dict[sp.Symbol, int] = {}
        for node in sorted(expr.atoms(sp.Indexed), key=str):
            for axis, k in enumerate(node.indices):
                if k.is_Symbol:
                    found.setdefault(k, self.offset(name_of(node), axis, len(node.indices)))
                others |= dict.fromkeys(k.free_symbols, self.notation.base)
        return {**others, **found}

    def offset(self, name: str, axis: int, rank: int) -> int:
        """Return what is added to an internal index along an axis to get the number shown."""
        return 0 if self.facts.counts_from_bias(name, axis, rank) else self.notation.base

    def spelled(self, name: str) -> Spelled:
        """Return the spelling of a name."""
        if name not in self._known:
            self._known[name] = self._spell(name)
        return self._known[name]

    def _spell(self, name: str) -> Spelled:
        parsed = parse_name(name)
        if not parsed.adjoint:
            return self._value(name, parsed)
        sign = self.facts.signs.get(name)
        wanted = -1 if self.notation.delta == "negative-gradient" else 1
        if parsed.stem == "z" and self.delta and sign in (None, wanted):
            return self._layered(self.notation.delta_name, self.notation.delta_name, parsed)
        inner = self.spelled(name.removeprefix("d"))
        loss = letter(self.notation.loss)
        before = "-" if sign == -1 else ""
        head = rf"{before}\frac{{\partial {loss}}}{{\partial "
        level = Level.SUM if before else Level.POWER
        return Spelled(f"{head}{inner.whole}}}", head + inner.head, inner.tail + "}", level)

    def _value(self, name: str, parsed: Name) -> Spelled:
        n = self.notation
        if parsed.stem == "a" and n.output and parsed.layer == self.facts.last:
            return self._layered(n.output, n.output, Name("a"))
        words = {
            "W": n.weight,
            "b": n.bias,
            "x": n.input,
            "y": n.target,
            "z": n.preactivation,
            "a": n.activation,
            "X": n.folded_input,
            "L": n.loss,
            "eta": n.learning_rate,
        }
        word = words.get(parsed.stem, parsed.stem)
        if self.facts.is_scalar(name):
            return Spelled(letter(word), letter(word), "", Level.ATOM)
        return self._layered(word, small(word, n) if parsed.stem == "W" else word, parsed)

    def _layered(self, word: str, of_elements: str, parsed: Name) -> Spelled:
        above, below = superscript(parsed.layer, self.notation), subscript(parsed.layer, self.notation)
        new = [r"\mathrm{new}"] if parsed.updated else []
        under = ",".join([*([below] if below else []), *new])
        whole = letter(word) + above + (f"_{{{under}}}" if under else "")
        head = letter(of_elements) + above + "_{" + (f"{below}," if below else "")
        tail = "".join(f",{mark}" for mark in new) + "}"
        return Spelled(whole, head, tail, Level.POWER if above else Level.ATOM)


def letters(node: sp.Indexed, style: Style) -> Text:
    """Write an element with its indices."""
    speller, name = style.speller, name_of(node)
    spelled = speller.spelled(name)
    if speller.facts.is_scalar(name) and node.indices == (sp.Integer(0),):
        return Text(spelled.whole, spelled.level)
    rank = len(node.indices)
    shown = [affine(k, style, speller.offset(name, axis, rank)) for axis, k in enumerate(node.indices)]
    return Text(spelled.head + together(shown) + spelled.tail, spelled.level)
