"""Networks of every kind: the gradients of the float program against differences in many digits."""

from dataclasses import replace

import core_programs as make
import numpy as np
import pytest
import sympy as sp
from differences import check_gradient, differences, random_values, relative_error
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive import Dense, Network, adjoint, contraction
from derive.activations import ACTIVATIONS, Activated
from derive.adjoint import adjoint_name
from derive.arithmetic import precise
from derive.derivation import Derivation, derive
from derive.evaluate import evaluate
from derive.losses import LOSSES
from derive.program import Program, Role

CUSTOM = (
    "z/(1 + exp(-z))",
    "max(0, z)**2",
    "z*tanh(log(1 + exp(z)))",
    "1/(1 + exp(-3*z))",
    "min(max(z/6 + 1/2, 0), 1)",
    "sqrt(1 + z**2) - 1",
    "z + sin(z)/2",
)
POSITIVE = ("sigmoid", "softplus", "softmax", "1/(1 + exp(-3*z))")
BETWEEN = ("sigmoid", "softmax", "1/(1 + exp(-3*z))")
OUTPUTS = {"cross-entropy": POSITIVE, "binary-cross-entropy": BETWEEN}
"""Activations after which a loss is defined for all weights."""

LIMIT = 1e-12
"""The largest error of a gradient, over its largest entry; see `differences.relative_error`."""


@st.composite
def networks(draw) -> Network:
    loss = draw(st.sampled_from(list(LOSSES)))
    last = st.sampled_from(OUTPUTS.get(loss, (*ACTIVATIONS, *CUSTOM)))
    hidden = st.sampled_from((*ACTIVATIONS, *CUSTOM))
    bias = st.sampled_from((None, "separate", "folded", "none"))
    layers = [
        Dense(draw(st.integers(1, 3)), draw(hidden), draw(bias)) for _ in range(draw(st.integers(0, 3)))
    ]
    output = draw(last)
    # One output of a softmax is 1, and binary cross-entropy the logarithm of 0.
    fewest = 2 if (loss, output) == ("binary-cross-entropy", "softmax") else 1
    layers.append(Dense(draw(st.integers(fewest, 3)), output, draw(bias)))
    return Network(
        layers,
        inputs=draw(st.integers(1, 3)),
        loss=loss,
        layout=draw(st.sampled_from(("column", "row"))),
        bias=draw(st.sampled_from(("separate", "folded", "none"))),
        reduction=draw(st.sampled_from(("sum", "mean"))),
    )


def numbers(d: Derivation, seed: int) -> dict[str, np.ndarray]:
    """Return weights and samples of ordinary size, and targets that fit the loss."""
    chance = np.random.default_rng(seed)
    shapes = {t.name: tuple(int(n) for n in t.shape) for t in d.program.inputs}
    values = {name: chance.integers(-1536, 1536, shape) / 1024 for name, shape in shapes.items()}
    if d.network.loss == "hinge":
        values["y"] = chance.choice([-1.0, 1.0], shapes["y"])
    if "cross-entropy" in d.network.loss:
        values["y"] = chance.integers(0, 5, shapes["y"]) / 4
    return values


KINK = 1e-9


def at_a_kink(d: Derivation, values) -> bool:
    """Whether a step of the differences would cross a kink, where there is no derivative."""
    if d.network.loss == "hinge":
        a = values[f"a{len(d.network.layers)}"]
        if np.any(np.abs(1 - a * values["y"]) < KINK):
            return True
    joints = (-3.0, 0.0, 3.0)
    z = np.concatenate([values[f"z{n + 1}"].ravel() for n in range(len(d.network.layers))])
    u = values[f"a{len(d.network.layers)}"] - values["y"]
    near = [np.abs(z - at) for at in joints] + [np.abs(u.ravel()), np.abs(np.abs(u.ravel()) - 1)]
    return min(n.min() for n in near) < KINK


