"""Every handout, verified with its own network file, is right throughout; broken ones are not.

The handouts and the verifier share no printer and no parser. The other notations and formats of the bundled
examples are read back by ``make mutations``.
"""

import re
from dataclasses import replace

import pytest
from round_trip import complaints, network_file, verified

from codegen.handout import handout
from codegen.modules import generate
from derive import examples
from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.notation import PROFILES
from derive.read.document import read_text
from derive.spec import Spec, load, parse

PROFILE_OF = dict(zip(examples.names(), sorted(PROFILES), strict=False))

NETWORKS = {
    "softmax": {"loss": "cross-entropy", "layers": ((3, "tanh"), (3, "softmax"))},
    "rows": {"loss": "binary-cross-entropy", "layout": "row", "layers": ((2, "relu"), (1, "sigmoid"))},
    "three folded layers": {
        "loss": "mean-squared-error",
        "bias": "folded",
        "layout": "row",
        "layers": ((2, "sigmoid"), (3, "tanh"), (2, "linear")),
    },
    "one layer": {"loss": "squared-error", "bias": "none", "layers": ((2, "sigmoid"),)},
    "huber": {"loss": "huber", "layers": ((2, "softplus"), (2, "silu"))},
    "kinks": {"loss": "absolute-error", "layers": ((2, "leaky-relu"), (2, "gelu"))},
    "hinge": {"loss": "hinge", "layers": ((2, "elu"), (2, "linear"))},
    "no numbers": {"layers": ((2, "sigmoid"), (2, "sigmoid")), "example": False},
}


BATCHES = {
    "superscript": {"samples": 3, "layout": "row", "layers": ((2, "tanh"), (2, "sigmoid"))},
    "bracket": {"samples": 2, "loss": "squared-error", "reduction": "sum", "layers": ((2, "softplus"),)},
    "in-out": {"samples": 2, "bias": "folded", "layers": ((1, "sigmoid"), (2, "tanh"))},
    "zero-based": {"samples": 3, "bias": "none", "inputs": 1, "layers": ((2, "tanh"), (1, "sigmoid"))},
    "subscript": {"samples": 3, "layers": ((2, "gelu"), (3, "softmax"))},
    "negative-delta": {"samples": 2, "layout": "row", "bias": "folded", "layers": ((2, "sigmoid"),)},
}


@pytest.mark.parametrize("name", examples.names())
def test_the_handout_of_an_example_is_right(name: str) -> None:
    spec = replace(load(name), notation=PROFILES[PROFILE_OF[name]])
    report = verified(spec, ".md")
    assert complaints(report) == []
    assert len(report.findings) > 150


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_notation_is_read_back(profile: str) -> None:
    spec = replace(load("lecture6"), notation=PROFILES[profile])
    report = verified(spec, ".tex", detail="brief")
    assert complaints(report) == []
    assert len(report.findings) > 50


@pytest.mark.parametrize("name", NETWORKS)
def test_the_handout_of_another_network_is_right(name: str) -> None:
    profile = sorted(PROFILES)[list(NETWORKS).index(name) % len(PROFILES)]
    spec = replace(parse(network_file(**NETWORKS[name]), "net.toml"), notation=PROFILES[profile])
    report = verified(spec, ".md")
    assert complaints(report) == []
    assert len(report.findings) > 80


def batch(profile: str) -> Spec:
    return replace(parse(network_file(**BATCHES[profile]), "net.toml"), notation=PROFILES[profile])


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_handout_of_a_batch_is_right(profile: str) -> None:
    report = verified(batch(profile), ".md")
    assert complaints(report) == []
    assert len(report.findings) > 70


