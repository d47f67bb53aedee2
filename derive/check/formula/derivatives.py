"""Derivatives in formulas, looked up in the true tables or taken by a complex step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.errors import PARTIALS, Undecided
from derive.check.formula.evaluate import Evaluator, register
from derive.check.formula.frame import Frame, quiet
from derive.check.formula.losses import losses_by
from derive.check.formula.marks import Ref
from derive.check.formula.mere import MERE, STEP
from derive.check.formula.quantities import (
    each_sample,
    lying,
    of_sample,
    other_name,
    own_key,
    places,
    sample_place,
    scale,
    tensor_name,
    value_of_ref,
    whole,
)
from derive.check.formula.shapes import as_scalar, is_matrix, picked, transposed
from derive.check.formula.shorthand import input_factor
from derive.check.intervals import Value, low_of, power
from derive.read.formula_walk import walk
from derive.read.tree import Call, Derivative, Differential, Gradient, Name, Node


def loss_call(ev: Evaluator, node: Call, frame: Frame) -> Value:
    r"""Return a loss with decorative arguments, or ``C'(W)``, its derivative by the argument."""
    if node.function.primes == 0:
        return value_of_ref(ev, Ref("L"), frame, node)
    if node.function.primes != 1 or len(node.arguments) != 1:
        raise Undecided("a higher derivative of the loss")
    return _derivative(
        ev,
        Derivative(Name(node.function.base, span=node.span), node.arguments, 1, "d", span=node.span),
        frame,
    )


def _gradient(ev: Evaluator, node: Gradient, frame: Frame) -> Value:
    if node.wrt is None:
        raise Undecided("the gradient by what?")
    return _derivative(ev, Derivative(node.of, (node.wrt,), 1, "d", span=node.span), frame)


def _differential(ev: Evaluator, node: Differential, frame: Frame) -> Value:
    r"""Read ``dZ2`` as the gradient by ``Z2``, and ``\Delta w`` as what the update adds."""
    letter = next((k for k, role in ev.reading.roles.items() if role == "L"), "L")
    loss = Name(letter, span=node.span)
    gradient = _derivative(ev, Derivative(loss, (node.operand,), 1, "d", span=node.span), frame)
    if node.symbol == "d":
        ref = _tensor_of(ev, node.operand)
        inner = ref is not None and ref.role in ("z", "a", "out")
        return gradient * each_sample(ev) if inner else gradient
    rate = ev.points(ev.truth.tensor("eta"))
    return -gradient * (rate[:, None, None, None] if is_matrix(gradient) else rate[:, None])


def _derivative(ev: Evaluator, node: Derivative, frame: Frame) -> Value:
    if node.order != 1 or len(node.wrt) != 1:
        raise Undecided("a second derivative")
    if isinstance(node.wrt[0], Name) and node.wrt[0].base.startswith(MERE):
        return _by_mere_variable(ev, node.of, node.wrt[0], frame)
    wrt = _tensor_of(ev, node.wrt[0])
    of = _tensor_of(ev, node.of)
    if wrt is None or wrt.role in ("eta", "m", "size", "delta"):
        raise Undecided("a derivative by something that is no quantity of the network")
    if (given := input_factor(ev, node, frame)) is not None:
        ev.doubts.add("partials")
        return given if ev.mode.partials == "columns" else transposed(given)
    if of is None or of.role in ("W", "b", "delta", "eta", "m"):
        return _by_complex_step(ev, node.of, wrt, frame, node)
    return _table(ev, of, wrt, frame, node)


def _tensor_of(ev: Evaluator, node: Node) -> Ref | None:
    if (
        isinstance(node, Call)
        and ev.reading.roles.get(node.function.base) == "L"
        and not node.function.primes
    ):
        return Ref("L")
    if isinstance(node, Name):
        if (other := other_name(ev, node)) is not None:
            return other
        if own_key(node) in ev.definitions:
            return None
        ref = ev.reading.resolve(node)
        return ref if ref is not None and ref.power == 1 else None
    return None


