"""Definitions by cases and indicators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from derive.check.formula.errors import Undecided
from derive.check.formula.evaluate import Evaluator, register
from derive.check.formula.frame import Frame
from derive.check.intervals import Interval, Value, high_of, low_of
from derive.read import tree
from derive.read.tree import Node


def _cases(ev: Evaluator, node: tree.Cases, frame: Frame) -> Value:
    result: Any = None
    tests = [None if b.condition is None else condition(ev, b.condition, frame) for b in node.branches]
    values = [_branch(ev, branch.value, frame, tests, k) for k, branch in enumerate(node.branches)]
    for holds, value in zip(reversed(tests), reversed(values), strict=True):
        if holds is None or result is None:
            result = value
        if holds is not None:
            axes = max(np.ndim(holds), value.ndim, result.ndim)
            holds, value, result = (_widened(part, axes) for part in (holds, value, result))
            if isinstance(value, Interval) or isinstance(result, Interval):
                low = np.where(holds, low_of(value), low_of(result))
                result = Interval(low, np.where(holds, high_of(value), high_of(result)))
            else:
                result = np.where(holds, value, result)
    return result if isinstance(result, Interval) else np.asarray(result)


def _branch(ev: Evaluator, node: Node, frame: Frame, tests: Sequence[Any], place: int) -> Any:
    """Return the value of one branch, which may run out of a tensor where the branch does not hold."""
    here: Any = np.True_ if tests[place] is None else tests[place]
    for test in tests[:place]:
        here = here & ~np.asarray(test if test is not None else True)
    if np.ndim(here) != 2:
        return ev.value(node, frame)
    meant = here.any(axis=0)
    inner = Frame(frame.layers, frame.units, frame.mask & meant, frame.bound)
    value = ev.value(node, inner)
    frame.mask &= inner.mask | ~meant
    return value


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
    sides = [ev.value(term, frame) for term in node.terms]
    axes = max(side.ndim for side in sides)
    values = [_widened(side, axes) for side in sides]
    holds: Any = np.True_
    for relation, one, other in zip(node.relations, values, values[1:], strict=False):
        holds = holds & _compared(relation, one, other)
    return holds


def _compared(relation: str, one: Value, other: Value) -> Any:
    """Return where two values compare so; rounded numbers have to do so whatever they are rounded from."""
    compare = _COMPARE[relation]
    ends = [
        compare(np.real(a), np.real(b))
        for a in (low_of(one), high_of(one))
        for b in (low_of(other), high_of(other))
    ]
    if any(np.any(end != ends[0]) for end in ends[1:]):
        raise Undecided("a case that the displayed digits do not tell from the other")
    return ends[0]


register(tree.Cases, _cases)
register(tree.Indicator, _indicator)
