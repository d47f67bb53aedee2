r"""Matrices that leave entries out with dots: what is shown of them is compared, the rest is not claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from derive.check.formula.arrays import LEFT_OUT, MOST_ENTRIES
from derive.check.names import Reading
from derive.read.formula_walk import children, transform, walk
from derive.read.tree import Dots, Matrix, Neg, Node, Number, Placeholder

T = TypeVar("T")
Size = tuple[int, int]


def is_elided(node: Node) -> bool:
    """Tell a matrix of numbers in which whole rows or columns are dots."""
    if not isinstance(node, Matrix) or not any(_gaps(node)):
        return False
    entries = (entry.operand if isinstance(entry, Neg) else entry for row in node.rows for entry in row)
    return all(isinstance(entry, (Number, Dots)) for entry in entries)


def has_elided(node: Node, reading: Reading) -> bool:
    """Tell whether a side holds a matrix that leaves entries out."""
    found: bool = reading.remembered("elided", node, _holds_elided)
    return found


def _holds_elided(node: Node, reading: Reading) -> bool:
    # Part by part: edits of a side share most of their parts with it.
    return is_elided(node) or any(has_elided(child, reading) for child in children(node))


def plain_sizes(node: Node) -> list[Size]:
    """Return the sizes of the matrices of a side that show all their entries."""
    whole = [m for m in walk(node) if isinstance(m, Matrix) and not any(isinstance(e, Dots) for e in walk(m))]
    return [(len(m.rows), len(m.rows[0])) for m in whole]


def restored(node: Node, sizes: Sequence[Size]) -> Node:
    """Return a side with its elided matrices in full size, `LEFT_OUT` in the place of what is not shown.

    Parameters
    ----------
    node : Node
    sizes : sequence of (int, int)
        What sizes to expect, the likeliest first. Where none fits, a matrix stays as it is.
    """
    return transform(
        node, lambda part: _whole(part, sizes) if isinstance(part, Matrix) and is_elided(part) else part
    )


def shown_place(node: Node, whole: Node, entry: int) -> int:
    """Return the place of an entry of the restored matrix `whole` among the entries of `node`."""
    if not (isinstance(node, Matrix) and isinstance(whole, Matrix)) or node is whole:
        return entry
    row, column = divmod(entry, len(whole.rows[0]))
    rows, columns = _gaps(node)
    row -= (len(whole.rows) - len(node.rows)) if rows and row >= rows[0] else 0
    column -= (len(whole.rows[0]) - len(node.rows[0])) if columns and column >= columns[0] else 0
    return row * len(node.rows[0]) + column


def _gaps(matrix: Matrix) -> tuple[list[int], list[int]]:
    """Return the rows and the columns of dots."""
    rows = [k for k, row in enumerate(matrix.rows) if all(isinstance(e, Dots) for e in row)]
    turned = enumerate(zip(*matrix.rows, strict=True))
    columns = [k for k, column in turned if all(isinstance(e, Dots) for e in column)]
    return rows, columns


def _whole(matrix: Matrix, sizes: Sequence[Size]) -> Matrix:
    gaps = _gaps(matrix)
    shown = (len(matrix.rows), len(matrix.rows[0]))
    fits = (size for size in sizes if all(map(_fits, size, shown, gaps)))
    size = next(fits, None)
    if size is None or size[0] * size[1] > MOST_ENTRIES or any(len(places) > 1 for places in gaps):
        return matrix
    blank = Placeholder(LEFT_OUT, span=matrix.span)
    rows = [_stretched(row, gaps[1], size[1], blank) for row in matrix.rows]
    return replace(matrix, rows=tuple(_stretched(rows, gaps[0], size[0], (blank,) * size[1])))


def _fits(extent: int, shown: int, gap: list[int]) -> bool:
    return extent >= shown if gap else extent == shown


def _stretched(items: Sequence[T], gap: list[int], extent: int, blank: T) -> tuple[T, ...]:
    """Return items with blanks in the place of the dots."""
    if not gap:
        return tuple(items)
    return (*items[: gap[0]], *[blank] * (extent - len(items) + 1), *items[gap[0] + 1 :])
