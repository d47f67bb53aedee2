"""Definitions by cases and indicators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.check.formula.errors import Undecided
from derive.check.formula.evaluate import Evaluator, register
from derive.check.formula.frame import Frame
from derive.check.intervals import Value, high_of
from derive.read import tree
from derive.read.tree import Node


def _cases(ev: Evaluator, node: tree.Cases, frame: Frame) -> Value:
    if ev.displayed:
        raise Undecided("a definition by cases with rounded numbers")
    result: Any = None
    for branch in reversed(node.branches):
        value: Any = ev.value(branch.value, frame)
        if branch.condition is None or result is None:
            result = value
        if branch.condition is not None:
            holds = condition(ev, branch.condition, frame)
            axes = max(np.ndim(holds), value.ndim, result.ndim)
            holds, value, result = (_widened(part, axes) for part in (holds, value, result))
            result = np.where(holds, value, result)
    return np.asarray(result)


def _widened(part: Any, axes: int) -> Any:
    """Return a scalar as one that combines with matrices, where there are any."""
    return part[:, :, None, None] if axes == 4 and np.ndim(part) == 2 else part


def _indicator(ev: Evaluator, node: tree.Indicator, frame: Frame) -> Value:
    return np.asarray(condition(ev, node.condition, frame), dtype=float)


_COMPARE: dict[str, Callable[..., Any]] = {
    "<": np.less,
    ">": np.greater,
    "≤": np.less_equal,
    "≥": np.greater_equal,
    "=": np.equal,
    "≠": np.not_equal,
}


def condition(ev: Evaluator, node: Node, frame: Frame) -> Any:
    """Return where a comparison holds."""
    if not isinstance(node, tree.Comparison) or not set(node.relations) <= _COMPARE.keys():
        raise Undecided("a condition that is no comparison")
    sides = [np.real(high_of(ev.value(term, frame))) for term in node.terms]
    axes = max(side.ndim for side in sides)
    values = [_widened(side, axes) for side in sides]
    holds: Any = np.True_
    for relation, one, other in zip(node.relations, values, values[1:], strict=False):
        holds = holds & _COMPARE[relation](one, other)
    return holds


register(tree.Cases, _cases)
register(tree.Indicator, _indicator)
