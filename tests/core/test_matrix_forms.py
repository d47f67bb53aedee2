"""Matrix forms: every step of a dense network has one that holds, and a wrong one is refused."""

from functools import cache
from itertools import product

import numpy as np
import pytest
import sympy as sp
from core_programs import LOSS, convolution, i, j, k, program, step, tensor
from differences import random_values
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_numbers import as_matrix, equals, nodes, put, spoiled

import derive.matrix.proof
from derive import Dense, Derivation, Network
from derive.activations import ACTIVATIONS
from derive.evaluate import evaluate
from derive.losses import LOSSES
from derive.matrix import (
    Broadcast,
    Elementwise,
    Hadamard,
    Name,
    Plus,
    PrependOne,
    Product,
    SumOver,
    Tail,
    Transpose,
    holds,
    matrix_form,
)
from derive.program import total

LAYOUTS, BIASES = ("column", "row"), ("separate", "folded", "none")
COUNT = sp.Symbol("N", integer=True, positive=True)
SIZES, SAMPLES = (7, 5, 3), 4
"""With the 8 and the 6 of folded biases pairwise distinct."""


@cache
def derivation(
    layout, bias, samples, activation="tanh", loss="half-squared-error", square=False
) -> Derivation:
    inputs, hidden, outputs = (3, 3, 3) if square else SIZES
    layers = [Dense(hidden, "sigmoid"), Dense(outputs, activation)]
    return Network(layers, inputs=inputs, loss=loss, layout=layout, bias=bias, reduction="mean").derive(
        samples
    )


@cache
def values_of(*which) -> dict:
    program = derivation(*which).program
    return evaluate(program, random_values(program, seed=3, low=0.125))


def form_of(d: Derivation, name: str):
    found = matrix_form(d.step(name), d.program.tensors, d.vectors)
    assert found is not None, f"{name} has no matrix form"
    return found


def accepts(d: Derivation, name: str, form) -> bool:
    return holds(d.step(name), form, d.program.tensors, d.vectors)


@pytest.mark.parametrize("samples", [None, SAMPLES, COUNT])
@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_step_of_a_dense_network_has_a_form_that_holds(layout, bias, samples):
    d = derivation(layout, bias, samples)
    for each in d.program.steps:
        assert accepts(d, each.tensor.name, form_of(d, each.tensor.name)), each.tensor.name


@pytest.mark.parametrize(("loss", "activation"), list(product(LOSSES, ACTIVATIONS)))
def test_so_has_every_pair_of_a_loss_and_an_activation(loss, activation):
    chosen = (*LOSSES, *ACTIVATIONS).index(loss) + list(ACTIVATIONS).index(activation)
    layout, bias = LAYOUTS[chosen % 2], BIASES[chosen % 3]
    for samples in (None, COUNT):
        d = derivation(layout, bias, samples, activation, loss)
        for name in ("a2", "L", "da2", "dz2", "dW2"):
            assert accepts(d, name, form_of(d, name)), name


@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("samples", [None, SAMPLES])
def test_forms_have_the_values_of_the_steps_in_floats(layout, bias, samples):
    d = derivation(layout, bias, samples, "softmax", "cross-entropy")
    values = evaluate(d.program, random_values(d.program, seed=1, low=0.125))
    for each in d.program.steps:
        name = each.tensor.name
        assert equals(form_of(d, name), values[name], values, d.vectors), name


def test_the_forms_are_those_of_the_textbook():
    one, batch = derivation("column", "separate", None), derivation("row", "separate", SAMPLES)
    assert form_of(one, "z1") == Plus((Product(Name("W1"), Name("x")), Name("b1")))
    assert form_of(one, "dW2") == Product(Name("dz2"), Transpose(Name("a1")))
    assert form_of(one, "da1") == Product(Transpose(Name("W2")), Name("dz2"))
    assert form_of(batch, "z1") == Plus((Product(Name("x"), Name("W1")), Broadcast(Name("b1"), 0)))
    assert form_of(batch, "dW2") == Product(Transpose(Name("a1")), Name("dz2"))
    assert form_of(batch, "da1") == Product(Name("dz2"), Transpose(Name("W2")))
    assert form_of(batch, "db2") == SumOver(Name("dz2"), 0)
    folded = derivation("column", "folded", None)
    assert form_of(folded, "X2") == PrependOne(Name("a1"), 0)
    assert form_of(folded, "da1") == Tail(Name("dX2"), 0)


