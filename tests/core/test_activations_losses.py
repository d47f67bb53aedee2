"""Activations and losses: derivatives, forms through the output, stable forms, conventions at kinks."""

import warnings
from functools import cache

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import ACTIVATIONS, A, Activation, apply, formula, stable_formula, through_output
from derive.arithmetic import FLOAT, Arithmetic, precise
from derive.functions import Elementary, Expm1, LogSoftplus, NormalCdf, Sigmoid, Softplus, Z
from derive.index_arrays import Scope, value_of
from derive.losses import LOSSES, Y
from derive.network import Dense, Network, resolve_activation
from derive.program import index
from derive.stable import stabilise

K = index("k")
CUSTOM = (
    "z/(1 + exp(-z))",
    "log(1 + exp(2*z))/2",
    "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
    "1/(1 + exp(-z))**2",
    "z*tanh(log(1 + exp(z)))",
    "exp(-z**2)",
    "sigmoid(3*z) - 1/2",
    "max(0, z)**2",
    "min(max(z/6 + 1/2, 0), 1)",
    "1 - exp(-exp(z))",
    "z*sigmoid(1.702*z)",
    "sqrt(1 + z**2)",
)
ELEMENTWISE = [name for name, activation in ACTIVATIONS.items() if activation.elementwise]
EVERY = [*ELEMENTWISE, *CUSTOM]
SMOOTH_POINTS = [-30.0, -7.25, -3.1, -1.5, -0.7, -0.125, -1e-6, 1e-6, 0.3, 0.9, 1.75, 2.5, 6.5, 30.0]
EXTREMES = [-1e4, -800.0, -745.0, -710.0, -40.0, 40.0, 710.0, 745.0, 800.0, 1e4]


def at(expr: sp.Expr, points: dict[sp.Symbol, list], arithmetic: Arithmetic = FLOAT) -> np.ndarray:
    """Evaluate a scalar expression at many points at once."""
    names = {symbol: sp.Indexed(f"_{symbol}", K) for symbol in points}
    data = {f"_{symbol}": arithmetic.array(values) for symbol, values in points.items()}
    (length,) = {len(values) for values in points.values()}
    value = value_of(expr.xreplace(names), Scope(arithmetic, data, {}).inside(K, 0, length - 1))
    return np.broadcast_to(value.data, (length,)) if np.ndim(value.data) == 0 else np.asarray(value.data)


@cache
def activation(name: str) -> Activation:
    return resolve_activation(name)


def worst(given, truth) -> float:
    """Return the largest relative error; where the truth is below the range of floats, nothing is asked."""
    pairs = [(g, t) for g, t in zip(given, truth, strict=True) if abs(t) > 1e-300]
    return max((float(abs((g - t) / t)) for g, t in pairs), default=0.0)


def slopes(value: sp.Expr, by: sp.Symbol, points: dict[sp.Symbol, list]) -> np.ndarray:
    digits = precise(130)
    h = digits.array(10) ** -40
    moved = [{**points, by: digits.array(points[by]) + sign * h} for sign in (1, -1)]
    above, below = (at(value, p, digits) for p in moved)
    return (above - below) / (2 * h)


@pytest.mark.parametrize("name", EVERY)
def test_the_derivative_is_that_of_differences(name):
    truth = slopes(formula(activation(name)), Z, {Z: SMOOTH_POINTS})
    assert worst(at(formula(activation(name), 1), {Z: SMOOTH_POINTS}, precise(130)), truth) < 1e-30


@pytest.mark.parametrize("name", EVERY)
def test_the_derivative_of_a_call_is_the_call_of_the_derivative(name):
    z = sp.Symbol("u", real=True)
    first = sp.diff(apply(activation(name), z), z)
    assert first == apply(activation(name), z, 1)
    assert sp.diff(first, z) == apply(activation(name), z, 2)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", EVERY)
