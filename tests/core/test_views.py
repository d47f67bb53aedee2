"""The views of one step say the same, and refuse before they become too long."""

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from core_programs import LOSS, convolution, i, k, program, recurrent, squared_sum, step, tensor
from differences import random_values
from hypothesis import given, settings
from hypothesis import strategies as st

import derive.paths
from derive import Dense, Network
from derive.adjoint import adjoint_name, differentiate
from derive.conventions import with_negative_deltas
from derive.evaluate import evaluate
from derive.fusion import delta_form
from derive.notation import Notation
from derive.paths import count_paths, edges, path_numbers
from derive.program import Program, Role, total
from derive.views import TooLargeError, elements, expanded, path_view, value_at


def network(activation="sigmoid", loss="half-squared-error", bias="folded", layout="column", widths=(3, 2)):
    hidden = [Dense(units, "tanh") for units in widths[:-1]]
    return Network([*hidden, Dense(widths[-1], activation)], inputs=2, loss=loss, bias=bias, layout=layout)


def values_of(forward: Program, seed: int = 4) -> dict:
    return evaluate(forward, random_values(forward, seed, low=0.125))


def along(path, values) -> float:
    return float(np.prod([value_at(factor.value, values) for factor in path]))


def sum_over_paths(view, values) -> float:
    return sum(along(path, values) for path in view.paths)


NETWORKS = [
    network(),
    network("softmax", "cross-entropy", "separate", "row"),
    network("linear", "huber", "none"),
    network("relu", "hinge", "separate", "row", (2, 2, 2)),
    network("softmax", "mean-squared-error", "folded", "row"),
]


@pytest.mark.parametrize("net", NETWORKS, ids=str)
@pytest.mark.parametrize("samples", [None, 2])
def test_the_products_along_the_paths_add_up_to_the_gradient(net, samples):
    d = net.derive(samples)
    values = values_of(d.program)
    for name, shape in net.parameter_shapes.items():
        truth = values[adjoint_name(name)]
        for at in np.ndindex(*shape):
            view = d.paths(name, *at)
            scale = max(1e-3, *(abs(along(path, values)) for path in view.paths))
            assert sum_over_paths(view, values) == pytest.approx(truth[at], rel=1e-12, abs=1e-12 * scale)


@pytest.mark.parametrize(
    ("forward", "weight"),
    [
        (convolution(6, 3), ("w", (1,))),
        (convolution(6, 3, stride=2), ("x", (2,))),
        (recurrent(2, 2, 2), ("W", (0, 1))),
        (recurrent(2, 2, 2), ("h0", (1,))),
    ],
)
def test_so_they_do_in_any_program(forward, weight):
    values = values_of(differentiate(forward, wrt=[weight[0]]))
    view = path_view(forward, "L", weight)
    assert sum_over_paths(view, values) == pytest.approx(
        values[adjoint_name(weight[0])][weight[1]], rel=1e-12
    )


def test_a_path_runs_from_the_loss_to_the_weight_without_a_gap():
    view = network("softmax", "cross-entropy").derive().paths("W1", 2, 1)
    for path in view.paths:
        assert path[0].of == ("L", (0,))
        assert path[-1].by == ("W1", (2, 1))
        assert all(before.by == after.of for before, after in pairwise(path))
        assert len({factor.by for factor in path}) == len(path)
    visited = [tuple(factor.by for factor in path) for path in view.paths]
    assert len(set(visited)) == len(visited)


def forward_steps(d) -> Program:
    kept = (s for s in d.program.steps if s.tensor.role in (Role.HIDDEN, Role.LOSS))
    return Program(d.program.inputs, tuple(kept))