def worst_errors(d: Derivation, program: Program, values) -> dict[str, float]:
    found = evaluate(program, values)
    return {
        name: relative_error(found[adjoint_name(name)], differences(d.program, name, values, digits=60))
        for name in d.network.parameter_shapes
    }


@settings(max_examples=60, deadline=None, derandomize=True)
@given(networks(), st.sampled_from([None, 1, 3]), st.integers(0, 10**6))
def test_gradients_of_any_network(network, samples, seed):
    """The norm of an error is the largest entry of the tensor that it is in."""
    d = network.derive(samples)
    values = numbers(d, seed)
    assume(not at_a_kink(d, evaluate(d.program, values, precise(30))))
    for name, error in worst_errors(d, d.numeric, values).items():
        assert error < LIMIT, name


@settings(max_examples=6, deadline=None, derandomize=True)
@given(networks(), st.integers(0, 10**6))
def test_a_symbolic_number_of_samples_is_any_number(network, seed):
    """One derivation for all sizes of a batch, and one sample without an axis for it."""
    whole = network.derive(sp.Symbol("N", integer=True, positive=True))
    one = network.derive()
    for samples in (1, 3):
        fixed = network.derive(samples)
        values = numbers(fixed, seed)
        found, expected = evaluate(whole.numeric, values), evaluate(fixed.numeric, values)
        for name in fixed.program.tensors:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-300)
    single = numbers(network.derive(1), seed)
    flat = {name: v[0] if name in ("x", "y") else v for name, v in single.items()}
    alone, batch = evaluate(one.numeric, flat), evaluate(network.derive(1).numeric, single)
    for name in network.parameter_shapes:
        np.testing.assert_allclose(
            alone[adjoint_name(name)], batch[adjoint_name(name)], rtol=1e-9, atol=1e-12
        )


@settings(max_examples=10, deadline=None, derandomize=True)
@given(networks(), st.integers(0, 10**6))
def test_the_layouts_are_transposes_of_each_other(network, seed):
    column, row = (replace(network, layout=layout).derive(2) for layout in ("column", "row"))
    values = numbers(column, seed)
    turned = {name: v.T if name.startswith("W") else v for name, v in values.items()}
    first, second = evaluate(column.numeric, values), evaluate(row.numeric, turned)
    for name in network.parameter_shapes:
        gradient = first[adjoint_name(name)]
        np.testing.assert_allclose(
            gradient.T if name.startswith("W") else gradient,
            second[adjoint_name(name)],
            rtol=1e-9,
            atol=1e-12,
        )


def test_a_folded_bias_is_a_separate_one_in_the_first_column():
    folded, separate = (
        Network([Dense(3, "tanh"), Dense(2, "sigmoid")], inputs=2, loss="squared-error", bias=bias).derive()
        for bias in ("folded", "separate")
    )
    values = numbers(folded, 5)
    apart = {"x": values["x"], "y": values["y"], "eta": values["eta"]}
    for n in ("1", "2"):
        apart |= {f"b{n}": values[f"W{n}"][:, 0], f"W{n}": values[f"W{n}"][:, 1:]}
    one, two = evaluate(folded.numeric, values), evaluate(separate.numeric, apart)
    for n in ("1", "2"):
        np.testing.assert_allclose(one[f"dW{n}"][:, 0], two[f"db{n}"], rtol=1e-13)
        np.testing.assert_allclose(one[f"dW{n}"][:, 1:], two[f"dW{n}"], rtol=1e-13)
        np.testing.assert_allclose(one[f"W{n}_new"][:, 0], two[f"b{n}_new"], rtol=1e-13)


def nodes_of(network: Network, samples=None) -> list[int]:
    d = derive(network, samples)
    return [sum(1 for _ in sp.preorder_traversal(s.expr)) for p in (d.program, d.numeric) for s in p.steps]


