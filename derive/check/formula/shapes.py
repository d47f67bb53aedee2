"""Values of formulas as arrays: points first, combinations second, then rows and columns of a matrix.

A scalar has two axes, a matrix or vector four. The same functions serve arrays and intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.errors import MistakeError, Undecided
from derive.check.intervals import Interval, Value, exact, matmul
from derive.read.tree import Span

LARGEST_MATRIX = 1_000_000


def is_matrix(value: Value) -> bool:
    """Tell a matrix or vector from a scalar."""
    return value.ndim == 4


def size_of(value: Value) -> tuple[int, int]:
    """Return rows and columns."""
    return int(value.shape[-2]), int(value.shape[-1])


def as_scalar(value: Value) -> Value:
    """Return a matrix with one entry as a scalar, and anything else as it is."""
    return value[:, :, 0, 0] if is_matrix(value) and size_of(value) == (1, 1) else value


def paired(first: Value, second: Value) -> tuple[Value, Value]:
    """Return two values with the same number of axes."""
    if is_matrix(first) and not is_matrix(second):
        return first, second[:, :, None, None]
    if is_matrix(second) and not is_matrix(first):
        return first[:, :, None, None], second
    return first, second


def alike(first: Value, second: Value, span: Span, what: str) -> tuple[Value, Value]:
    """Return two values that an elementwise operation can combine.

    Raises
    ------
    MistakeError
        If their shapes differ.
    """
    if is_matrix(first) and is_matrix(second) and size_of(first) != size_of(second):
        first, second = as_scalar(first), as_scalar(second)
        if is_matrix(first) and is_matrix(second):
            raise MistakeError("shape", f"{what} of a {_shown(first)} and a {_shown(second)} matrix", span)
    return paired(first, second)


def _shown(value: Value) -> str:
    return "×".join(map(str, size_of(value)))


def transposed(value: Value) -> Value:
    """Return the transpose; a scalar is its own."""
    return value.swapaxes(-1, -2) if is_matrix(value) else value


def product(first: Value, second: Value, span: Span, vectors: str) -> Value:
    """Return the matrix product where the shapes allow it; for `vectors` see `frame.Mode`."""
    if not is_matrix(first) or not is_matrix(second):
        one, other = paired(first, second)
        return one * other
    (r1, c1), (r2, c2) = size_of(first), size_of(second)
    if (r1, c1) == (r2, c2) and min(r1, c1) == 1 and max(r1, c1) > 1:
        whole = first * second
        return whole if vectors == "hadamard" else whole.sum(axis=(-1, -2))
    if c1 == r2:
        if r1 * c1 * c2 * first.shape[1] > LARGEST_MATRIX * 8:
            raise Undecided("a matrix product that is too large")
        return matmul(first, second)
    if (1, 1) in ((r1, c1), (r2, c2)):
        one, other = paired(as_scalar(first), as_scalar(second))
        return one * other
    raise MistakeError("shape", f"the product of a {r1}×{c1} and a {r2}×{c2} matrix", span)


def outer(first: Value, second: Value) -> Value:
    """Return the outer product of two vectors."""
    columns = [flat(value) for value in (first, second)]
    return columns[0][:, :, :, None] * columns[1][:, :, None, :]


def flat(value: Value) -> Value:
    """Return the entries of a vector or matrix along one axis behind the combinations."""
    if not is_matrix(value):
        return value[:, :, None]
    rows, columns = size_of(value)
    return value.reshape(value.shape[0], value.shape[1], rows * columns)


def stacked(rows: list[list[Value]]) -> Value:
    """Return the matrix with the given entries: scalars, or blocks that fit together."""
    entries = [as_scalar(value) for row in rows for value in row]
    if any(is_matrix(value) for value in entries):
        return _blocks(rows)
    shape = (len(rows), len(rows[0]))
    if any(isinstance(value, Interval) for value in entries):
        ends = [exact(value) for value in entries]
        return Interval(_grid([v.low for v in ends], shape), _grid([v.high for v in ends], shape))
    return _grid([np.asarray(value) for value in entries], shape)


def _blocks(rows: list[list[Value]]) -> Value:
    lines = []
    for row in rows:
        parts = [value if is_matrix(value) else value[:, :, None, None] for value in row]
        if len({size_of(part)[0] for part in parts}) > 1:
            raise Undecided("a matrix of matrices that do not fit together")
        lines.append(joined(parts, -1))
    if len({size_of(line)[1] for line in lines}) > 1:
        raise Undecided("a matrix of matrices that do not fit together")
    return joined(lines, -2)


def joined(parts: list[Value], axis: int) -> Value:
    """Return matrices side by side (axis -1) or one below the other (axis -2)."""
    if any(isinstance(part, Interval) for part in parts):
        ends = [exact(part) for part in parts]
        return Interval(_glued([e.low for e in ends], axis), _glued([e.high for e in ends], axis))
    return _glued([np.asarray(part) for part in parts], axis)


def _glued(parts: list[Array], axis: int) -> Array:
    lead = np.broadcast_shapes(*(part.shape[:2] for part in parts))
    return np.concatenate([np.broadcast_to(part, (*lead, *part.shape[2:])) for part in parts], axis=axis)


def picked(value: Value, *where: Array) -> Any:
    """Return the elements at the given places along the axes behind the points."""
    places: tuple[Any, ...] = (slice(None), *where)
    return value[places]


def _grid(entries: list[Array], shape: tuple[int, int]) -> Array:
    together = np.stack(np.broadcast_arrays(*entries), axis=-1)
    return together.reshape(*together.shape[:2], *shape)
