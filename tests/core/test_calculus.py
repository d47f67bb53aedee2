"""Index calculus keeps values: substitution, sums, contraction, against arrays that are summed by hand."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import derive.calculus
from derive.arithmetic import FLOAT
from derive.calculus import partials, renamed_bounds, substitute, summed, tidied
from derive.contraction import contract
from derive.index_arrays import Scope, aligned, value_of
from derive.prime_field import FIELD, PRIME
from derive.program import element, fresh_letters, index, indices, name_of, sum_over, total

N = 4
i, j, k, m = FREE = indices("i j k m")
CHECK = settings(max_examples=80, deadline=None, derandomize=True)

CHANCE = np.random.default_rng(11)
TENSORS = {"A": CHANCE.uniform(0.5, 1.5, (N, N)), "x": CHANCE.uniform(0.5, 1.5, N), "c": np.array(0.75)}
WHOLE = {
    name: np.vectorize(lambda v: int(v * 2**20), otypes=[object])(data) for name, data in TENSORS.items()
}


def value(expr: sp.Expr, free=FREE, size: int = N) -> np.ndarray:
    """Return the value for all values of the free indices, as floats."""
    return _value(expr, Scope(FLOAT, TENSORS, {}), free, size).astype(float)


def _value(expr: sp.Expr, scope: Scope, free, size: int) -> np.ndarray:
    for at in free:
        scope = scope.inside(at, 0, size - 1)
    return np.broadcast_to(aligned(value_of(expr, scope), tuple(free)), (size,) * len(free))


def same(left: sp.Expr, right: sp.Expr, free=FREE) -> bool:
    """Whether two expressions have the same value at all indices, in floats and in the prime field."""
    floats = np.allclose(value(left, free), value(right, free), rtol=1e-11, atol=1e-13)
    if any(e.has(sp.exp, sp.tanh) for e in (left, right)):
        return floats  # SymPy may have used what a field does not know
    field = Scope(FIELD, WHOLE, {})
    exact = _value(left, field, free, N) % PRIME == _value(right, field, free, N) % PRIME
    return floats and bool(np.all(exact))


LEAVES = st.sampled_from(
    [
        element("x", [i]),
        element("x", [j]),
        element("x", [k]),
        element("x", [m]),
        element("A", [i, k]),
        element("A", [k, m]),
        element("A", [m, i]),
        element("A", [j, j]),
        element("c", []),
        sp.Integer(2),
        sp.Rational(-1, 3),
    ]
)


def _bigger(inner):
    ends = st.sampled_from([sp.Integer(N - 1), sp.Integer(1), i, k, m])
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] - 2 * p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, st.sampled_from([i, k, m]), ends).map(_sum),
        inner.map(lambda e: e**2),
        inner.map(lambda e: 1 / (1 + e**2)),
        inner.map(lambda e: sp.Piecewise((e, sp.Eq(k, i)), (2 * e, True))),
    )


def _sum(parts) -> sp.Expr:
    body, over, high = parts
    if over in high.free_symbols:
        high = sp.Integer(N - 1)
    try:
        made = sum_over(body, [(over, 0, high)])
    except ValueError:
        return body
    names = list(made.bound_symbols)
    return made if len(set(names)) == len(names) else body


EXPRESSIONS = st.recursive(LEAVES, _bigger, max_leaves=6)
TARGETS = st.sampled_from([i, j, k, m, 3 - j, 3 - k, sp.Integer(0), sp.Integer(2)])


@CHECK
@given(EXPRESSIONS, TARGETS, TARGETS)
def test_substitution_is_evaluation_elsewhere(expr, for_i, for_k):
    """All at once, and no index that comes in is caught by a sum that binds its name."""
    before = value(expr)
    after = value(substitute(expr, {i: for_i, k: for_k}))
    grid = np.meshgrid(*(range(N) for _ in FREE), indexing="ij")
    position = dict(zip(FREE, grid, strict=True))

    def at(new: sp.Expr) -> np.ndarray:
        return np.asarray(sp.lambdify(FREE, new)(*grid) + 0 * grid[0])

    expected = before[at(for_i), position[j], at(for_k), position[m]]
    np.testing.assert_allclose(after, expected, rtol=1e-11, atol=1e-13)


def test_a_bound_index_is_not_replaced_and_catches_nothing():
    expr = sp.Sum(element("A", [i, k]) * element("x", [k]), (k, 0, N - 1))
    assert substitute(expr, {k: m}) == expr
    moved = substitute(expr, {i: k})
    assert moved.bound_symbols != [k]
    assert same(
        moved.subs(moved.bound_symbols[0], m), sp.Sum(element("A", [k, m]) * element("x", [m]), (m, 0, 3))
    )


def test_the_ends_of_a_range_are_replaced_too():
    expr = sp.Sum(element("x", [k]), (k, 0, i))
    assert value(substitute(expr, {i: sp.Integer(1)}), (j,))[0] == TENSORS["x"][:2].sum()
    both = sp.Sum(element("A", [k, m]), (m, 0, k), (k, 0, i))
    triangle = sum(TENSORS["A"][a, b] for a in range(3) for b in range(a + 1))
    for new in (k, m):
        assert value(substitute(both, {i: new}), (new,))[2] == pytest.approx(triangle)


@CHECK
@given(EXPRESSIONS, st.sampled_from([(i,), (k,), (i, k), (k, m), (m, i, k)]), st.data())
def test_sums_with_factors_moved_out_have_the_same_value(body, over, data):
    limits = []
    for place, t in enumerate(over):
        later = over[place + 1 :]
        high = data.draw(st.sampled_from([sp.Integer(N - 1), sp.Integer(0), *later]))
        limits.append((t, sp.Integer(0), high))
    shuffled = data.draw(st.permutations(limits))
    try:
        found = summed(body, shuffled)
    except ValueError:  # cases by an inner index, see below
        reject()
    assert same(found, sp.Sum(renamed_bounds(body, [str(s) for s in FREE]), *limits))
    left = [t for t in FREE if t not in over]
    np.testing.assert_allclose(value(found, left), by_loops(body, limits, left), rtol=1e-11)


def by_loops(body: sp.Expr, limits, left) -> np.ndarray:
    """Return the sum by a mask over the values of the body at all indices."""
    every = value(body, (*left, *(t for t, _, _ in limits)))
    grid = np.meshgrid(*(range(N) for _ in limits), indexing="ij")
    here = dict(zip((t for t, _, _ in limits), grid, strict=True))
    inside = np.ones_like(grid[0], dtype=bool)
    for t, _, high in limits:
        inside &= here[t] <= (here[high] if high in here else int(high))
    return np.sum(every * inside, axis=tuple(range(len(left), every.ndim)))


@CHECK
@given(EXPRESSIONS)
def test_tidying_keeps_values(expr):
    assert same(tidied(expr), expr)


@CHECK
@given(EXPRESSIONS, st.sets(st.sampled_from(["i", "k", "m", "p", "q"])))
def test_renaming_keeps_values_and_takes_no_reserved_name(expr, taken):
    renamed = renamed_bounds(expr, taken)
    assert same(renamed, expr)
    assert not {str(s) for e in renamed.atoms(sp.Sum) for s in e.bound_symbols} & taken


def test_signs_and_numbers_stand_before_a_sum():
    x = element("x", [k])
    assert tidied(sp.Sum(-2 * x, (k, 0, 3))) == -2 * sp.Sum(x, (k, 0, 3))
    assert tidied(1 + sp.Sum(element("c", []) * 1, (k, 0, 3))) == 1 + 4 * element("c", [])


AFFINE = st.sampled_from(
    [i, k, i + k, i - k, k - i, 2 * i + k, i + 2 * k, 3 - i, 2 * i, i + 1, k - 1, sp.Integer(1)]
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(AFFINE, AFFINE, st.sampled_from(["whole", "k to i", "i from k", "short"]), st.booleans())
def test_contraction_is_the_sum_over_what_is_used(first, second, ranges, two):
    """Against a loop over all indices, with the bracket ``[at == p]`` written out."""
    whole = sp.Integer(N - 1)
    limits = {
        "whole": ((i, sp.Integer(0), whole), (k, sp.Integer(0), whole)),
        "k to i": ((i, sp.Integer(0), whole), (k, sp.Integer(0), i)),
        "i from k": ((i, k, whole), (k, sp.Integer(0), whole)),
        "short": ((i, sp.Integer(1), sp.Integer(2)), (k, sp.Integer(0), sp.Integer(2))),
    }[ranges]
    p, q = indices("p q")
    at = (first, second) if two else (first,)
    wanted = tuple((w, sp.Integer(0), whole) for w in (p, q)[: len(at)])
    body = element("A", [i, k]) * (element("x", [k]) + i)
    found = value(contract(body, limits, at, wanted), (p, q)[: len(at)])
    expected = np.zeros((N,) * len(at))
    for a in range(N):
        for b in range(N):
            here = {i: a, k: b}
            inside = all(low.subs(here) <= here[t] <= high.subs(here) for t, low, high in limits)
            where = tuple(int(e.subs(here)) for e in at)
            if inside and all(0 <= w < N for w in where):
                expected[where] += TENSORS["A"][a, b] * (TENSORS["x"][b] + a)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_a_delta_that_can_be_used_up_leaves_nothing_behind():
    p, q = indices("p q")
    whole = [(t, sp.Integer(0), sp.Integer(N - 1)) for t in (i, k)]
    wanted = tuple((t, sp.Integer(0), sp.Integer(N - 1)) for t in (p, q))
    found = contract(element("A", [i, k]) * element("x", [i]), tuple(whole), (i, k), wanted)
    assert found == element("A", [p, q]) * element("x", [p])


def test_each_use_is_a_partial_derivative_of_its_own():
    expr = sp.Sum(element("x", [k]) * element("x", [i]) ** 2, (k, 0, 3)) + element("x", [0])
    uses = {use.at: use for use in partials(expr, "x")}
    assert set(uses) == {(sp.Integer(0),), (k,), (i,)}
    assert uses[k,].bound == ((k, 0, 3),)
    assert uses[i,].value == 2 * element("x", [k]) * element("x", [i])


def test_cases_by_an_inner_index_are_refused_where_sympy_would_lose_them():
    """SymPy takes the cases of an inner sum out of the outer one, with an index that means nothing there."""
    cases = sp.Piecewise((element("x", [m]), sp.Eq(m, k)), (0, True))
    inner = total(cases, (m, sp.Integer(N)))
    outer = sp.Sum(element("x", [k]) * inner, (k, 0, N - 1))
    assert m in outer.free_symbols, "SymPy keeps such sums now: sum_over has nothing to refuse"
    with pytest.raises(ValueError, match="has cases by its own index: give it a step of its own"):
        total(element("x", [k]) * inner, (k, sp.Integer(N)))
    assert not total(cases * element("x", [k]), (m, sp.Integer(N)), (k, sp.Integer(N))).free_symbols & {m, k}


def test_a_sum_over_an_index_that_does_not_occur_counts():
    product = element("x", [i]) * element("x", [j])
    assert value(sp.Sum(product, (k, 0, 3)), (i, j)) == pytest.approx(4 * value(product, (i, j)))
    assert value(sp.Sum(product, (k, 2, 1)), (i, j)) == pytest.approx(0 * value(product, (i, j)))


def test_letters_do_not_run_out():
    letters = fresh_letters(["k", "m"])
    names = [str(next(letters)) for _ in range(500)]
    assert len(set(names)) == 500
    assert not {"k", "m"} & set(names)


def test_capture_is_noticed(monkeypatch):
    """A substitution that forgets to rename what it would catch fails the test above."""
    monkeypatch.setattr(derive.calculus, "fresh_letters", lambda _: iter([index("k")] * 9))
    with pytest.raises(AssertionError):
        test_a_bound_index_is_not_replaced_and_catches_nothing()


def test_names_are_those_of_tensors():
    assert name_of(element("W1", [i, j])) == "W1"
    assert name_of(element("L", [])) == "L"
