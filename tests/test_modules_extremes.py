"""Large inputs of activations: finite, right to the last digits, and without a warning."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from itertools import product

import numpy as np
import pytest
from modules_truth import imported, relative_error, spec_of

from codegen.modules import STYLES, generate
from derive.activations import ACTIVATIONS
from derive.arithmetic import precise
from derive.derivation import derive
from derive.evaluate import evaluate
from derive.losses import LOSSES
from derive.network import Dense, Network

LARGE = (20.0, 40.0, 355.0, 800.0, 1e4)
SMALL = (0.0, 1e-9, 0.5)
LOGARITHMIC = {
    "cross-entropy": ("softmax", "sigmoid", "softplus"),
    "binary-cross-entropy": ("softmax", "sigmoid"),
}
# A loss takes its outputs as numbers: that they come from `linear` or from `relu` changes nothing in it.
CASES = [
    (loss, last)
    for loss in sorted(LOSSES)
    for last in LOGARITHMIC.get(loss, ("linear", "sigmoid", "softplus", "softmax"))
]


@cache
def textbook(network):
    names = network.parameter_shapes
    return derive(network).program.needed_for(["L", *(f"d{name}" for name in names)])


def truth(network, params, x, y):
    """The textbook gradient, with as many digits as it cancels; tests of gradients judge the formulas."""
    largest = max(np.max(np.abs(value)) for value in params.values())
    needed = largest
    if any(layer.activation == "gelu" for layer in network.layers):
        needed = max(largest, min(largest**2 / 4, 3000))  # beyond, all is far below the smallest float
    exact = evaluate(
        textbook(network), params | {"x": x, "y": y, "eta": 0}, precise(100 * (1 + int(needed / 100)))
    )
    return {name: exact[f"d{name}"].astype(float) for name in params} | {"L": float(exact["L"][()])}


def checker(network, stack, change: Callable[[str], str] = str, styles=STYLES):
    """What compares the modules of all styles in Python with the truth."""
    modules = {s: stack.enter_context(imported(change(generate(spec_of(network), style=s)))) for s in styles}
    # 1 - y a of the hinge is a difference of numbers near 1; what is lost there is below a last digit of 1.
    floor = 1e-3 if network.loss == "hinge" else 1e-290

    def check(params, x, y):
        expected = truth(network, params, x, y)
        for style, module in modules.items():
            given = module.pack(params.values()) if style == "scalar" else list(params.values())
            with np.errstate(all="raise", under="ignore"):
                loss, found = module.value_and_grad(given, x, y)
                values = module.forward(given, x)
            found = module.unpack(found) if style == "scalar" else found
            assert all(np.all(np.isfinite(value)) for value in values), style
            assert abs(loss - expected["L"]) <= 1e-13 * max(abs(expected["L"]), floor), style
            for name, got in zip(params, found, strict=True):
                assert relative_error(got, expected[name], floor) < 1e-12, (style, name)

    return check


@pytest.mark.parametrize(("loss", "last"), CASES)
def test_an_output_layer(loss, last):
    network = Network([Dense(2, last)], inputs=1, loss=loss, bias="none")
    y = np.array([1.0, -1.0]) if loss == "hinge" else np.array([0.25, 0.75])
    with ExitStack() as stack:
        check = checker(network, stack)
        for z, s, t in product(LARGE, (1, -1), (0.75, -0.5)):
            check({"W1": np.array([[s * z], [t * z]])}, np.array([1.0]), y)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_a_hidden_layer(activation):
    network = Network([Dense(2, activation), Dense(2)], inputs=1, loss="half-squared-error", bias="none")
    with ExitStack() as stack:
        check = checker(network, stack)
        for z, sign in product(SMALL + LARGE, (1, -1)):
            params = {
                "W1": np.array([[sign * z], [-0.9 * sign * z]]),
                "W2": np.array([[0.5, -0.25], [1.5, 0.75]]),
            }
            check(params, np.array([1.0]), np.array([0.3, -0.6]))


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_float32_as_well(activation):
    network = Network([Dense(2, activation), Dense(2)], inputs=1, loss="half-squared-error", bias="none")
    x, y = np.float32([1.0]), np.float32([0.25, -0.5])
    with imported(generate(spec_of(network), style="array")) as module:
        for z, sign in product(SMALL + LARGE, (1, -1)):
            W1, W2 = np.float32([[sign * z], [-0.9 * sign * z]]), np.float32([[0.5, 1.0], [1.0, 0.0]])
            with np.errstate(all="raise", under="ignore"):
                loss, found = module.value_and_grad([W1, W2], x, y)
            params = {"W1": W1.astype(float), "W2": W2.astype(float)}
            expected = truth(network, params, x, y)
            assert loss == pytest.approx(expected["L"], rel=1e-5)
            for name, got in zip(params, found, strict=True):
                assert got.dtype == np.float32
                assert relative_error(got, expected[name], floor=1e-30) < 1e-5, name


@pytest.mark.parametrize(("loss", "last"), [(loss, last) for loss, last in CASES if loss in LOGARITHMIC])
def test_targets_of_0_and_1_where_an_output_vanishes(loss, last):
    """0 log 0 is 0: a sure and right prediction costs nothing, a sure and wrong one a finite amount."""
    network = Network([Dense(2, last)], inputs=1, loss=loss, bias="none")
    with ExitStack() as stack:
        check = checker(network, stack)
        for y in ([0.0, 1.0], [1.0, 0.0]):
            check({"W1": np.array([[800.0], [-800.0]])}, np.array([1.0]), np.array(y))


def test_a_textbook_sigmoid_would_be_noticed():
    """The same check refuses a slope a (1 - a): no digits are left of it at 40."""
    network = Network([Dense(1, "sigmoid")], inputs=1, loss="half-squared-error", bias="none")

    def textbook_slope(source):
        return source.replace("a1_0 / q1_0", "a1_0 * (1 - a1_0)").replace("dz1 /= q1", "dz1 *= 1 - a1")

    with ExitStack() as stack:
        params, x, y = {"W1": np.array([[40.0]])}, np.array([1.0]), np.array([0.5])
        for style in STYLES:
            checker(network, stack, styles=[style])(params, x, y)
            textbook = checker(network, stack, textbook_slope, [style])
            with pytest.raises(AssertionError):
                textbook(params, x, y)