def _table(ev: Evaluator, of: Ref, wrt: Ref, frame: Frame, node: Derivative) -> Value:
    """Look a partial derivative up in the true table."""
    if of.role == "L" and of.sample is not None and ev.truth.batched:
        return _of_one_loss(ev, of, wrt, frame, node)
    above, below = tensor_name(of, ev, frame), tensor_name(wrt, ev, frame)
    above, below = above.removesuffix("_new"), below.removesuffix("_new")
    table = ev.points(ev.truth.jacobian(above, below)) * scale(ev, of.role)
    own, other = ev.truth.shape(above), ev.truth.shape(below)
    if ev.truth.batched and of.role == "L" and wrt.sample is not None:
        return of_sample(ev, wrt, table, frame, node.wrt[0])
    alike = own == other and len(own) > 0 and of.at is wrt.at is None
    if alike and len(own) == 2:
        ev.doubts.add("partials")
        if ev.mode.partials == "diagonal":
            size = int(np.prod(own))
            return whole(ev, of.role, _slopes(table.reshape(-1, size, size)).reshape(-1, *own))
    if ev.truth.batched and of.role != "L" and (of.at is None or (wrt.at is None and wrt.sample is not None)):
        raise Undecided(PARTIALS)
    first = places(ev, of, frame, node.of) if of.at is not None else None
    second = places(ev, wrt, frame, node.wrt[0]) if wrt.at is not None else None
    if first is not None or not own:
        picked = table[(slice(None), *(first or []))] if first else table[:, None]
        if second is not None:
            here = np.arange(frame.size) if first else np.zeros(frame.size, dtype=int)
            return picked[(slice(None), here, *second)].reshape(table.shape[0], frame.size)
        return _laid_out(ev, wrt.role, picked, other)
    if second is not None:
        if len(own) != 1:
            raise Undecided("the derivative of a whole matrix")
        ev.doubts.add("partials")
        by_element = np.moveaxis(table[(slice(None), slice(None), *second)], 1, -1)
        return by_element[..., None, :] if ev.mode.partials == "columns" else by_element[..., :, None]
    if len(own) > 1 or len(other) != 1:
        raise Undecided("the derivative of a whole vector by a matrix has three indices")
    ev.doubts.add("partials")
    square = table[:, None].swapaxes(-1, -2) if ev.mode.partials == "columns" else table[:, None]
    if ev.mode.partials == "diagonal" and alike:
        entries = _slopes(table)
        # What moves along with its argument has the derivative 1, without any index.
        return entries[:, :1] if np.all(entries == 1) else whole(ev, of.role, entries)
    return square


def _of_one_loss(ev: Evaluator, of: Ref, wrt: Ref, frame: Frame, node: Derivative) -> Value:
    """Return the derivative of the loss of one sample by itself."""
    below = tensor_name(wrt, ev, frame).removesuffix("_new")
    table = ev.points(losses_by(ev.truth, below)) * scale(ev, "L")
    (where,) = sample_place(ev, of, frame, node.of)
    picked = table[:, where]
    if wrt.at is None:
        second = sample_place(ev, wrt, frame, node.wrt[0])
        shape = ev.truth.shape(below)[len(second) :]
        return _laid_out(ev, wrt.role, picked[(slice(None), np.arange(frame.size), *second)], shape)
    second = places(ev, wrt, frame, node.wrt[0])
    return picked[(slice(None), np.arange(frame.size), *second)].reshape(table.shape[0], frame.size)


def _slopes(table: Array) -> Array:
    """Return the diagonal of a square table.

    Raises
    ------
    Undecided
        If there is anything else in it.
    """
    entries = np.diagonal(table, axis1=1, axis2=2)
    off = table - entries[:, :, None] * np.eye(table.shape[-1])
    if np.any(np.abs(off) > 0):
        raise Undecided("a vector of partial derivatives that is no vector")
    return np.asarray(entries)


