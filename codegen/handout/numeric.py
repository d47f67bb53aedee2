"""Matrix algebra with numbers, or the names of the entries, in the place of the names of matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from codegen.handout.matrices import Array, shown
from codegen.latex import Speller
from codegen.latex.facts import Facts, facts_of
from codegen.latex.numbers import bmatrix
from codegen.latex.spelling import Spelled
from codegen.latex.text import Level
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
from derive.program import Tensor


@dataclass(frozen=True)
class FilledSpeller(Speller):
    """A speller that writes a matrix in the place of the name of a tensor.

    Attributes
    ----------
    filled : mapping of str to numpy.ndarray
        Numbers, or LaTeX; with their axes as in the program.
    written : callable
        Writes one array.
    """

    filled: Mapping[str, Array] = field(default_factory=dict, repr=False)
    written: Callable[[Array], str] = field(default=str, repr=False)

    @cached_property
    def facts(self) -> Facts:
        """What the program says about its tensors, and the ranks of the matrices that are put in."""
        base = facts_of(self.source)
        return replace(base, ranks={**base.ranks, **{name: v.ndim for name, v in self.filled.items()}})

    def spelled(self, name: str) -> Spelled:
        """Return the matrix in the place of a name."""
        tex = self.written(self.filled[name])
        return Spelled(tex, tex, "", Level.SUM if tex.startswith("-") else Level.ATOM)


def with_numbers(form: Form, speller: Speller, values: Mapping[str, Array], digits: int, vectors: str) -> str:
    """Return matrix algebra with every tensor replaced by its numbers.

    A transpose, and a matrix with a row of ones before it or without its first row, is shown as the matrix
    that it is.
    """
    return _filled(form, speller, values, vectors, lambda data: shown(data, digits, vectors))


def with_entries(form: Form, speller: Speller, tensors: Mapping[str, Tensor], vectors: str) -> str:
    """Return matrix algebra with every tensor replaced by the matrix of the names of its entries.

    Parameters
    ----------
    form : Form
    speller : Speller
    tensors : mapping of str to Tensor
        Those in the form, with integer shapes.
    vectors : {"column", "row"}
    """

    def written(data: Array) -> str:
        if data.ndim == 0:
            return str(data[()])
        if data.ndim == 1:
            data = data[:, None] if vectors == "column" else data[None, :]
        return bmatrix([[str(entry) for entry in row] for row in data])

    return _filled(form, speller, {n: _names(t, speller) for n, t in tensors.items()}, vectors, written)


def _names(tensor: Tensor, speller: Speller) -> Array:
    shape = tuple(int(extent) for extent in tensor.shape)
    names = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        names[at] = speller.element(tensor.name, at)
    return names


def _filled(
    form: Form,
    speller: Speller,
    arrays: Mapping[str, Array],
    vectors: str,
    written: Callable[[Array], str],
) -> str:
    held = dict(arrays)
    opened = _opened(form, held, vectors)
    filled = FilledSpeller(
        speller.source, speller.notation, speller.delta, speller.sample, filled=held, written=written
    )
    return filled.matrix_form(opened, vectors)


def _opened(form: Form, held: dict[str, Array], vectors: str) -> Form:
    """Replace what only rearranges a matrix by a name for the rearranged matrix."""

    def inner(part: Form) -> Form:
        return _opened(part, held, vectors)

    match form:
        case Transpose(of):
            return _renamed(Transpose(inner(of)), held, vectors)
        case Tail(of, axis):
            return _renamed(Tail(inner(of), axis), held, vectors)
        case PrependOne(of, axis):
            return _renamed(PrependOne(inner(of), axis), held, vectors)
        case Broadcast(of, axis):
            return Broadcast(inner(of), axis)
        case SumOver(of, axis):
            return SumOver(inner(of), axis)
        case Product(left, right):
            return Product(inner(left), inner(right))
        case Hadamard(parts):
            return Hadamard(tuple(map(inner, parts)))
        case Plus(parts):
            return Plus(tuple(map(inner, parts)))
        case Elementwise(expr, slots, parts):
            return Elementwise(expr, slots, tuple(map(inner, parts)))
        case Name() | Scalar():
            return form


def _renamed(form: Transpose | Tail | PrependOne, held: dict[str, Array], vectors: str) -> Form:
    if not isinstance(form.of, Name):
        return form
    data = held[form.of.tensor]
    vector = data.ndim == 1
    if vector:
        data = data[:, None] if vectors == "column" else data[None, :]
    match form:
        case Transpose():
            made, vector = data.T, False
        case Tail(_, axis):
            made = np.delete(data, 0, axis)
        case PrependOne(_, axis):
            made = np.concatenate([np.ones_like(np.take(data, [0], axis)), data], axis)
    name = f"{type(form).__name__} {form.of.tensor}"
    held[name] = made.reshape(-1) if vector else made
    return Name(name)
