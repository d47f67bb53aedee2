"""Sums, products and extremes over indices, with the limits that are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from derive.check.formula.conditions import condition
from derive.check.formula.errors import MissingLayerError, Undecided
from derive.check.formula.evaluate import Evaluator, register
from derive.check.formula.expand import bodies
from derive.check.formula.frame import (
    Extent,
    Frame,
    Symbols,
    bound_symbols,
    free_symbols,
    quiet,
    ranges,
    runs_out,
    symbols_of,
)
from derive.check.formula.shapes import as_scalar, flat, is_matrix
from derive.check.intervals import Interval, Value, high_of, low_of
from derive.read.tree import Add, BigOperator, Name, Neg, Node, Number

LONGEST = 20_000


def _big(ev: Evaluator, node: BigOperator, frame: Frame) -> Value:
    names = bound_symbols(node)
    if len(names) != len(node.indices):
        raise Undecided("a sum over something that is no index")
    if not names:
        return _without_index(ev, node, frame)
    return _over(ev, node, names, frame)


def _without_index(ev: Evaluator, node: BigOperator, frame: Frame) -> Value:
    symbols = free_symbols(node.body, ev.reading)
    outside = set(frame.units)
    if len(symbols.units) == 1 and node.operator == "sum":
        (only,) = symbols.units
        if only in outside:
            return _over(ev, node, (only,), frame)
    value = ev.value(node.body, frame)
    if node.operator != "sum" or not is_matrix(value):
        raise Undecided("a sum over what?")
    ev.doubts.add("bare_sum")
    if ev.mode.bare_sum == "all":
        return flat(value).sum(axis=-1)
    if not ev.truth.batched:
        return value
    axis = -2 if ev.reading.vectors == "row" else -1
    total = value.sum(axis=axis)
    return total[:, :, None, :] if axis == -2 else total[:, :, :, None]


def _over(ev: Evaluator, node: BigOperator, names: tuple[str, ...], frame: Frame) -> Value:
    """Evaluate the body for all values of the first name, the others inside it."""
    name, rest = names[0], names[1:]
    used = symbols_of((node.body, *bodies(node.body, ev.definitions)), ev.reading)
    if name in used.layers and name not in used.units:
        return _over_layers(ev, node, names, frame)
    first, last = _limits(ev, node, name, used, frame)
    length = last - first + 1
    if length < 0 or length * frame.size > LONGEST * 50 or length > LONGEST:
        raise Undecided("a sum with too many terms, or limits in the wrong order")
    inner = Frame(
        {k: v for k, v in frame.layers.items() if k != name},
        {
            **{k: np.repeat(v, length) for k, v in frame.units.items()},
            name: np.tile(np.arange(first, last + 1), frame.size),
        },
        np.repeat(frame.mask, length),
        frame.bound | {name},
    )
    value = _inside(ev, node, rest, inner)
    if value.shape[1] == 1:
        folded = _alike(value, length, node.operator)
    else:
        shape = (value.shape[0], frame.size, length, *value.shape[2:])
        folded = _folded(value.reshape(*shape), node.operator)
        frame.mask &= inner.mask.reshape(frame.size, length).all(axis=1)
    return folded


def _inside(ev: Evaluator, node: BigOperator, rest: tuple[str, ...], frame: Frame) -> Value:
    if rest:
        return _over(ev, node, rest, frame)
    value = ev.value(node.body, frame)
    if node.condition is None or set(node.condition.relations) <= {"∈", "="}:
        return value
    holds = np.asarray(condition(ev, node.condition, frame), dtype=float)
    if node.operator != "sum":
        raise Undecided("a product or an extreme with a condition")
    return value * (holds[:, :, None, None] if is_matrix(value) else holds)


def _folded(value: Value, operator: str) -> Value:
    if operator == "sum":
        return value.sum(axis=2)
    if operator in _PICKS:
        return _extreme(value, operator)
    if isinstance(value, Interval):
        total: Any = value[:, :, 0]
        for k in range(1, value.shape[2]):
            total = total * value[:, :, k]
        return total
    return value.prod(axis=2)


_PICKS: Mapping[str, Callable[..., Any]] = MappingProxyType({"max": np.max, "min": np.min})


def _extreme(value: Value, operator: str) -> Value:
    """Return the largest or the smallest term; a step to differentiate by goes with the term."""
    pick = _PICKS[operator]
    if isinstance(value, Interval):
        return Interval(pick(low_of(value), axis=2), pick(high_of(value), axis=2))
    if not np.iscomplexobj(value):
        return np.asarray(pick(value, axis=2))
    first = np.argmax(np.real(value) == pick(np.real(value), axis=2, keepdims=True), axis=2)
    return np.take_along_axis(value, np.expand_dims(first, 2), axis=2)[:, :, 0]


def _alike(value: Value, length: int, operator: str) -> Value:
    """Return what terms make that do not depend on the index."""
    if operator in _PICKS:
        return value
    return value * np.float64(length) if operator == "sum" else _repeated(value, length)


def _repeated(value: Value, length: int) -> Value:
    total: Value = np.ones((1, 1))
    for _ in range(min(length, 1000)):
        total = total * value
    return total


def _over_layers(ev: Evaluator, node: BigOperator, names: tuple[str, ...], frame: Frame) -> Value:
    name, rest = names[0], names[1:]
    if node.operator in _PICKS:
        raise Undecided("an extreme over layers")
    shift = max(ev.reading.units_from, ev.reading.weights_from, 0)
    low = _fixed(ev, node.lower, frame)
    high = _fixed(ev, node.upper, frame)
    first = low if low is not None else 1
    last = high if high is not None and high <= ev.reading.layers + shift + 1 else ev.reading.layers + shift
    total: Value | None = None
    for number in range(first, last + 1):
        inner = Frame({**frame.layers, name: number}, frame.units, frame.mask, frame.bound)
        try:
            value = _inside(ev, node, rest, inner)
        except MissingLayerError as error:
            raise Undecided("a sum over layers that runs out of the network") from error
        if total is not None:
            value = total + value if node.operator == "sum" else total * value
        total = value
    if total is None:
        raise Undecided("an empty sum over layers")
    return total


def _limits(ev: Evaluator, node: BigOperator, name: str, used: Symbols, frame: Frame) -> tuple[int, int]:
    behind = bodies(node.body, ev.definitions)
    found = ranges((node.body, *behind), ev.reading, {**frame.layers}).get(name)
    lengths = found if name in used.units else None
    base = min(part.first for part in lengths) if lengths else ev.reading.base
    low = _fixed(ev, node.lower, frame)
    high = _fixed(ev, node.upper, frame)
    first = low if low is not None else base
    if high is None:
        if lengths is None:
            if runs_out(node.body, name, ev.reading, frame.layers):
                raise MissingLayerError
            raise Undecided(f"the limits of the sum over {name} are not known")
        high = _last(lengths) + _shortened(node.upper, base)
    if ev.clipped and lengths is not None:
        return max(first, base), min(high, _last(lengths))
    return first, high


def _last(parts: list[Extent]) -> int:
    """Return the last value that fits every use of an index."""
    return min(part.first + part.length for part in parts) - 1


def _shortened(upper: Node | None, base: int) -> int:
    """Return how far an upper limit such as ``n - 1``, with an unknown ``n``, stays below the full range."""
    if not isinstance(upper, Add):
        return 0
    offset = 0
    for term in upper.terms:
        number = term.operand if isinstance(term, Neg) else term
        if isinstance(number, Number):
            offset += -int(number.value) if isinstance(term, Neg) else int(number.value)
    return offset if base == 1 else min(0, offset + 1)


def _fixed(ev: Evaluator, limit: Node | None, frame: Frame) -> int | None:
    """Return a limit that is a number or a number of units; None for a symbol of no known value."""
    if limit is None or _is_open(ev, limit):
        return None
    value = as_scalar(ev.value(limit, frame))
    number = value.low if isinstance(value, Interval) else np.asarray(value)
    if number.size != 1 and np.ptp(number) != 0:
        raise Undecided("a limit that depends on an index")
    return round(float(np.real(number).flat[0]))


def _is_open(ev: Evaluator, limit: Node) -> bool:
    """Tell whether a limit rests on a symbol that only says "the last one"."""
    if isinstance(limit, Add):
        return any(_is_open(ev, term.operand if isinstance(term, Neg) else term) for term in limit.terms)
    if not isinstance(limit, Name):
        return False
    ref = quiet(limit, ev.reading)
    return ref is None or ref.role not in ("size",) or ref.layer is None


register(BigOperator, _big)
