"""Divisions that cancel: the short gradients of the textbook, with what they take to hold."""

from dataclasses import replace

import core_programs as make
import numpy as np
import pytest
import sympy as sp
from core_programs import LOSS, i, program, step, tensor
from differences import check_gradient, random_values
from hypothesis import given, settings
from hypothesis import strategies as st

import derive.fusion
from derive import Dense, Network
from derive.adjoint import differentiate
from derive.derivation import derive as derived
from derive.evaluate import evaluate
from derive.fusion import fused
from derive.losses import SUM_OF_TARGETS
from derive.program import Program, total
from derive.recognise import recognise

SHORT = [("cross-entropy", "softmax"), ("binary-cross-entropy", "sigmoid")]


def with_steps(whole: Program, steps) -> Program:
    return Program(whole.inputs, tuple(steps.get(s.tensor.name, s) for s in whole.steps))


def test_softmax_with_cross_entropy_is_a_minus_y_where_the_targets_sum_to_1():
    textbook = differentiate(make.softmax_cross_entropy(), wrt=["z"])
    (short,) = fused(textbook, [SUM_OF_TARGETS]).values()
    (at,) = short.indices
    known = textbook.tensors
    assert short.expr == known["a"][at] - known["y"][at]
    assert SUM_OF_TARGETS in short.assumptions
    assert short.rule.name == "cancellation"


def test_without_the_assumption_the_form_is_exact_for_any_targets():
    textbook = differentiate(make.softmax_cross_entropy(), wrt=["z"])
    (short,) = fused(textbook).values()
    (at,) = short.indices
    k = next(iter(short.expr.atoms(sp.Sum))).bound_symbols[0]
    known = textbook.tensors
    assert sp.expand(short.expr - (known["a"][at] * total(known["y"][k], (k, 4)) - known["y"][at])) == 0
    assert short.assumptions == ()
    values = random_values(textbook, seed=8)
    check_gradient(with_steps(textbook, {"dz": short}), ["z"], values)


def test_the_assumption_is_needed():
    """With targets that sum to something else, `a - y` is not the gradient, and the check says so."""
    textbook = differentiate(make.softmax_cross_entropy(), wrt=["z"])
    short = with_steps(textbook, fused(textbook, [SUM_OF_TARGETS]))
    values = {"z": [0.5, -0.25, 1.0, 0.0], "y": [0.5, 0.25, 0.125, 0.125]}
    check_gradient(short, ["z"], values)
    with pytest.raises(AssertionError):
        check_gradient(short, ["z"], values | {"y": [0.5, 0.5, 0.5, 0.5]})


@pytest.mark.parametrize("samples", [None, 3])
@pytest.mark.parametrize(("loss", "activation"), SHORT)
def test_networks_have_the_short_form_in_a_batch_too(loss, activation, samples):
    network = Network([Dense(3, activation)], inputs=2, loss=loss, reduction="mean")
    d = derived(network, samples, [SUM_OF_TARGETS])
    short = d.shortened["dz1"]
    a, y = d.program.tensors["a1"][short.indices], d.program.tensors["y"][short.indices]
    assert sp.expand(short.expr - (a - y) / (samples or 1)) == 0
    assert (SUM_OF_TARGETS in short.assumptions) is (activation == "softmax")


PAIRS = [
    *SHORT,
    ("cross-entropy", "sigmoid"),
    ("binary-cross-entropy", "softmax"),
    ("binary-cross-entropy", "1/(1 + exp(-3*z))"),
]


@pytest.mark.parametrize(("loss", "activation"), PAIRS)
def test_every_shortened_step_is_equal_to_the_long_one(loss, activation):
    d = derived(Network([Dense(3, activation)], inputs=2, loss=loss), 2)
    values = random_values(d.program, seed=2) | {"y": [[0.25, 0.5, 0.75], [1.0, 0.0, 0.125]]}
    for name, short in d.shortened.items():
        found, long = evaluate(with_steps(d.program, {name: short}), values), evaluate(d.program, values)
        np.testing.assert_allclose(found[name], long[name], rtol=1e-11, atol=1e-14)