def delta(d: Derivation) -> Hadamard:
    form = form_of(d, "dz1")
    assert isinstance(form, Hadamard)
    return form


SQUARE_ONE = ("column", "separate", None, "tanh", "half-squared-error", True)
SQUARE_BATCH = ("row", "separate", 3, "tanh", "half-squared-error", True)


@pytest.mark.parametrize(
    ("which", "name", "wrong"),
    [
        (SQUARE_ONE, "da1", Product(Name("W2"), Name("dz2"))),
        (SQUARE_ONE, "z2", Plus((Product(Transpose(Name("W2")), Name("a1")), Name("b2")))),
        (SQUARE_ONE, "dW2", Product(Name("a1"), Transpose(Name("dz2")))),
        (SQUARE_ONE, "dW2", Product(Transpose(Name("dz2")), Name("a1"))),
        (SQUARE_ONE, "dz1", Name("da1")),
        (SQUARE_BATCH, "da1", Product(Name("dz2"), Name("W2"))),
        (SQUARE_BATCH, "dW2", Product(Name("a1"), Name("dz2"))),
        (SQUARE_BATCH, "dW2", Product(Transpose(Name("dz2")), Name("a1"))),
        (SQUARE_BATCH, "db2", Name("dz2")),
        (SQUARE_BATCH, "db2", SumOver(Name("dz2"), 1)),
        (SQUARE_BATCH, "db2", Transpose(SumOver(Name("dz2"), 1))),
        (SQUARE_BATCH, "z1", Plus((Product(Name("x"), Name("W1")), Broadcast(Name("b1"), 1)))),
        (SQUARE_BATCH, "z1", Plus((Product(Name("x"), Name("W1")), Name("b1")))),
        (SQUARE_BATCH, "z1", Plus((Product(Name("x"), Name("W1")), Transpose(Name("b1"))))),
    ],
)
def test_a_wrong_form_is_refused_where_every_size_is_3(which, name, wrong):
    d = derivation(*which)
    values = evaluate(d.program, random_values(d.program, seed=2, low=0.125))
    assert not accepts(d, name, wrong)
    assert not equals(wrong, values[name], values, d.vectors)


def test_a_hadamard_product_that_is_a_matrix_product_is_refused():
    d = derivation(*SQUARE_BATCH)
    first, second = delta(d).factors
    assert accepts(d, "dz1", Hadamard((second, first)))
    assert not accepts(d, "dz1", Product(first, second))


def test_the_wrong_branch_of_an_activation_is_refused():
    """A prime field has no order: were ``z > 0`` always true, the other branch could be anything."""
    d = derivation("column", "separate", None, "relu")
    u = sp.Symbol("u0", real=True)
    for inner, same in ((sp.Integer(0), True), (u, False), (sp.Integer(1), False)):
        written = sp.Piecewise((u, u > 0), (inner, True))
        relu = step(
            d.step("a2").tensor, (i,), sp.Piecewise((sp.Indexed("z2", i), sp.Indexed("z2", i) > 0), (0, True))
        )
        form = Elementwise(written, (u,), (Name("z2"),))
        assert holds(relu, form, d.program.tensors) is same


@pytest.mark.parametrize("bound", [0, 1, 7])
def test_a_wrong_branch_is_refused_wherever_the_cases_meet(bound):
    """With three elements, all of them would be above one bound in eight."""
    tensors = {"u": tensor("u", "input", 3), "v": tensor("v", "hidden", 3)}
    u, s = tensors["u"][i], sp.Symbol("u0", real=True)
    cases = step(tensors["v"], (i,), sp.Piecewise((u, u > bound), (u**2, True)))
    for other, same in ((s**2, True), (s, False), (2 * s**2, False)):
        written = sp.Piecewise((s, s > bound), (other, True))
        assert holds(cases, Elementwise(written, (s,), (Name("u"),)), tensors) is same


def test_the_largest_of_two_is_neither_of_them():
    tensors = {"u": tensor("u", "input", 3), "v": tensor("v", "hidden", 3)}
    s = sp.Symbol("u0", real=True)
    at_0 = step(tensors["v"], (i,), sp.Max(tensors["u"][i], 0))
    for written, same in (
        (sp.Max(s, 0), True),
        (s, False),
        (sp.Min(s, 0), False),
        (sp.Integer(0) * s, False),
    ):
        assert holds(at_0, Elementwise(written, (s,), (Name("u"),)), tensors) is same


