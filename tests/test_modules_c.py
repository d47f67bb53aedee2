"""The style ``c``: gradients against differences of the loss, the recorded numbers, and what it needs."""

from itertools import product

import numpy as np
import pytest
from c_compiled import library, undefined_symbols
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from modules_truth import differences, loss_at, relative_error, spec_of
from test_modules_gradients import EXPRESSIONS, is_within_the_digits, networks, numbers

from codegen.modules import StyleError, generate
from derive import examples
from derive.activations import ACTIVATIONS
from derive.arithmetic import precise
from derive.derivation import derive
from derive.evaluate import evaluate
from derive.losses import LOSSES
from derive.network import BIASES, LAYOUTS, REDUCTIONS, Dense, Network
from derive.spec import load

LIMITS = {"float64": 1e-12, "float32": 2e-4}


def check(network, seed, dtypes=("float64",), change=str):
    params, x, y = numbers(network, seed, None)
    for dtype in dtypes:
        exact = {name: value.astype(dtype).astype(float) for name, value in params.items()}
        xs, ys = x.astype(dtype).astype(float), y.astype(dtype).astype(float)
        truth = differences(network, exact, xs, ys)
        loss = float(loss_at(network, exact | {"x": xs, "y": ys}))
        if not is_within_the_digits(network, loss):
            reject()
        with library(spec_of(network), dtype, change) as made:
            value, found = made.value_and_grad(params, x, y)
            assert made.loss(params, x, y) == value
            stepped = made.sgd_step(params, x, y, 0.5)
        assert value == pytest.approx(loss, rel=LIMITS[dtype])
        for name, expected in truth.items():
            assert relative_error(found[name], expected) < LIMITS[dtype], (dtype, name)
            after = params[name].astype(dtype) - np.asarray(0.5, dtype) * found[name]
            assert np.array_equal(stepped[1][name], after), (dtype, name)
        assert stepped[0] == value


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 2**32))
def test_any_network(network, seed):
    check(network, seed)


@pytest.mark.parametrize("activation", [*ACTIVATIONS, *EXPRESSIONS])
def test_every_activation_in_both_types(activation):
    layers = [Dense(3, activation), Dense(2, "tanh")]
    check(Network(layers, inputs=2, loss="squared-error"), 7, LIMITS)


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_every_loss(loss):
    last = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid"}.get(loss, "linear")
    check(Network([Dense(2, "tanh"), Dense(3, last)], inputs=2, loss=loss), 11, LIMITS)


@pytest.mark.parametrize(("layout", "bias"), list(product(LAYOUTS, BIASES)))
def test_every_layout_and_bias(layout, bias):
    layers = [Dense(3, "silu"), Dense(4, "sigmoid"), Dense(2, "softmax")]
    check(Network(layers, inputs=5, loss="cross-entropy", layout=layout, bias=bias), 13)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("bias", BIASES)
def test_a_batch_and_an_epoch(reduction, bias):
    """A batch against differences of its loss; an epoch against one step after the other, to the last bit."""
    layers = [Dense(3, "tanh"), Dense(2, "softmax")]
    network = Network(layers, inputs=4, loss="cross-entropy", bias=bias, reduction=reduction)
    params, x, y = numbers(network, 17, 5)
    truth, loss = differences(network, params, x, y), float(loss_at(network, params | {"x": x, "y": y}))
    with library(spec_of(network)) as made:
        losses, gradient, after = made.batch(params, x, y, 0.25)
        assert losses == pytest.approx([loss] * 3, rel=1e-13)
        for name, expected in truth.items():
            assert relative_error(gradient[name], expected) < LIMITS["float64"], name
            np.testing.assert_array_equal(after[name], params[name] - 0.25 * gradient[name])
        total, state = 0.0, params
        for sample, target in zip(x, y, strict=True):
            one, state = made.sgd_step(state, sample, target, 0.25)
            total += one
        loss, found = made.epoch(params, x, y, 0.25)
    assert loss == (total / 5 if reduction == "mean" else total)
    for name, expected in state.items():
        np.testing.assert_array_equal(found[name], expected)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("dz1[i] = da1[i] * ", "dz1[i] = -da1[i] * "),
        ("acc += W2[i][j] * a1[j]", "acc += W2[j][i] * a1[j]"),
        ("da1[j] += dz2[i] * W2[i][j]", "da1[j] += dz2[i] * W2[j][i]"),
        ("W1[i][j] - learning_rate", "W1[i][j] + learning_rate"),
    ],
)
def test_a_slip_is_noticed(right, wrong):
    network = Network([Dense(2, "sigmoid"), Dense(2, "tanh")], inputs=2, loss="squared-error")
    assert right in generate(spec_of(network), style="c")
    with pytest.raises(AssertionError):
        check(network, 5, change=lambda source: source.replace(right, wrong))


