r"""Vectors of ones in products: ``\mathbf{1}^T M`` adds rows up, ``\mathbf{1} b`` is a row for each sample.

Nothing says how long they are but what stands beside them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from derive.check.formula.errors import Undecided
from derive.check.formula.frame import Frame
from derive.check.formula.shapes import is_matrix, transposed
from derive.check.intervals import Value
from derive.read import tree
from derive.read.formula_walk import walk
from derive.read.tree import Node

if TYPE_CHECKING:
    from derive.check.formula.evaluate import Evaluator

_ELEMENTWISE = frozenset({"odot", "circ", "star", "otimes"})


def is_ones(node: Node) -> bool:
    """Tell a vector of ones, which is as long as what stands beside it."""
    inner = node.operand if isinstance(node, tree.Transpose) else node
    return isinstance(inner, tree.Name) and inner.base == "ones" and not inner.subscripts


def apart(node: tree.Product) -> tree.Product:
    r"""Return ``M \cdot (\mathbf{1} \mathbf{1}^T)`` as one product of three factors."""
    factors, ops = [node.factors[0]], []
    for op, factor in zip(node.ops, node.factors[1:], strict=True):
        if isinstance(factor, tree.Product) and is_ones(factor.factors[0]) and op not in _ELEMENTWISE:
            factors += factor.factors
            ops += [op, *factor.ops]
        else:
            factors.append(factor)
            ops.append(op)
    return replace(node, factors=tuple(factors), ops=tuple(ops)) if len(ops) > len(node.ops) else node


def before(ev: Evaluator, ones: Node, value: Value) -> Value:
    r"""Return ``\mathbf{1}^T M``, the sum of the rows, or ``\mathbf{1} b``, a row for each sample."""
    if is_matrix(value) and isinstance(ones, tree.Transpose):
        return value.sum(axis=-2)[:, :, None, :]
    return _repeated(value, ev.truth.samples if ev.truth.batched else None)


def behind(ev: Evaluator, factors: tuple[Node, ...], value: Value, frame: Frame) -> Value:
    r"""Return ``M \mathbf{1}``, the sum of the columns, or ``c \mathbf{1}^T``, one column again and again.

    Parameters
    ----------
    ev : Evaluator
    factors : tuple of Node
        What the product consists of, the ones last.
    value : Value
        Of all factors but the ones.
    frame : Frame
    """
    if is_matrix(value) and not isinstance(factors[-1], tree.Transpose):
        return value.sum(axis=-1)[:, :, :, None]
    length = _summed(ev, factors[:-1], frame) or (ev.truth.samples if ev.truth.batched else None)
    return transposed(_repeated(transposed(value), length))


def _repeated(row: Value, times: int | None) -> Value:
    if times is None or not is_matrix(row) or row.shape[-2] != 1:
        raise Undecided("a vector of ones of unknown length")
    return row[:, :, np.zeros(times, dtype=int), :]


def _summed(ev: Evaluator, factors: tuple[Node, ...], frame: Frame) -> int | None:
    r"""Return the number of columns that are added up in factors: in ``M \mathbf{1}``, those of ``M``."""
    for k, factor in enumerate(factors):
        if k and is_ones(factor) and not isinstance(factor, tree.Transpose):
            return int(ev.value(factors[k - 1], frame).shape[-1])
    inner = (node for factor in factors for node in walk(factor) if isinstance(node, tree.Product))
    return next((length for node in inner if (length := _summed(ev, node.factors, frame))), None)
