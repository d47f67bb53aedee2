"""What a program is, what it refuses, and how it is evaluated."""

import copy
import pickle
import threading

import core_programs as make
import mpmath
import numpy as np
import pytest
import sympy as sp
from core_programs import LOSS, i, j, k, program, squared_sum, step, tensor
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.core.function import ArgumentIndexError

from derive import Dense, Network
from derive.adjoint import differentiate
from derive.arithmetic import FLOAT, precise
from derive.evaluate import evaluate
from derive.functions import Sigmoid, Softplus, Z
from derive.index_arrays import Scope, value_of
from derive.optimizers import gradient_descent
from derive.prime_field import FIELD, PRIME
from derive.program import Program, Role, Rule, Step, Tensor, element, total

X, U = tensor("x", "input", 3), tensor("u", "hidden", 3)
RULE = Rule("a rule", "a reason")


# What a program refuses


def test_a_name_is_used_after_its_definition():
    with pytest.raises(ValueError, match="the step for u uses v, w before a definition"):
        program((X,), step(U, (i,), element("w", [i]) + element("v", [i])))


def test_a_step_does_not_use_itself():
    with pytest.raises(ValueError, match="the step for u uses u before a definition"):
        program((X,), step(U, (i,), U[i] + X[i]))


def test_a_name_is_defined_once():
    with pytest.raises(ValueError, match="u is defined twice"):
        program((X,), step(U, (i,), X[i]), step(U, (i,), X[i]))
    with pytest.raises(ValueError, match="x is defined twice"):
        program((X,), step(X, (i,), sp.Integer(1)))
    with pytest.raises(ValueError, match="two inputs of the program have the same name"):
        program((X, tensor("x", "target", 2)))


def test_there_is_an_index_for_each_axis():
    with pytest.raises(ValueError, match="u has 1 axes, but 2 indices"):
        Step(U, (i, j), X[i], RULE)
    with pytest.raises(IndexError, match="x has 1 axes, but 2 indices were given"):
        X[i, j]


def test_an_index_is_bound_once():
    square = tensor("A", "hidden", 3, 3)
    with pytest.raises(ValueError, match="the step for A binds i twice"):
        Step(square, (i, i), X[i], RULE)
    nested = sp.Sum(sp.Sum(X[k], (k, 0, 2)), (k, 0, 1))
    with pytest.raises(ValueError, match="the step for u binds k twice: rename one of the two"):
        Step(U, (i,), nested, RULE)


def test_the_loss_that_is_differentiated_depends_on_what_is_asked_for():
    forward = program((X, tensor("w", "parameter", 3)), step(U, (i,), X[i] ** 2), squared_sum(U))
    with pytest.raises(ValueError, match="L does not depend on w"):
        differentiate(forward)
    with pytest.raises(ValueError, match="there is no tensor 'v'; the program has x, w, u, L"):
        differentiate(forward, wrt=["v"])


def test_only_a_scalar_is_differentiated():
    forward = program((X,), step(U, (i,), X[i] ** 2))
    with pytest.raises(ValueError, match=r"u has the shape \(3,\): only a scalar is differentiated"):
        differentiate(forward, "u", wrt=["x"])
    with pytest.raises(ValueError, match="no step defines the loss 'L'"):
        differentiate(forward, wrt=["x"])


# What a program tells


def test_tensors_stand_in_the_order_of_definition():
    forward = make.recurrent(2, 3, 2)
    assert list(forward.tensors) == ["W", "U", "b", "h0", "x1", "x2", "h1", "h2", "L"]
    assert [t.name for t in forward.with_role(Role.PARAMETER)] == ["W", "U", "b", "h0"]
    assert forward.step("h2").uses == {"W", "U", "b", "h1", "x2"}
    assert forward.defining("W") is None
    with pytest.raises(KeyError):
        forward.step("W")


def test_steps_that_nothing_needs_are_left_out():
    whole = gradient_descent(differentiate(make.recurrent(2, 3, 2)))
    kept = whole.needed_for(["dU"])
    names = [s.tensor.name for s in kept.steps]
    assert "dU" in names
    assert not {"dW", "W_new", "L"} & set(names)
    assert whole.needed_for(["L"]).steps == make.recurrent(2, 3, 2).steps


def test_programs_are_values():
    one, two = make.convolution(5, 2), make.convolution(5, 2)
    assert one == two
    assert one.tensors == two.tensors
    network = Network([Dense(2, "tanh"), Dense(2, "z*sigmoid(z)")], inputs=3, loss="huber").derive()
    for whole in (one, network.program, network.numeric):
        assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301  # our own bytes
        assert copy.deepcopy(whole) == whole


def test_gradient_descent_is_a_step_against_the_gradient():
    d = Network([Dense(2, "tanh")], inputs=3, loss="squared-error").derive()
    chance = np.random.default_rng(1)
    values = {t.name: chance.normal(size=tuple(map(int, t.shape))) for t in d.program.inputs}
    found = evaluate(d.program, values)
    for name in ("W1", "b1"):
        np.testing.assert_allclose(found[f"{name}_new"], values[name] - values["eta"] * found[f"d{name}"])