@pytest.mark.parametrize("net", NETWORKS, ids=str)
def test_paths_are_counted_three_times_alike(net):
    """Over the graph of all elements, by whole tensors, and by walking them."""
    forward = forward_steps(net.derive())
    graph = edges(forward, frozenset(forward.tensors))
    for name, shape in net.parameter_shapes.items():
        for at in np.ndindex(*shape):
            walked = len(path_view(forward, "L", (name, at)).paths)
            assert count_paths(graph, ("L", (0,)), (name, at)) == walked
            assert path_numbers(forward, (name, at))["L"] == walked


def test_the_number_of_paths_is_that_of_the_widths():
    d = network("sigmoid", "squared-error", "separate", "column", (3, 4, 5, 2)).derive()
    assert len(d.paths("W1", 0, 0, limit=10**6).paths) == 4 * 5 * 2
    assert len(d.paths("W4", 0, 0).paths) == 1


def test_too_many_paths_are_refused_at_once_however_wide_the_network():
    layers = [*(Dense(512, "sigmoid") for _ in range(6)), Dense(10, "softmax")]
    d = Network(layers, inputs=784, loss="cross-entropy").derive()
    with pytest.raises(TooLargeError, match=r"W1\[3, 5\] has 3,518,437,208,883,200 paths; more than 1,000"):
        d.paths("W1", 3, 5)
    assert len(d.paths("W7", 3, 5).paths) == 10


def test_a_number_of_paths_beyond_floats_is_rounded():
    layers = [Dense(500, "sigmoid") for _ in range(8)]
    d = Network(layers, inputs=2, loss="squared-error").derive()
    with pytest.raises(TooLargeError, match=r"about 7\.8e\+18 paths"):
        d.paths("W1", 0, 0)


def test_the_limit_is_what_is_allowed():
    d = network("sigmoid", "squared-error", "separate", "column", (2, 3, 2)).derive()
    assert len(d.paths("W1", 0, 0, limit=6).paths) == 6
    with pytest.raises(TooLargeError, match="6 paths; more than 5"):
        d.paths("W1", 0, 0, limit=5)


def test_elements_are_refused_beyond_a_limit():
    d = network().derive()
    assert len(list(elements(d.step("dW1"), limit=9))) == 9
    with pytest.raises(TooLargeError, match="dW1 has 9 elements; more than 8"):
        elements(d.step("dW1"), limit=8)


def test_elements_of_a_batch_need_the_number_of_samples():
    d = network().derive(sp.Symbol("N", integer=True, positive=True))
    with pytest.raises(ValueError, match=r"z1 has the shape \(N, 3\): give the number of samples"):
        elements(d.step("z1"))
    with pytest.raises(ValueError, match="give the number of samples"):
        d.paths("W1", 0, 0)


@pytest.mark.parametrize("net", NETWORKS, ids=str)
@pytest.mark.parametrize("samples", [None, 2])
def test_elements_are_those_of_the_whole_step(net, samples):
    d = net.derive(samples)
    values = values_of(d.program)
    for each in d.program.steps:
        for at in elements(each):
            found = float(value_at(expanded(each, at), values))
            assert found == pytest.approx(values[each.tensor.name][at], rel=1e-12, abs=1e-15)


def test_ranges_that_depend_on_each_other_are_written_out():
    A, x, u = tensor("A", "parameter", 3, 3), tensor("x", "parameter", 3), tensor("u", "hidden", 3)
    inner = sp.Sum(A[k, i] * x[i], (i, 0, k))
    forward = program(
        (A, x),
        step(u, (k,), sp.Sum(x[i] ** 2, (i, 0, k))),
        step(LOSS, (), total(u[k] + inner, (k, sp.Integer(3)))),
    )
    gradient = differentiate(forward, wrt=["A", "x"])
    values = values_of(gradient)
    for each in gradient.steps:
        for at in elements(each):
            assert float(value_at(expanded(each, at), values)) == pytest.approx(values[each.tensor.name][at])
    for at in range(3):
        view = path_view(forward, "L", ("x", (at,)))
        assert sum_over_paths(view, values) == pytest.approx(values["dx"][at])