def test_the_stable_form_is_the_same_function(name, order):
    points = {Z: [*SMOOTH_POINTS, -0.3, 0.0, 1.0, 3.0, 8.0]}
    digits = precise(90)
    textbook = at(formula(activation(name), order), points, digits)
    stable = at(stable_formula(activation(name), order), points, digits)
    scale = 1 + max(abs(t) for t in textbook)
    assert all(abs(s - t) <= scale * digits.array(10) ** -50 for s, t in zip(stable, textbook, strict=True))


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_floats_are_finite_and_right_at_extremes(name, order):
    points = {Z: [*EXTREMES, *SMOOTH_POINTS]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = at(stable_formula(activation(name), order), points)
    assert np.all(np.isfinite(found))
    truth = at(formula(activation(name), order), {Z: points[Z][2:]}, precise(1000))
    assert worst(found[2:], truth) < 1e-12


def test_the_textbook_form_fails_at_extremes():
    """What the stable forms are there for; and the check above would see it."""
    with np.errstate(all="ignore"):
        assert not np.isfinite(at(formula(activation("softplus")), {Z: [800.0]}))
        assert not np.isfinite(at(formula(activation("silu"), 1), {Z: [-800.0]}))


def test_forms_through_the_output_are_found():
    found = {name: through_output(activation(name)) for name in ELEMENTWISE}
    assert sp.expand(found["sigmoid"] - A * (1 - A)) == 0
    assert sp.expand(found["tanh"] - (1 - A**2)) == 0
    assert found["elu"] == sp.Piecewise((1, Z > 0), (1 + A, True))
    assert found["softplus"] == Sigmoid(Z)
    assert {name for name, form in found.items() if form is None} == {"gelu"}


@pytest.mark.parametrize("text", ["exp(-z**2)", "sqrt(1 + z**2)", "1 - exp(-exp(z))"])
def test_no_form_is_stated_where_there_is_none(text):
    assert through_output(activation(text)) is None


@pytest.mark.parametrize("name", EVERY)
def test_forms_through_the_output_are_the_derivative(name):
    form = through_output(activation(name))
    if form is None:
        return
    digits = precise(100)
    points = {Z: [*SMOOTH_POINTS, 0.0]}
    outputs = at(formula(activation(name)), points, digits)
    truth = at(formula(activation(name), 1), points, digits)
    assert worst(at(form, {**points, A: outputs}, digits), truth) < 1e-40


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1/(1 + exp(-2*z))", 2 * A * (1 - A)),
        ("(1 - exp(-z))/(1 + exp(-z))", (1 - A**2) / 2),
        ("3*tanh(z)", 3 - A**2 / 3),
        ("exp(z)", A),
    ],
)
def test_forms_through_the_output_are_found_for_expressions(text, form):
    assert sp.expand(through_output(activation(text)) - form) == 0


@pytest.mark.parametrize("name", EVERY)
def test_a_wrong_form_through_the_output_is_noticed(name, monkeypatch):
    """The proof solves equations; with one of them lost, the comparison at many points fails."""
    form = through_output(activation(name))
    if form is None or not form.has(A) or isinstance(form, sp.Piecewise):
        return
    wrong = form + A * (1 - A) / 1000
    monkeypatch.setitem(globals(), "through_output", lambda _: wrong)
    with pytest.raises(AssertionError):
        test_forms_through_the_output_are_the_derivative(name)


KINKS = [
    ("relu", 0.0, 0.0),
    ("leaky-relu", 0.0, 0.01),
    ("elu", 0.0, 1.0),
    ("max(0, z)", 0.0, 0.0),
    ("abs(z)", 0.0, 0.0),
]


@pytest.mark.parametrize(("name", "z", "slope"), KINKS)
@pytest.mark.parametrize("form", [formula, stable_formula])
def test_the_convention_at_a_kink(form, name, z, slope):
    assert at(form(activation(name), 1), {Z: [z]})[0] == slope
    assert at(form(activation(name), 1), {Z: [z]}, precise(40))[0] == precise(40).array(str(slope))


