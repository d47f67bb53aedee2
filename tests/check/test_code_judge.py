"""The judge of code: the seed notebooks, one broken line at a time, and code that is right but unusual."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derive.check.code import check_code
from derive.check.code.book import CodeVerdicts
from derive.check.code.naming import Hint, hint_of
from derive.check.findings import Verdict
from derive.check.world import World, world
from derive.network import Dense, Network
from derive.read.document import read_document
from derive.spec import load

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
NAMES = {
    "000": "lecture6",
    "001": "single-instance",
    "002": "linear-output",
    "003": "row-vectors",
    "004": "no-bias",
}

NETWORK = Network([Dense(3, "sigmoid"), Dense(2, "sigmoid")], inputs=4, loss="half-squared-error")
GIVENS = {
    "x": np.array([0.5, -1.0, 2.0, 0.25]),
    "y": np.array([0.1, 0.9]),
    "eta": np.array(0.3),
    "W1": np.array([[0.1, -0.2, 0.3, 0.4], [0.5, 0.6, -0.7, 0.8], [-0.9, 0.15, 0.25, 0.35]]),
    "b1": np.array([0.11, -0.12, 0.13]),
    "W2": np.array([[0.21, -0.22, 0.23], [0.31, 0.32, -0.33]]),
    "b2": np.array([0.41, -0.42]),
}
CODE = """\
import numpy as np

def sigmoid(v):
    return 1 / (1 + np.exp(-v))

x = np.array([0.5, -1.0, 2.0, 0.25])
y = np.array([0.1, 0.9])
W1 = np.array([[0.1, -0.2, 0.3, 0.4], [0.5, 0.6, -0.7, 0.8], [-0.9, 0.15, 0.25, 0.35]])
b1 = np.array([0.11, -0.12, 0.13])
W2 = np.array([[0.21, -0.22, 0.23], [0.31, 0.32, -0.33]])
b2 = np.array([0.41, -0.42])
lr = 0.3

z1 = W1 @ x + b1
a1 = sigmoid(z1)
z2 = W2 @ a1 + b2
a2 = sigmoid(z2)
loss = 0.5 * np.sum((a2 - y) ** 2)

delta2 = (a2 - y) * a2 * (1 - a2)
dW2 = np.outer(delta2, a1)
db2 = delta2
delta1 = (W2.T @ delta2) * a1 * (1 - a1)
dW1 = np.outer(delta1, x)
db1 = delta1

W1_new = W1 - lr * dW1
b1_new = b1 - lr * db1
W2_new = W2 - lr * dW2
b2_new = b2 - lr * db2
"""

BROKEN = [
    ("z1 = W1 @ x + b1", "z1 = W1 @ x", "missing-term"),
    ("z1 = W1 @ x + b1", "z1 = W1 @ x - b1", "sign"),
    ("z1 = W1 @ x + b1", "z1 = W1 @ x + b1 + b1", "other"),
    ("z2 = W2 @ a1 + b2", "z2 = W2 @ z1 + b2", "wrong-variable"),
    ("a2 = sigmoid(z2)\nloss", "a2 = z2\nloss", "other"),
    ("0.5 * np.sum", "np.sum", "loss-factor"),
    ("(a2 - y) * a2 * (1 - a2)", "(a2 - y)", "missing-activation-derivative"),
    ("(a2 - y) * a2 * (1 - a2)", "(a2 - y) * a2 * (1 - a2) * a2 * (1 - a2)", "surplus-factor"),
    ("(a2 - y) * a2 * (1 - a2)", "(y - a2) * a2 * (1 - a2)", "sign"),
    ("(a2 - y) * a2 * (1 - a2)", "2 * (a2 - y) * a2 * (1 - a2)", "loss-factor"),
    ("np.outer(delta2, a1)", "np.outer(delta2, z1)", "wrong-variable"),
    ("(W2.T @ delta2) * a1 * (1 - a1)", "(W2.T @ delta2)", "missing-activation-derivative"),
    ("W1 - lr * dW1", "W1 + lr * dW1", "update-sign"),
    ("b2 - lr * db2", "b2 - db2", "missing-factor"),
]


@pytest.fixture(scope="module")
def truth() -> World:
    return world(NETWORK, GIVENS)


def judged(tmp_path: Path, text: str, truth: World, delta: int | None = 1) -> CodeVerdicts:
    path = tmp_path / "notes.py"
    path.write_text(text)
    return check_code(read_document(path), truth, delta)  # type: ignore[arg-type]  # 1 or -1


def wrong(verdicts: CodeVerdicts) -> list[tuple[str, str | None]]:
    return [(f.claim, f.code) for f in verdicts.findings if f.verdict is Verdict.WRONG]


def test_right_code_is_right_throughout(tmp_path: Path, truth: World) -> None:
    verdicts = judged(tmp_path, CODE, truth)
    assert {f.verdict for f in verdicts.findings} == {Verdict.RIGHT}
    assert len(verdicts.findings) == 15


@pytest.mark.parametrize(("right", "broken", "code"), BROKEN)
def test_one_broken_line_is_found_named_and_followed(
    tmp_path: Path, truth: World, right: str, broken: str, code: str
) -> None:
    assert CODE.count(right) == 1
    verdicts = judged(tmp_path, CODE.replace(right, broken), truth)
    found = wrong(verdicts)
    assert len(found) == 1, found
    claim, named = found[0]
    assert broken.split("\n")[0].split(" = ")[-1].split("loss")[0].strip("\n") in claim
    assert named == code
    root = next(n for n, f in enumerate(verdicts.findings) if f.verdict is Verdict.WRONG)
    followers = [f for f in verdicts.findings if f.verdict is Verdict.FOLLOWS]
    assert all(f.because_of == root for f in followers)


def test_a_lost_transpose_shows_although_the_shape_fits(tmp_path: Path) -> None:
    square = Network(
        [Dense(2, "sigmoid"), Dense(2, "sigmoid")], inputs=2, loss="half-squared-error", bias="none"
    )
    givens = {
        "x": np.array([0.5, -1.0]),
        "y": np.array([0.1, 0.9]),
        "eta": np.array(0.3),
        "W1": np.array([[0.1, -0.2], [0.5, 0.6]]),
        "W2": np.array([[0.21, -0.22], [0.31, 0.32]]),
    }
    code = """\
