"""Words that stand for an operation on whole tensors, such as ``sum`` and ``diag``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.check.formula.errors import Undecided
from derive.check.formula.evaluate import Evaluator, times
from derive.check.formula.frame import Frame, layer_number
from derive.check.formula.marks import index_of
from derive.check.formula.shapes import alike, flat, is_matrix, size_of, transposed
from derive.check.intervals import Interval, Value, high_of, low_of
from derive.read import tree
from derive.read.tree import Call, Name, Node


def only(node: Call) -> Node:
    """Return the one argument of a call."""
    if len(node.arguments) != 1:
        raise Undecided(f"{node.function.base} with {len(node.arguments)} arguments")
    return node.arguments[0]


def _diagonal(ev: Evaluator, node: Call, frame: Frame) -> Value:
    entries = flat(ev.value(only(node), frame))
    unit = np.eye(int(entries.shape[-1]))
    return entries[:, :, :, None] * unit


def _sum_all(ev: Evaluator, node: Call, frame: Frame) -> Value:
    return _summed(ev, node, frame)[0]


def _mean_all(ev: Evaluator, node: Call, frame: Frame) -> Value:
    total, count = _summed(ev, node, frame)
    return total / np.float64(count)


def _summed(ev: Evaluator, node: Call, frame: Frame) -> tuple[Value, int]:
    """Return a sum over all entries, or over those of an ``axis`` that is named, and how many they are."""
    value = ev.value(node.arguments[0], frame)
    axis = None
    for option in node.arguments[1:]:
        key, setting = (
            (option.terms[0], option.terms[-1]) if isinstance(option, tree.Comparison) else (node, node)
        )
        word = key.base if isinstance(key, Name) else ""
        if word == "axis" and isinstance(setting, tree.Number) and setting.text in ("0", "1"):
            axis = int(setting.text) - 2
        elif word != "keepdims":
            raise Undecided(f"{node.function.base} with an argument that is not read")
    if axis is None or not is_matrix(value):
        entries = flat(value)
        return entries.sum(axis=-1), int(entries.shape[-1])
    total = value.sum(axis=axis)
    kept = total[:, :, None, :] if axis == -2 else total[:, :, :, None]
    return kept, size_of(value)[axis]


def _length(ev: Evaluator, node: Call, frame: Frame) -> Value:
    tokens = tuple(n.base if isinstance(n, Name) else n.text for n in _flat_terms(only(node)))
    number = layer_number(index_of(tokens), "size", ev.reading, frame.layers)
    return np.full((1, 1), float(ev.reading.network.sizes[number]))


def _flat_terms(node: Node) -> list[Any]:
    if isinstance(node, tree.Add):
        return [leaf for term in node.terms for leaf in _flat_terms(term)]
    if isinstance(node, tree.Neg):
        return [Name("-", span=node.span), *_flat_terms(node.operand)]
    if isinstance(node, (Name, tree.Number)):
        return [node]
    raise Undecided("the length of something that is no layer")


def _extreme(highest: bool) -> Callable[[Evaluator, Call, Frame], Value]:
    def rule(ev: Evaluator, node: Call, frame: Frame) -> Value:
        values = [ev.value(argument, frame) for argument in node.arguments]
        if len(values) < 2:
            raise Undecided("the extreme of one expression")
        result = values[0]
        for value in values[1:]:
            one, other = alike(result, value, node.span, "the comparison")
            pick = np.maximum if highest else np.minimum
            if np.iscomplexobj(low_of(one)) or np.iscomplexobj(low_of(other)):  # a step to differentiate by
                ahead = np.real(low_of(one)) > np.real(low_of(other))
                result = np.where(ahead == highest, low_of(one), low_of(other))
            elif isinstance(one, Interval) or isinstance(other, Interval):
                result = Interval(pick(low_of(one), low_of(other)), pick(high_of(one), high_of(other)))
            else:
                result = pick(one, other)
        return result

    return rule


def _matmul(ev: Evaluator, node: Call, frame: Frame) -> Value:
    if len(node.arguments) != 2:
        raise Undecided(f"{node.function.base} of other than two factors")
    first, second = (ev.value(argument, frame) for argument in node.arguments)
    return times(ev, first, second, "at", node)


WORDS: dict[str, Callable[[Evaluator, Call, Frame], Value]] = {
    "diag": _diagonal,
    "sum": _sum_all,
    "mean": _mean_all,
    "len": _length,
    "max": _extreme(True),
    "min": _extreme(False),
    "maximum": _extreme(True),
    "minimum": _extreme(False),
    "dot": _matmul,
    "matmul": _matmul,
    "transpose": lambda ev, node, frame: transposed(ev.value(only(node), frame)),
}
