"""The formulas in the comments of generated modules are right, and one that is broken is noticed."""

import re
from functools import cache

import pytest

from codegen.modules import generate
from derive.check.document import check_document, world_of
from derive.check.findings import Finding, Verdict
from derive.check.formula.check import check_formulas
from derive.read.document import read_text
from derive.spec import parse

ONE = "x = [0.5, -0.3]\ny = [1, 0]"
TWO = "x = [[0.5, -0.3], [0.2, 0.9]]\ny = [[1, 0], [0, 1]]"
LAYERS = {  # the loss, the activations, the sample or the samples, how the bias is held
    "softmax beside an absolute error": ("absolute-error", ("leaky-relu", "softmax"), TWO, "none"),
    "softmax and cross-entropy": ("cross-entropy", ("tanh", "softmax"), TWO, "none"),
    "sigmoid and binary cross-entropy": ("binary-cross-entropy", ("gelu", "sigmoid"), TWO, "folded"),
    "corners": ("huber", ("silu", "softplus"), ONE, "none"),
    "one-sided": ("hinge", ("elu", "tanh"), TWO, "folded"),
}


@cache
def module(name: str, style: str):
    """Return the network file and the module of a network of two layers of two units."""
    loss, activations, numbers, bias = LAYERS[name]
    weights = [[0.3, -0.2, 0.7], [-0.6, 0.4, 0.1]] if bias == "folded" else [[0.3, -0.2], [-0.6, 0.4]]
    lines = [f'[network]\ninputs = 2\nloss = "{loss}"\nbias = "{bias}"\nreduction = "mean"']
    lines += [f'[[network.layers]]\nunits = 2\nactivation = "{a}"' for a in activations]
    lines += [f"[example]\n{numbers}\nlearning_rate = 0.1\n[example.parameters]"]
    spec = parse("\n".join([*lines, f"W1 = {weights}", f"W2 = {weights}"]) + "\n", "net.toml")
    return spec, generate(spec, style=style)


def of_comments(spec, text: str) -> tuple[Finding, ...]:
    """Return what is found of the formulas in a module."""
    return check_formulas(read_text(text, kind="py").segments, world_of(spec), spec.notation).findings


def complaints(found: tuple[Finding, ...]) -> list[str]:
    return [
        f"{f.place.line}: {f.claim}: {f.verdict.value} {f.code or f.hint}"
        for f in found
        if f.verdict is not Verdict.RIGHT
    ]


RIGHT = [
    ("softmax beside an absolute error", "scalar"),
    ("softmax beside an absolute error", "array"),
    ("softmax and cross-entropy", "array"),
    ("sigmoid and binary cross-entropy", "scalar"),
    ("corners", "scalar"),
    ("one-sided", "array"),
]


@pytest.mark.parametrize(("name", "style"), RIGHT)
def test_the_comments_of_a_module_are_right(name: str, style: str) -> None:
    found = of_comments(*module(name, style))
    assert complaints(found) == []
    assert len(found) > 20


BROKEN = [
    ("softmax beside an absolute error", "scalar", "abs(a2[i] - y[i])", "abs(a2[i] + y[i])"),
    ("softmax and cross-entropy", "array", "- max_a2 - log(sum_a2)", "- max_a2 + log(sum_a2)"),
    ("sigmoid and binary cross-entropy", "scalar", "x[k - 1]", "x[k]"),
    ("corners", "scalar", "a2[i] - y[i]) <= 1 else sign", "a2[i] - y[i]) >= 1 else sign"),
    ("corners", "scalar", "a1[i] = silu(z1[i])", "a1[i] = silu(z2[i])"),
    ("one-sided", "array", "if a2[i] * y[i] < 1 else 0)", "if a2[i] * y[i] > 1 else 0)"),
]
OWN = [  # where a name of the module's own is given another meaning, a later formula that holds it is wrong
    ("softmax beside an absolute error", "scalar", "da2[i] - ref_a2", "da2[i] + ref_a2"),
    ("softmax beside an absolute error", "array", "exp(z2[n, i] - max_a2[n])", "exp(z1[n, i] - max_a2[n])"),
]


def with_one_broken(text: str, right: str, wrong: str) -> tuple[str, int]:
    """Return a module in which the first comment that holds a formula has another, and the line of it."""
    place = re.search(rf"(?m)#.*{re.escape(right)}", text)
    assert place is not None, [line for line in text.splitlines() if "#" in line]
    line = text.count("\n", 0, place.end()) + 1
    return text[: place.end() - len(right)] + wrong + text[place.end() :], line


def wrong_lines(spec, text: str) -> set[int]:
    return {f.place.line for f in of_comments(spec, text) if f.verdict is Verdict.WRONG}


@pytest.mark.parametrize(("name", "style", "right", "wrong"), BROKEN)
def test_a_broken_comment_is_noticed(name: str, style: str, right: str, wrong: str) -> None:
    spec, text = module(name, style)
    broken, line = with_one_broken(text, right, wrong)
    assert line in wrong_lines(spec, broken)


@pytest.mark.parametrize(("name", "style", "right", "wrong"), OWN)
def test_a_broken_definition_is_noticed_where_it_is_used(
    name: str, style: str, right: str, wrong: str
) -> None:
    spec, text = module(name, style)
    broken, line = with_one_broken(text, right, wrong)
    assert any(number > line for number in wrong_lines(spec, broken))


def test_numbers_out_of_the_input_are_no_activations() -> None:
    """Beside a first layer of one unit, ``x_1`` may be its activation, but not where ``x`` holds it."""
    layers = '[[network.layers]]\nunits = 1\nactivation = "tanh"\n' * 2
    numbers = "[example]\nx = [0.5, -0.3]\ny = [1]\nlearning_rate = 0.1\n[example.parameters]\n"
    head = '[network]\ninputs = 2\nloss = "half-squared-error"\nbias = "none"\n'
    spec = parse(f"{head}{layers}{numbers}W1 = [[0.3, -0.2]]\nW2 = [[0.7]]\n", "net.toml")
    text = generate(spec, style="scalar")
    assert complaints(check_document(read_text(text, kind="py"), spec).findings) == []
    given = "import numpy as np\nx = np.array([0.5, -0.3])\nW1 = np.array([[0.3, -0.2]])\n"
    for last, faulty in (
        ("x_0, x_1 = x", False),
        ("x_1 = np.tanh(W1 @ x)", False),
        ("x_1 = np.tanh(x @ x)", True),
    ):
        report = check_document(read_text(f"{given}z1 = W1 @ x\n{last}\n", kind="py"), spec)
        assert report.faulty == faulty, (last, complaints(report.findings))


def test_ragged_lists_beside_the_input_are_passed_over() -> None:
    spec, _ = module("corners", "scalar")
    code = "x = [0.5, -0.3]\nx_all = [x, [x, 1]]\nx_0, x_1 = x\n"
    assert check_document(read_text(code, kind="py"), spec).findings == ()
