"""What is factored and cancelled without SymPy's polynomials is what they give."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import calculus
from derive.activations import ACTIVATIONS, apply
from derive.calculus import factored
from derive.laurent import MOST_TERMS, in_lowest_terms
from derive.program import element, index, total

i, k = index("i"), index("k")
N = sp.Symbol("N", integer=True, positive=True)
A, B, C = (element(name, (i,)) for name in "abc")
S = total(element("a", (k,)) * element("d", (k,)), (k, 4))
CALL = apply(ACTIVATIONS["sigmoid"], A)

LEAVES = st.sampled_from([A, B, C, S, N, CALL])
NUMBERS = st.sampled_from(
    [sp.Integer(-1), sp.Integer(1), sp.Integer(2), sp.Rational(3, 2), sp.Rational(-1, 6)]
)
POWERS = st.tuples(LEAVES, st.sampled_from([-2, -1, 1, 1, 2])).map(lambda pair: pair[0] ** pair[1])
PRODUCTS = st.tuples(NUMBERS, st.lists(POWERS, max_size=3)).map(lambda pair: pair[0] * sp.Mul(*pair[1]))
SUMS = st.lists(PRODUCTS, min_size=1, max_size=3).map(lambda terms: sp.Add(*terms))
QUOTIENTS = st.lists(st.one_of(SUMS, PRODUCTS), min_size=1, max_size=3).map(lambda factors: sp.Mul(*factors))

CHECK = settings(max_examples=150, deadline=None, derandomize=True)


@CHECK
@given(QUOTIENTS)
def test_lowest_terms_are_those_of_sympy(expr):
    # Sums with negative powers, and those that are to be a factor twice, are left to polynomials.
    found = in_lowest_terms(expr)
    if found is not None:
        opaque = {leaf: sp.Dummy() for leaf in (A, B, C, S)}
        expected = sp.cancel(sp.together(expr.xreplace(opaque)))
        assert found == expected.xreplace({dummy: leaf for leaf, dummy in opaque.items()})


def test_a_division_that_the_next_step_multiplies_away_is_gone():
    assert in_lowest_terms(A * (-B / A - S)) == -B - A * S
    assert in_lowest_terms(A * (-B / (A * N) - S)) == (-B - N * A * S) / N
    assert in_lowest_terms(A * (1 - A) * (B / A + C)) == B - A * B + A * C - A**2 * C


@pytest.mark.parametrize("expr", [1 / (1 - A), sp.exp(A) / A, sp.sqrt(A), (A + B) ** 2 / C], ids=str)
def test_what_is_no_product_below_is_left_to_polynomials(expr):
    assert in_lowest_terms(expr) is None


def test_very_many_terms_are_left_to_polynomials():
    letters = [sum(element(f"{name}{n}", (i,)) for n in range(6)) for name in "uv"]
    assert in_lowest_terms(sp.Mul(*letters)) is None
    assert MOST_TERMS < 6 * 6


FACTORS = st.sampled_from([A, B, C, S, CALL, sp.Integer(-1), sp.Integer(2), N, 1 / B, sp.Rational(1, 2)])
PLAIN = st.lists(FACTORS, max_size=3).map(lambda factors: sp.Mul(*factors))
ADDED = st.lists(PLAIN, min_size=2, max_size=3).map(lambda terms: sp.Add(*terms))
INSIDE = st.tuples(ADDED, FACTORS, st.sampled_from([1, 1, 2])).map(lambda t: t[0] ** t[2] * t[1])
SUMMED = st.one_of(ADDED, INSIDE).map(lambda e: total(e.xreplace({A: element("a", (k,))}), (k, 3)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(PLAIN, ADDED, INSIDE, SUMMED, st.tuples(SUMMED, ADDED).map(lambda pair: pair[0] * pair[1])))
def test_factors_in_front_are_those_of_sympy(expr):
    assert factored(expr) == sp.factor_terms(expr)


def test_some_sums_are_known_to_share_nothing():
    """Else the test above would compare SymPy with itself."""
    known = [A - B, A * (B - S), (A - B) ** 2, total(element("a", (k,)) * (element("b", (k,)) - A), (k, 3))]
    assert all(map(calculus._is_factored, known))
    open_ = [A * B - A * C, -A - B, 2 * A + 2 * B, A / N + B / N, sp.Mul(2, A - B, evaluate=False)]
    assert not any(map(calculus._is_factored, open_))