# How a program is evaluated


def test_a_missing_value_is_named():
    forward = make.softmax_cross_entropy()
    with pytest.raises(ValueError, match="there is no value for the target y"):
        evaluate(forward, {"z": [1, 2, 3, 4]})


@pytest.mark.parametrize("arithmetic", [FLOAT, precise(30)], ids=["floats", "mpmath"])
def test_a_shape_that_does_not_fit_is_named(arithmetic):
    forward = make.softmax_cross_entropy()
    with pytest.raises(ValueError, match=r"z has the shape \(3,\); expected \(4,\)"):
        evaluate(forward, {"z": [1, 2, 3], "y": [0, 0, 0, 1]}, arithmetic)
    with pytest.raises(ValueError, match=r"z has the shape \(2, 2\); expected \(4,\)"):
        evaluate(forward, {"z": [[1, 2], [3, 4]], "y": [0, 0, 0, 1]}, arithmetic)


def test_the_number_of_samples_is_read_off_and_is_the_same_everywhere():
    N = sp.Symbol("N", integer=True, positive=True)
    d = Network([Dense(1)], inputs=2, loss="squared-error").derive(N)
    values = {"x": np.ones((3, 2)), "W1": np.ones((1, 2)), "b1": [0.0], "y": np.zeros((3, 1)), "eta": 0}
    assert evaluate(d.program, values)["L"] == 3 * 4.0
    with pytest.raises(ValueError, match=r"y has the shape \(2, 1\); expected \(3, 1\)"):
        evaluate(d.program, values | {"y": np.zeros((2, 1))})


def test_a_symbol_that_nothing_fixes_is_named():
    size = sp.Symbol("M", integer=True, positive=True)
    forward = program((X,), step(LOSS, (), total(X[k], (k, sp.Integer(3))) / size))
    with pytest.raises(ValueError, match="M has no value: it is no index here, and the extent of no input"):
        evaluate(forward, {"x": [1, 2, 3]})


def test_what_has_no_rule_is_refused():
    forward = program((X,), step(U, (i,), sp.zeta(X[i])))
    with pytest.raises(TypeError, match="no function zeta in float64"):
        evaluate(forward, {"x": [1, 2, 3]})


def test_a_constant_step_has_its_whole_shape():
    ones = program((X,), step(U, (i,), sp.Integer(1)))
    np.testing.assert_array_equal(evaluate(ones, {"x": [5, 6, 7]})["u"], [1.0, 1.0, 1.0])


def test_an_infinite_value_is_inf_without_a_warning_and_nan_is_warned_of():
    quotient = program((X,), step(U, (i,), 1 / X[i]))
    assert np.all(evaluate(quotient, {"x": [0.0, np.inf, -0.0]})["u"] == [np.inf, 0.0, -np.inf])
    root = program((X,), step(U, (i,), sp.log(X[i])))
    with pytest.warns(RuntimeWarning, match="invalid value"):
        evaluate(root, {"x": [-1.0, 1.0, 1.0]})


def test_inputs_are_not_changed():
    x = np.array([1.0, 2.0, 3.0])
    forward = program((X,), step(U, (i,), 2 * X[i]))
    assert evaluate(forward, {"x": x})["u"] is not x
    np.testing.assert_array_equal(x, [1.0, 2.0, 3.0])


# The number systems


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_floats_agree_with_mpmath(numbers):
    made = sp.exp(X[i] / 3) * sp.tanh(X[i]) + sp.log(2 + X[i] ** 2) * sp.Abs(X[i]) - sp.sqrt(7 + X[i])
    made += Sigmoid(X[i]) * Softplus(-X[i]) + sp.erf(X[i]) * sp.Rational(1, 3) + sp.pi * sp.cos(X[i])
    forward = program((X,), step(U, (i,), made))
    floats, exact = (evaluate(forward, {"x": numbers}, a)["u"] for a in (FLOAT, precise(40)))
    assert all(abs(f - e) < 1e-13 * (1 + abs(e)) for f, e in zip(floats, exact, strict=True))


def test_digits_are_those_asked_for():
    forward = program((X,), step(U, (i,), X[i] / 3 + sp.sqrt(2) * sp.pi))
    for digits in (20, 60, 200):
        found = evaluate(forward, {"x": [1, 2, 3]}, precise(digits))["u"][0]
        with mpmath.workdps(digits + 20):
            truth = mpmath.mpf(1) / 3 + mpmath.sqrt(2) * mpmath.pi
            assert mpmath.mpf(10) ** (-digits - 6) < abs(found - truth) < mpmath.mpf(10) ** (2 - digits)