MUTATED = [
    (layout, bias, samples, activation)
    for layout, bias, samples in product(LAYOUTS, BIASES, (None, SAMPLES))
    for activation in ("tanh", "softmax")
]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(MUTATED), st.data())
def test_a_mutated_form_is_refused_unless_it_is_equal(which, data):
    """The proof on a square network decides as floats do on one with pairwise distinct sizes."""
    distinct = derivation(*which, "half-squared-error")
    layout, bias, samples, activation = which
    square = derivation(layout, bias, samples and 3, activation, "half-squared-error", square=True)
    name = data.draw(st.sampled_from([s.tensor.name for s in distinct.program.steps if s.tensor.name != "L"]))
    places = list(nodes(form_of(distinct, name)))
    place = data.draw(st.integers(0, len(places) - 1))
    slip = data.draw(st.integers(0, len(spoiled(places[place][1])) - 1))

    def mutated(d: Derivation):
        at, node = list(nodes(form_of(d, name)))[place]
        return put(form_of(d, name), at, spoiled(node)[slip])

    values = values_of(*which, "half-squared-error")
    same = equals(mutated(distinct), values[name], values, distinct.vectors)
    assert accepts(distinct, name, mutated(distinct)) is same
    assert accepts(square, name, mutated(square)) is same


def test_the_mutations_are_not_all_alike():
    d, values = derivation("row", "separate", SAMPLES), values_of("row", "separate", SAMPLES)
    verdicts = [
        equals(put(form_of(d, name), at, new), values[name], values, d.vectors)
        for name in ("z1", "z2", "dz1", "dz2")
        for at, node in nodes(form_of(d, name))
        for new in spoiled(node)
    ]
    assert verdicts.count(False) > 50
    assert verdicts.count(True) > 3


def test_sums_over_part_of_an_axis_are_not_decided():
    tensors = {"x": tensor("x", "input", 5), "L": LOSS}
    part, whole = (step(LOSS, (), total(tensors["x"][k], (k, sp.Integer(n)))) for n in (3, 5))
    assert holds(whole, SumOver(Name("x"), 0), tensors)
    assert not holds(part, SumOver(Name("x"), 0), tensors)


def test_a_convolution_has_no_form():
    forward = convolution(6, 3)
    assert matrix_form(forward.step("z"), forward.tensors) is None
    assert not holds(forward.step("z"), Product(Name("w"), Name("x")), forward.tensors)


def test_three_axes_and_diagonals_have_no_form():
    T, A, u = tensor("T", "input", 2, 3, 4), tensor("A", "input", 3, 3), tensor("u", "hidden", 3)
    three = program((T,), step(u, (j,), total(T[i, j, k], (i, sp.Integer(2)), (k, sp.Integer(4)))))
    diagonal = program((A,), step(u, (i,), A[i, i]))
    assert matrix_form(three.step("u"), three.tensors) is None
    assert matrix_form(diagonal.step("u"), diagonal.tensors) is None


def test_an_index_as_a_number_has_no_form():
    x, u = tensor("x", "input", 3), tensor("u", "hidden", 3)
    ramp = program((x,), step(u, (i,), i * x[i]))
    form = matrix_form(ramp.step("u"), ramp.tensors)
    assert form is None or not holds(ramp.step("u"), form, ramp.tensors)


def test_a_proof_at_equal_sizes_would_miss_a_lost_transpose(monkeypatch):
    """What the pairwise distinct sizes are there for."""
    d = derivation("row", "none", SAMPLES)
    wrong = Product(Name("dz2"), Name("W2"))
    values = {name: np.ones((3, 3)) for name in ("dz2", "W2")}
    assert equals(wrong, np.full((3, 3), 3.0), values, "row")
    assert not accepts(d, "da1", wrong)
    monkeypatch.setattr(derive.matrix.proof, "_is_proved", derive.matrix.proof._is_proved.__wrapped__)
    monkeypatch.setattr(derive.matrix.proof, "_random", lambda shape, _: np.ones(shape, dtype=object))
    assert not accepts(d, "da1", wrong)
    monkeypatch.setattr(derive.matrix.proof, "_SIZES", (3,) * 7)
    assert accepts(d, "da1", wrong)


def test_vectors_stand_as_the_layout_says():
    data = np.arange(3.0)
    assert as_matrix(data, "column").shape == (3, 1)
    assert as_matrix(data, "row").shape == (1, 3)
    d = derivation("column", "separate", None)
    assert not holds(d.step("z1"), form_of(d, "z1"), d.program.tensors, "row")
