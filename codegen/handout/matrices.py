"""Matrices of numbers as they are shown: large ones abbreviated, and without the noise of floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from codegen.latex import number, width
from codegen.latex.numbers import bmatrix

Array = np.ndarray[Any, Any]

MOST_ROWS, MOST_COLUMNS = 8, 8
"""A larger matrix is shown with its first rows (columns), dots, and its last."""

WIDEST = 26.0
"""A matrix that is wider, in em, is shown with fewer columns."""


def shown(
    values: Any, digits: int, vectors: str = "column", most: tuple[int, int] = (MOST_ROWS, MOST_COLUMNS)
) -> str:
    """Return numbers as a matrix, abbreviated with dots beyond `most` rows and columns.

    Every entry is written as it is in running text, so that one number looks the same everywhere.
    """
    data = np.asarray(values, dtype=float)
    if data.ndim == 0:
        return number(float(data), digits)
    if data.ndim == 1:
        data = data[:, None] if vectors == "column" else data[None, :]
    for columns in range(most[1], 2, -1):
        tex = abbreviated(data, (most[0], columns), lambda value: number(float(value), digits))
        if width(tex) <= WIDEST:
            break
    return tex


def abbreviated(data: Array, most: tuple[int, int], written: Callable[[Any], str]) -> str:
    """Return a matrix with dots in the place of rows and columns beyond `most`."""
    rows, columns = (_kept(extent, limit) for extent, limit in zip(data.shape, most, strict=True))
    return bmatrix([[_cell(data, row, column, written) for column in columns] for row in rows])


def _kept(extent: int, limit: int) -> list[int | None]:
    return list(range(extent)) if extent <= limit else [*range(min(3, limit - 1)), None, extent - 1]


def _cell(data: Array, row: int | None, column: int | None, written: Callable[[Any], str]) -> str:
    if row is None:
        return r"\vdots" if column is not None else r"\ddots"
    return written(data[row, column]) if column is not None else r"\cdots"


def snapped(values: Array) -> Array:
    """Return numbers without the noise of floating point: what is a short decimal to 1e-15 becomes it.

    ``0.1 + 0.2`` is shown as 0.3, and not as a rounded 0.300000.
    """
    flat = [_snapped(float(value)) for value in np.asarray(values).flat]
    return np.array(flat, dtype=float).reshape(np.shape(values))


def _snapped(value: float) -> float:
    if not math.isfinite(value):
        return value
    short = float(f"{value:.12g}")
    return short if abs(short - value) <= 1e-15 * abs(value) else value
