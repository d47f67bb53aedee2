"""From matrix algebra to plain text as NumPy writes it: ``@``, ``*``, ``.T``; vectors repeat silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from codegen.latex.assemble import added
from codegen.latex.forms import Spans, negative, repeated, spans
from codegen.latex.style import Writer
from codegen.latex.text import Level, Text, held
from codegen.plaintext.speller import PlainSpeller
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


@dataclass(frozen=True)
class _Setting:
    speller: PlainSpeller
    vectors: str

    def spans(self, form: Form) -> Spans:
        return spans(form, self.speller.facts.rank, self.vectors)


def matrix_text(form: Form, speller: PlainSpeller, vectors: str) -> str:
    """Return matrix algebra as text; `vectors` says how a tensor with one axis stands."""
    return _write(form, _Setting(speller, vectors)).text


def _write(form: Form, setting: _Setting) -> Text:
    return _WRITERS[type(form)](form, setting)


def _name(form: Name, _: _Setting) -> Text:
    return Text(form.tensor)


def _scalar(form: Scalar, setting: _Setting) -> Text:
    return setting.speller.style().write(form.value)


def _transpose(form: Transpose, setting: _Setting) -> Text:
    return Text(held(_write(form.of, setting), Level.ATOM) + ".T")


def _product(form: Product, setting: _Setting) -> Text:
    sides = (_matrix_factor(form.left, setting), _matrix_factor(form.right, setting))
    return Text(" @ ".join(sides), Level.PRODUCT)


def _matrix_factor(form: Form, setting: _Setting) -> str:
    level = Level.PRODUCT if isinstance(form, Product) else Level.POWER
    return held(_write(form, setting), level)


def _hadamard(form: Hadamard, setting: _Setting) -> Text:
    sign, positive = negative(form)
    if sign < 0:
        return added([(-1, _write(positive, setting))])
    target = setting.spans(form)
    parts = [held(_write(repeated(f, target, setting.spans), setting), Level.POWER) for f in form.factors]
    return Text(" * ".join(parts), Level.PRODUCT)


def _plus(form: Plus, setting: _Setting) -> Text:
    signed = sorted((negative(term) for term in form.terms), key=lambda pair: pair[0] < 0)
    return added((sign, _write(term, setting)) for sign, term in signed)


def _elementwise(form: Elementwise, setting: _Setting) -> Text:
    """Write the formula with whole matrices in the place of elements."""
    pieces: dict[str, Text] = {}
    names: dict[sp.Symbol, sp.Expr] = {}
    for number, (slot, of) in enumerate(zip(form.slots, form.of, strict=True)):
        name = of.tensor if isinstance(of, Name) else f"slot{number}"
        pieces[name] = _write(of, setting)
        names[slot] = sp.Indexed(sp.IndexedBase(name), 0)
    leaf: Writer = lambda node, _: pieces[name_of(node)]  # noqa: E731  # typed here
    return replace(setting.speller.style(), leaf=leaf).write(form.expr.xreplace(names))


def _sum_over(form: SumOver, setting: _Setting) -> Text:
    return Text(f"sum({_write(form.of, setting).text}, axis={form.axis})")


def _broadcast(form: Broadcast, setting: _Setting) -> Text:
    return _write(form.of, setting)


def _prepend_one(form: PrependOne, setting: _Setting) -> Text:
    return Text(f"[1{';' if form.axis == 0 else ','} {_write(form.of, setting).text}]")


def _tail(form: Tail, setting: _Setting) -> Text:
    across = setting.spans(form.of)[1 - form.axis]
    place = "1:" if not across or form.axis == 0 else ":, 1:"
    return Text(f"{held(_write(form.of, setting), Level.ATOM)}[{place}]")


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
