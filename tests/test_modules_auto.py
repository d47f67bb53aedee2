"""The style ``auto``: which path a call takes, that both say the same, and where the rule draws the line."""

import re

import numpy as np
import pytest
from modules_truth import differences, imported, spec_of
from test_modules_gradients import check, numbers
from test_modules_mutation import is_right

from codegen.modules import auto_style, generate
from codegen.modules.lines import WIDTH
from derive.network import Dense, Network

NETWORK = Network([Dense(3, "sigmoid"), Dense(2, "tanh", "folded")], inputs=2, loss="squared-error")


class TookArraysError(Exception):
    """The computation with arrays was reached."""


def took_arrays(*_):
    raise TookArraysError


@pytest.fixture
def module(monkeypatch):
    """A module whose computation with arrays is out of order."""
    with imported(generate(spec_of(NETWORK))) as made:
        for name in ("_forward", "_computed"):
            monkeypatch.setattr(made, name, took_arrays)
        yield made


def arguments(dtype=float, samples=None):
    params, x, y = numbers(NETWORK, 3, samples)
    return [value.astype(dtype) for value in params.values()], x.astype(dtype), y.astype(dtype)


def calls(module, params, x, y, rate=0.1):
    """Every function of a module, as something to call."""
    return {
        "forward": lambda: module.forward(params, x),
        "loss": lambda: module.loss(params, x, y),
        "value_and_grad": lambda: module.value_and_grad(params, x, y),
        "sgd_step": lambda: module.sgd_step(params, x, y, rate),
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_one_sample_takes_floats(module, dtype):
    params, x, y = arguments(dtype)
    for given in (params, tuple(params), module.Params(*params), dict(enumerate(params)).values()):
        for call in calls(module, given, x, y).values():
            call()


@pytest.mark.parametrize(
    "change",
    [
        lambda params, x, y: (params, np.stack([x, x]), np.stack([y, y])),
        lambda params, x, y: (params, x[None], y[None]),
        lambda params, x, y: (params, x.tolist(), y),
        lambda params, x, y: ([params[0].tolist(), *params[1:]], x, y),
        lambda params, x, y: (params, x.astype(np.float32), y),
        lambda params, x, y: (params, x.astype(int), y),
        lambda params, x, y: (params, x.astype(">f8"), y),
        lambda params, x, y: ([v.astype(np.float16) for v in params], x.astype("f2"), y.astype("f2")),
    ],
)
def test_all_else_takes_arrays(module, change):
    for call in calls(module, *change(*arguments())).values():
        with pytest.raises(TookArraysError):
            call()


def test_parameters_that_can_be_read_only_once():
    params, x, y = arguments()
    with imported(generate(spec_of(NETWORK))) as module:
        loss, gradient = module.value_and_grad(params, x, y)
        for sample in (x, x.tolist()):
            other, found = module.value_and_grad((value for value in params), sample, y)
            assert other == pytest.approx(loss, rel=1e-14)
            for one, two in zip(gradient, found, strict=True):
                np.testing.assert_allclose(one, two, rtol=1e-12)


def test_float32_is_the_rounded_float64(module):
    params, x, y = arguments(np.float32)
    wide = [value.astype(float) for value in params], x.astype(float), y.astype(float)
    narrow, exact = calls(module, params, x, y), calls(module, *wide)
    assert narrow["loss"]() == exact["loss"]() == narrow["sgd_step"]()[0]
    for name, pick in (("forward", 0), ("value_and_grad", 1), ("sgd_step", 1)):
        one, two = (made[name]() if name == "forward" else made[name]()[pick] for made in (narrow, exact))
        for got, expected in zip(one, two, strict=True):
            assert got.dtype == np.float32
            np.testing.assert_array_equal(got, expected.astype(np.float32))


def test_results_are_apart(module):
    params, x, y = arguments()
    _, gradient = module.value_and_grad(params, x, y)
    kept = [value.copy() for value in gradient]
    module.sgd_step(params, x, y, 0.1)
    gradient.W1[:] = 7.0
    for name, got, before in zip(gradient._fields, gradient, kept, strict=True):
        assert got.flags.writeable
        assert np.array_equal(got, before) is (name != "W1")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_workspace_is_computed_in(dtype):
    """Who keeps arrays wants no new ones: then one sample is computed with arrays as well."""
    params, x, y = arguments(dtype)
    with imported(generate(spec_of(NETWORK))) as module:
        space = module.workspace(dtype=dtype)
        loss, gradient = module.value_and_grad(params, x, y, workspace=space)
        before, new = module.sgd_step(params, x, y, 0.1, workspace=space)
        for place, found in (("gradient", gradient), ("updated", new)):
            for one, kept in zip(found, getattr(space, place), strict=True):
                assert np.shares_memory(one, kept)
        plain, expected = module.sgd_step(params, x, y, 0.1)
        assert loss == before == pytest.approx(plain, rel=1e-5)
        for one, two in zip(new, expected, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


def test_what_has_no_value_in_floats_is_that_of_the_arrays():
    network = Network([Dense(2)], inputs=1, loss="cross-entropy")
    params, x, y = [np.array([[1.0], [1.0]]), np.array([-3.0, 0.0])], np.array([1.0]), np.array([0.5, 0.5])
    with (
        imported(generate(spec_of(network))) as auto,
        imported(generate(spec_of(network), style="array")) as array,
        np.errstate(all="ignore"),
    ):
        (loss, gradient), (expected, slopes) = (m.value_and_grad(params, x, y) for m in (auto, array))
        np.testing.assert_array_equal(loss, expected)
        assert np.isnan(loss)
        for one, two in zip(gradient, slopes, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    "sizes", [(1, 1), (1, 3), (3, 1), (2, 1, 2), (40, 1), (1, 25), (1, *[1] * 8), (2, 12, 2)]
)
@pytest.mark.parametrize("layout", ["column", "row"])
def test_shapes_of_all_kinds(sizes, layout):
    network = Network(
        [Dense(units, "tanh") for units in sizes[1:]], inputs=sizes[0], loss="squared-error", layout=layout
    )
    assert auto_style.is_small(network)
    source = generate(spec_of(network))
    assert max(map(len, source.splitlines())) <= WIDTH
    params, x, y = numbers(network, 1, None)
    with imported(source) as auto, imported(generate(spec_of(network), style="array")) as array:
        given = list(params.values())
        one, two = (calls(module, given, x, y) for module in (auto, array))
        assert one["loss"]() == pytest.approx(two["loss"](), rel=1e-13)
        for name in ("forward", "value_and_grad", "sgd_step"):
            found, expected = (made[name]() if name == "forward" else made[name]()[1] for made in (one, two))
            for got, wanted in zip(found, expected, strict=True):
                assert got.shape == wanted.shape
                np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-14)


# The rule


def network_of(weights, layers=1):
    return Network([*[Dense(1)] * (layers - 1), Dense(1)], inputs=weights - 2 * layers + 1, loss="huber")


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_rule(layers):
    limit = auto_style.A_LAYER * layers
    for weights, small in ((limit, True), (limit + 1, False)):
        network = network_of(weights, layers)
        assert (network.weights, len(network.layers)) == (weights, layers)
        auto, array = (generate(spec_of(network), style=style) for style in ("auto", "array"))
        words = " ".join(auto.split())
        assert f"{auto_style.A_LAYER} weights a layer and {auto_style.MOST} in all" in words
        assert f"here are {weights} in {layers} layer" in words
        assert ("_value_and_grad_of_one" in auto) is small
        if not small:
            choice = re.search(r"^Everything is computed with arrays.*?\n\n", auto, re.M | re.S)
            assert auto.replace(choice[0], "", 1) == array


def test_the_rule_has_an_end():
    deep = Network([Dense(6)] * 12, inputs=6, loss="huber")
    assert auto_style.MOST < deep.weights <= auto_style.A_LAYER * 12
    assert not auto_style.is_small(deep)


# A slip


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("dW1_1_0 = dz1_1 * x_0", "dW1_1_0 = dz1_1 * x_1"),
        ("((W1_0_0, W1_0_1), (W1_1_0", "((W1_0_1, W1_0_0), (W1_1_0"),
        ("values[0:6].reshape(3, 2)", "values[0:6].reshape(2, 3).T"),
        ("values[6:9], values[9:17]", "values[6:9], values[8:16]"),
    ],
)
def test_a_slip_is_noticed(right, wrong):
    params, x, y = numbers(NETWORK, 3, None)
    source, truth = generate(spec_of(NETWORK)), differences(NETWORK, params, x, y)
    assert right in source
    assert is_right(source, params, x, y, truth)
    assert not is_right(source.replace(right, wrong), params, x, y, truth)
    check(NETWORK, params, x, y)
