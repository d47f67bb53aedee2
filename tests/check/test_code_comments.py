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
    "z1[n, i] = sum_j(W1[i, j] * X1[n, j] if j == 0 else 0)": "other",
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


def test_the_number_of_a_case_is_named() -> None:
    right = "X1[n, k] = 1 if k == 0 else x[n, k - 1]"
    found = judged(right, right.replace("== 0", "== 1"), example="lecture6")
    assert verdicts(found) == ["right", "index"]
    assert found.findings[1].hint == "the case should be that of k = 0"


def test_half_a_condition_is_refused() -> None:
    assert verdicts(judged("a1[i] = else 2")) == ["undecided"]


def test_a_formula_of_own_names_alone_is_judged() -> None:
    own = ("e1[n, i] = exp(-z1[n, i])", "q1[n, i] = 1 + e1[n, i]")
    assert verdicts(judged(*own, own[1], "a1[n, i] = 1 / q1[n, i]")) == ["right"] * 4
    assert verdicts(judged(*own, "q1[n, i] = 1 - e1[n, i]"))[2] == "sign"


def test_a_name_with_letters_behind_it_is_another_one() -> None:
    own = ("q1[n, i] = 1 + exp(-z1[n, i])", "q1_c[n, i] = exp(z1[n, i])", "q1_c[i] = exp(-z1[i])")
    assert verdicts(judged(*own, "a1[n, i] = 1 / q1[n, i]")) == ["right"] * 4
    assert verdicts(judged(*own, "a1[n, i] = 1 / q1_c[n, i]"))[3] == "other"


def test_names_that_are_defined_for_two_letters_hold_for_others() -> None:
    own = "e1[n, i] = exp(z1[n, i])"
    assert verdicts(judged(own, "L = sum_n(sum_m(log(e1[n, m]) - z1[n, m])) + L"))[1] == "right"
    assert verdicts(judged(own, "L = sum_n(sum_m(log(e1[n, m]) + z1[n, m])) + L"))[1] == "sign"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("top_a[n] = max_k(z2[n, k])", "right"),
        ("L = L + max_k(z2[k]) - max(z2[0], z2[1])", "right"),
        ("L = L + max_k(z2[k]) - max(z2[0], z2[0])", "index"),
        ("L = L + min_k(z2[k]) + max_k(-z2[k])", "right"),
        ("L = L + min_k(z2[k]) - max_k(z2[k])", "other"),
    ],
)
def test_extremes_over_an_index(formula: str, expected: str) -> None:
    assert verdicts(judged("z2[0] = 1 * z2[0]", formula))[1] == expected
