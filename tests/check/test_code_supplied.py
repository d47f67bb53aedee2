"""A document of functions that nothing calls is judged with the network's own numbers."""

import pytest

from codegen.modules import generate
from derive import examples
from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.read.document import read_text
from derive.spec import load

LIBRARY = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def gradient(parameters, x, y):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    a1 = sigmoid(x @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    dz2 = (a2 - y) * a2 * (1 - a2)
    dz1 = (dz2 @ W2.T) * a1 * (1 - a1)
    return {"W1": np.outer(x, dz1), "b1": dz1, "W2": np.outer(a1, dz2), "b2": dz2}

def step(parameters, x, y, lr):
    grads = gradient(parameters, x, y)
    return {name: parameters[name] - lr * grads[name] for name in parameters}
"""


def judged(text, name="row-vectors"):
    return check_document(read_text(text, kind="py"), load(name)).findings


def lines(findings, verdict):
    return {finding.place.line for finding in findings if finding.verdict is verdict}


def test_functions_are_called_with_the_network_s_numbers() -> None:
    found = judged(LIBRARY)
    assert {finding.verdict for finding in found} == {Verdict.RIGHT}
    assert lines(found, Verdict.RIGHT) >= {10, 11, 12, 13}


@pytest.mark.parametrize(
    ("right", "slip", "code", "line"),
    [
        ("(a2 - y) * a2 * (1 - a2)", "(a2 - y) * a2 * (1 + a2)", "sign", 12),
        ("(dz2 @ W2.T) * a1", "(dz2 @ W2) * a1", "transpose", 13),
        ("np.outer(a1, dz2)", "np.outer(a1, dz1)", "wrong-variable", 14),
    ],
)
def test_a_mistake_in_a_function_that_nothing_calls_is_found(
    right: str, slip: str, code: str, line: int
) -> None:
    found = judged(LIBRARY.replace(right, slip))
    assert [(f.code, f.place.line) for f in found if f.verdict is Verdict.WRONG] == [(code, line)]


def test_a_function_of_something_else_is_left_alone() -> None:
    other = "import numpy as np\n\ndef area(params, x):\n    w = params[0] * x[0]\n    return w * 2\n"
    assert not judged(other)


@pytest.mark.parametrize("name", examples.names())
@pytest.mark.parametrize("style", ["array", "scalar"])
def test_the_code_of_a_generated_module_is_judged(name: str, style: str) -> None:
    text = generate(load(name), style=style)
    found = judged(text, name)
    assert not lines(found, Verdict.WRONG) | lines(found, Verdict.FOLLOWS)
    code = [f for f in found if f.verdict is Verdict.RIGHT and f.evidence.startswith("its values are ")]
    assert len(code) >= (12 if style == "array" else 1)