@pytest.mark.parametrize("name", [name for name in examples.names() if examples.record(name)])
def test_the_recorded_numbers(name):
    """What the sources of the examples print; what they print wrongly is held against what they should."""
    spec = load(name)
    example = spec.example
    params = {key: np.array(value) for key, value in example.parameters.items()}
    x, y = np.array(example.x), np.array(example.y)
    with library(spec) as made:
        values = made.forward(params, x)
        loss, gradient = made.value_and_grad(params, x, y)
        values |= {"loss": loss} | {f"grad:{key}": value for key, value in gradient.items()}
        _, updated = made.sgd_step(params, x, y, example.learning_rate)
        values |= {f"updated:{key}": value for key, value in updated.items()}
        values["loss_after"] = made.loss(updated, x, y)
        values |= {f"after:{key}": value for key, value in made.forward(updated, x).items()}
    judged = 0
    for entry in examples.record(name):
        if entry.quantity not in values:
            continue
        judged += 1
        if entry.true:
            assert entry.mismatches(values[entry.quantity]) == (), entry
        else:
            assert entry.mismatches(values[entry.quantity]), entry
            assert np.allclose(
                np.array(entry.truth), entry.sign * np.asarray(values[entry.quantity]), rtol=1e-12
            )
    assert judged >= 5


LARGE = (0.0, 1e-9, 0.5, 17.0, 37.0, 80.0, 355.0, 710.0, 800.0, 1e4)


def exact(network, params, x, y, digits):
    program = derive(network).program.needed_for(["L", *(f"d{name}" for name in params)])
    found = evaluate(program, params | {"x": x, "y": y, "eta": 0}, precise(digits))
    return {name: found[f"d{name}"].astype(float) for name in params}


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "gelu"])
def test_large_inputs_of_an_activation(activation):
    network = Network([Dense(2, activation), Dense(2)], inputs=1, loss="half-squared-error", bias="none")
    x, y = np.array([1.0]), np.array([0.3, -0.6])
    with library(spec_of(network)) as made:
        for z, sign in product(LARGE, (1, -1)):
            W1 = np.array([[sign * z], [-0.9 * sign * z]])
            params = {"W1": W1, "W2": np.array([[0.5, -0.25], [1.5, 0.75]])}
            loss, found = made.value_and_grad(params, x, y)
            assert np.isfinite(loss)
            for name, truth in exact(network, params, x, y, 100 + int(z)).items():
                assert np.all(np.isfinite(found[name]))
                assert relative_error(found[name], truth, floor=1e-290) < 1e-12, (z * sign, name)


# What it needs


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "gelu"])
def test_no_library_function_beyond_exp_log_tanh(activation, tmp_path):
    network = Network([Dense(3, activation), Dense(2, "sigmoid")], inputs=2, loss="binary-cross-entropy")
    # Copying and clearing memory are calls that a compiler makes; every platform has them.
    assert undefined_symbols(spec_of(network), tmp_path) <= {"exp", "log", "tanh", "memcpy", "memset"}


def test_what_else_it_needs_is_named(tmp_path):
    spec = spec_of(Network([Dense(3, "gelu"), Dense(2)], inputs=2, loss="squared-error"))
    assert "erfc" in undefined_symbols(spec, tmp_path)
    assert "platform has erfc" in generate(spec, style="c")


def test_a_title_cannot_leave_its_comment():
    title = '*/ #error "out" /* \\ ??/'
    layers = [Dense(2, "z*sigmoid(z)"), Dense(1)]
    network = Network(layers, inputs=1, loss="squared-error", title=title)
    assert title in network.title
    with library(spec_of(network)) as made:  # compiled without a warning
        assert made.loss({n: np.zeros(s) for n, s in network.parameter_shapes.items()}, [1.0], [2.0]) == 4.0


def test_too_many_numbers_for_the_stack():
    network = Network([Dense(40_000, "tanh"), Dense(1)], inputs=1, loss="squared-error")
    with pytest.raises(StyleError, match="use --style array"):
        generate(spec_of(network), style="c")
