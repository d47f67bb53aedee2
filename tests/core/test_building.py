"""Nodes built by the short way are those that SymPy builds; derivatives are those that it finds."""

from itertools import product

import pytest
import sympy as sp

from derive import stable
from derive.activations import ACTIVATIONS, apply, formula, head
from derive.building import element, exponential, plain_sum, rebuilt, replaced
from derive.functions import OneWhereZero, Sigmoid, Z
from derive.network import Dense, Network
from derive.program import index
from derive.slopes import NoRuleError, slope

i, k, N = index("i"), index("k"), sp.Symbol("N", integer=True, positive=True)
U, V = element("u", (N, i)), element("v", (i,))

ARGUMENTS = [
    U,
    -U,
    U - V,
    2 * U - V / 3,
    U + 1,
    U * V,
    sp.log(U),
    sp.log(U) - V,
    -2 * sp.log(U),
    Z,
    -Z,
    Z - U,
]
ARGUMENTS += [sp.Integer(0), sp.Integer(1), sp.I * sp.pi, Z + sp.I * sp.pi, sp.Symbol("o", zero=True)]


@pytest.mark.parametrize("argument", ARGUMENTS, ids=str)
def test_an_exponential_is_the_one_of_sympy(argument):
    assert sp.srepr(exponential(argument)) == sp.srepr(sp.exp(argument))


CASES = sp.Piecewise((U, sp.Eq(i, 0)), (V, True))
BODIES = [U * V, V, sp.Integer(1), sp.Sum(U * V, (k, 0, i)), CASES, V + CASES, sp.exp(V)]


@pytest.mark.parametrize("body", BODIES, ids=str)
@pytest.mark.parametrize("limits", [[(i, 0, 3)], [(i, sp.Integer(0), N - 1), (k, 0, 2)]], ids=str)
def test_a_sum_is_the_one_of_sympy(body, limits):
    made, expected = plain_sum(body, limits), sp.Sum(body, *limits)
    assert sp.srepr(made) == sp.srepr(expected)
    assert (made, hash(made), made.is_commutative) == (expected, hash(expected), expected.is_commutative)
    assert (made.limits, made.free_symbols) == (expected.limits, expected.free_symbols)


def test_an_element_is_the_one_of_sympy():
    assert element("u", (N, i)) == sp.Indexed(sp.IndexedBase("u"), N, i)
    assert element("u", (N, i)) is element("u", (N, i))


@pytest.mark.parametrize("argument", [U, 2 * U, sp.exp(Z), Z**2, sp.Integer(1), U * V], ids=str)
@pytest.mark.parametrize("head", [sp.log, sp.exp])
def test_a_function_of_something_else_is_the_one_of_sympy(head, argument):
    assert sp.srepr(rebuilt(head(V), [argument])) == sp.srepr(head(argument))


def programs():
    """Every step of networks with every activation and loss."""
    for name in ACTIVATIONS:
        for loss in ("half-squared-error", "cross-entropy", "huber"):
            network = Network([Dense(3, name, bias="folded"), Dense(2, name)], inputs=2, loss=loss)
            yield from network.derive(N).program.steps


def test_replacing_is_that_of_sympy():
    new = {N: index("m"), i: index("q"), U: V}
    steps = list(programs())
    for step in steps:
        assert replaced(step.expr, new) == step.expr.xreplace(new)
        assert rebuilt(step.expr, step.expr.args) is step.expr
    assert any(replaced(step.expr, new) != step.expr for step in steps)


@pytest.mark.parametrize("kind", [head(ACTIVATIONS["sigmoid"], 0), Sigmoid, OneWhereZero])
def test_a_call_is_the_node_of_sympy(kind):
    arguments = [U, V][: 2 if kind is OneWhereZero else 1]
    made = kind(*arguments)
    assert isinstance(made, sp.Function)
    assert (made.func, made.args) == (kind, tuple(arguments))
    assert made == kind(*arguments)
    assert hash(made) == hash(kind(*arguments))
    assert made.func(*made.args) == made
    assert kind(*range(len(arguments))).args == tuple(map(sp.Integer, range(len(arguments))))
    assert str(made) == f"{kind.__name__}({', '.join(map(str, arguments))})"
    with pytest.raises(TypeError, match="arguments, not 3"):
        kind(U, V, U)


S = 1 / (1 + sp.exp(-Z))
FORMULAS = [Z, Z**3, Z * S, S**2 * (1 - S), sp.log(1 + sp.exp(2 * Z)), 3 * Z**2 - Z / 7, (Z + 1) ** 2]
FORMULAS += [
    1 / Z,
    2 * (Z + 1),
    Sigmoid(Z) * Z,
    apply(ACTIVATIONS["tanh"], Z) ** 2,
    N * sp.exp(Z * N),
    sp.Integer(4),
]


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_a_slope_is_the_derivative_of_sympy(expr):
    assert sp.srepr(slope(expr, Z)) == sp.srepr(sp.diff(expr, Z))


def test_elements_and_sums_are_constants_but_for_the_leaf():
    total = plain_sum(U * V, [(i, 0, 3)])
    assert slope(total * V**2 + U, V) == 2 * V * total
    assert slope(total * V**2 + U, total) == V**2
    assert slope(total * V**2 + U, element("w", (i,))) == 0


@pytest.mark.parametrize("expr", [sp.Abs(Z), sp.tanh(Z), sp.sqrt(Z), CASES * Z, Z**N, 2**Z], ids=str)
def test_what_has_no_rule_goes_to_sympy(expr):
    with pytest.raises(NoRuleError):
        slope(expr, Z)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("order", [1, 2])
def test_formulas_of_derivatives_are_those_of_sympy(name, order):
    assert formula(ACTIVATIONS[name], order) == sp.diff(ACTIVATIONS[name].formula, Z, order)


def test_products_of_sigmoids_are_found_without_polynomials_as_with_them(monkeypatch):
    t, turned, u = sp.exp(Z), sp.exp(-Z), sp.Symbol("u", real=True)
    exprs = [
        c * t**a * (1 + s) ** b
        for a, b, s, c in product((-1, 0, 1), (-3, -2, -1, 1), (t, turned), (1, sp.Rational(-3, 2), u))
    ]
    at_once = [stable.stabilise.__wrapped__(expr) for expr in exprs]
    assert sum(stable._as_one_product(expr) is not None for expr in exprs) > 20
    monkeypatch.setattr(stable, "_as_one_product", lambda _: None)
    assert at_once == [stable.stabilise.__wrapped__(expr) for expr in exprs]
