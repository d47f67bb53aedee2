"""The safe program has the values of the textbook one, and stays finite where that one breaks down."""

import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from core_programs import i, k, step, tensor

import derive.safe
import derive.safe_softmax
from derive import Dense, Derivation, Network
from derive.activations import ACTIVATIONS
from derive.arithmetic import precise
from derive.evaluate import evaluate
from derive.losses import LOSSES
from derive.notation import Notation
from derive.program import Role, total

UNITS = 3
ALWAYS_POSITIVE = {"sigmoid", "softplus", "softmax"}
BETWEEN_0_AND_1 = {"sigmoid", "softmax"}

UNDEFINED_SOMEWHERE = {
    **{("cross-entropy", name): "a > 0" for name in ACTIVATIONS if name not in ALWAYS_POSITIVE},
    **{("binary-cross-entropy", name): "0 < a < 1" for name in ACTIVATIONS if name not in BETWEEN_0_AND_1},
}
"""Pairs whose loss takes the logarithm of a number that may be negative, and what has to hold."""

PAIRS = [(loss, activation) for loss in LOSSES for activation in ACTIVATIONS]
EVERYWHERE = [pair for pair in PAIRS if pair not in UNDEFINED_SOMEWHERE]
CHECKED = ("L", "da1", "dz1", "dW1", "db1")


@cache
def derivation(loss: str, activation: str, samples: int | None = None) -> Derivation:
    return Network([Dense(UNITS, activation)], inputs=UNITS, loss=loss).derive(samples)


def given_z(z, y) -> dict:
    """Let the inputs be the pre-activations: the weights are the identity."""
    return {"x": z, "W1": np.eye(UNITS), "b1": np.zeros(UNITS), "y": y, "eta": 0.5}