def test_only_the_sum_over_a_sample_is_taken_as_1():
    """Not that over the samples, over both, or over some of the outputs."""
    y = tensor("y", "target", 2, 3)
    whole = program((y,), step(LOSS, (), sp.Sum(y[i, make.k], (make.k, 0, 2), (i, 0, 1))))
    n, k = i, make.k
    sums = {
        sp.Sum(y[n, k], (k, 0, 2)): 1,
        sp.Sum(y[n, k], (n, 0, 1)): None,
        sp.Sum(y[n, k], (k, 0, 2), (n, 0, 1)): None,
        sp.Sum(y[n, k], (k, 0, 1)): None,
        sp.Sum(y[n, k], (k, 1, 2)): None,
    }
    for expr, one in sums.items():
        assert derive.fusion._with_sum_of_targets(expr, whole) == (one or expr)


def test_nothing_is_shortened_where_nothing_cancels():
    for loss, activation in (("half-squared-error", "sigmoid"), ("cross-entropy", "softplus")):
        assert Network([Dense(3, activation)], inputs=2, loss=loss).derive().shortened == {}


def test_a_wrong_sign_in_the_gradient_of_a_softmax_is_noticed():
    textbook = differentiate(make.softmax_cross_entropy(), wrt=["z"])
    right = textbook.step("dz")
    values = random_values(textbook, seed=8)
    sums = right.expr.atoms(sp.Sum)
    wrong = {"dz": replace(right, expr=right.expr.xreplace({s: -s for s in sums}))}
    check_gradient(textbook, ["z"], values)
    with pytest.raises(AssertionError):
        check_gradient(with_steps(textbook, wrong), ["z"], values)


def test_the_gradient_of_a_softmax_is_written_in_its_output():
    step_of_z = differentiate(make.softmax_cross_entropy(), wrt=["z"]).step("dz")
    assert not step_of_z.expr.has(sp.exp)
    assert {str(node.base) for node in step_of_z.expr.atoms(sp.Indexed)} == {"a", "da"}


def test_a_name_is_recognised_only_where_the_value_is_the_same():
    """``exp(z[i]) / Sum(exp(z[k]))`` is ``a[i]``; over another sum it is not."""
    forward = make.softmax_cross_entropy()
    z, a = forward.tensors["z"], forward.tensors["a"]
    k, m = make.k, make.m
    exps = total(sp.exp(z[k]), (k, sp.Integer(4)))
    assert recognise(sp.exp(z[m]) / exps, forward) == a[m]
    assert recognise(3 * sp.exp(z[m] + z[i]) / exps**2, forward) == 3 * a[m] * a[i]
    squares = total(sp.exp(z[k]) ** 2, (k, sp.Integer(4)))
    part = total(sp.exp(z[k]), (k, sp.Integer(3)))
    for other in (squares, part):
        assert not recognise(sp.exp(z[m]) / other, forward).has(a[m])


WORDS = st.lists(st.sampled_from(["exp", "inverse", "z", "sum", "a", "number"]), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(WORDS, WORDS)
def test_recognising_keeps_values(first, second):
    n = sp.Integer(3)
    forward = make.softmax_cross_entropy(3)
    z, a = forward.tensors["z"], forward.tensors["a"]
    k, m = make.k, make.m
    exps = total(sp.exp(z[k]), (k, n))
    pieces = {
        "exp": sp.exp(z[m]),
        "inverse": 1 / exps,
        "z": sp.exp(2 * z[m]) * z[m],
        "sum": exps,
        "a": a[m],
        "number": sp.Integer(3),
    }
    expr = sp.Mul(*(pieces[w] for w in first)) + sp.Mul(*(pieces[w] for w in second))
    u = tensor("u", "hidden", 3)
    values = random_values(forward, seed=1)
    results = [
        evaluate(Program(forward.inputs, (*forward.steps, step(u, (m,), written))), values)["u"]
        for written in (expr, recognise(expr, forward))
    ]
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


def test_a_division_that_stays_is_left_alone():
    z, a, y = tensor("z", "parameter", 3), tensor("a", "hidden", 3), tensor("y", "target", 3)
    ratio = program(
        (z, y),
        step(a, (i,), 1 + z[i] ** 2),
        step(LOSS, (), total(y[i] / a[i], (i, sp.Integer(3)))),
    )
    assert fused(differentiate(ratio)) == {}
