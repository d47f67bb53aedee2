"""What a generated module is judged by: differences at 60 digits, of the forward program alone."""

import importlib.util
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np

from derive.arithmetic import precise
from derive.evaluate import evaluate
from derive.network import Network
from derive.notation import Notation
from derive.spec import Example, Spec

DIGITS = 60
STEP_DIGITS = 15

_numbers = itertools.count()


@contextmanager
def imported(source: str) -> Iterator[ModuleType]:
    """Import source text as a module, the way a user would: from a file."""
    name = f"generated_module_{next(_numbers)}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
            yield module
        finally:
            del sys.modules[name]


def spec_of(network: Network, example: Example | None = None) -> Spec:
    return Spec(network, Notation(), example, "network.toml")


def loss_at(network: Network, values: dict):
    """The loss by the textbook formulas, in mpmath."""
    return loss_function(network, values["x"])(values)


def loss_function(network: Network, x):
    program = network.program(None if np.ndim(x) == 1 else len(x))
    return lambda values: evaluate(program, values, precise(DIGITS))["L"][()]


def differences(network: Network, params: dict, x, y) -> dict[str, np.ndarray]:
    """Central differences of the loss by every parameter; their error is the square of the step."""
    loss, array = loss_function(network, x), precise(DIGITS).array
    step = array(10) ** -STEP_DIGITS
    exact = {name: array(np.asarray(value, float)) for name, value in (params | {"x": x, "y": y}).items()}
    found = {}
    for name in params:
        slopes = np.empty(exact[name].shape)
        for at in np.ndindex(slopes.shape):
            ends = []
            for sign in (1, -1):
                moved = exact[name].copy()
                moved[at] += sign * step
                ends.append(loss(exact | {name: moved}))
            slopes[at] = float((ends[0] - ends[1]) / (2 * step))
        found[name] = slopes
    return found


def relative_error(found: np.ndarray, truth: np.ndarray, floor: float = 1e-30) -> float:
    """The largest error, relative to the largest entry, or to `floor` where the truth has no digits left."""
    found, truth = np.asarray(found, float), np.asarray(truth, float)
    assert found.shape == truth.shape, (found.shape, truth.shape)
    scale = max(np.max(np.abs(truth)), floor)
    return float(np.max(np.abs(found - truth)) / scale)