def targets(loss: str) -> list[list[float]]:
    if loss == "hinge":
        return [[-1.0, 1.0, 1.0], [1.0, -1.0, -1.0]]
    if loss in ("cross-entropy", "binary-cross-entropy"):
        return [[0.0, 1.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]
    return [[0.3, 0.75, -0.25], [2.0, -1.5, 0.125]]


def inputs(loss: str, activation: str, size: float) -> list[np.ndarray]:
    """Return pre-activations of a size; of a pair that is not defined everywhere, where it is."""
    if (loss, activation) == ("binary-cross-entropy", "softplus"):
        return [np.array([-size, -size / 2, 0.25]), np.array([-size / 3, 0.5, -size])]
    if (loss, activation) in UNDEFINED_SOMEWHERE:
        top = size if loss == "cross-entropy" or activation == "tanh" else 0.75
        return [np.minimum([size / 8, size, size / 2], top), np.minimum([size, size / 3, size / 50], top)]
    return [np.array([size, -size, size / 2]), np.array([-size / 3, size / 7, size]), np.zeros(3)]


def near_the_joint(loss: str, y, truth) -> bool:
    """Whether the derivative of the hinge jumps within the rounding of an output."""
    return loss == "hinge" and any(abs(1 - a * t) < 1e-9 for a, t in zip(truth["a1"], y, strict=True))


def deviation(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest error over the largest entry of the truth; 0 where that is beyond floats."""
    largest = max(abs(t) for t in truth.ravel())
    if not 1e-290 < largest < 1e300:
        return 0.0
    return float(max(abs(f - t) for f, t in zip(found.ravel(), truth.ravel(), strict=True)) / largest)


def compare(loss: str, activation: str, size: float, digits: int) -> None:
    d = derivation(loss, activation)
    for z in inputs(loss, activation, size):
        for y in targets(loss):
            truth = evaluate(d.program, given_z(z, y), precise(digits))
            if near_the_joint(loss, y, truth):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = evaluate(d.numeric, given_z(z, y))
            for name in CHECKED:
                if cancels(loss, activation, name, truth):
                    continue
                assert deviation(found[name], truth[name]) < 1e-12, (name, z, y)


def cancels(loss: str, activation: str, name: str, truth) -> bool:
    """Whether the loss is so small that the rounding of an output, ``1e-16``, is more than ``1e-12`` of it.

    ``log a`` for a tanh, and ``a - y`` after a softmax, keep an absolute error of one rounding of ``a``.
    """
    listed = activation == "softmax" or (loss, activation) == ("cross-entropy", "tanh")
    return listed and "cross-entropy" in loss and name != "da1" and abs(truth["L"]) < 1e-4


@pytest.mark.parametrize(("loss", "activation"), PAIRS)
def test_the_safe_program_has_the_values_of_the_textbook(loss, activation):
    compare(loss, activation, 1.5, digits=50)
    compare(loss, activation, 30.0, digits=120)


@pytest.mark.parametrize(("loss", "activation"), EVERYWHERE)
def test_it_has_them_where_the_textbook_would_overflow(loss, activation):
    compare(loss, activation, 400.0, digits=750)


@pytest.mark.parametrize("size", [800.0, 1e4, 1e8, 1e-8])
@pytest.mark.parametrize(("loss", "activation"), PAIRS)
def test_it_is_finite_at_extremes_and_nothing_is_warned_of(loss, activation, size):
    d = derivation(loss, activation)
    for z in inputs(loss, activation, size):
        for y in targets(loss):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = evaluate(d.numeric, given_z(z, y))
            assert all(np.all(np.isfinite(found[name])) for name in ("a1", "L", "dz1", "dW1", "db1"))
            assert not np.any(np.isnan(found["da1"]))


@pytest.mark.parametrize(("loss", "activation"), UNDEFINED_SOMEWHERE)
def test_where_a_loss_is_not_defined_it_is_not_a_number(loss, activation):
    """No finite number is made up for the logarithm of what is not positive."""
    z = [2.0, 3.0, 4.0] if (loss, activation) == ("binary-cross-entropy", "softplus") else [-2.0, -3.0, -0.5]
    y = [0.0, 0.5, 0.0] if loss == "binary-cross-entropy" and activation == "softplus" else [0.5, 0.25, 0.25]
    with np.errstate(all="ignore"):
        found = evaluate(derivation(loss, activation).numeric, given_z(z, y))
    assert not np.isfinite(found["L"])


@pytest.mark.parametrize("loss", ["cross-entropy", "binary-cross-entropy"])
def test_saturated_outputs_of_a_batch(loss):
    """Each sample has its own largest input, and ties have more than one."""
    z = np.array(
        [[900.0, -900.0, 0.0], [1.0, 1.0, 1.0], [5.0, 5.0, -800.0], [0.0, 2.0, 1.0], [0.0, 0.0, 1e-17]]
    )
    y = np.array([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    d = derivation(loss, "softmax", samples=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluate(d.numeric, given_z(z, y))
    truth = evaluate(d.program, given_z(z, y), precise(900))
    for name in CHECKED:
        assert deviation(found[name], truth[name]) < 1e-12, name


def test_binary_cross_entropy_of_a_saturated_softmax_is_the_distance_of_the_inputs():
    d = derivation("binary-cross-entropy", "softmax")
    found = evaluate(d.numeric, given_z([1e4, 0.0, -5.0], [0.0, 0.0, 1.0]))
    small = np.exp(-5) / (1 + np.exp(-5))
    assert found["L"] == pytest.approx(1e4 - np.log1p(np.exp(-5)) + 1e4 + 5.0, rel=1e-14)
    np.testing.assert_allclose(found["dz1"], [2.0, small - 1.0, -1.0 - small], rtol=1e-12)


def test_what_the_safe_program_defines_is_what_the_textbook_defines():
    for loss, activation in PAIRS:
        d = derivation(loss, activation)
        known, safe = d.program.tensors, d.numeric.tensors
        assert known.items() <= safe.items()
        assert all(tensor.role is Role.HIDDEN for name, tensor in safe.items() if name not in known)


def test_one_output_of_a_softmax_is_1():
    d = Network([Dense(1, "softmax")], inputs=1, loss="binary-cross-entropy").derive()
    found = evaluate(d.numeric, {"x": [3.0], "W1": [[1.0]], "b1": [0.0], "y": [1.0], "eta": 0.1})
    assert found["a1"] == [1.0]
    assert found["L"] == 0.0


@pytest.mark.parametrize(
    ("loss", "name", "size"),
    [
        ("binary-cross-entropy", "log_complement", 800.0),
        ("cross-entropy", "log_softmax", 800.0),
    ],
)
def test_the_textbook_logarithm_is_noticed(monkeypatch, loss, name, size):
    """With the rewrite of a logarithm taken away, the loss is infinite where it should be large."""
    wrong = {"log_softmax": lambda node, _: sp.log(node)}.get(name, lambda node, _: sp.log(1 - node))
    monkeypatch.setattr(derive.safe, name, wrong)
    d = Network([Dense(UNITS, "softmax")], inputs=UNITS, loss=loss).derive()
    with np.errstate(all="ignore"):
        found = evaluate(d.numeric, given_z([size, -size, 0.0], [0.0, 1.0, 0.0]))
    assert not np.isfinite(found["L"])


def test_a_softmax_that_is_not_shifted_is_noticed(monkeypatch):
    monkeypatch.setattr(derive.safe, "is_softmax", lambda _: False)
    d = Network([Dense(UNITS, "softmax")], inputs=UNITS, loss="squared-error").derive()
    with np.errstate(all="ignore"):
        found = evaluate(d.numeric, given_z([800.0, 0.0, 0.0], [0.0, 1.0, 0.0]))
    assert np.isnan(found["L"])


def test_a_gradient_with_its_shift_forgotten_is_noticed(monkeypatch):
    """The shifts may be held fixed in a derivative; the inputs that are shifted may not."""
    real = derive.safe.through_complement

    def lost(base, loss, softmax):
        steps = real(base, loss, softmax)
        return [*steps[:-1], replace(steps[-1], expr=steps[-1].expr.subs(steps[-1].expr.args[0], 0))]

    monkeypatch.setattr(derive.safe, "through_complement", lost)
    monkeypatch.setitem(globals(), "derivation", derivation.__wrapped__)
    with pytest.raises(AssertionError):
        compare("binary-cross-entropy", "softmax", 1.5, digits=50)


def test_part_of_a_softmax_is_none():
    """A quotient over fewer inputs than there are outputs has to keep its own sum."""
    z, a = tensor("z", "input", 4), tensor("a", "hidden", 4)
    for size, whole in ((4, True), (3, False)):
        quotient = sp.exp(z[i]) / total(sp.exp(z[k]), (k, sp.Integer(size)))
        assert derive.safe_softmax.is_softmax(step(a, (i,), quotient)) is whole


@pytest.mark.parametrize(
    ("loss", "activation"), [p for p in EVERYWHERE if p[0] in ("cross-entropy", "binary-cross-entropy")]
)
def test_negative_deltas_stay_negative(loss: str, activation: str) -> None:
    notation = Notation(delta="negative-gradient")
    negative = derivation(loss, activation).with_notation(notation)
    values = given_z([0.5, -1.0, 2.0], targets(loss)[1])
    textbook, safe = evaluate(negative.program, values), evaluate(negative.numeric, values)
    usual = evaluate(derivation(loss, activation).numeric, values)
    for name in CHECKED:
        np.testing.assert_allclose(safe[name], textbook[name], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(
            safe[name], usual[name] * (-1 if name == "dz1" else 1), rtol=1e-9, atol=1e-12
        )