def loss_slope(name: str, a: float, y: float) -> float:
    return float(at(sp.diff(LOSSES[name].term, A), {A: [a], Y: [y]})[0])


@pytest.mark.parametrize(
    ("name", "a", "y", "slope"),
    [
        ("absolute-error", 0.5, 0.5, 0.0),
        ("absolute-error", 0.75, 0.5, 1.0),
        ("hinge", 1.0, 1.0, 0.0),
        ("hinge", -1.0, -1.0, 0.0),
        ("hinge", 0.5, 1.0, -1.0),
        ("hinge", 0.5, -1.0, 1.0),
        ("huber", 1.5, 0.5, 1.0),
        ("huber", -0.5, 0.5, -1.0),
        ("huber", 0.75, 0.5, 0.25),
        ("huber", 4.5, 0.5, 1.0),
        ("huber", -4.5, 0.5, -1.0),
    ],
)
def test_the_convention_of_a_loss(name, a, y, slope):
    assert loss_slope(name, a, y) == slope


@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_of_a_loss_is_that_of_differences(name):
    points = {A: [0.125, 0.3, 0.6, 0.9, 0.99], Y: [1.0, 0.25, 0.5, 0.125, 1.0]}
    if name == "hinge":
        points = {A: [0.125, -0.3, 2.5, -1.25, 0.99], Y: [1.0, 1.0, 1.0, -1.0, -1.0]}
    if name in ("huber", "absolute-error"):
        points[A] = [3.0, -0.5, 0.75, -4.0, 1.5]
    term = LOSSES[name].term
    truth = slopes(term, A, points)
    assert worst(at(sp.diff(term, A), points, precise(70)), truth) < 1e-30


@pytest.mark.parametrize("head", [Sigmoid, Softplus, Expm1, NormalCdf, LogSoftplus])
def test_elementary_functions_keep_their_digits(head: type[Elementary]):
    """Against their own textbook formula in enough digits, where floats would lose all of theirs."""
    points = {Z: [-700.0, -45.0, -38.0, -3.0, -1e-9, 0.0, 1e-17, 0.5, 4.0, 38.0, 100.0]}
    if head is NormalCdf:
        points[Z][0] = -30.0
    found = at(head(Z), points)
    truth = at(head.formula, points, precise(700))
    assert worst(found, truth) < 1e-12
    truth = at(sp.diff(head.formula, Z), points, precise(700))
    assert worst(at(head(Z).diff(Z), points), truth) < 1e-12


TERMS = st.sampled_from([sp.exp(Z), sp.exp(-Z), sp.exp(2 * Z), sp.tanh(Z), Z, sp.Integer(1), sp.Integer(3)])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(TERMS, min_size=1, max_size=3), st.lists(TERMS, min_size=1, max_size=3), st.booleans())
def test_stabilise_keeps_values(tops, bottoms, logarithm):
    """Random quotients of exponentials, and their logarithms, are the same function after the rewrite."""
    bottom = sp.Add(*(term**2 for term in bottoms)) + 1
    expr = sp.log(1 + sp.Add(*tops) ** 2 / bottom) if logarithm else sp.Mul(*tops) / bottom
    points, digits = {Z: [-2.5, -0.5, 0.25, 1.5, 3.0]}, precise(60)
    before, after = at(expr, points, digits), at(stabilise(expr), points, digits)
    assert all(
        abs(b - a) <= (1 + abs(b)) * digits.array(10) ** -45 for a, b in zip(after, before, strict=True)
    )


@pytest.mark.parametrize("name", ["absolute-error", "huber"])
def test_the_slope_of_a_distance_keeps_the_author_s_order(name: str) -> None:
    expr = Network([Dense(2)], inputs=2, loss=name).derive().gradient("a1").step.expr
    (sign,) = expr.atoms(sp.sign)
    assert str(sign) == "sign(a1[i] - y[i])"