def test_an_element_that_does_not_exist_is_named():
    d = network().derive()
    with pytest.raises(IndexError, match=r"W1\[3, 0\] does not exist: expected W1\[0..2, 0..2\]"):
        d.element("W1", 3, 0)
    with pytest.raises(IndexError, match=r"W1\[1\] does not exist"):
        d.paths("W1", 1)
    with pytest.raises(KeyError, match="no step defines 'dW9'; there are X1, z1, a1"):
        d.gradient("W9")


@pytest.mark.parametrize("net", NETWORKS, ids=str)
@pytest.mark.parametrize("samples", [None, 3])
def test_delta_as_the_negative_gradient(net, samples):
    """The tensors that are called delta change their sign, and nothing else does."""
    textbook = net.derive(samples)
    turned = textbook.with_notation(Notation(delta="negative-gradient"))
    before, after = values_of(textbook.program), values_of(turned.program)
    flipped = {t.name for t in turned.program.tensors.values() if t.sign == -1}
    assert flipped == {f"dz{number}" for number in range(1, len(net.layers) + 1)}
    for name, value in before.items():
        np.testing.assert_allclose(after[name], -value if name in flipped else value, rtol=1e-13, atol=1e-15)


def test_a_sign_that_is_forgotten_is_noticed(monkeypatch):
    net = NETWORKS[0]
    wrong = net.derive().program
    monkeypatch.setattr("derive.conventions.with_negative_deltas", lambda _: _with_one_sign_lost(wrong))
    with pytest.raises(AssertionError):
        test_delta_as_the_negative_gradient(net, None)


def _with_one_sign_lost(textbook: Program) -> Program:
    turned = with_negative_deltas(textbook)
    steps = tuple(textbook.step("dW1") if s.tensor.name == "dW1" else s for s in turned.steps)
    return Program(turned.inputs, steps)


@pytest.mark.parametrize("net", NETWORKS, ids=str)
@pytest.mark.parametrize("samples", [None, 2])
def test_the_recursion_of_delta_in_one_step(net, samples):
    d = net.derive(samples)
    values = values_of(d.program)
    for number in range(1, len(net.layers) + 1):
        two_steps = d.step(f"dz{number}")
        one_step = delta_form(two_steps, d.program)
        if number < len(net.layers):
            assert f"dz{number + 1}" in one_step.uses
            assert not one_step.uses & {f"da{number}", f"dX{number + 1}"}
        steps = tuple(one_step if s is two_steps else s for s in d.program.steps)
        found = evaluate(Program(d.program.inputs, steps), {n: values[n] for n in _inputs(d)})
        np.testing.assert_allclose(found[f"dz{number}"], values[f"dz{number}"], rtol=1e-12, atol=1e-15)


def _inputs(d) -> list[str]:
    return [t.name for t in d.program.inputs]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.data())
def test_numbers_of_paths_are_products_of_widths(a, b, c, data):
    d = network("sigmoid", "squared-error", "separate", "column", (a, b, c)).derive()
    number = data.draw(st.integers(1, 3))
    assert len(d.paths(f"b{number}", 0).paths) == {1: b * c, 2: c, 3: 1}[number]


def test_a_path_that_is_lost_is_noticed(monkeypatch):
    real = derive.paths._assignments
    monkeypatch.setattr(derive.paths, "_assignments", lambda bound, own: list(real(bound, own))[:1])
    with pytest.raises(AssertionError):
        test_the_products_along_the_paths_add_up_to_the_gradient(NETWORKS[1], None)


def test_a_scalar_parameter_has_paths():
    c, x, u = tensor("c", "parameter"), tensor("x", "input", 3), tensor("u", "hidden", 3)
    forward = program((c, x), step(u, (i,), sp.Indexed("c", 0) * x[i]), squared_sum(u))
    assert len(path_view(forward, "L", ("c", ())).paths) == 3
