"""Digits of the gradient, against mpmath, at growing scales of the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from cells import DTYPES, Cell
from contender import Contender, norm_error

from derive.arithmetic import precise
from derive.derivation import derive
from derive.evaluate import evaluate

SCALES = (1, 30, 300)
SIZES = ((2, 2, 2), (8, 16, 4))
SEEDS = 3


@dataclass(frozen=True)
class Scaled(Cell):
    """One sample with weights of a given scale."""

    scale: int = 1
    seed: int = 0

    @property
    def numbers(self) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:  # type: ignore[override]  # not cached
        """Parameters, inputs and targets."""
        rng = np.random.default_rng(self.seed)
        shapes = self.network.parameter_shapes.values()
        params = [(self.scale * rng.normal(size=shape)).astype(self.dtype) for shape in shapes]
        x = rng.normal(size=self.sizes[0]).astype(self.dtype)
        return params, x, rng.uniform(0.1, 0.9, size=self.sizes[-1]).astype(self.dtype)


@dataclass
class Score:
    """How one contender did at one scale and dtype.

    Attributes
    ----------
    error : float
        The largest norm-relative error of a gradient, in units of the dtype's eps; gradients without a normal
        number of that dtype do not count.
    lost, entries : int
        Entries that are off by more than half, of those that are normal numbers of the dtype.
    """

    error: float = 0.0
    lost: int = 0
    entries: int = 0

    def add(self, found: Sequence[np.ndarray], truth: Sequence[np.ndarray], dtype: str) -> None:
        limits = np.finfo(dtype)
        if max(float(np.max(np.abs(part))) for part in truth) >= float(limits.tiny):
            self.error = max(self.error, norm_error(found, truth) / float(limits.eps))
        for got, expected in zip(found, truth, strict=True):
            off = ~(np.abs(np.asarray(got, float) - expected) <= 0.5 * np.abs(expected))
            there = np.abs(expected) >= float(limits.tiny)
            self.lost += int(np.sum(off & there))
            self.entries += int(np.sum(there))


def truth(cell: Cell) -> list[np.ndarray]:
    """The gradient by the textbook formulas, with as many digits as these cancel."""
    params, x, y = cell.numbers
    names = list(cell.network.parameter_shapes)
    program = derive(cell.network).program.needed_for([f"d{name}" for name in names])
    values = dict(zip(names, params, strict=True)) | {"x": x, "y": y, "eta": 0}
    exact = evaluate(program, {k: np.asarray(v, float) for k, v in values.items()}, precise(_digits(cell)))
    return [exact[f"d{name}"].astype(float) for name in names]


def _digits(cell: Cell) -> int:
    """Digits for `1 - a` at the largest input of an activation, and 60 more."""
    params, x, _ = cell.numbers
    weights = max(float(np.max(np.sum(np.abs(W), axis=1))) for W in params[::2])
    biases = max(float(np.max(np.abs(b))) for b in params[1::2])
    return 60 + int(weights * max(1.0, float(np.max(np.abs(x)))) + biases)


def scores(makers: Sequence[Callable[[Cell], list[Contender]]]) -> dict[tuple[str, int, str], Score]:
    """Return a score for each contender, scale and dtype."""
    found: dict[tuple[str, int, str], Score] = {}
    for scale in SCALES:
        for cell in _cells(scale):
            expected = truth(cell)
            for contender in (c for make in makers for c in make(cell)):
                if contender.read is not None:
                    with np.errstate(all="ignore"):
                        _, gradient = contender.read(contender.run())
                    score = found.setdefault((contender.name, scale, cell.dtype), Score())
                    score.add(gradient, expected, cell.dtype)
    return found


def _cells(scale: int) -> list[Scaled]:
    base = Scaled(SIZES[0], None, DTYPES[0], scale)
    return [
        replace(base, sizes=sizes, dtype=dtype, seed=seed)
        for sizes in SIZES
        for dtype in DTYPES
        for seed in range(SEEDS)
    ]
