"""Gradients without calculus: differences of the loss, to many digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from derive.arithmetic import Array, precise
from derive.evaluate import evaluate
from derive.network import Network
from derive.safe import without_log_of_zero
from derive.spec import Example

DIGITS = 40
STEP = "1e-12"
"""Central differences err by the square of the step, and by ``10**-DIGITS`` divided by it: both are small."""


def gradient_by_differences(network: Network, example: Example) -> Mapping[str, Array]:
    """Return the derivative of the loss by each parameter as central differences of the forward pass.

    ``(L(w + h) - L(w - h)) / 2h`` for one weight after the other, in arithmetic of 40 digits, by the
    textbook formulas: nothing of it rests on a derivative. It takes two forward passes for each weight.

    Parameters
    ----------
    network : Network
    example : Example
        Where the differences are taken.

    Returns
    -------
    mapping of str to numpy.ndarray
        By parameter, in its shape, as floats.
    """
    arithmetic = precise(DIGITS)
    forward = without_log_of_zero(network.program(example.samples))
    parameters = {name: arithmetic.array(value) for name, value in example.parameters.items()}
    h = arithmetic.array(STEP)[()]

    def loss(name: str, at: tuple[int, ...], step: Any) -> Any:
        moved = parameters[name].copy()
        moved[at] += step
        given = {"x": example.x, "y": example.y, **parameters, name: moved}
        return evaluate(forward, given, arithmetic)["L"][()]

    gradients = {}
    for name, value in parameters.items():
        slopes = np.empty(value.shape)
        for at in np.ndindex(value.shape):
            slopes[at] = float((loss(name, at, h) - loss(name, at, -h)) / (2 * h))
        gradients[name] = slopes
    return gradients
