"""Numbers in LaTeX."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.latex import Speller, matrix, number
from derive.network import Dense, Network
from derive.notation import PROFILES


@pytest.mark.parametrize(
    ("value", "digits", "latex"),
    [
        (0.5, 6, "0.5"),
        (-0.0, 6, "0"),
        (1.0, 6, "1"),
        (1 / 3, 4, "0.3333"),
        (0.43000000001, 4, "0.4300"),
        (0.99999, 4, "1.0000"),
        (-1e-5 / 3, 4, r"-3.333 \cdot 10^{-6}"),
        (1e-5, 4, r"1 \cdot 10^{-5}"),
        (1e20, 6, r"1 \cdot 10^{20}"),
        (1234, 4, "1234"),
        (100, 2, "100"),
        (123456.789, 4, r"1.235 \cdot 10^{5}"),
        (float("nan"), 4, r"\mathrm{NaN}"),
        (-math.inf, 4, r"-\infty"),
        (0.125, 2, "0.12"),
    ],
)
def test_the_look_of_a_number(value, digits, latex):
    assert number(value, digits) == latex


def test_a_number_needs_a_digit():
    with pytest.raises(ValueError, match="at least 1 significant digit, not 0"):
        number(1.5, 0)


def read(latex):
    found = re.fullmatch(r"(-?[0-9]+(?:\.[0-9]+)?)(?: \\cdot 10\^\{(-?[0-9]+)\})?", latex)
    assert found, latex
    return float(f"{found[1]}e{found[2] or 0}")


@given(st.floats(-1e300, 1e300), st.integers(1, 17))
def test_a_number_is_as_near_as_its_digits_allow(value, digits):
    shown = number(value, digits)
    assert not shown.startswith("-0") or read(shown) != 0
    assert abs(read(shown) - value) <= 0.5000001 * abs(value) * 10.0 ** (1 - digits)
    if digits == 17:
        assert read(shown) == value


def test_a_matrix_has_the_same_decimals_throughout():
    assert matrix([[0.11356205123, 0.04832718123], [-0.14636122123, 0.0]], 8) == (
        r"\begin{bmatrix} 0.11356205 & 0.04832718 \\ -0.14636122 & 0 \end{bmatrix}"
    )
    assert matrix([1, 2.5]) == r"\begin{bmatrix} 1 \\ 2.5 \end{bmatrix}"
    assert matrix([1, 2.5], vectors="row") == r"\begin{bmatrix} 1 & 2.5 \end{bmatrix}"
    assert matrix(-0.25) == "-0.25"
    assert matrix([100 / 3, 1e-9 / 3], 4) == (r"\begin{bmatrix} 33.33 \\ 3.333 \cdot 10^{-10} \end{bmatrix}")
    with pytest.raises(ValueError, match="1 or 2 axes, not 3"):
        matrix(np.zeros((1, 1, 1)))


NET = Network([Dense(2, "sigmoid"), Dense(2, "sigmoid")], inputs=2, loss="half-squared-error", bias="folded")
VALUES = {
    "W1": [[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]],
    "X1": [1, 1, 0],
    "a2": [0.45754671, -2e-5],
    "y": [0, 1],
    "z2": [-0.17, -0.5],
    "da2": [-0.25, 1],
    "eta": 0.1,
    "dW1": [[1, 2, 3], [-4, 5, 6]],
}


@pytest.mark.parametrize(
    ("name", "at", "line"),
    [
        ("z1", (0,), r"-0.1 \cdot 1 + (-0.2) \cdot 1 + 0.1 \cdot 0"),
        ("z1", (1,), r"-0.4 \cdot 1 + 0.7 \cdot 1 + (-0.6) \cdot 0"),
        ("L", (), r"\frac{1}{2} \cdot ((0.457547 - 0)^{2} + (-2 \cdot 10^{-5} - 1)^{2})"),
        ("dz2", (0,), r"-0.25 \cdot \varphi'(-0.17)"),
        ("W1_new", (1, 0), r"-0.4 - 0.1 \cdot (-4)"),
        ("W1_new", (0, 1), r"-0.2 - 0.1 \cdot 2"),
    ],
)
def test_a_line_in_numbers(name, at, line):
    derivation = NET.derive()
    step = derivation.step(name)
    speller = Speller(derivation, PROFILES["bracket"])
    where = dict(zip(step.indices, at, strict=True))
    assert speller.with_numbers(step.expr, VALUES, at=where) == line
