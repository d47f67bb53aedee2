"""Code in which every variable is a single number, as in worked examples for beginners."""

import pytest

from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.read.document import read_text
from derive.spec import parse

NETWORK = """
[network]
inputs = 2
loss = "half-squared-error"
[[network.layers]]
units = 2
activation = "sigmoid"
[[network.layers]]
units = 2
activation = "tanh"
[example]
x = [0.3, -0.6]
y = [0.2, 0.7]
learning_rate = 0.25
[example.parameters]
W1 = [[0.11, 0.22], [-0.35, 0.42]]
b1 = [0.15, 0.15]
W2 = [[0.51, -0.33], [0.27, 0.64]]
b2 = [0.4, -0.1]
"""

CODE = """
from math import exp, tanh
def sigmoid(z): return 1 / (1 + exp(-z))
x1, x2 = 0.3, -0.6
t1, t2 = 0.2, 0.7
w1, w2, w3, w4 = 0.11, 0.22, -0.35, 0.42
w5, w6, w7, w8 = 0.51, -0.33, 0.27, 0.64
b_h = 0.15
b_o1, b_o2 = 0.4, -0.1
eta = 0.25
net_h1 = w1*x1 + w2*x2 + b_h
net_h2 = w3*x1 + w4*x2
net_h2 += b_h
out_h1, out_h2 = sigmoid(net_h1), sigmoid(net_h2)
net_o1 = w5*out_h1 + w6*out_h2 + b_o1
net_o2 = w7*out_h1 + w8*out_h2 + b_o2
out_o1 = tanh(net_o1)
out_o2 = tanh(net_o2)
E1 = (t1 - out_o1)**2 / 2
E2 = (t2 - out_o2)**2 / 2
E = E1 + E2
err_o1 = t1 - out_o1
delta_o1 = (out_o1 - t1) * (1 - out_o1**2)
delta_o2 = (out_o2 - t2) * (1 - out_o2**2)
dw5 = delta_o1 * out_h1
dw6 = delta_o1 * out_h2
delta_h1 = (delta_o1*w5 + delta_o2*w7) * out_h1 * (1 - out_h1)
delta_h2 = (delta_o1*w6 + delta_o2*w8) * out_h2 * (1 - out_h2)
dw2 = delta_h1 * x2
w5_new = w5 - eta*dw5
w2_new = w2 - eta*dw2
"""


def judged(text: str):
    return check_document(read_text(text, kind="py"), parse(NETWORK, "net.toml")).findings


def line_of(part: str) -> int:
    return next(n for n, line in enumerate(CODE.split("\n"), 1) if part in line)


def test_every_element_is_right() -> None:
    found = judged(CODE)
    assert {finding.verdict for finding in found} == {Verdict.RIGHT}
    lines = {finding.place.line for finding in found}
    assert lines >= set(range(line_of("net_h1 ="), line_of("net_o2 =") + 1)) - {line_of("net_h2 = ")}
    assert lines >= set(range(line_of("delta_o1 ="), line_of("w2_new") + 1))
    assert {f.evidence for f in found if f.place.line == line_of("dw2 =")} == {"its values are dL/dW1[0, 1]"}


@pytest.mark.parametrize(
    ("right", "slip", "code", "heirs"),
    [
        ("w6 + delta_o2*w8) * out_h2", "w7 + delta_o2*w8) * out_h2", "wrong-variable", []),
        ("delta_o1*w5 + delta_o2*w7", "delta_o1*w5 - delta_o2*w7", "sign", ["dw2 =", "w2_new"]),
        ("w5 - eta*dw5", "w5 + eta*dw5", "update-sign", []),
        ("w2 - eta*dw2", "w2 - dw2", "missing-factor", []),
        ("* out_h1 * (1 - out_h1)", "* (1 - out_h1)", "missing-factor", ["dw2 =", "w2_new"]),
        ("dw6 = delta_o1 * out_h2", "dw6 = delta_o1 * net_h2", "wrong-variable", []),
        ("w7*out_h1 + w8*out_h2 + b_o2", "w7*out_h1 + w8*out_h2", "missing-term", ["out_o2 =", "delta_h2 ="]),
    ],
)
def test_a_mistake_is_found_and_what_rests_on_it_follows(
    right: str, slip: str, code: str, heirs: list[str]
) -> None:
    assert CODE.count(right) == 1
    found = judged(CODE.replace(right, slip))
    wrong = [(n, f) for n, f in enumerate(found) if f.verdict is Verdict.WRONG]
    assert [(f.code, f.place.line) for _, f in wrong] == [(code, line_of(right))]
    follows = {f.place.line: f.because_of for f in found if f.verdict is Verdict.FOLLOWS}
    assert {line_of(part) for part in heirs} <= follows.keys()
    assert set(follows.values()) <= {wrong[0][0]}


def test_what_no_slip_explains_is_undecided() -> None:
    found = judged(CODE.replace("dw6 = delta_o1 * out_h2", "dw6 = delta_o1**3 * exp(out_h2 + x1)"))
    assert [(f.verdict, f.place.line) for f in found if f.verdict is not Verdict.RIGHT] == [
        (Verdict.UNDECIDED, line_of("dw6 ="))
    ]


def test_code_with_other_numbers_is_not_taken_for_the_network() -> None:
    other = CODE.replace("0.11, 0.22, -0.35, 0.42", "5, 6, 7, 8").replace(
        "0.51, -0.33, 0.27, 0.64", "1, 2, 3, 4"
    )
    assert judged(other) == ()