SLIPS = {
    "superscript": (
        (r"x W^{(1)} + \mathbf{1} b^{(1)}", r"x W^{(1)} + \mathbf{1} b^{(2)}"),
        (r"= w^{(1)}_{11} x_{11} + w^{(1)}_{21} x_{12}", r"= w^{(1)}_{11} x_{11} + w^{(1)}_{21} x_{22}"),
        (r"_{nj}}{\partial a^{(1)}_{ni}} = w^{(2)}_{ij}", r"_{nj}}{\partial a^{(1)}_{ni}} = 2 w^{(2)}_{ij}"),
        (r"\frac{1}{3} (a^{(2)}_{11} - y_{11})", r"\frac{1}{2} (a^{(2)}_{11} - y_{11})"),
        (r"\sum_{n=1}^{3} \delta^{(2)}_{nj} a", r"\sum_{n=1}^{2} \delta^{(2)}_{nj} a"),
        (r"\delta^{(2)}_{21} a^{(1)}_{21}", r"\delta^{(2)}_{21} a^{(1)}_{31}"),
        (r"\frac{1}{3} \sum_{n=1}^{3} L_{n}", r"\sum_{n=1}^{3} L_{n}"),
        (
            r"\frac{\partial L_{1}}{\partial b^{(2)}_{1}} &=",
            r"\frac{\partial L_{2}}{\partial b^{(2)}_{1}} &=",
        ),
    ),
    "subscript": (
        (r"\frac{1}{e^{z_{2}} \mathbf{1}} \mathbf{1}^", r"\frac{3}{e^{z_{2}} \mathbf{1}} \mathbf{1}^"),
        (r"\odot a_{2}\right) \mathbf{1} \mathbf{1}^", r"\odot y\right) \mathbf{1} \mathbf{1}^"),
    ),
}


@pytest.mark.parametrize("profile", SLIPS)
def test_slips_in_the_handout_of_a_batch_are_wrong(profile: str) -> None:
    spec = batch(profile)
    text = handout(spec, ".md")
    lines = []
    for right, wrong in SLIPS[profile]:
        before, after = text.split(right, 1)
        lines.append(before.count("\n") + 1)
        text = before + wrong + after
    report = check_document(read_text(text, kind="md"), spec)
    found = {finding.place.line for finding in report.findings if finding.verdict is Verdict.WRONG}
    assert sorted(lines) == sorted(found)


def test_the_sample_may_be_the_last_index() -> None:
    spec = batch("superscript")
    text = (
        r"$z^{(1)}_{13} = w^{(1)}_{11} x_{13} + w^{(1)}_{21} x_{23} + b^{(1)}_{1}$, "
        r"$a^{(1)}_{21} = \tanh(z^{(1)}_{21})$, "
        r"$\frac{\partial L}{\partial b^{(1)}_{2}} = \delta^{(1)}_{21} + \delta^{(1)}_{22} "
        r"+ \delta^{(1)}_{23}$."
    )
    assert complaints(check_document(read_text(text, kind="md"), spec)) == []
    broken = text.replace("x_{23}", "x_{13}")
    report = check_document(read_text(broken, kind="md"), spec)
    assert [finding.verdict.value for finding in report.findings] == ["wrong", "right", "right"]


def test_a_notebook_is_right_with_its_code() -> None:
    report = verified(load("no-bias"), ".ipynb")
    assert complaints(report) == []
    assert len(report.findings) > 200


@pytest.mark.parametrize("name", examples.names())
@pytest.mark.parametrize("style", ["array", "scalar"])
def test_a_module_is_right_with_the_formulas_beside_its_lines(name: str, style: str) -> None:
    spec = load(name)
    report = check_document(read_text(generate(spec, style=style), kind="py"), spec)
    assert complaints(report) == []
    assert len(report.findings) > 40


def test_a_module_with_a_wrong_formula_is_noticed() -> None:
    spec = load("row-vectors")
    text = generate(spec, style="scalar")
    broken = text.replace("sum_i(W2[i, j] * a1[i])", "sum_i(W2[i, j] * z1[i])", 1)
    assert broken != text
    report = check_document(read_text(broken, kind="py"), spec)
    assert [finding.code for finding in report.findings if finding.verdict is Verdict.WRONG] == [
        "wrong-variable"
    ]


def test_a_handout_of_another_network_is_wrong() -> None:
    """The test above can fail: the same words with other numbers, or with one sign turned, are found out."""
    spec = replace(load("no-bias"), notation=PROFILES["superscript"])
    text = handout(spec, ".md")
    turned = re.sub(r"(a\^\{\(2\)\}_\{1\}) - (y_\{1\})", r"\1 + \2", text, count=1)
    assert turned != text
    assert check_document(read_text(turned, kind="md"), spec).faulty
    slipped = text.replace("0.665074", "0.665704", 1)
    assert slipped != text
    assert check_document(read_text(slipped, kind="md"), spec).faulty
