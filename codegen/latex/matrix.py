"""From matrix algebra to LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from codegen.latex.assemble import added, fraction, multiplied
from codegen.latex.forms import Spans, names_of, negative, repeated, spans
from codegen.latex.names import parse_name
from codegen.latex.style import Style
from codegen.latex.text import Level, Text, bracketed, held, outermost
from derive.matrix import (
    Broadcast,
    Elementwise,
    Form,
    Hadamard,
    Name,
    Plus,
    PrependOne,
    Product,
    Scalar,
    SumOver,
    Tail,
    Transpose,
)
from derive.program import name_of

if TYPE_CHECKING:
    from codegen.latex.speller import Speller

_ONES = r"\mathbf{1}"
_TURNED = r"^{\mathsf{T}}"
_ROW_OF_ONES = Text(_ONES + _TURNED, Level.POWER)
_COLUMN_OF_ONES = Text(_ONES)
_ODOT = r" \odot "
_SCALAR = (False, False)


@dataclass(frozen=True)
class _Setting:
    """What the writers of forms share: the spelling, and how a tensor with one axis stands."""

    speller: Speller
    vectors: str

    def spans(self, form: Form) -> Spans:
        return spans(form, self.speller.facts.rank, self.vectors)


def matrix_text(form: Form, speller: Speller, vectors: str) -> Text:
    r"""Write a matrix form.

    A column of ones stands for sums and repetitions (``\mathbf{1}^{\mathsf{T}} D`` adds the rows of ``D``);
    quotients, powers and functions of a matrix act on its elements; ``M_{1:}`` is ``M`` without its row 0.
    """
    return _write(form, _Setting(speller, vectors))


def _write(form: Form, setting: _Setting) -> Text:
    return _WRITERS[type(form)](form, setting)


def _name(form: Name, setting: _Setting) -> Text:
    spelled = setting.speller.spelled(form.tensor)
    return Text(spelled.whole, spelled.level)


def _scalar(form: Scalar, setting: _Setting) -> Text:
    return setting.speller.style().write(form.value)


def _transpose(form: Transpose, setting: _Setting) -> Text:
    if isinstance(form.of, SumOver):  # the transpose of 1^T D is D^T 1
        return _write(SumOver(Transpose(form.of.of), 1 - form.of.axis), setting)
    return Text(held(_write(form.of, setting), Level.ATOM) + _TURNED, Level.POWER)


def _product(form: Product, setting: _Setting) -> Text:
    return multiplied([_factor(form.left, setting), _factor(form.right, setting)], " ")


def _factor(form: Form, setting: _Setting) -> Text:
    """Write a factor of a matrix product; an elementwise product inside it has brackets."""
    piece = _write(form, setting)
    return _tight(piece) if outermost(piece.text, _ODOT) else piece


def _tight(piece: Text) -> Text:
    return Text(bracketed(piece.first))


def _hadamard(form: Hadamard, setting: _Setting) -> Text:
    sign, positive = negative(form)
    if sign < 0:
        return added([(-1, _write(positive, setting))])
    target = setting.spans(form)
    number = sp.Mul(*(factor.value for factor in form.factors if isinstance(factor, Scalar)))
    scalars = [_write(Scalar(number), setting)] if number != 1 else []
    below: list[Text] = []
    others: list[Form] = []
    for factor in form.factors:
        divisor = _divisor(factor)
        if setting.spans(factor) != _SCALAR:
            others.append(factor)
        elif divisor is not None:
            below.append(_write(divisor, setting))
        elif not isinstance(factor, Scalar):
            scalars.append(_write(factor, setting)._replace(open=isinstance(factor, (Product, SumOver))))
    others.sort(key=lambda factor: _rank(factor, target == setting.spans(factor)))
    spread = [_beside(repeated(f, target, setting.spans), setting, len(others) > 1) for f in others]
    pieces = [*scalars, *([multiplied(spread, _ODOT)] if spread else [])]
    body = multiplied(pieces or [Text("1")], " ")
    return fraction(body.first, multiplied(below, " ").first) if below else body


def _divisor(form: Form) -> Form | None:
    """Return ``D`` where the form is ``1 / D``."""
    if isinstance(form, Elementwise) and len(form.slots) == 1 and form.expr == 1 / form.slots[0]:
        return form.of[0]
    return None


def _beside(form: Form, setting: _Setting, several: bool) -> Text:
    """Write a factor of an elementwise product; a matrix product there has brackets, to leave no doubt."""
    piece = _write(form, setting)
    return _tight(piece) if several and isinstance(form, (Product, Broadcast, SumOver)) else piece


def _rank(form: Form, full: bool) -> tuple[bool, int, bool]:
    """Order factors as in a product of numbers: adjoints, weights, values, local derivatives."""
    parsed = [parse_name(name) for name in names_of(form)]
    if any(name.adjoint for name in parsed):
        kind = 0
    elif any(name.stem == "W" for name in parsed):
        kind = 1
    else:
        kind = 3 if isinstance(form, Elementwise) else 2
    return (not full, kind, isinstance(form, Elementwise))


def _plus(form: Plus, setting: _Setting) -> Text:
    signed = sorted((negative(term) for term in form.terms), key=lambda pair: pair[0] < 0)
    return added((sign, _write(term, setting)) for sign, term in signed)


def _elementwise(form: Elementwise, setting: _Setting) -> Text:
    """Write a function of elements with whole matrices in their place."""
    pieces: dict[str, Text] = {}
    names: dict[sp.Symbol, sp.Expr] = {}
    for number, (slot, of) in enumerate(zip(form.slots, form.of, strict=True)):
        name = of.tensor if isinstance(of, Name) else f"slot{number}"
        pieces[name] = _write(of, setting)
        names[slot] = sp.Indexed(sp.IndexedBase(name), 0)
    several = sum(setting.spans(of) != _SCALAR for of in form.of) > 1

    def leaf(node: sp.Indexed, _: Style) -> Text:
        return pieces[name_of(node)]

    style = replace(setting.speller.style(), leaf=leaf, times=_ODOT if several else " ")
    return style.write(form.expr.xreplace(names))


def _sum_over(form: SumOver, setting: _Setting) -> Text:
    sign, positive = negative(form.of)
    if sign < 0:
        return added([(-1, _sum_over(SumOver(positive, form.axis), setting))])
    inner = _factor(form.of, setting)
    return multiplied([_ROW_OF_ONES, inner] if form.axis == 0 else [inner, _COLUMN_OF_ONES], " ")


def _broadcast(form: Broadcast, setting: _Setting) -> Text:
    inner = _factor(form.of, setting)
    return multiplied([_COLUMN_OF_ONES, inner] if form.axis == 0 else [inner, _ROW_OF_ONES], " ")


def _prepend_one(form: PrependOne, setting: _Setting) -> Text:
    inner = _write(form.of, setting).first
    along = setting.spans(form.of)[1 - form.axis]
    ones = (_ROW_OF_ONES if form.axis == 0 else _COLUMN_OF_ONES).text
    between = r" \\ " if form.axis == 0 else " & "
    return Text(rf"\begin{{bmatrix}} {ones if along else '1'}{between}{inner} \end{{bmatrix}}", Level.POWER)


_TAILS = {(0, False): "1:", (1, False): "1:", (0, True): "1:,:", (1, True): ":,1:"}


_ENDS_IN_SUBSCRIPT = re.compile(r"_(?:\{[^{}]*\}|\w)$")


def _tail(form: Tail, setting: _Setting) -> Text:
    across = setting.spans(form.of)[1 - form.axis]
    inner = held(_write(form.of, setting), Level.ATOM)
    if _ENDS_IN_SUBSCRIPT.search(inner):
        inner = f"({inner})"  # TeX takes no second subscript
    return Text(f"{inner}_{{{_TAILS[form.axis, across]}}}", Level.POWER)


_WRITERS: dict[type, Callable[[Any, _Setting], Text]] = {
    Name: _name,
    Scalar: _scalar,
    Transpose: _transpose,
    Product: _product,
    Hadamard: _hadamard,
    Plus: _plus,
    Elementwise: _elementwise,
    SumOver: _sum_over,
    Broadcast: _broadcast,
    PrependOne: _prepend_one,
    Tail: _tail,
}
