"""A small tree of matrix algebra that every emitter reads.

Every node is a matrix with a row axis and a column axis; a vector has length 1 along one of them, a
scalar along both.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Name:
    """A tensor; a vector stands as the program's orientation says (a column or a row)."""

    tensor: str


@dataclass(frozen=True)
class Scalar:
    """A number, or an expression in sizes such as ``1 / N``."""

    value: sp.Expr


@dataclass(frozen=True)
class Transpose:
    """The transpose of a matrix."""

    of: Form


@dataclass(frozen=True)
class Product:
    """The matrix product ``left right``."""

    left: Form
    right: Form


@dataclass(frozen=True)
class Hadamard:
    """The element-by-element product; factors of length 1 along an axis are scalars along it."""

    factors: tuple[Form, ...]


@dataclass(frozen=True)
class Plus:
    """A sum of matrices of the same shape."""

    terms: tuple[Form, ...]


@dataclass(frozen=True)
class Elementwise:
    """A function of elements: `expr` in the symbols `slots`, each filled by one of `of`."""

    expr: sp.Expr
    slots: tuple[sp.Symbol, ...]
    of: tuple[Form, ...]


@dataclass(frozen=True)
class SumOver:
    """The sum over all rows (``axis`` 0) or all columns (``axis`` 1); the axis stays, with length 1."""

    of: Form
    axis: int


@dataclass(frozen=True)
class Broadcast:
    """A vector repeated along the axis (0: down the rows) in which it has length 1."""

    of: Form
    axis: int


@dataclass(frozen=True)
class PrependOne:
    """A matrix with a row (``axis`` 0) or a column (``axis`` 1) of ones before it."""

    of: Form
    axis: int


@dataclass(frozen=True)
class Tail:
    """A matrix without its first row (``axis`` 0) or column (``axis`` 1)."""

    of: Form
    axis: int


Form = (
    Name
    | Scalar
    | Transpose
    | Product
    | Hadamard
    | Plus
    | Elementwise
    | SumOver
    | Broadcast
    | PrependOne
    | Tail
)


def transposed(form: Form) -> Form:
    """Return the transpose, with a double transpose cancelled and a scalar left alone."""
    if isinstance(form, Transpose):
        return form.of
    return form if isinstance(form, Scalar) else Transpose(form)
