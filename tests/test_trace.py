"""The numbers of a worked example, against plain NumPy, against the sources, and against differences."""

import dataclasses

import numpy as np
import pytest
from plain_network import PlainNetwork

from derive import examples
from derive.differences import gradient_by_differences
from derive.network import Dense, Network
from derive.spec import Example, Spec, load, parse
from derive.trace import Trace, TraceError, trace


def quantities(result: Trace) -> dict[str, np.ndarray]:
    """Name the numbers as the records of the examples do."""
    return (
        dict(result.values)
        | {f"grad:{name}": value for name, value in result.gradients.items()}
        | {f"updated:{name}": value for name, value in result.updated.items()}
        | {"loss": np.array(result.loss), "loss_after": np.array(result.loss_after)}
    )


@pytest.mark.parametrize("name", examples.names())
def test_bundled_examples_have_the_numbers_of_plain_numpy(name):
    truth, found = PlainNetwork(name).quantities(), quantities(trace(load(name)))
    assert found.keys() <= truth.keys()
    for quantity, value in found.items():
        assert np.allclose(value, truth[quantity], rtol=1e-13, atol=1e-15), quantity
        assert np.shape(value) == np.shape(truth[quantity])


@pytest.mark.parametrize("name", examples.names())
def test_every_right_number_of_a_source_is_found(name):
    found = quantities(trace(load(name)))
    entries = [entry for entry in examples.record(name) if entry.true and entry.quantity in found]
    assert entries
    assert {e.quantity for e in entries if e.mismatches(found[e.quantity])} == set()


def network(**changes: str) -> Spec:
    """Return a network of two layers with separate biases and three samples, changed where asked."""
    parts = {
        "loss": "half-squared-error",
        "layout": "column",
        "reduction": "sum",
        "hidden": "tanh",
        "output": "linear",
        "x": "[[1, -0.5], [0.25, 2], [-1, 0.75]]",
        "y": "[[1, 0], [0.25, 0.75], [0, 1]]",
        "rate": "learning_rate = 0.5",
        "scale": "1",
        **changes,
    }
    scale = float(parts["scale"])
    W1 = scale * np.array([[0.3, -0.7], [0.2, 0.9], [-0.4, 0.1]])
    W2 = scale * np.array([[0.6, -0.3, 0.8], [-0.5, 0.2, 0.7]])
    if parts["layout"] == "row":
        W1, W2 = W1.T, W2.T
    text = f"""
        [network]
        inputs = 2
        loss = "{parts["loss"]}"
        layout = "{parts["layout"]}"
        reduction = "{parts["reduction"]}"
        [[network.layers]]
        units = 3
        activation = "{parts["hidden"]}"
        [[network.layers]]
        units = 2
        activation = "{parts["output"]}"
        [example]
        x = {parts["x"]}
        y = {parts["y"]}
        {parts["rate"]}
        parameters.W1 = {W1.tolist()}
        parameters.b1 = [0.1, -0.2, 0.3]
        parameters.W2 = {W2.tolist()}
        parameters.b2 = [-0.1, 0.4]
    """
    return parse(text, "net.toml")


CASES = [
    {},
    {"layout": "row", "reduction": "mean"},
    {"loss": "cross-entropy", "output": "softmax"},
    {"loss": "cross-entropy", "output": "softmax", "y": "[[1, 0], [3, 1], [0, 0.5]]"},  # sums other than 1
    {"loss": "binary-cross-entropy", "output": "sigmoid", "hidden": "z/(1 + exp(-z))"},
    {"loss": "mean-squared-error", "hidden": "min(max(z, 0), 1)", "x": "[1, -0.5]", "y": "[1, 0]"},
    {"loss": "huber", "hidden": "z*tanh(softplus(z))"},
    {"loss": "absolute-error", "hidden": "z/(1 + abs(z))"},
]


@pytest.mark.parametrize("changes", CASES)
def test_gradients_are_those_of_differences(changes):
    spec = network(**changes)
    assert spec.example is not None
    gradients = trace(spec).gradients
    for name, slope in gradient_by_differences(spec.network, spec.example).items():
        assert np.allclose(gradients[name], slope, rtol=1e-12, atol=1e-14), name


def test_differences_notice_a_wrong_gradient():
    spec, other = network(), network(reduction="mean")
    assert spec.example is not None
    slopes = gradient_by_differences(other.network, spec.example)
    assert not np.allclose(trace(spec).gradients["W1"], slopes["W1"], rtol=1e-6)


