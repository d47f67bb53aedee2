"""Code that keeps its arrays: one array under several names, values in the making, samples as columns."""

import pytest

from codegen.modules import generate
from derive.check.code.judge import check_code
from derive.check.document import world_of
from derive.check.findings import Verdict
from derive.read.document import read_text
from derive.spec import parse


def network(head, layers, example, parameters):
    tables = "".join(f'[[network.layers]]\nunits = {n}\nactivation = "{name}"\n' for n, name in layers)
    return f"[network]\n{head}\n{tables}[example]\n{example}\n[example.parameters]\n{parameters}\n"


NETWORKS = {
    # A rate of 1 and a target of 1 are no constants beside a bias; the batch has as many samples as inputs.
    "softmax": network(
        'inputs = 2\nloss = "cross-entropy"\nbias = "none"',
        [(3, "softmax")],
        "x = [[-0.01, -0.41], [-0.6, -0.4]]\ny = [[1, 0, 0], [1, 0, 0]]\nlearning_rate = 0.1",
        "W1 = [[-0.6, 0.2], [0.62, -0.57], [-0.47, 1.0]]",
    ),
    "leaky": network(
        'inputs = 2\nlayout = "row"\nloss = "mean-squared-error"\nbias = "none"',
        [(3, "sigmoid"), (3, "leaky-relu")],
        "x = [0.3, -0.7]\ny = [0, 1, 0]\nlearning_rate = 0.5",
        "W1 = [[0.2, -0.4, 0.9], [0.7, 0.1, -0.3]]\n"
        "W2 = [[0.5, -0.2, 0.3], [-0.6, 0.4, 0.8], [0.1, 0.9, -0.7]]",
    ),
    "folded": network(
        'inputs = 2\nlayout = "row"\nloss = "hinge"\nbias = "folded"',
        [(1, "linear"), (2, "sigmoid"), (1, "silu")],
        "x = [0.1, -1.0]\ny = [1]\nlearning_rate = 1",
        "W1 = [[-0.64], [-0.7], [-0.72]]\nW2 = [[-0.7, 0.9], [-0.6, 0.9]]\nW3 = [[0.74], [-0.4], [0.1]]",
    ),
    "augmented": network(
        'inputs = 1\nlayout = "row"\nloss = "huber"\nbias = "separate"\nreduction = "mean"',
        [(1, "elu"), (2, "softplus"), (1, "elu")],
        "x = [[0.1], [-0.81]]\ny = [[1], [1]]\nlearning_rate = 1",
        "W1 = [[-0.8]]\nb1 = [-0.3]\nW2 = [[0.6, 0.18]]\nb2 = [-0.42, -0.57]\n"
        "W3 = [[0.1], [0.15]]\nb3 = [0.1]",
    ),
    "square": network(
        'inputs = 3\nloss = "mean-squared-error"\nbias = "separate"\nreduction = "mean"',
        [(2, "softplus"), (2, "silu")],
        "x = [[0.3, -0.2, 0.8], [-0.5, 0.6, 0.4]]\ny = [[0, 1], [0, 1]]\nlearning_rate = 0.5",
        "W1 = [[0.2, -0.4, 0.9], [0.7, 0.1, -0.3]]\nb1 = [0.1, -0.6]\n"
        "W2 = [[0.5, -0.2], [0.3, 0.8]]\nb2 = [0.4, -0.9]",
    ),
    "certain": network(
        'inputs = 1\nlayout = "row"\nloss = "cross-entropy"\nbias = "none"',
        [(2, "silu"), (1, "relu"), (2, "sigmoid")],
        "x = [0.8]\ny = [0, 1]\nlearning_rate = 0.1",
        "W1 = [[0.4, -0.7]]\nW2 = [[-0.9], [-0.8]]\nW3 = [[0.3, -0.2]]",
    ),
}


def judged(name, *slips):
    spec = parse(NETWORKS[name], "net.toml")
    text = generate(spec, style="array")
    for old, new in slips:
        assert old in text
        text = text.replace(old, new)
    return text.split("\n"), check_code(read_text(text, kind="py"), world_of(spec)).findings


@pytest.mark.parametrize("name", NETWORKS)
def test_every_value_of_a_module_is_right(name: str) -> None:
    lines, found = judged(name)
    assert not [(lines[f.place.line - 1], f.hint) for f in found if f.verdict is not Verdict.RIGHT]
    assert len(found) > 10


SLIPS = [
    ("softmax", "dz1 -= y", "dz1 += y", "dz1 += y"),
    ("leaky", "np.subtract(a2, y", "np.add(a2, y", "L = t_b"),
    ("folded", "X2[0] = 1", "X2[0] = 2", "X2[1:] = a1"),
    ("augmented", "[-1] = b2", "[-1] = b2 * 2", "z2 = "),
    ("square", "np.divide(t_b, N", "np.multiply(t_b, N", "da2 = "),
    ("certain", "np.negative(dz3, out=dz3)", "np.abs(dz3, out=dz3)", "dW3 = "),
]


@pytest.mark.parametrize(("name", "right", "slip", "marked"), SLIPS)
def test_a_slip_is_found_where_the_value_is_complete(name: str, right: str, slip: str, marked: str) -> None:
    lines, found = judged(name, (right, slip))
    wrong = [lines[f.place.line - 1].strip() for f in found if f.verdict is Verdict.WRONG]
    assert wrong
    assert wrong[0].startswith(marked)


def test_what_follows_from_a_slip_is_not_called_a_missing_rate() -> None:
    lines, found = judged("square", ("dz2 += s2", "dz2 -= s2"))
    wrong = [lines[f.place.line - 1].strip() for f in found if f.verdict is Verdict.WRONG]
    assert wrong == ["dz2 *= da2"]