import numpy as np
x = np.array([0.5, -1.0])
y = np.array([0.1, 0.9])
W1 = np.array([[0.1, -0.2], [0.5, 0.6]])
W2 = np.array([[0.21, -0.22], [0.31, 0.32]])
z1 = W1 @ x
a1 = 1 / (1 + np.exp(-z1))
z2 = W2 @ a1
a2 = 1 / (1 + np.exp(-z2))
delta2 = (a2 - y) * a2 * (1 - a2)
delta1 = (W2 @ delta2) * a1 * (1 - a1)
"""
    assert wrong(judged(tmp_path, code, world(square, givens))) == [
        ("delta1 = (W2 @ delta2) * a1 * (1 - a1)", "transpose")
    ]


@pytest.mark.parametrize(
    ("right", "unusual"),
    [
        ("W1 @ x + b1", "b1 + np.dot(x, W1.T)"),
        ("np.outer(delta2, a1)", "delta2[:, None] * a1[None, :]"),
        ("np.outer(delta2, a1)", "np.einsum('i,j->ij', delta2, a1)"),
        ("(a2 - y) * a2 * (1 - a2)", "-(y - a2) * (a2 - a2**2)"),
        ("(W2.T @ delta2) * a1 * (1 - a1)", "(W2.T * (a1 * (1 - a1))[:, None]) @ delta2"),
        ("(W2.T @ delta2) * a1 * (1 - a1)", "np.diag(a1 - a1 * a1) @ W2.T @ delta2"),
        ("0.5 * np.sum((a2 - y) ** 2)", "np.linalg.norm(y - a2) ** 2 / 2"),
        ("W1 - lr * dW1", "W1 + (-lr) * dW1"),
    ],
)
def test_right_but_unusual_code_is_right(tmp_path: Path, truth: World, right: str, unusual: str) -> None:
    assert right in CODE
    verdicts = judged(tmp_path, CODE.replace(right, unusual), truth)
    assert {f.verdict for f in verdicts.findings} == {Verdict.RIGHT}


def test_a_negated_delta_is_a_convention(tmp_path: Path, truth: World) -> None:
    text = CODE.replace("(a2 - y) * a2", "(y - a2) * a2").replace("- lr *", "+ lr *")
    text = (
        text.replace("dW2 =", "G2 =")
        .replace("dW1 =", "G1 =")
        .replace("db2 =", "g2 =")
        .replace("db1 =", "g1 =")
    )
    text = (
        text.replace("* dW2", "* G2")
        .replace("* dW1", "* G1")
        .replace("* db2", "* g2")
        .replace("* db1", "* g1")
    )
    verdicts = judged(tmp_path, text, truth, None)
    assert not wrong(verdicts)
    assert [i.value for i in verdicts.inferences] == ["negative-gradient"]


def test_a_negated_gradient_called_gradient_is_one_mistake(tmp_path: Path, truth: World) -> None:
    text = CODE.replace("(a2 - y) * a2", "(y - a2) * a2").replace("- lr *", "+ lr *")
    text = text.replace("dW2", "dL_dW2").replace("dW1", "dL_dW1")
    assert [code for _, code in wrong(judged(tmp_path, text, truth, None))] == ["negated-gradient"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dEdOutL2", Hint("da", 2, True)),
        ("W_l2_grad", Hint("dW", 2, True)),
        ("delta_L2", Hint("dz", 2)),
        ("self.z1", Hint("z", 1)),
        ("a[1]", Hint("a", 2, listed=True)),
        ("dOutL1dInL1", Hint("slope", 1)),
        ("W2new", Hint("W_new", 2)),
        ("b1.T", None),
        ("counter", None),
    ],
)
def test_what_a_name_suggests(name: str, hint: Hint | None) -> None:
    assert hint_of(name) == hint


def seed(number: str) -> tuple[CodeVerdicts, list[str]]:
    files = sorted(SEEDS.glob(f"{number}_*"))
    if not files:
        pytest.skip("the seed documents are not beside this checkout")
    spec = load(NAMES[number])
    example = spec.example
    assert example is not None
    givens = {"x": example.x, "y": example.y, "eta": example.learning_rate, **example.parameters}
    truth = world(spec.network, {k: np.asarray(v, dtype=float) for k, v in givens.items()}, example.samples)
    # What the formulas of a document say of its delta comes from the judge of formulas.
    delta = 1 if number == "002" else None
    return check_code(read_document(files[0]), truth, delta), files[0].read_text().split("\n")  # type: ignore[arg-type]  # 1 or None


@pytest.mark.parametrize("number", ["000", "001", "003"])
def test_seeds_without_a_mistake_in_code(number: str) -> None:
    verdicts, _ = seed(number)
    assert {f.verdict for f in verdicts.findings} == {Verdict.RIGHT}
    assert len(verdicts.findings) >= 25


def test_seed_002() -> None:
    verdicts, lines = seed("002")
    found = [f for f in verdicts.findings if f.verdict is Verdict.WRONG]
    expected = {
        *(("wrong-variable", n) for n, line in enumerate(lines, 1) if "z_l2 = W_l2 @ z_l1" in line),
        *(("wrong-variable", n) for n, line in enumerate(lines, 1) if "z[1] = W[1] @ z[0]" in line),
        *(("sign", n) for n, line in enumerate(lines, 1) if line.strip() == "delta_L2[i] = -y[i] + t[i]"),
        *(("sign", n) for n, line in enumerate(lines, 1) if line.strip() == "delta[0][i] = -a[1][i] + t[i]"),
        ("update-sign", next(n for n, line in enumerate(lines, 1) if "0.82105233" in line)),
    }
    assert {(f.code, f.place.line) for f in found} == expected
    assert len(found) == len(expected) == 6


def test_seed_004() -> None:
    verdicts, lines = seed("004")
    found = [f for f in verdicts.findings if f.verdict is Verdict.WRONG]
    assert [(f.code, lines[f.place.line - 1].strip()) for f in found] == [
        ("negated-gradient", "grad_W2 = delta2 @ self.a1.T")
    ]
    assert any(f.verdict is Verdict.FOLLOWS for f in verdicts.findings)
    assert verdicts.notes == ["grad_b2, grad_b1: gradients of biases are computed, but no bias is updated"]


def test_a_gradient_that_is_never_used_is_noted(tmp_path: Path, truth: World) -> None:
    verdicts = judged(tmp_path, CODE.replace("b1_new = b1 - lr * db1\n", ""), truth)
    assert verdicts.notes == ["the gradient of b1 is computed, but never used in an update"]
    assert not judged(tmp_path, CODE, truth).notes


def test_a_folded_input_may_be_written_out(tmp_path: Path) -> None:
    network = Network([Dense(2, "sigmoid")], inputs=2, loss="half-squared-error", bias="folded")
    givens = {
        "x": np.array([1.0, 0.0]),
        "y": np.array([0.0, 1.0]),
        "eta": np.array(0.1),
        "W1": np.array([[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]]),
    }
    code = """\
import numpy as np
X = np.array([1.0, 1.0, 0.0])
y = np.array([0.0, 1.0])
W1 = np.array([[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]])
a1 = 1 / (1 + np.exp(-(W1 @ X)))
delta1 = (a1 - y) * a1 * (1 - a1)
dW1 = np.outer(delta1, X)
"""
    verdicts = judged(tmp_path, code, world(network, givens))
    assert [f.verdict for f in verdicts.findings] == [Verdict.RIGHT] * 3
    assert [c for _, c in wrong(judged(tmp_path, code.replace("@ X)", "@ X[::-1])"), world(network, givens)))]