def test_differences_take_0_log_0_as_0():
    """A softmax of one output is 1 whatever its input is; a target of 1 multiplies ``log(1 - 1)`` by 0."""
    layer = Dense(1, "softmax")
    given = Example((0.5,), (1.0,), None, {"W1": ((2.0,),)}, None)
    for loss in ("binary-cross-entropy", "cross-entropy"):
        slopes = gradient_by_differences(Network([layer], inputs=1, loss=loss, bias="none"), given)
        assert slopes["W1"].tolist() == [[0.0]]


def test_the_update_steps_against_the_gradient_and_lowers_the_loss():
    spec = network(rate="learning_rate = 0.01")
    assert spec.example is not None
    result = trace(spec)
    for name, value in spec.example.parameters.items():
        assert np.allclose(result.updated[name], np.array(value) - 0.01 * result.gradients[name], rtol=1e-15)
    assert result.loss_after is not None
    assert result.loss_after < result.loss
    after = parse_with(spec, {name: value.tolist() for name, value in result.updated.items()})
    assert trace(after).loss == pytest.approx(result.loss_after, rel=1e-15)


def parse_with(spec: Spec, parameters: dict[str, list]) -> Spec:
    assert spec.example is not None
    frozen = {name: tuple(map(tuple, v)) if np.ndim(v) > 1 else tuple(v) for name, v in parameters.items()}
    return dataclasses.replace(spec, example=dataclasses.replace(spec.example, parameters=frozen))


def test_a_batch_has_its_samples_first_and_adds_up_its_samples():
    batch = trace(network())
    single = [trace(network(x=x, y=y)) for x, y in (("[1, -0.5]", "[1, 0]"), ("[0.25, 2]", "[0.25, 0.75]"),
                                                    ("[-1, 0.75]", "[0, 1]"))]  # fmt: skip
    for name, value in batch.values.items():
        assert np.allclose(value, [one.values[name] for one in single], rtol=1e-14)
    assert batch.values["z1"].shape == batch.gradients["z1"].shape == (3, 3)
    assert batch.gradients["W1"] == pytest.approx(sum(one.gradients["W1"] for one in single), rel=1e-13)
    assert batch.loss == pytest.approx(sum(one.loss for one in single))


def test_names_are_canonical_and_a_folded_bias_has_its_extended_inputs():
    assert list(trace(network()).values) == ["z1", "a1", "z2", "a2"]
    assert set(trace(network()).gradients) == {"W1", "b1", "W2", "b2", "z1", "a1", "z2", "a2"}
    folded = trace(load("lecture6"))
    assert list(folded.values) == ["X1", "z1", "a1", "X2", "z2", "a2"]
    assert set(folded.gradients) == {"W1", "W2", "z1", "a1", "X2", "z2", "a2"}
    softmax = trace(network(loss="cross-entropy", output="softmax"))
    assert list(softmax.values) == ["z1", "a1", "z2", "a2"]


def test_without_a_learning_rate_there_is_no_update():
    result = trace(network(rate=""))
    assert result.loss_after is None
    assert result.updated == {}
    assert result.gradients.keys() == trace(network()).gradients.keys()


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "softplus", "silu", "gelu", "elu"])
def test_large_arguments_do_not_overflow(hidden):
    result = trace(network(scale="4000", hidden=hidden))
    assert abs(result.values["z1"]).max() > 800
    assert all(np.isfinite(value).all() for value in result.gradients.values())
    assert result.beyond_floats == ()


@pytest.mark.parametrize(
    ("loss", "output"), [("cross-entropy", "softmax"), ("binary-cross-entropy", "sigmoid")]
)
def test_only_the_gradient_by_a_vanishing_output_may_be_infinite(loss, output):
    result = trace(network(scale="4000", loss=loss, output=output))
    assert result.beyond_floats == ("a2",)
    targets = np.array([[1, 0], [0.25, 0.75], [0, 1]])
    assert np.allclose(result.gradients["z2"], result.values["a2"] - targets, rtol=1e-14)
    assert all(np.isfinite(result.gradients[name]).all() for name in ("W1", "b1", "W2", "b2", "z1", "a1"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden": "exp(z)", "scale": "4000"}, "a1 is not a finite number"),
        ({"hidden": "log(z)"}, "a1 is not a finite number"),
        ({"hidden": "z**8", "scale": "1e30", "output": "z**9"}, "not a finite number"),
        ({"rate": "learning_rate = 1e308", "scale": "1000"}, "after the update"),
    ],
)
def test_numbers_that_are_not_finite_are_named(changes, words):
    with pytest.raises(TraceError, match=words) as caught:
        trace(network(**changes))
    assert str(caught.value).startswith("net.toml: ")


def test_a_network_without_an_example_says_what_to_add():
    spec = parse('[network]\ninputs = 1\nloss = "huber"\nlayers = [{units = 1}]', "net.toml")
    with pytest.raises(TraceError, match=r"net\.toml: there is no \[example\]: add one with x, y"):
        trace(spec)
