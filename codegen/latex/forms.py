"""What the printers of matrix algebra ask of a form: its extent, its sign, the names in it."""

from __future__ import annotations

from collections.abc import Callable

from codegen.latex.order import split_sign
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

Spans = tuple[bool, bool]
"""Whether a matrix has a row axis and a column axis of its own; a scalar has neither."""


def spans(form: Form, rank: Callable[[str], int], vectors: str) -> Spans:
    """Return along which axes a form extends.

    Parameters
    ----------
    form : Form
    rank : callable
        Gives the number of axes of a tensor.
    vectors : {"column", "row"}
        How a tensor with one axis stands.
    """
    match form:
        case Name(name):
            several, one = rank(name) > 1, rank(name) == 1
            return several or (one and vectors == "column"), several or (one and vectors == "row")
        case Scalar():
            return False, False
        case Transpose(of):
            return spans(of, rank, vectors)[::-1]
        case Product(left, right):
            return spans(left, rank, vectors)[0], spans(right, rank, vectors)[1]
        case SumOver(of, axis):
            return _with(spans(of, rank, vectors), axis, False)
        case Broadcast(of, axis) | PrependOne(of, axis) | Tail(of, axis):
            return _with(spans(of, rank, vectors), axis, True)
        case Hadamard(parts) | Plus(parts) | Elementwise(_, _, parts):
            found = [spans(part, rank, vectors) for part in parts]
            return any(rows for rows, _ in found), any(columns for _, columns in found)


def _with(pair: Spans, axis: int, value: bool) -> Spans:
    return (value, pair[1]) if axis == 0 else (pair[0], value)


def repeated(form: Form, target: Spans, extent: Callable[[Form], Spans]) -> Form:
    """Return the form repeated along every axis of the target that it lacks; a scalar is left alone."""
    if extent(form) == (False, False):
        return form
    for axis in (0, 1):
        if target[axis] and not extent(form)[axis]:
            form = Broadcast(form, axis)
    return form


def negative(form: Form) -> tuple[int, Form]:
    """Return the sign of a form, and the form without it."""
    match form:
        case Hadamard(factors):
            signs = 1
            kept: list[Form] = []
            for factor in factors:
                if isinstance(factor, Scalar):
                    sign, value = split_sign(factor.value)
                    signs *= sign
                    kept += [Scalar(value)] if value != 1 else []
                else:
                    kept.append(factor)
            return signs, kept[0] if len(kept) == 1 else Hadamard(tuple(kept))
        case Broadcast(of, axis) | SumOver(of, axis):
            sign, inner = negative(of)
            return sign, type(form)(inner, axis)
        case Elementwise(expr, slots, parts):
            sign, value = split_sign(expr)
            return sign, Elementwise(value, slots, parts)
        case Scalar(value):
            sign, inner_value = split_sign(value)
            return sign, Scalar(inner_value)
    return 1, form


def names_of(form: Form) -> list[str]:
    """Return the names of the tensors in a form."""
    match form:
        case Name(name):
            return [name]
        case Scalar():
            return []
        case Product(left, right):
            return [*names_of(left), *names_of(right)]
        case Hadamard(parts) | Plus(parts) | Elementwise(_, _, parts):
            return [name for part in parts for name in names_of(part)]
        case _:
            return names_of(form.of)
