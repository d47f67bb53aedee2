"""Mistakes in formulas: found, named, placed and shown by a counterexample; never where there is none."""

import pytest
from formula_claims import judged, two_layers, verdicts

from derive.check.findings import Verdict
from derive.check.world import world
from derive.network import Dense, Network

WRONG = {
    r"\delta^{(2)}_i = (a^{(2)}_i - y_i) a^{(2)}_i (1 + a^{(2)}_i)": ("sign", "a^{(2)}_i"),
    r"\frac{\partial L}{\partial a^{(2)}_i} = y_i - a^{(2)}_i": ("sign", "y_i - a^{(2)}_i"),
    r"\frac{\partial z^{(2)}_1}{\partial w^{(2)}_{13}} = a^{(1)}_2": ("index", "a^{(1)}_2"),
    r"\frac{\partial z^{(1)}_1}{\partial w^{(1)}_{12}} = a^{(1)}_2": ("index", "a^{(1)}_2"),
    r"\delta^{(1)}_j = \sum_k w^{(2)}_{jk} \delta^{(2)}_k \sigma'(z^{(1)}_j)": ("index", "w^{(2)}_{jk}"),
    r"z^{(2)}_i = \sum_{j=1}^{2} w^{(2)}_{ij} a^{(1)}_j + b^{(2)}_i": ("index", "2"),
    r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma(z^{(1)})": ("missing-activation-derivative", None),
    r"\delta^{(1)}_j = \sum_k w^{(2)}_{kj} \delta^{(2)}_k": ("missing-activation-derivative", None),
    r"\frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x": ("transpose", None),
    r"\delta^{(1)} = W^{(2)} \delta^{(2)} \odot \sigma'(z^{(1)})": ("transpose", "W^{(2)}"),
    r"z^{(2)}_i = \sum_j w^{(2)}_{ij} a^{(1)}_j": ("missing-term", None),
    r"z^{(1)}_1 = w^{(1)}_{11} x_1 + b^{(1)}_1": ("missing-term", None),
    r"\frac{\partial L}{\partial a^{(2)}} = 2 (a^{(2)} - y)": ("loss-factor", None),
    r"\frac{\partial L}{\partial b^{(2)}_i} = \delta^{(2)}_i a^{(1)}_i": ("surplus-factor", "a^{(1)}_i"),
    r"\frac{\partial L}{\partial w^{(2)}_{ij}} = \delta^{(2)}_i": ("missing-factor", None),
    r"z^{(2)} = W^{(2)} z^{(1)} + b^{(2)}": ("wrong-variable", "z^{(1)}"),
    r"W^{(2)} := W^{(2)} + \eta \frac{\partial L}{\partial W^{(2)}}": ("update-sign", None),
    r"z^{(1)}_1 = 0.1 \cdot 0.25 + 0.2 \cdot 0.5 + 0.1 = 0.252": ("arithmetic", "0.252"),
    r"a^{(1)}_1 = 0.5561": ("rounding", "0.5561"),
    r"a^{(1)}_1 = -0.5560": ("sign", "-0.5560"),
}


@pytest.mark.parametrize(("formula", "expected"), WRONG.items(), ids=WRONG)
def test_a_mistake_is_found_named_and_placed(formula: str, expected: tuple[str, str | None]) -> None:
    code, place = expected
    findings = [f for f in judged(formula, assume=_AS_GIVEN).findings if f.verdict is not Verdict.RIGHT]
    assert [f.code for f in findings] == [code], findings
    (finding,) = findings
    assert finding.hint
    assert finding.place.line == 1
    marked = formula[finding.place.column - 1 : finding.place.end_column - 1]
    assert place is None or marked == place


# A single claim is no ground to infer a convention from.
_AS_GIVEN = {
    "loss": "as in the network file",
    "delta": "gradient",
    "layers": "W(l) leads to layer l",
    "layout": "column",
    "weights": "as in the network file",
    "weight indices": "as the matrix",
}


def test_every_wrong_formula_has_a_counterexample() -> None:
    for formula, (code, _) in WRONG.items():
        findings = judged(formula, assume=_AS_GIVEN).findings
        wrong = next(f for f in findings if f.verdict is Verdict.WRONG)
        # A claim without a value (shapes, an index out of range) has no numbers to show.
        assert "against" in wrong.counterexample or code in ("transpose", "shape", "index"), formula


def test_a_large_layer_is_judged_at_a_sample_of_its_units() -> None:
    network = Network([Dense(90, "relu"), Dense(10, "softmax")], inputs=400, loss="cross-entropy")
    formula = r"\frac{\partial L}{\partial w^{(1)}_{ij}} = \delta^{(1)}_i x_i"
    (finding,) = judged(formula, formula.replace("x_i", "x_j"), at=world(network, None)).findings[:1]
    assert finding.code == "index"
    assert formula[finding.place.column - 1 :] == "x_i"


