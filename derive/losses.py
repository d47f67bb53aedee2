"""Losses: each states the contribution of one output; sums, means and derivatives follow."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derive.activations import A

Y = sp.Symbol("y", real=True)
"""Stands for the target of one output."""


@dataclass(frozen=True)
class Loss:
    """A loss that is a sum, or the mean, over the outputs of one term each.

    Attributes
    ----------
    name : str
        As the network file spells it.
    term : sympy.Expr
        The contribution of one output, in ``a`` (the output) and ``y`` (the target).
    over_outputs : {"sum", "mean"}
    convention : str
        What is taken as the derivative where there is none, or as the value of a limit.
    targets : str
        What the targets have to be for the loss to mean what its name says; in words.
    """

    name: str
    term: sp.Expr
    over_outputs: str = "sum"
    convention: str = ""
    targets: str = ""


_U = A - Y

LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("half-squared-error", _U**2 / 2),
        Loss("squared-error", _U**2),
        Loss("mean-squared-error", _U**2, over_outputs="mean"),
        Loss(
            "cross-entropy",
            -Y * sp.log(A),
            convention="0 log 0 is taken as 0",
            targets="the targets of a sample sum to 1",
        ),
        Loss(
            "binary-cross-entropy",
            -Y * sp.log(A) - (1 - Y) * sp.log(1 - A),
            convention="0 log 0 is taken as 0",
            targets="each target lies between 0 and 1",
        ),
        Loss("absolute-error", sp.Abs(_U), convention="the derivative of |a - y| at a = y is taken as 0"),
        Loss("huber", sp.Piecewise((_U**2 / 2, sp.Abs(_U) <= 1), (sp.Abs(_U) - sp.Rational(1, 2), True))),
        Loss(
            "hinge",
            sp.Piecewise((1 - A * Y, A * Y < 1), (0, True)),
            convention="the derivative of max(0, 1 - y a) at y a = 1 is taken as 0",
            targets="each target is -1 or 1",
        ),
    )
}

SUM_OF_TARGETS = "the targets of a sample sum to 1"
"""The assumption under which softmax with cross-entropy has the gradient ``a - y``."""
