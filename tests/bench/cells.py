"""What is timed: networks, batches and dtypes, with reproducible numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.network import Dense, Network
from derive.notation import Notation
from derive.spec import Spec

ONE_SAMPLE = ((2, 2, 2), (3, 2, 2), (8, 16, 4))
BATCHED = ((2, 3, 2), (64, 128, 10), (784, 128, 10), (784, 512, 512, 10))
BATCHES = (1, 32, 256, 4096)
DTYPES = ("float64", "float32")


@dataclass(frozen=True)
class Cell:
    """One row of the table.

    Attributes
    ----------
    sizes : tuple of int
        Inputs, then the units of each layer.
    batch : int, optional
        The number of samples; None for one sample as vectors: sigmoid layers, half the squared error,
        ``z = W a + b``. A batch has sigmoid layers, a softmax, the mean cross-entropy and ``z = a W + b``.
    dtype : str
    """

    sizes: tuple[int, ...]
    batch: int | None
    dtype: str

    @property
    def name(self) -> str:
        return "-".join(map(str, self.sizes))

    @cached_property
    def network(self) -> Network:
        *hidden, last = self.sizes[1:]
        single = self.batch is None
        layers = [Dense(units, "sigmoid") for units in hidden]
        return Network(
            [*layers, Dense(last, "sigmoid" if single else "softmax")],
            inputs=self.sizes[0],
            loss="half-squared-error" if single else "cross-entropy",
            layout="column" if single else "row",
            reduction="sum" if single else "mean",
        )

    @property
    def spec(self) -> Spec:
        return Spec(self.network, Notation(), None, f"{self.name}.toml")

    @cached_property
    def numbers(self) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        """Parameters, inputs and targets."""
        rng = np.random.default_rng(len(self.name) + (self.batch or 0))
        shapes = self.network.parameter_shapes.values()
        params = [rng.normal(size=shape, scale=1 / np.sqrt(shape[0])).astype(self.dtype) for shape in shapes]
        x = rng.normal(size=(self.batch or 1, self.sizes[0])).astype(self.dtype)
        y = np.eye(self.sizes[-1], dtype=self.dtype)[rng.integers(0, self.sizes[-1], self.batch or 1)]
        return (params, x[0], y[0]) if self.batch is None else (params, x, y)


def all_cells() -> list[Cell]:
    single = [Cell(sizes, None, dtype) for sizes in ONE_SAMPLE for dtype in DTYPES]
    return single + [Cell(s, n, dtype) for s in BATCHED for n in BATCHES for dtype in DTYPES]
