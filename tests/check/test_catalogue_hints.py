"""The words of a hint: what to change, where, and no second remedy that is the first one in other words."""

import pytest
from formula_claims import judged

from derive.check.findings import Finding, Verdict

FORWARD = (
    r"z^{(1)} = W^{(1)} x + b^{(1)}",
    r"z^{(2)}_i = \sum_j w^{(2)}_{ij} a^{(1)}_j + b^{(2)}_i",
    r"\delta^{(2)} = \frac{\partial L}{\partial z^{(2)}}",
    r"L = \frac12 \sum_i (a^{(2)}_i - y_i)^2",
)
"""Says what the conventions are, so that none is read off the one wrong claim."""


def wrong(formula: str) -> Finding:
    """Return the one wrong claim of a formula that stands behind the forward pass."""
    findings = judged(*FORWARD, formula).findings
    assert [f.verdict for f in findings[: len(FORWARD)]] == [Verdict.RIGHT] * len(FORWARD)
    (finding,) = (f for f in findings[len(FORWARD) :] if f.verdict is not Verdict.RIGHT)
    assert finding.verdict is Verdict.WRONG
    return finding


HINTS = {
    # A superscript is a layer, not an index.
    r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(2)})^T": (
        "index",
        "a^{(2)}",
        "the layer 2 should be 1 in a",
    ),
    r"z^{(1)}_1 = w^{(1)}_{11} x_1 + w^{(1)}_{11} x_2 + b^{(1)}_1": (
        "index",
        "w^{(1)}_{11}",
        "the index 11 should be 12 in w",
    ),
    # The constant that does not belong there is marked itself.
    r"\frac{\partial L}{\partial a^{(2)}} = 2 (a^{(2)} - y)": (
        "loss-factor",
        "2",
        "this factor does not belong here",
    ),
    r"\frac{\partial L}{\partial a^{(2)}_i} = \frac{a^{(2)}_i - y_i}{2}": (
        "loss-factor",
        "2",
        "this denominator does not belong here",
    ),
    r"L = \sum_i (a^{(2)}_i - y_i)^2": (
        "loss-factor",
        r"\sum_i (a^{(2)}_i - y_i)^2",
        "a factor 1/2 is missing",
    ),
    # Of two signs that would do, that between the terms is meant.
    r"L = \frac12 \sum_i (a^{(2)}_i + y_i)^2": ("sign", "y_i", "this term should be subtracted"),
    # One path of several, as a product of factors and as a chain of derivatives.
    r"\delta^{(1)}_1 = w^{(2)}_{11} \delta^{(2)}_1 a^{(1)}_1 (1 - a^{(1)}_1)": (
        "missing-term",
        None,
        "the path through unit 2 of layer 2 is missing",
    ),
    r"\frac{\partial L}{\partial w^{(1)}_{11}} = \frac{\partial L}{\partial z^{(2)}_1}"
    r"\frac{\partial z^{(2)}_1}{\partial a^{(1)}_1}\frac{\partial a^{(1)}_1}{\partial z^{(1)}_1}"
    r"\frac{\partial z^{(1)}_1}{\partial w^{(1)}_{11}}": (
        "missing-term",
        None,
        "the path through unit 2 of layer 2 is missing",
    ),
    r"\frac{\partial L}{\partial x_2} = \delta^{(1)}_1 w^{(1)}_{12}": (
        "missing-term",
        None,
        "the paths through the other units of layer 1 are missing",
    ),
    # The derivative of an activation that is missing inside a product.
    r"\frac{\partial L}{\partial a^{(1)}} = (W^{(2)})^T (a^{(2)} - y)": (
        "missing-activation-derivative",
        None,
        "the derivative of the activation of layer 2 is missing",
    ),
    r"\frac{\partial L}{\partial w^{(2)}_{ij}} = \delta^{(2)}_i x_j": (
        "wrong-variable",
        "x_j",
        "a of layer 1 belongs here, not x",
    ),
    r"\frac{\partial L}{\partial W^{(2)}} = a^{(1)} (\delta^{(2)})^T": (
        "transpose",
        r"a^{(1)} (\delta^{(2)})^T",
        "the whole expression should be transposed",
    ),
}


@pytest.mark.parametrize(("formula", "expected"), HINTS.items(), ids=HINTS)
def test_a_hint_says_what_to_change(formula: str, expected: tuple[str, str | None, str]) -> None:
    code, place, hint = expected
    finding = wrong(formula)
    assert (finding.code, finding.hint) == (code, hint)
    marked = formula[finding.place.column - 1 : finding.place.end_column - 1]
    assert place is None or marked == place


@pytest.mark.parametrize(
    ("formula", "shapes"),
    [
        (r"\frac{\partial L}{\partial W^{(2)}} = a^{(1)} (\delta^{(2)})^T", "2×3 and 3×2"),
        (r"\delta^{(1)} = W^{(2)} \delta^{(2)} \odot \sigma'(z^{(1)})", "2×3 and a 2×1"),
    ],
)
def test_what_has_no_value_shows_its_shapes(formula: str, shapes: str) -> None:
    assert shapes in wrong(formula).counterexample