def test_the_precision_of_the_caller_does_not_matter_and_is_left_alone():
    forward = program((X,), step(U, (i,), sp.exp(X[i])))
    with mpmath.workdps(5):
        found = evaluate(forward, {"x": [1, 2, 3]}, precise(50))["u"][0]
        assert mpmath.mp.dps == 5
    with mpmath.workdps(60):
        assert abs(found - mpmath.e) < mpmath.mpf(10) ** -48


def test_threads_have_contexts_of_their_own():
    """A context of mpmath changes its precision while it computes an erf."""
    forward = program((X,), step(U, (i,), sp.erf(X[i]) + sp.exp(X[i]) / 3))
    expected = {n: [str(v) for v in evaluate(forward, {"x": [1, 2, 3]}, precise(n))["u"]] for n in (30, 80)}
    wrong: list[int] = []

    def work(digits: int) -> None:
        for _ in range(20):
            found = evaluate(forward, {"x": [1, 2, 3]}, precise(digits))["u"]
            if [str(v) for v in found] != expected[digits]:
                wrong.append(digits)

    threads = [threading.Thread(target=work, args=(n,)) for n in (30, 80, 30, 80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def in_field(expr: sp.Expr, **values: int) -> int:
    data = {name: np.array(value, dtype=object) for name, value in values.items()}
    return int(value_of(expr, Scope(FIELD, data, {})).data) % PRIME


u, v = element("u", ()), element("v", ())


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, PRIME - 1), st.integers(1, PRIME - 1))
def test_the_prime_field_is_a_field(a, b):
    assert in_field((u + v) ** 3, u=a, v=b) == in_field(u**3 + 3 * u**2 * v + 3 * u * v**2 + v**3, u=a, v=b)
    assert in_field(u / v, u=a, v=b) * b % PRIME == a
    assert in_field(u**-3 * v, u=a, v=b) == b * pow(a, -3, PRIME) % PRIME
    assert in_field(u / 3 - u / 2, u=a) == in_field(-u / 6, u=a)


def test_functions_and_other_powers_are_opaque_in_the_field():
    assert in_field(sp.exp(u + v), u=3, v=4) == in_field(sp.exp(u), u=7)
    assert in_field(sp.exp(u), u=7) != in_field(sp.log(u), u=7)
    assert in_field(sp.sqrt(u), u=49) != 7
    assert in_field(sp.exp(u) * sp.exp(v), u=3, v=4) != in_field(sp.exp(u + v), u=3, v=4)
    assert in_field(sp.Piecewise((u, u > 0), (0, True)), u=5) in (0, 5)


def test_comparisons_in_the_field_are_true_at_about_half_of_all_points():
    chance = np.random.default_rng(0)
    points = [int(n) for n in chance.integers(1, PRIME, 400)]
    relations = (u < 0, u > 0, u <= 1, u >= 1, sp.Eq(u, 1), sp.Ne(u, 1), sp.Abs(u - 3) <= 1)
    for relation in relations:
        held = sum(in_field(sp.Piecewise((1, relation), (0, True)), u=n) for n in points)
        assert 140 < held < 260, relation
    for n in points[:50]:
        one = sp.Piecewise((1, u > 3), (0, True)) + sp.Piecewise((1, u <= 3), (0, True))
        assert in_field(one, u=n) == 1
        assert in_field(sp.Max(u, v) + sp.Min(u, v), u=n, v=11) == in_field(u + v, u=n, v=11)
        assert in_field(sp.Piecewise((1, sp.Eq(u, v)), (0, True)), u=n, v=n) == 1


def test_no_number_of_the_field_overflows():
    """A sum over an index that does not occur keeps Python's integers, which have no largest."""
    idle = sp.Sum(u, (k, 0, 3))
    assert in_field((v - 2 * idle) ** 2, u=786_432, v=5) == (5 - 8 * 786_432) ** 2 % PRIME
    assert in_field(idle**5, u=2**60) == pow(4 * 2**60, 5, PRIME)


def test_indices_are_compared_as_integers_in_every_arithmetic():
    triangle = step(U, (i,), sp.Sum(sp.Piecewise((X[k], k <= i), (0, True)), (k, 0, 2)))
    whole = {"x": np.array([2, 3, 5], dtype=object)}
    scope = Scope(FIELD, whole, {}).inside(i, 0, 2)
    np.testing.assert_array_equal(value_of(triangle.expr, scope).data, [2, 5, 10])


def test_the_derivative_of_a_safe_function_has_one_argument():
    with pytest.raises(ArgumentIndexError):
        Sigmoid(Z).fdiff(2)
    assert sp.diff(Sigmoid(Z), Z) == Sigmoid(Z) * Sigmoid(-Z)


def test_an_adjoint_knows_what_it_belongs_to():
    found = differentiate(make.convolution(5, 2))
    assert found.tensors["dx"] == Tensor("dx", Role.ADJOINT, (sp.Integer(5),), of="x")
    assert isinstance(found, Program)
