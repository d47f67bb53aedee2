"""Formulas in the comments of code: letters that count samples, cases in one line, remarks behind a comma."""

import pytest
from formula_claims import judged, verdicts

RIGHT = [
    "dW2[i, j] = sum_n(dz2[n, i] * X2[n, j])",
    "L = sum_{i, n}((a2[n, i] - y[n, i])**2) / 2",
    "X1[n, k] = 1 if k == 0 else x[n, k - 1]",
    "dX2[n, j] = sum_i(dz2[n, i] * W2[i, j])",
    "da1[n, k] = dX2[n, k + 1]",
    "dz1[n, i] = da1[n, i] * sigmoid'(z1[n, i])",
    "dz1[i, n] = da1[i, n] * sigmoid'(z1[i, n])",
    "e1[n, i] = exp(-z1[n, i]), held below overflow",
    "X1[k] = 1 if k == 0 else x[k - 1]",
]
WRONG = {
    "dW2[i, j] = dz2[n, i] * X2[n, j]": "other",
    "dW2[i, j] = sum_n(dz2[n, i] * X1[n, j])": "index",
    "L = sum_i((a2[n, i] - y[n, i])**2) / 2": "other",
    "X1[n, k] = 1 if k == 1 else x[n, k - 1]": "index",
}


@pytest.mark.parametrize("formula", RIGHT)
def test_a_right_comment_is_right(formula: str) -> None:
    assert verdicts(judged(formula, example="lecture6")) == ["right"]


@pytest.mark.parametrize(("formula", "code"), WRONG.items())
def test_a_wrong_comment_is_wrong(formula: str, code: str) -> None:
    """Beside a network file with one sample too: what numbers samples is judged for several."""
    assert verdicts(judged(formula, example="lecture6")) == [code]


def test_a_remark_is_no_part_of_a_formula() -> None:
    found = judged("e1[i] = exp(-z1[i]), held below overflow", "a1[i] e1[i] = 1 - a1[i], which is a slope")
    assert verdicts(found) == ["right", "right"]


def test_half_a_condition_is_refused() -> None:
    assert verdicts(judged("a1[i] = else 2")) == ["undecided"]


def test_a_formula_of_own_names_alone_is_judged() -> None:
    own = ("e1[n, i] = exp(-z1[n, i])", "q1[n, i] = 1 + e1[n, i]")
    assert verdicts(judged(*own, own[1], "a1[n, i] = 1 / q1[n, i]")) == ["right"] * 4
    assert verdicts(judged(*own, "q1[n, i] = 1 - e1[n, i]"))[2] == "sign"
