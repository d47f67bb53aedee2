"""Judge gradients by central differences in many digits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from derive.adjoint import adjoint_name, differentiate
from derive.arithmetic import FLOAT, precise
from derive.evaluate import evaluate
from derive.program import Program, Role

DIGITS = 70
STEP = 22
"""Differences over ``2 * 10**-22``: they leave out a third derivative times ``1e-44``, and lose 22 digits."""

NOISE = 1e-30
"""What differences in 60 digits leave of a derivative that is 0 (the output of a softmax with one unit)."""

FLOAT_ERROR = 1e-12
PRECISE_ERROR = 1e-25


def random_values(program: Program, seed: int, low: float = -1.0, high: float = 1.0) -> dict[str, np.ndarray]:
    """Return a value for each input; rounded, so that a float and a decimal fraction mean the same."""
    chance = np.random.default_rng(seed)
    sizes = [tuple(int(extent) for extent in tensor.shape) for tensor in program.inputs]
    return {
        tensor.name: chance.integers(int(low * 1024), int(high * 1024), size, endpoint=True) / 1024
        for tensor, size in zip(program.inputs, sizes, strict=True)
    }


def forward_part(program: Program) -> Program:
    """Return the steps that are neither adjoints nor updates."""
    steps = [s for s in program.steps if s.tensor.role not in (Role.ADJOINT, Role.UPDATED)]
    return Program(program.inputs, tuple(steps))


def differences(
    program: Program, name: str, values: Mapping[str, Any], loss: str = "L", digits: int = DIGITS
) -> np.ndarray:
    """Return the derivative of the loss by every element of an input, by central differences."""
    arithmetic = precise(digits)
    forward = forward_part(program).needed_for([loss])
    held = {key: arithmetic.array(value) for key, value in values.items()}
    h = arithmetic.array(10) ** -STEP
    found = np.empty(held[name].shape, dtype=object)

    def at(moved: np.ndarray) -> Any:
        return evaluate(forward, {**held, name: moved}, arithmetic)[loss][()]

    for where in np.ndindex(*found.shape):
        above, below = held[name].copy(), held[name].copy()
        above[where], below[where] = above[where] + h, below[where] - h
        found[where] = (at(above) - at(below)) / (2 * h)
    return found


def relative_error(given: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest deviation over the largest entry of the truth, of one tensor.

    The norm is that of the tensor: a single entry that is the small difference of large terms cannot have
    more digits than these terms leave it.
    """
    assert np.shape(given) == np.shape(truth)
    largest = max(abs(t) for t in np.ravel(truth))
    worst = max(abs(g - t) for g, t in zip(np.ravel(given), np.ravel(truth), strict=True))
    return float(worst / largest) if largest > NOISE else float(worst)


def errors(
    program: Program, wrt: Sequence[str], values: Mapping[str, Any], loss: str = "L"
) -> Iterator[tuple[str, float, float]]:
    """Yield, for each tensor, the relative error of its gradient in floats and in many digits."""
    if not program.with_role(Role.ADJOINT):
        program = differentiate(program, loss, wrt)
    floats, exact = evaluate(program, values, FLOAT), evaluate(program, values, precise(DIGITS))
    for name in wrt:
        truth = differences(program, name, values, loss)
        assert any(abs(t) > NOISE for t in np.ravel(truth)), f"the gradient by {name} vanishes"
        gradient = adjoint_name(name)
        yield (
            name,
            relative_error(floats[gradient], truth),
            relative_error(exact[gradient], truth),
        )


def check_gradient(program: Program, wrt: Sequence[str], values: Mapping[str, Any], loss: str = "L") -> None:
    """Assert that the gradients by the inputs `wrt` are those of central differences.

    `program` is a forward program, which is differentiated here, or one with its adjoint steps.
    """
    for name, in_floats, in_digits in errors(program, wrt, values, loss):
        assert in_digits < PRECISE_ERROR, f"d{name} is off by {in_digits:.1e}, in many digits"
        assert in_floats < FLOAT_ERROR, f"d{name} is off by {in_floats:.1e}, in floats"