def classifier(*widths: int) -> Network:
    layers = [*(Dense(n, "sigmoid") for n in widths[1:-1]), Dense(widths[-1], "softmax")]
    return Network(layers, inputs=widths[0], loss="cross-entropy")


def test_no_step_grows_with_the_width_of_a_layer():
    for samples in (None, sp.Symbol("N", integer=True, positive=True)):
        assert nodes_of(classifier(4, 5, 3), samples) == nodes_of(classifier(784, 512, 10), samples)
        deep = nodes_of(classifier(784, 512, 512, 10), samples)
        assert deep == nodes_of(classifier(4, 5, 6, 3), samples)
        assert sum(deep) < 2_000


def test_the_nodes_grow_with_the_depth_and_no_faster():
    small, large = (sum(nodes_of(classifier(*[5] * depth))) for depth in (6, 11))
    per_layer = (large - small) / 5
    assert sum(nodes_of(classifier(*[5] * 31))) == pytest.approx(large + 20 * per_layer, abs=1)


# Each of these breaks one rule of the calculus, and the check of gradients sees it.


NETWORK = Network([Dense(2, "tanh"), Dense(2, "softmax")], inputs=2, loss="cross-entropy", bias="folded")


def fails() -> None:
    d = NETWORK.derive(2)
    values = numbers(d, 3)
    try:
        errors = worst_errors(d, d.program, values)
    except (ValueError, KeyError):
        return  # refused before there is a number
    assert max(errors.values()) > 1e-3


def test_the_unbroken_calculus_passes():
    d = NETWORK.derive(2)
    assert max(worst_errors(d, d.program, numbers(d, 3)).values()) < LIMIT


def is_noticed(forward: Program, *wrt: str) -> None:
    """Assert that the gradients are refused: by the program, by the evaluation, or by the differences."""
    with pytest.raises((AssertionError, ValueError, KeyError)):
        check_gradient(forward, wrt, random_values(forward, seed=7))


def test_a_delta_that_is_dropped_is_noticed(monkeypatch):
    real = contraction._solve

    def solve(where, p, limits):
        found = real(where, p, limits)
        return found and (found[0], sp.Integer(0))

    monkeypatch.setattr(contraction, "_solve", solve)
    fails()


def test_a_use_that_is_forgotten_is_noticed(monkeypatch):
    """A softmax uses each input twice: above the line and below."""
    real = adjoint.partials
    monkeypatch.setattr(adjoint, "partials", lambda *args: real(*args)[: 1 if args[1] == "z2" else None])
    fails()


def test_a_forgotten_use_of_a_shared_weight_is_noticed(monkeypatch):
    forward = make.recurrent(2, 3, 3)
    real = adjoint._adjoint_step
    monkeypatch.setattr(
        adjoint,
        "_adjoint_step",
        lambda whole, name, parts: real(whole, name, parts[: 2 if name == "W" else None]),
    )
    check_gradient(forward, ["U"], random_values(forward, seed=7))
    is_noticed(forward, "W")


def test_a_border_that_is_not_clipped_is_noticed(monkeypatch):
    forward = make.convolution(6, 3)
    monkeypatch.setattr(contraction, "_restrict", lambda state, *_: state)
    check_gradient(forward, ["w"], random_values(forward, seed=7))
    is_noticed(forward, "x")


def test_a_forgotten_sum_over_the_samples_is_noticed(monkeypatch):
    real = contraction.summed
    monkeypatch.setattr(contraction, "summed", lambda body, limits: real(body, limits[1:]))
    fails()


def test_a_wrong_derivative_of_an_activation_is_noticed(monkeypatch):
    monkeypatch.setattr(Activated, "fdiff", lambda self, _=1: 1 - self**2 / 2)
    fails()


def test_every_hidden_tensor_has_its_gradient():
    d = NETWORK.derive()
    hidden = {t.name for t in d.program.with_role(Role.HIDDEN)}
    assert {t.of for t in d.program.with_role(Role.ADJOINT)} >= hidden - {"X1"}
