"""The style ``scalar``: steps and training with the weights in variables, and what they refuse."""

import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modules_truth import imported, spec_of
from test_modules_gradients import networks, numbers

from codegen.modules import generate
from codegen.modules.unrolled import unrolled
from derive.adjoint import differentiate
from derive.network import Dense, Network
from derive.optimizers import gradient_descent
from derive.program import Program, Role, Rule, Step, Tensor, index, total

NETWORK = Network([Dense(3, "tanh"), Dense(2, "softmax", "folded")], inputs=2, loss="cross-entropy")
SAMPLES, TARGETS = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]


@pytest.fixture(scope="module")
def module():
    with imported(generate(spec_of(NETWORK), style="scalar")) as made:
        yield made


def flat_parameters(network=NETWORK, seed=1):
    rng = np.random.default_rng(seed)
    return [float(v) for shape in network.parameter_shapes.values() for v in rng.normal(size=shape).ravel()]


def repeated(module, params, samples, targets, rate, epochs, mean):
    """Training as a loop of single steps."""
    losses = []
    for _ in range(epochs):
        total_loss = 0.0
        for x, y in zip(samples, targets, strict=True):
            loss, params = module.sgd_step(params, x, y, rate)
            total_loss = total_loss + loss
        losses.append(total_loss / len(samples) if mean else total_loss)
    return tuple(losses), tuple(params)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 2**32), st.integers(0, 3))
def test_training_is_step_after_step_to_the_last_bit(network, seed, epochs):
    params, x, y = numbers(network, seed, 3)
    with imported(generate(spec_of(network), style="scalar")) as module:
        flat = module.pack(params.values())
        found = module.train(flat, x, y, 0.01, epochs)
        assert found == repeated(
            module, flat, x.tolist(), y.tolist(), 0.01, epochs, network.reduction == "mean"
        )
        assert {type(number) for part in found for number in part} == {float}


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_training_against_the_array_style(reduction):
    network = Network([Dense(3, "sigmoid"), Dense(2)], inputs=2, loss="squared-error", reduction=reduction)
    params, x, y = numbers(network, 5, 4)
    with (
        imported(generate(spec_of(network), style="scalar")) as scalar,
        imported(generate(spec_of(network), style="array")) as array,
    ):
        losses, after = scalar.train(scalar.pack(params.values()), x, y, 0.05, 20)
        state, seen = array.Params(*params.values()), []
        for _ in range(20):
            steps = []
            for sample, target in zip(x, y, strict=True):
                loss, state = array.sgd_step(state, sample, target, 0.05)
                steps.append(loss)
            seen.append(np.sum(steps) if reduction == "sum" else np.mean(steps))
        np.testing.assert_allclose(losses, seen, rtol=1e-12)
        np.testing.assert_allclose(after, scalar.pack(state), rtol=1e-11)
        assert losses[-1] < losses[0]
        # At a rate of 0, an epoch's loss is what the array style calls the loss of the batch.
        (still,), same = scalar.train(scalar.pack(params.values()), x, y, 0, 1)
        assert still == pytest.approx(array.loss(params.values(), x, y), rel=1e-14)
        assert same == scalar.pack(params.values())


def test_what_may_be_given(module):
    params = flat_parameters()
    expected = module.train(params, SAMPLES, TARGETS, 0.5, 2)
    arrays = np.array(params), np.array(SAMPLES), np.array(TARGETS)
    assert module.train(*arrays, np.float32(0.5), np.int8(2)) == expected
    assert module.train(tuple(params), map(tuple, SAMPLES), iter(TARGETS), 0.5, 2) == expected
    assert module.train(params, list(arrays[1]), list(arrays[2]), np.array(0.5), 2) == expected
    assert module.train(params, SAMPLES, TARGETS, 0.5, 0) == ((), tuple(params))
    whole = [1] * 17
    assert module.train(whole, [[1, 0]], [[0, 1]], 1, 1)[1] == module.sgd_step(whole, [1, 0], [0, 1], 1)[1]
    losses, after = module.sgd_step(np.array(params), *(np.array(v[0]) for v in (SAMPLES, TARGETS)), 0.5)
    assert (losses, after) == module.sgd_step(params, SAMPLES[0], TARGETS[0], 0.5)
    assert module.sgd_step(range(17), (0.5, 1.0), range(2), 0.5) == module.sgd_step(
        list(range(17)), [0.5, 1.0], [0, 1], 0.5
    )
    assert {
        type(number) for number in module.sgd_step(params, SAMPLES[0], TARGETS[0], np.float64(0.5))[1]
    } == {float}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"params": [0.5] * 16}, "params: expected 17 numbers, given 16"),
        ({"params": np.ones((17, 1))}, "params: expected the shape (17,), given (17, 1)"),
        ({"params": ["0.5"] * 17}, "params: expected a number, given '0.5'"),
        ({"params": None}, "params: expected 17 numbers, given None"),
        ({"samples": [], "targets": []}, "samples: expected at least one, given none"),
        ({"samples": [[1.0, 2.0], [1.0]]}, "samples[1]: expected 2 numbers, given 1"),
        ({"samples": [1.0, 2.0]}, "samples[0]: expected 2 numbers, given 1.0"),
        ({"samples": np.ones(2)}, "samples: expected the shape (N, 2), given (2,)"),
        ({"samples": [[1.0, 1j]]}, "samples[0]: expected a number, given 1j"),
        ({"samples": [[1.0, 10**400]]}, f"samples[0]: expected a number, given 1{'0' * 400}"),
        ({"samples": 3}, "samples: expected sequences of 2 numbers, given 3"),
        ({"targets": [[1.0, 0.0, 0.0]] * 3}, "targets[0]: expected 2 numbers, given 3"),
        ({"targets": TARGETS[1:]}, "targets: expected 3, one for each sample, given 2"),
        ({"learning_rate": "fast"}, "learning_rate: expected a number, given 'fast'"),
        ({"learning_rate": [0.1]}, "learning_rate: expected a number, given [0.1]"),
        ({"learning_rate": np.array([0.1])}, "learning_rate: expected a number, given array([0.1])"),
        ({"epochs": -1}, "epochs: expected a whole number, 0 or above, given -1"),
        ({"epochs": 1.0}, "epochs: expected a whole number, 0 or above, given 1.0"),
        ({"epochs": None}, "epochs: expected a whole number, 0 or above, given None"),
    ],
)
def test_training_names_what_is_wrong(module, change, message):
    given_ = {
        "params": flat_parameters(),
        "samples": SAMPLES,
        "targets": TARGETS,
        "learning_rate": 0.5,
        "epochs": 1,
    }
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        module.train(**(given_ | change))


