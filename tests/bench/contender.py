"""A contender: something that computes a loss and its gradient, and can be timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Result = tuple[float, Sequence[np.ndarray]]


@dataclass(frozen=True)
class Contender:
    """One way to the loss of a cell and its gradient.

    Attributes
    ----------
    name : str
    run : callable
        What is timed: once the loss and every derivative, done when it returns.
    read : callable
        Turns what `run` returned into the loss, and the derivatives in the order and the shapes of the
        parameters; not timed. None for what computes no gradient.
    runs : int
        How many runs of the others one call of `run` is worth; its time is divided by this.
    """

    name: str
    run: Callable[[], Any]
    read: Callable[[Any], Result] | None
    runs: int = 1


class DisagreementError(Exception):
    """Two contenders computed different numbers; nothing is timed then."""


TOLERANCE = {"float64": 1e-10, "float32": 2e-4}


def norm_error(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> float:
    """The norm of the error of all derivatives together, relative to the norm of the truth."""
    for got, expected in zip(found, truth, strict=True):
        if np.shape(got) != np.shape(expected):
            raise DisagreementError(f"shape {np.shape(got)} in place of {np.shape(expected)}")
    parts = [np.ravel(np.asarray(a, float) - b) for a, b in zip(found, truth, strict=True)]
    whole = np.concatenate([np.ravel(b) for b in truth])
    largest = np.max(np.abs(whole))  # taken out, so that no square underflows
    return float(np.linalg.norm(np.concatenate(parts) / largest) / np.linalg.norm(whole / largest))


def compare(contenders: Sequence[Contender], truth: Result, dtype: str) -> None:
    """Let every contender compute once, and compare it with the truth.

    Raises
    ------
    DisagreementError
        If one is off by more than rounding explains.
    """
    loss, gradient = truth
    for contender in (c for c in contenders if c.read is not None):
        value, found = contender.read(contender.run())
        error = max(abs(value - loss) / abs(loss), norm_error(found, gradient))
        if not error <= TOLERANCE[dtype]:
            raise DisagreementError(f"{contender.name}: off by {error:.1e} in {dtype}")
