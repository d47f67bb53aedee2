"""Printed numbers: labels, shapes, and the half unit of the last place."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from derive.read.numbers import PrintedNumber, flatten, read_numbers


def only(text):
    (array,) = read_numbers(text)
    return array


def halves(array):
    return {float(n.half_unit) for n in flatten(array.entries)}


@pytest.mark.parametrize(
    ("text", "label", "shape", "numbers"),
    [
        ("z1 = [[4.3 5.3]]", "z1", (1, 2), ["4.3", "5.3"]),
        ("Input to layer 1:  [1.099 1.13 ]", "Input to layer 1", (2,), ["1.099", "1.13"]),
        ("z1 = W1 @ a0: \n[[0.21 ]\n [0.315]]", "z1 = W1 @ a0", (2, 1), ["0.21", "0.315"]),
        ("dLdW1 =\n\n [[0.002  0.0004]]", "dLdW1", (1, 2), ["0.002", "0.0004"]),
        ("array([[ 0.1, -0.2],\n       [ 0.3,  0. ]])", "", (2, 2), ["0.1", "-0.2", "0.3", "0."]),
        ("W1 = np.array([[1, 2]], dtype=float)", "W1", (1, 2), ["1", "2"]),
        ("tensor([0.5, 1.5], requires_grad=True)", "", (2,), ["0.5", "1.5"]),
        ("Cost: \n0.013624653232974609", "Cost", (), ["0.013624653232974609"]),
        ("0.18454645770996225", "", (), ["0.18454645770996225"]),
        ("loss = 0.29", "loss", (), ["0.29"]),
        ("loss 0.693", "loss", (), ["0.693"]),
        ("[np.float64(0.5), 2]", "", (2,), ["0.5", "2"]),
        ("((6700, 2), (6700, 2))", "", (2, 2), ["6700", "2", "6700", "2"]),
        ("W_l1 | Layer 1, with index 0\n[1.5 2. ]", "W_l1 | Layer 1, with index 0", (2,), ["1.5", "2."]),
    ],
)
def test_arrays_and_scalars_are_read_with_their_labels(text, label, shape, numbers):
    array = only(text)
    assert (array.label, array.shape) == (label, shape)
    assert [n.text for n in flatten(array.entries)] == numbers
    for number in flatten(array.entries):
        assert text[slice(*number.span)] == number.text
        assert number.value == Decimal(number.text)


@pytest.mark.parametrize(
    "text",
    ["Layer 1, with index 0", "see section 2.3.1", "x[0] and W[1][2]", "a = 0.3 * 0.2", "v1.2.3 [abc]", "[]"],
)
def test_numbers_in_running_text_are_left_alone(text):
    assert read_numbers(text) == ()


def test_the_entries_of_an_array_share_the_precision_of_the_longest():
    assert halves(only("[[0.35]\n [0.7 ]]")) == {0.005}
    assert halves(only("[[1.        ]\n [0.42555748]]")) == {5e-9}
    assert halves(only("array([[-0.1, -0.25]])")) == {0.005}
    # A list is written by hand or by repr: each entry has its own digits.
    assert halves(only("[0.1, 0.05]")) == {0.05, 0.005}


def test_integers_are_exact_and_powers_of_ten_scale_the_unit():
    assert halves(only("[[1]\n [3]]")) == {0.0}
    assert halves(only("[1.20e-05 3.45e+02]")) == {0.5 * 10**-7, 0.5}
    assert halves(only("n = 5")) == {0.0}


def test_several_arrays_and_scalars_come_in_order():
    text = "Epoch: 0, Train loss: [40778.84947518]\nEpoch: 1, Train loss: [0.5]\nrate = 0.1"
    assert [(a.label, a.shape) for a in read_numbers(text)] == [
        ("Epoch", ()),
        ("Train loss", (1,)),
        ("Epoch", ()),
        ("Train loss", (1,)),
        ("rate", ()),
    ]


def test_arrays_of_unequal_shapes_in_one_bracket_are_separate():
    assert [a.shape for a in read_numbers("(array([1., 2.]), array([[3.]]))")] == [(2,), (1, 1)]


def test_dots_are_told():
    array = only("[[1 2 ... 9]\n ...\n [4 5 ... 6]]")
    assert array.elided
    assert array.shape == (2, 3)


def test_special_values():
    array = only("[nan inf -inf 1.]")
    assert [str(n.value) for n in flatten(array.entries)] == ["NaN", "Infinity", "-Infinity", "1"]


def test_tables_give_rows_with_labels_and_headings():
    text = "| weight | old | new |\n|---|---:|---|\n| w1 | 0.15 | $0.1498$ |\n| w2 | 0.20 | 0.1996 |\n"
    first, second = read_numbers(text)
    assert (first.label, first.columns, first.style) == ("w1", ("old", "new"), "table")
    assert [n.text for n in flatten(second.entries)] == ["0.20", "0.1996"]
    assert [float(n.half_unit) for n in flatten(first.entries)] == [0.005, 0.00005]
    for number in flatten(first.entries):
        assert text[slice(*number.span)] == number.text


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=4),
        elements=st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6)),
    ),
    st.integers(1, 9),
    st.booleans(),
)
def test_what_numpy_prints_is_read_back_within_half_a_unit(array, precision, as_repr):
    with np.printoptions(precision=precision):
        text = repr(array) if as_repr else f"W = {array}"
    read = only(text)
    assert read.shape == array.shape
    for number, value in zip(flatten(read.entries), array.ravel(), strict=True):
        # NumPy rounds the binary value, which may lie on the other side of a tie.
        assert abs(float(number.value) - value) <= float(number.half_unit) * (1 + 1e-6) + abs(value) * 1e-15


@settings(max_examples=100, deadline=None)
@given(
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.integers(-99, 99))
)
def test_integers_that_numpy_prints_are_read_back_exactly(array):
    read = only(str(array))
    assert read.shape == array.shape
    assert [(int(n.value), n.half_unit) for n in flatten(read.entries)] == [
        (v, 0) for v in array.ravel().tolist()
    ]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.-+eE[](), \n|=:naif…ar×y", max_size=200))
def test_any_text_is_read_without_an_exception(text):
    for array in read_numbers(text):
        assert 0 <= array.span[0] < array.span[1] <= len(text)
        for number in flatten(array.entries):
            assert isinstance(number, PrintedNumber)
            assert text[slice(*number.span)] == number.text


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "[1 " * 50_000, "[[1]," * 20_000, "1" * 50_000, "| 1 " * 50_000]
)
def test_monstrous_text_is_read(text):
    assert isinstance(read_numbers(text), tuple)
