"""Results that code writes out: by their digits, by what the text says, and where a formula belongs."""

import pytest

from derive.check.document import check_document
from derive.check.findings import Report, Verdict
from derive.read.document import read_text
from derive.spec import load

GIVENS = """\
import numpy as np
x = np.array([1., 0.])
t = np.array([0., 1.])
W1 = np.array([[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]])
W2 = np.array([[-0.15, -0.25, 0.15], [-0.45, 0.75, -0.65]])
eta = 0.1
x1 = np.concatenate([[1.], x])
a1 = 1 / (1 + np.exp(-(W1 @ x1)))
x2 = np.concatenate([[1.], a1])
a2 = 1 / (1 + np.exp(-(W2 @ x2)))
"""
BACKWARD = "dW2 = np.outer(delta2, x2)\nW2_new = W2 - eta * dW2\n"
DELTA = "delta2 = np.array([0.113562, -0.146361])\n"
SLIPPED = "delta2 = np.array([0.123562, -0.146361])\n"
STATED = r"$$\delta^{(2)} = \begin{bmatrix} 0.113562 \\ -0.146361 \end{bmatrix}$$"
LOSS = "loss = 0.5 * np.sum((a2 - t) ** 2)\n"


def judged(code: str, text: str = "", below: str = "") -> Report:
    """Judge a text with a program below it, and another text below that."""
    document = f"{text}\n\n```python\n{GIVENS}{code}```\n\n{below}\n"
    return check_document(read_text(document, kind="md"), load("lecture6"))


def told(report: Report) -> dict[str, str]:
    """Return what was said of each claim that is not right, by its first word."""
    return {
        f.claim.split()[0]: f.code or f.verdict.value
        for f in report.findings
        if f.verdict is not Verdict.RIGHT
    }


@pytest.mark.parametrize(
    "code",
    [
        DELTA + BACKWARD,
        "delta2 = np.array([0.1136, -0.1464])\n" + BACKWARD,
        "d21, d22 = 0.113562, -0.146361\ndelta2 = np.array([d21, d22])\n" + BACKWARD,
        "z2 = np.array([-0.170223, -0.504220])\nsigma2 = 1 / (1 + np.exp(-z2))\n",
    ],
)
def test_results_that_are_written_out_are_judged_by_their_digits(code: str) -> None:
    report = judged(code)
    assert told(report) == {}
    assert report.summary["right"] >= 5


def test_a_slip_in_a_result_that_is_written_out_is_one_mistake() -> None:
    report = judged(SLIPPED + BACKWARD)
    assert told(report) == {"delta2": "arithmetic", "dW2": "follows", "W2_new": "follows"}
    (wrong,) = (f for f in report.findings if f.verdict is Verdict.WRONG)
    assert wrong.hint == "0.123562 should be 0.113562"


@pytest.mark.parametrize(
    "text",
    [STATED.replace("0.113562", "0.123562"), r"We have $\delta^{(2)}_1 = 0.123562$."],
)
def test_a_wrong_number_of_the_text_that_code_goes_on_with_is_the_root(text: str) -> None:
    report = judged(SLIPPED + BACKWARD, text)
    (root,) = (k for k, f in enumerate(report.findings) if f.verdict is Verdict.WRONG)
    assert report.findings[root].place.line < 5
    heirs = [f for f in report.findings if f.verdict is Verdict.FOLLOWS]
    assert [f.claim.split()[0] for f in heirs] == ["delta2", "dW2", "W2_new"]
    assert {f.because_of for f in heirs} == {root}


def test_code_is_no_heir_of_a_number_that_differs_or_stands_below() -> None:
    other = judged(SLIPPED + BACKWARD, STATED.replace("0.113562", "0.133562"))
    assert told(other)["delta2"] == "arithmetic"
    below = judged(SLIPPED + BACKWARD, "", STATED.replace("0.113562", "0.123562"))
    assert told(below)["delta2"] == "arithmetic"
    sound = judged(DELTA + BACKWARD, STATED.replace("0.113562", "0.123562"))
    assert [f.verdict for f in sound.findings].count(Verdict.WRONG) == 1
    assert sound.summary["follows"] == 0


@pytest.mark.parametrize(
    "code", ["loss = 0.5\n", "loss = 0.25\nprint(loss)\n", "E = 0.7\nprint('error', E)\n"]
)
def test_a_number_in_the_place_of_the_loss_is_wrong(code: str) -> None:
    report = judged(code)
    (wrong,) = (f for f in report.findings if f.verdict is Verdict.WRONG)
    assert wrong.claim == code.split("\n")[0]
    assert wrong.expected == "L = 0.29902"


@pytest.mark.parametrize(
    "code",
    [
        LOSS,
        "loss = 0.2990\n",  # the result, by its digits
        "loss = 0.598\n",  # without the 1/2
        "loss = 0.5\n" + LOSS,
        "loss = 0.0\nfor k in range(2):\n    loss += 0.5 * (a2[k] - t[k]) ** 2\n",
        "loss = 0\nfor k in range(2):\n    loss = loss + (a2[k] - t[k]) ** 2\nloss = loss / 2\n",
        "cost = 1.0\nwhile cost > 0.5:\n    cost = 0.5 * np.sum((a2 - t) ** 2)\n",
        "E = 0.7\n",  # a letter may be anything
        "loss = 0.5 * np.sum((a2 - t) ** 2)\nloss_limit = 0.5\n",
        "loss = np.inf\n",
    ],
)
def test_start_values_and_the_digits_of_the_loss_are_no_mistakes(code: str) -> None:
    assert told(judged(code)) == {}


def test_a_number_before_the_forward_pass_is_where_something_starts() -> None:
    program = GIVENS.replace("x1 = ", "loss = 0.5\nx1 = ")
    assert not check_document(read_text(program, kind="py"), load("lecture6")).summary["wrong"]


@pytest.mark.parametrize(
    ("code", "mistake"),
    [
        ("loss = 0.0\nfor k in range(2):\n    loss += (a2[k] - t[k]) ** 2\n", "loss-factor"),
        ("loss = 0.0\nfor k in range(2):\n    loss += 0.5 * (a2[k] + t[k]) ** 2\n", "sign"),
        ("loss = 0.0\nfor k in range(1):\n    loss += 0.5 * (a2[k] - t[k]) ** 2\n", "other"),
    ],
)
def test_a_loss_that_is_added_up_is_judged_when_it_is_complete(code: str, mistake: str) -> None:
    assert told(judged(code)) == {"loss": mistake}