def _laid_out(ev: Evaluator, role: str, picked: Any, shape: tuple[int, ...]) -> Value:
    """Lay a gradient out as the tensor it belongs to; the combinations are the second axis."""
    if len(shape) == 0:
        return picked
    if len(shape) == 1:
        lies = lying(ev, "delta" if ev.mode.partials in ("rows", "columns") else role)
        return picked[:, :, None, :] if lies == "row" else picked[:, :, :, None]
    turned = ev.reading.flipped if role == "W" else (ev.reading.vectors == "column")
    return picked.swapaxes(-1, -2) if turned else picked


def _by_complex_step(ev: Evaluator, node: Node, wrt: Ref, frame: Frame, whole_node: Derivative) -> Value:
    """Differentiate a composed expression by one element, all the tensors in it moving with that element."""
    if wrt.at is None:
        raise Undecided("the derivative of an expression by a whole tensor")
    below = tensor_name(wrt, ev, frame)
    where = places(ev, wrt, frame, whole_node.wrt[0])
    moved = _Moved(ev, below, where, frame.size)
    value = as_scalar(moved.value(node, frame))
    if is_matrix(value):
        raise Undecided("the derivative of a vector expression")
    slopes = np.imag(np.broadcast_to(low_of(value), np.broadcast_shapes(value.shape, (1, frame.size)))) / STEP
    result: Value = ev.points(slopes)
    return result


def _by_mere_variable(ev: Evaluator, node: Node, variable: Name, frame: Frame) -> Value:
    """Differentiate by a mere variable, which gets an imaginary step."""
    here = ev.value(variable, frame)
    if np.iscomplexobj(low_of(here)):
        raise Undecided("a derivative inside a derivative")
    moved = replace(ev, free={**ev.free, variable.base: low_of(here) + 1j * STEP}, kept=None)
    value = moved.value(node, frame)
    return np.asarray(np.imag(np.broadcast_to(low_of(value), here.shape)) / STEP)


class _Moved(Evaluator):
    """An evaluator in which one element of a tensor has an imaginary step, and all that follows from it."""

    def __init__(self, ev: Evaluator, below: str, where: Sequence[Array], size: int) -> None:
        super().__init__(
            ev.truth, ev.reading, ev.mode, definitions=ev.definitions, free=ev.free, doubts=ev.doubts
        )
        self.below, self.where, self.size = below, where, size

    def value(self, node: Node, frame: Frame) -> Value:
        """Return the value with its imaginary step."""
        if isinstance(node, Derivative | Gradient | Differential):
            raise Undecided("a derivative inside a derivative")
        if isinstance(node, Name) and (own := self.definitions.get(own_key(node))) is not None:
            if not any(isinstance(inner, Name) for inner in walk(own.node)):
                raise Undecided(f"the derivative of {node.base}, of which only a number is known")
        elif isinstance(node, Name):
            ref = quiet(node, self.reading)
            if ref is not None and ref.role not in _STILL:
                return self._moved(ref, frame, node)
        return super().value(node, frame)

    def _moved(self, ref: Ref, frame: Frame, node: Name) -> Value:
        name = tensor_name(ref, self, frame)
        value = value_of_ref(self, replace(ref, power=1), frame, node)
        if is_matrix(value) or frame.size % self.size:
            raise Undecided("the derivative of an expression with whole tensors")
        table = self.truth.jacobian(name, self.below) * scale(self, ref.role)
        own = places(self, ref, frame, node) if ref.at is not None else []
        repeat = frame.size // self.size
        second = [np.repeat(place, repeat) for place in self.where]
        slope = picked(table, *own, *second)
        moved = np.asarray(value) + 1j * STEP * slope.reshape(table.shape[0], frame.size)
        return moved if ref.power == 1 else power(moved, ref.power)


_STILL = frozenset({"y", "eta", "m", "size", "delta"})


register(Derivative, _derivative)


register(Gradient, _gradient)


register(Differential, _differential)