@pytest.mark.parametrize("rate", ["0.1", [0.1], np.array([0.1]), None, 1j])
def test_a_step_refuses_what_is_no_rate(module, rate):
    with pytest.raises(ValueError, match=r"^learning_rate: expected a number, given "):
        module.sgd_step(flat_parameters(), SAMPLES[0], TARGETS[0], rate)


def test_a_sequence_that_is_none_is_named(module):
    with pytest.raises(ValueError, match=r"^x: expected 2 numbers, given None$"):
        module.value_and_grad(flat_parameters(), None, TARGETS[0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 2**32), st.floats(0, 10))
def test_a_step_is_minus_the_rate_times_the_gradient_to_the_last_bit(network, seed, rate):
    params, x, y = numbers(network, seed, None)
    with imported(generate(spec_of(network), style="scalar")) as module:
        given_ = module.pack(params.values()), x.tolist(), y.tolist()
        loss, slopes = module.value_and_grad(*given_)
        after = tuple(w - rate * g for w, g in zip(given_[0], slopes, strict=True))
        assert module.sgd_step(*given_, rate) == (loss, after)


VALUES = {"U1_0": 3.0, "U1_1": 5.0, "V1_0": 7.0, "V1_1": 11.0, "x_0": 2.0, "x_1": -1.0, "learning_rate": 0.5}


def steps_of(program):
    """The loss and the new U1 and V1 by the lines of `train`, and by those of `sgd_step`."""
    flat = unrolled(program, [])
    lines, new = flat.step_apart(indent=0)
    values, apart = dict(VALUES), dict(VALUES)
    for given_, source in ((values, flat.step(indent=0)), (apart, [*lines, "new = (", *new, ")"])):
        exec(compile("\n".join(source), "step", "exec"), {}, given_)  # noqa: S102  # lines made here
    names = ("U1_0", "U1_1", "V1_0", "V1_1")
    assert [apart[name] for name in names] == [VALUES[name] for name in names], "nothing changes in place"
    return [values[name] for name in ("L", *names)], [apart["L"], *apart["new"]]


def weights():
    return (Tensor(name, Role.PARAMETER, (sp.Integer(2),)) for name in ("U1", "V1"))


def test_weights_change_at_once():
    """The derivative of u v by u is v: it is the v before the step, although both change in place."""
    i = index("i")
    u, v = weights()
    loss = Step(Tensor("L", Role.LOSS, ()), (), total(u[i] * v[i], (i, 2)), Rule("product", ""))
    program = gradient_descent(differentiate(Program((u, v), (loss,))))
    expected = [76.0, -0.5, -0.5, 5.5, 8.5]
    assert steps_of(program) == (expected, expected)


def test_a_slope_that_another_one_reads_keeps_its_name():
    i = index("i")
    u, v = weights()
    x = Tensor("x", Role.INPUT, (sp.Integer(2),))
    du, dv = (Tensor(f"d{w.name}", Role.ADJOINT, w.shape, of=w.name) for w in (u, v))
    rule = Rule("made up", "")
    steps = (
        Step(Tensor("L", Role.LOSS, ()), (), total(x[i], (i, 2)), rule),
        Step(du, (i,), 3 * x[i], rule),
        Step(dv, (i,), du[i] * x[i], rule),
    )
    program = gradient_descent(Program((u, v, x), steps))
    expected = [1.0, 0.0, 6.5, 1.0, 9.5]
    assert steps_of(program) == (expected, expected)
    lines = unrolled(program, []).step()
    assert "    dU1_0 = 3.0 * x_0" in lines
    assert "    V1_0 = V1_0 - learning_rate * (dU1_0 * x_0)" in lines
