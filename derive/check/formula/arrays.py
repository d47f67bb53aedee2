"""Matrices, lists of numbers and norms in formulas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.check.formula.errors import Undecided
from derive.check.formula.evaluate import Evaluator, register
from derive.check.formula.frame import Frame
from derive.check.formula.ones import is_ones
from derive.check.formula.shapes import flat, is_matrix, stacked
from derive.check.intervals import Value, power, with_peaks
from derive.read import tree

MOST_ENTRIES = 20_000
LEFT_OUT = "…"
"""The text of a placeholder for an entry that a matrix does not show."""


def _norm(ev: Evaluator, node: tree.Norm, frame: Frame) -> Value:
    value = flat(ev.value(node.operand, frame))
    if node.order is not None and node.order.text == "1":
        return with_peaks(np.abs, (0.0,), value).sum(axis=-1)
    if node.order is not None and node.order.text not in ("2", "F"):
        raise Undecided(f"the norm {node.order.text}")
    return power(power(value, 2).sum(axis=-1), 0.5)


def _matrix(ev: Evaluator, node: tree.Matrix, frame: Frame) -> Value:
    if len(node.rows) * len(node.rows[0]) > MOST_ENTRIES:
        raise Undecided("a matrix that is too large")
    rows = [[None if is_ones(entry) else _entry(ev, entry, frame) for entry in row] for row in node.rows]
    columns = list(zip(*rows, strict=True))
    return stacked(
        [
            [_ones(node.rows[r][c], row, columns[c]) if v is None else v for c, v in enumerate(row)]
            for r, row in enumerate(rows)
        ]
    )


def _entry(ev: Evaluator, node: tree.Node, frame: Frame) -> Value:
    if isinstance(node, tree.Placeholder) and node.text == LEFT_OUT:
        return np.full((1, 1), np.nan)
    return ev.value(node, frame)


def _ones(node: tree.Node, row: Sequence[Value | None], column: Sequence[Value | None]) -> Value:
    """Return a column of ones as high as what stands beside it, or a row as wide as what stands below it."""
    lies = isinstance(node, tree.Transpose)
    for beside in column if lies else row:
        if beside is not None and is_matrix(beside):
            return np.ones((1, 1, 1, beside.shape[-1]) if lies else (1, 1, beside.shape[-2], 1))
    raise Undecided("a vector of ones of unknown length")


def _listing(ev: Evaluator, node: tree.Listing, frame: Frame) -> Value:
    numbers = (item.operand if isinstance(item, tree.Neg) else item for item in node.items)
    bare = node.bracket == "" and all(isinstance(item, tree.Number) for item in numbers)  # z = 0.3, 0.4
    if (node.bracket not in ("[]", "()") and not bare) or len(node.items) > MOST_ENTRIES:
        raise Undecided("several expressions between commas")
    entries = [ev.value(item, frame) for item in node.items]
    return stacked([entries]) if ev.reading.vectors == "row" else stacked([[entry] for entry in entries])


register(tree.Norm, _norm)
register(tree.Matrix, _matrix)
register(tree.Listing, _listing)
