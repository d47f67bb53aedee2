"""Every number of a worked example: the forward pass, the gradients, and one step of gradient descent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from derive.arithmetic import Array
from derive.derivation import Derivation, derive
from derive.evaluate import evaluate
from derive.optimizers import LEARNING_RATE
from derive.program import Program, Role
from derive.spec import Example, Spec


class TraceError(ValueError):
    """There are no numbers to work with, or they leave the range of floats; the message says which."""


@dataclass(frozen=True)
class Trace:
    """The numbers of a worked example, in 64-bit floats, by canonical name.

    One sample: vectors. A batch: the samples are the first axis of everything but the parameters.

    Attributes
    ----------
    loss, loss_after : float
        Before and after the update; `loss_after` is None where the example has no learning rate.
    values : mapping of str to numpy.ndarray
        The hidden tensors, in the order of their definition: ``X1`` (of a folded bias), ``z1``, ``a1``, ...
    gradients : mapping of str to numpy.ndarray
        The derivative of the loss by each parameter, and by each hidden tensor that depends on one.
        That by a hidden tensor may be infinite where all else is finite: ``-y / a`` beside a softmax
        whose output ``a`` is too small for a float.
    updated : mapping of str to numpy.ndarray
        The parameters after the update; empty where the example has no learning rate.
    """

    loss: float
    loss_after: float | None
    values: Mapping[str, Array]
    gradients: Mapping[str, Array]
    updated: Mapping[str, Array]

    @property
    def beyond_floats(self) -> tuple[str, ...]:
        """The hidden tensors by which the derivative of the loss leaves the range of floats."""
        return tuple(name for name, value in self.gradients.items() if not np.isfinite(value).all())


def trace(spec: Spec) -> Trace:
    """Evaluate the derivation of a network at the numbers of its example.

    Raises
    ------
    TraceError
        If there is no example, or a value, the loss or the gradient by a parameter is not finite.
    """
    if spec.example is None:
        raise TraceError(f"{spec.source}: there is no [example]: add one with x, y and [example.parameters]")
    derivation = derive(spec.network, spec.example.samples)
    numbers = _numbers(derivation.numeric, spec.example)
    program = derivation.program
    forward = [tensor.name for tensor in program.with_role(Role.HIDDEN)]
    gradients = {str(tensor.of): tensor.name for tensor in program.with_role(Role.ADJOINT)}
    order = [name for name in program.tensors if name in gradients]
    updated: dict[str, Array] = {}
    if spec.example.learning_rate is not None:
        updated = {str(tensor.of): numbers[tensor.name] for tensor in program.with_role(Role.UPDATED)}
    result = Trace(
        loss=float(numbers["L"]),
        loss_after=_loss(derivation, spec.example, updated) if updated else None,
        values={name: numbers[name] for name in forward},
        gradients={name: numbers[gradients[name]] for name in order},
        updated=updated,
    )
    _check_finite(spec, result)
    return result


def _numbers(
    program: Program, example: Example, parameters: Mapping[str, object] | None = None
) -> dict[str, Array]:
    rate = 0.0 if example.learning_rate is None else example.learning_rate
    given = {"x": example.x, "y": example.y, LEARNING_RATE.name: rate, **(parameters or example.parameters)}
    with np.errstate(all="ignore"):  # what overflows is found and named at the end
        return evaluate(program, given)


def _loss(derivation: Derivation, example: Example, parameters: Mapping[str, object]) -> float:
    forward = derivation.numeric.needed_for(["L"])
    return float(_numbers(forward, example, parameters)["L"])


def _check_finite(spec: Spec, result: Trace) -> None:
    for what, name, value in _required(result):
        if not np.isfinite(value).all():
            raise TraceError(
                f"{spec.source}: {what.format(name)} is not a finite number for the numbers of the example:"
                " they leave the range of floats, or the domain of a function; choose others"
            )


def _required(result: Trace) -> Iterable[tuple[str, str, Array | float]]:
    """Yield what has to be finite: what it is, its name and its value, in the order of computation."""
    for name, value in result.values.items():
        yield "{}", name, value
    yield "the loss {}", "L", result.loss
    for name, value in result.gradients.items():
        if name not in result.values:
            yield "the gradient by {}", name, value
    for name, value in result.updated.items():
        yield "{} after the update", name, value
    if result.loss_after is not None:
        yield "the loss {} after the update", "L", result.loss_after
