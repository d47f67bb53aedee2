"""Derivatives of activations in the place of the activation, and from functions: right, wrong, and where."""

import pytest

from derive.check.document import check_document
from derive.check.findings import Report, Verdict
from derive.read.document import read_text
from derive.spec import load

FORWARD = """\
import numpy as np
x = np.array([1., 4., 5.])
y = np.array([0.1, 0.05])
W1 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
b1 = np.array([0.5, 0.5])
W2 = np.array([[0.7, 0.8], [0.9, 0.1]])
b2 = np.array([0.5, 0.5])
def sigma(z):
    return 1 / (1 + np.exp(-z))
z1 = x @ W1 + b1
a1 = sigma(z1)
z2 = a1 @ W2 + b2
a2 = sigma(z2)
"""
IN_PLACE = """\
delta2 = a2 - y
delta2 *= a2 * (1 - a2)
dW2 = np.outer(a1, delta2)
a1 *= 1 - a1
delta1 = (W2 @ delta2) * a1
dW1 = np.outer(x, delta1)
"""
BY_FUNCTION = """\
def sigma_prime(a):
    return a * (1 - a)
delta2 = (a2 - y) * sigma_prime(a2)
dW2 = np.outer(a1, delta2)
delta1 = (W2 @ delta2) * sigma_prime(a1)
dW1 = np.outer(x, delta1)
"""
OF_Z = (
    BY_FUNCTION.replace("a * (1 - a)", "sigma(a) * (1 - sigma(a))")
    .replace("(a2)", "(z2)")
    .replace("(a1)", "(z1)")
)
BRANCHES = BY_FUNCTION.replace(
    "def sigma_prime(a):\n",
    "def sigma_prime(a, of_z=False):\n    if of_z:\n        return sigma(a) * (1 - sigma(a))\n",
)


def judged(code: str) -> Report:
    """Judge a program about the example row-vectors."""
    return check_document(read_text(FORWARD + code, kind="py"), load("row-vectors"))


def wrong(report: Report) -> list[tuple[str, str | None]]:
    return [(f.claim, f.code) for f in report.findings if f.verdict is Verdict.WRONG]


@pytest.mark.parametrize(
    "code",
    [
        IN_PLACE,
        IN_PLACE.replace("a1 *= 1 - a1", "a1 = a1 * (1 - a1)"),
        IN_PLACE.replace("a1 *= 1 - a1", "a1 -= a1 ** 2"),
        IN_PLACE.replace("delta2 *= a2 * (1 - a2)", "a2 *= 1 - a2\ndelta2 *= a2"),
        BY_FUNCTION,
        OF_Z,
        BRANCHES,
    ],
)
def test_slopes_are_right_wherever_they_are_kept(code: str) -> None:
    report = judged(code)
    assert {f.verdict for f in report.findings} == {Verdict.RIGHT}


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("a1 *= 1 + a1", "sign"),
        ("a1 = a1 * (1 + a1)", "sign"),
        ("a1 *= (1 - a1) * a1", "surplus-factor"),
        ("a1 *= 2 * (1 - a1)", None),
    ],
)
def test_a_wrong_slope_in_the_place_of_an_activation_is_the_one_mistake(now: str, code: str | None) -> None:
    found = wrong(judged(IN_PLACE.replace("a1 *= 1 - a1", now)))
    assert [claim for claim, _ in found] == [now]
    assert code in (None, found[0][1])


@pytest.mark.parametrize(
    ("program", "right", "now", "code"),
    [
        (BY_FUNCTION, "return a * (1 - a)", "return a", "missing-activation-derivative"),
        (BY_FUNCTION, "return a * (1 - a)", "return a * (1 + a)", "sign"),
        (BY_FUNCTION, "return a * (1 - a)", "return 1 - a", "missing-factor"),
        (OF_Z, "return sigma(a) * (1 - sigma(a))", "return sigma(a)", "missing-activation-derivative"),
        (BRANCHES, "return a * (1 - a)", "return a", "missing-activation-derivative"),
    ],
)
def test_a_wrong_slope_of_a_function_is_placed_at_its_return(
    program: str, right: str, now: str, code: str
) -> None:
    report = judged(program.replace(right, now))
    assert wrong(report) == [(now, code)]
    assert report.summary["follows"] >= 3


@pytest.mark.parametrize(("argument", "other"), [("a1", "a2"), ("a1", "z1"), ("a2", "y"), ("a2", "z2")])
def test_another_argument_is_no_mistake_of_the_function(argument: str, other: str) -> None:
    """The function is right at its other call."""
    (found,) = wrong(judged(BY_FUNCTION.replace(f"sigma_prime({argument})", f"sigma_prime({other})")))
    assert f"sigma_prime({other})" in found[0]
    assert found[1] == "wrong-variable"


def test_an_activation_that_is_changed_by_something_else_is_still_judged() -> None:
    found = wrong(judged(IN_PLACE.replace("a1 *= 1 - a1", "a1 = a1 + b1")))
    assert found


LISTS = """\
z, a, delta = [None, None], [None, None], [None, None]
W, b = [W1, W2], [b1, b2]
z[0] = x @ W[0] + b[0]
a[0] = sigma(z[0])
z[1] = a[0] @ W[1] + b[1]
a[1] = sigma(z[1])
delta[1] = (a[1] - y) * a[1] * (1 - a[1])
delta[0] = (delta[1] @ W[1].T) * a[0] * (1 - a[0])
dW = [np.outer(x, delta[0]), np.outer(a[0], delta[1])]
"""


def test_a_copy_under_the_wrong_name_is_the_one_mistake() -> None:
    assert {f.verdict for f in judged(LISTS).findings} == {Verdict.RIGHT}
    report = judged(LISTS.replace("a[0] = sigma(z[0])", "a[0] = z[0]"))
    assert wrong(report) == [("a[0] = z[0]", "wrong-variable")]
    assert [f.verdict for f in report.findings if f.claim == "a[0] = z[0]"] == [Verdict.WRONG]


def test_a_sign_in_a_sum_that_is_gone_on_with_is_placed_there() -> None:
    loop = """\
delta2 = (a2 - y) * a2 * (1 - a2)
delta1 = np.zeros(2)
for j in range(2):
    for i in range(2):
        delta1[j] += W2[j, i] * delta2[i]
    delta1[j] *= a1[j] * (1 - a1[j])
"""
    assert wrong(judged(loop)) == []
    now = "delta1[j] += -(W2[j, i] * delta2[i])"
    assert wrong(judged(loop.replace("delta1[j] += W2[j, i] * delta2[i]", now))) == [(now, "sign")]