def test_the_unknown_cause_is_other() -> None:
    (finding,) = judged(r"a^{(2)}_i = 3 + \tanh(z^{(2)}_i)^4").findings
    assert (finding.verdict, finding.code) == (Verdict.WRONG, "other")
    assert "against" in finding.counterexample


def test_a_chain_goes_on_from_its_sound_side() -> None:
    found = judged(
        r"\frac{\partial L}{\partial a^{(2)}_1} = -(y_1 - a^{(2)}_1) = -y_1 - a^{(2)}_1 = a^{(2)}_1 - y_1"
    )
    assert verdicts(found) == ["right", "sign", "right"]


def test_what_follows_from_a_wrong_side_follows() -> None:
    found = judged(
        r"\frac{\partial L}{\partial a^{(2)}_1} = y_1 - a^{(2)}_1 = -(a^{(2)}_1 - y_1) = 3 a^{(2)}_1"
    )
    assert verdicts(found) == ["sign", "follows", "other"]
    assert found.findings[1].because_of == 0


def test_the_left_side_can_be_at_fault() -> None:
    formula = r"\frac{\partial z^{(1)}_1}{\partial a^{(1)}_2} = \frac{\partial z^{(1)}_1}{\partial x_2}"
    formula += r" = w^{(1)}_{12}"
    found = judged(formula)
    assert verdicts(found) == ["index", "right"]
    wrong = found.findings[0].place
    assert formula[wrong.column - 1 : wrong.end_column - 1] == "a^{(1)}_2"


def test_one_root_many_heirs() -> None:
    z1 = 0.3225  # one digit off: the true value is 0.225
    a1 = 0.579935
    found = judged(
        rf"z^{{(1)}}_1 = 0.1 \cdot 0.25 + 0.2 \cdot 0.5 + 0.1 = {z1}",
        rf"a^{{(1)}}_1 = \sigma({z1}) = {a1}",
        rf"z^{{(2)}}_1 = 0.7 \cdot {a1} + 0.8 \cdot {_true('a1', 1):.6f}"
        rf" + 0.9 \cdot {_true('a1', 2):.6f} + 0.05",
    )
    assert verdicts(found) == ["right", "arithmetic", "follows", "right", "follows"]
    assert [f.because_of for f in found.findings] == [None, None, 1, None, 1]


def _true(name: str, at: int) -> float:
    return float(two_layers().points[0].values[name][at])


def test_a_number_left_from_elsewhere() -> None:
    found = judged(
        rf"a^{{(1)}}_2 = {_true('a1', 1):.6f}",
        rf"\delta^{{(2)}}_1 = 0.391117 \cdot 0.27 = {_true('dz2', 0):.6f}",
    )
    assert verdicts(found) == ["right", "stale-number", "right"]


def test_a_missing_equals_sign_is_no_accusation() -> None:
    a2 = [f"{_true('a2', k):.4f}" for k in (0, 1)]
    difference = [f"{_true('da2', k):.4f}" for k in (0, 1)]
    found = judged(
        r"\frac{\partial L}{\partial a^{(2)}} = a^{(2)} - y"
        rf"\begin{{bmatrix}} {a2[0]} \\ {a2[1]} \end{{bmatrix}}"
        r" - \begin{bmatrix} 0.75 \\ 0.1 \end{bmatrix}"
        rf" = \begin{{bmatrix}} {difference[0]} \\ {difference[1]} \end{{bmatrix}}"
    )
    assert verdicts(found) == ["undecided", "right"]
    assert "= seems to be missing" in found.findings[0].hint


@pytest.mark.parametrize(
    "formula",
    [
        r"\delta^{(2)} = \frac{\partial^2 L}{\partial z^2}",
        r"a^{(1)} = q",
        r"z^{(7)}_1 = 0",
        r"\frac{\partial z^{(2)}}{\partial W^{(1)}} = W^{(1)}",
        r"a^{(1)} = 1",
        r"x = \delta \nabla y",
    ],
)
def test_what_cannot_be_decided_is_said_with_a_reason(formula: str) -> None:
    (finding,) = judged(formula).findings
    assert finding.verdict is Verdict.UNDECIDED
    assert finding.hint


def test_findings_point_into_the_text() -> None:
    formula = "\\begin{align}\n\\delta^{(2)}_1 &= a^{(2)}_1 \\\\\n  &= a^{(2)}_2\n\\end{align}"
    first, second = judged(formula).findings
    assert (first.place.line, second.place.line) == (2, 3)
    assert second.place.column == 6
    assert "a^{(2)}_2" in second.claim


def test_what_is_given_is_the_text_of_the_document() -> None:
    (finding,) = judged(r"\delta^{(2)} = (-0.001, -0.9)", assume=_AS_GIVEN).findings
    assert finding.verdict is Verdict.WRONG
    assert finding.given in ("-0.001", "-0.9")
    assert finding.expected != finding.given
