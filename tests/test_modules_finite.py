"""Inputs of activations up to 10,000: no NaN, no infinity, no warning, in every style and dtype."""

from itertools import product

import numpy as np
import pytest
from c_compiled import library
from modules_truth import imported, spec_of
from test_modules_extremes import CASES

from codegen.modules import STYLES, generate
from derive.activations import ACTIVATIONS
from derive.network import Dense, Network

SIZES = (0.0, 1e-9, 0.5, 9.5, 17.5, 38.0, 88.8, 104.0, 355.0, 709.9, 745.2, 1e4)
INPUTS = [(sign * z, part * sign * z) for z, sign, part in product(SIZES, (1, -1), (-1.0, 0.9))]
"""What two units get; no two neighbours stand on the same side of every limit of a float."""

DTYPES = (np.float64, np.float32)


def finite(value):
    return bool(np.all(np.isfinite(value)))


def results(module, params, x, y):
    """Every result of a module in Python, with warnings as errors."""
    with np.errstate(all="raise", under="ignore"):
        yield module.loss(params, x, y), module.forward(params, x)
        yield module.value_and_grad(params, x, y)
        yield module.sgd_step(params, x, y, 0.1)


def results_in_c(made, params, x, y):
    named = dict(zip(made.network.parameter_shapes, params, strict=True))
    yield made.loss(named, x, y), list(made.forward(named, x).values())
    for loss, arrays in (made.value_and_grad(named, x, y), made.sgd_step(named, x, y, 0.1)):
        yield loss, list(arrays.values())


def check(network, weights, y, fast_math=False):
    """Try every style and dtype: one sample for each pair of inputs, and with arrays a batch of all."""
    spec = spec_of(network)
    rows = np.array(INPUTS)
    everything = [*rows, rows]
    for style in STYLES:
        with imported(generate(spec, style=style, fast_math=fast_math)) as module:
            for dtype in (np.float64,) if style == "scalar" else DTYPES:
                params = [W.astype(dtype) for W in weights]
                given = module.pack(params) if style == "scalar" else params
                for x in rows if style == "scalar" else everything:
                    targets = np.broadcast_to(y, x.shape[:-1] + y.shape)
                    for loss, arrays in results(module, given, x.astype(dtype), targets.astype(dtype)):
                        assert finite(loss), (style, dtype, x)
                        assert all(map(finite, arrays)), (style, dtype, x)
    for dtype in DTYPES:
        with library(spec, np.dtype(dtype).name, fast_math=fast_math) as made:
            for x in rows:
                for loss, arrays in results_in_c(made, weights, x, y):
                    assert finite(loss), ("c", dtype, x)
                    assert all(map(finite, arrays)), ("c", dtype, x)


@pytest.mark.parametrize(
    ("activation", "fast_math"),
    [
        *((name, False) for name in ACTIVATIONS),
        *((name, True) for name in ("sigmoid", "tanh", "elu", "silu", "softmax")),
    ],
)
def test_a_hidden_layer(activation, fast_math):
    network = Network([Dense(2, activation), Dense(2)], inputs=2, loss="half-squared-error", bias="none")
    check(network, [np.eye(2), np.array([[0.5, -0.25], [1.5, 0.75]])], np.array([0.3, -0.6]), fast_math)


@pytest.mark.parametrize(("loss", "last"), CASES)
def test_an_output_layer(loss, last):
    network = Network([Dense(2, last)], inputs=2, loss=loss, bias="none", reduction="mean")
    check(network, [np.eye(2)], np.array([1.0, -1.0] if loss == "hinge" else [0.25, 0.75]))


def test_a_sigmoid_without_its_guard_would_be_noticed():
    network = Network([Dense(2, "sigmoid")], inputs=1, loss="half-squared-error", bias="none")
    weights = np.array([[800.0], [-800.0]])
    with imported(generate(spec_of(network), style="scalar")) as module:
        module.loss(module.pack([weights]), np.ones(1), np.zeros(2))
    source = generate(spec_of(network), style="scalar")
    guarded = "exp(708.0 if z1_0 > 708.0 else z1_0)"
    assert guarded in source
    unguarded = source.replace(guarded, "exp(z1_0)")
    with imported(unguarded) as module, pytest.raises(OverflowError):
        module.loss(module.pack([weights]), np.ones(1), np.zeros(2))
