"""Right but unusual: claims that have to be called right, whatever their form."""

import pytest
from formula_claims import judged, two_layers, verdicts

from derive.check.findings import Verdict
from derive.check.world import world
from derive.network import Dense, Network
from derive.notation import Notation

RIGHT = {
    "factored": r"\frac{\partial L}{\partial z^{(2)}_i} = (a^{(2)}_i - y_i) a^{(2)}_i (1 - a^{(2)}_i)",
    "expanded": r"\delta^{(2)}_i = (a^{(2)}_i)^2 - y_i a^{(2)}_i - (a^{(2)}_i)^3 + y_i (a^{(2)}_i)^2",
    "a - a^2": r"\frac{\partial a^{(1)}_i}{\partial z^{(1)}_i} = a^{(1)}_i - (a^{(1)}_i)^2",
    "sigma of minus z": r"\sigma'(z^{(1)}_i) = \sigma(z^{(1)}_i) \sigma(-z^{(1)}_i)",
    "logistic, two forms": r"\sigma(z) = \frac{1}{1+e^{-x}}".replace("x", "z") + r" = \frac{e^z}{1+e^z}",
    "logistic by tanh": r"a^{(1)}_i = \frac{1}{2} (1 + \tanh(z^{(1)}_i / 2))",
    "a column by rows": r"(\delta^{(1)})^T = (\delta^{(2)})^T W^{(2)} \odot \sigma'(z^{(1)})^T",
    "transposed product": r"\frac{\partial L}{\partial W^{(2)}} = (a^{(1)} (\delta^{(2)})^T)^T",
    "outer product": r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} \otimes a^{(1)}",
    "a diagonal matrix": r"\delta^{(1)} = \operatorname{diag}(\sigma'(z^{(1)})) (W^{(2)})^T \delta^{(2)}",
    "a sum written out": r"z^{(1)}_2 = w^{(1)}_{21} x_1 + w^{(1)}_{22} x_2 + b^{(1)}_2",
    "terms in another order": r"z^{(1)}_2 = b^{(1)}_2 + x_2 w^{(1)}_{22} + w^{(1)}_{21} x_1",
    "a sum without limits": r"\delta^{(1)}_j = a^{(1)}_j (1 - a^{(1)}_j) \sum_k w^{(2)}_{kj} \delta^{(2)}_k",
    "a sum with limits": r"z^{(2)}_i = b^{(2)}_i + \sum_{j=1}^{n} w^{(2)}_{ij} a^{(1)}_j",
    "loss as a norm": r"L = \frac12 \|y - a^{(2)}\|^2",
    "loss as a product": r"L = \frac12 (y - a^{(2)})^T (y - a^{(2)})",
    "the sign inside": r"\frac{\partial L}{\partial a^{(2)}_i} = -(y_i - a^{(2)}_i) = a^{(2)}_i - y_i",
    "paths": r"\frac{\partial L}{\partial w^{(1)}_{12}} = \sum_i \frac{\partial L}{\partial a^{(2)}_i}"
    r" \frac{\partial a^{(2)}_i}{\partial z^{(2)}_i} \frac{\partial z^{(2)}_i}{\partial a^{(1)}_1}"
    r" \frac{\partial a^{(1)}_1}{\partial z^{(1)}_1} \frac{\partial z^{(1)}_1}{\partial w^{(1)}_{12}}",
    "an operator": r"\frac{\partial}{\partial a^{(2)}_1} \frac12 \sum_i (y_i - a^{(2)}_i)^2"
    r" = a^{(2)}_1 - y_1",
    "nabla": r"\nabla_{W^{(2)}} L = \delta^{(2)} (a^{(1)})^T",
    "dW": r"dW^{(2)} = dZ^{(2)} A^{(1)T}",
    "an update": r"W^{(2)} := W^{(2)} - \eta \, \delta^{(2)} (a^{(1)})^T",
    "an update of one weight": r"w^{(2)}_{ij} \leftarrow w^{(2)}_{ij} - \eta \delta^{(2)}_i a^{(1)}_j",
    "an update with =": r"b^{(1)} = b^{(1)} - \eta \frac{\partial L}{\partial b^{(1)}}",
    "an update by name": r"W^{(1)}_{new} = W^{(1)} - \eta \frac{\partial L}{\partial W^{(1)}}",
    "Jacobians side by side": r"\delta^{(l-1)} = \delta^{(l)} \frac{\partial z^{(l)}}{\partial a^{(l-1)}}"
    r" \frac{\partial a^{(l-1)}}{\partial z^{(l-1)}}",
    "loss by name": r"MSE = \frac12 \sum_i (t_i - \hat y_i)^2",
    "a stray superscript": r"z^{(1)}_1 = w^{(1)}_{11} x^{(1)}_1 + w^{(1)}_{12} x^{(1)}_2 + b^{(1)}_1",
    "all layers at once": r"\delta^{(l)} = (W^{(l+1)})^T \delta^{(l+1)} \odot \sigma'(z^{(l)})",
    "from the last layer": r"\delta^{(L-1)} = (W^{(L)})^T \delta^{(L)} \odot a^{(L-1)} \odot (1 - a^{(L-1)})",
    "numbers of the example": r"z^{(1)}_1 = 0.1 \cdot 0.25 + 0.2 \cdot 0.5 + 0.1 = 0.225",
    "a definition": r"e_i = a^{(2)}_i - y_i, \quad \delta^{(2)}_i = e_i a^{(2)}_i (1 - a^{(2)}_i)",
    "an argument of its own": r"g(q) = \frac{1}{1 + e^{-q}}",
}


@pytest.mark.parametrize("formula", RIGHT.values(), ids=RIGHT)
def test_right_but_unusual(formula: str) -> None:
    found = judged(formula)
    assert found.findings
    assert set(verdicts(found)) == {"right"}, found.findings
    assert all(finding.evidence for finding in found.findings)


def test_sech_squared_for_tanh() -> None:
    network = Network([Dense(3, "tanh"), Dense(1)], inputs=2, loss="half-squared-error")
    forms = (r"1 - (a^{(1)}_i)^2", r"\operatorname{sech}^2(z^{(1)}_i)", r"1 - \tanh^2(z^{(1)}_i)")
    claims = [rf"\frac{{\partial a^{{(1)}}_i}}{{\partial z^{{(1)}}_i}} = {form}" for form in forms]
    assert verdicts(judged(*claims, at=world(network, None))) == ["right"] * 3


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_rounded_intermediates_carried_on(digits: int) -> None:
    """Whoever computes with rounded numbers is right in every line of it."""
    values = two_layers().points[0].values
    z, a = (round(float(values[name][0]), digits) for name in ("z1", "a1"))
    column = r" \\ ".join(f"{v:.{digits}f}" for v in values["a1"])
    row = [0.7, 0.8, 0.9]
    total = sum(w * round(float(v), digits) for w, v in zip(row, values["a1"], strict=True)) + 0.05
    found = judged(
        f"z^{{(1)}}_1 = {z:.{digits}f}",
        rf"a^{{(1)}}_1 = \sigma({z:.{digits}f}) = {a:.{digits}f}",
        rf"a^{{(1)}} = \begin{{bmatrix}} {column} \end{{bmatrix}}",
        r"z^{(2)}_1 = \begin{bmatrix} 0.7 & 0.8 & 0.9 \end{bmatrix}"
        rf" \begin{{bmatrix}} {column} \end{{bmatrix}}"
        rf" + 0.05 = {total:.{digits}f}",
    )
    assert set(verdicts(found)) == {"right"}, found.findings


def test_weights_known_by_their_own_numbers() -> None:
    found = judged(
        "w_1 = 0.15",
        r"w_1^{+} = w_1 - \eta \frac{\partial L}{\partial w_1}",
        r"\frac{\partial L}{\partial w_1} = \delta^{(2)}_2 a^{(1)}_1",
    )
    assert verdicts(found) == ["right"] * 3


def test_words_dots_and_blanks_are_no_claims() -> None:
    found = judged(
        r"\delta^{(2)}_1 = ?", r"z_1 = \dots", "l = 2", r"0 \le i < 3", r"\frac{\partial L}{\partial z}"
    )
    assert found.findings == ()


def test_a_general_claim_is_silent_on_layers_with_another_activation() -> None:
    network = Network([Dense(3, "sigmoid"), Dense(2)], inputs=2, loss="half-squared-error")
    here = world(network, None)
    (finding,) = judged(r"a^{(l)}_i = \frac{1}{1 + e^{-z^{(l)}_i}}", at=here).findings
    assert finding.verdict is Verdict.RIGHT
    assert "sigmoid" in finding.evidence
    # The excuse is for the activation alone: a bias of the wrong layer is not excused by it.
    (other,) = judged(r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(1)}", at=here).findings
    assert other.verdict is not Verdict.RIGHT


def test_a_batch_in_matrix_form() -> None:
    network = Network([Dense(3, "sigmoid"), Dense(2)], inputs=2, loss="half-squared-error", layout="row")
    found = judged(
        "Z^{(1)} = X W^{(1)} + b^{(1)}",
        r"\frac{\partial L}{\partial W^{(2)}} = (A^{(1)})^T \delta^{(2)}",
        at=world(network, None, samples=5),
        notation=Notation(),
    )
    assert verdicts(found) == ["right", "right"]


@pytest.mark.parametrize("claim", ["a = 1", "z = 0.5", r"\delta = 2", "b = 1", "W = 3", r"a^{(1)} = 0.5"])
def test_a_number_for_a_name_of_some_layer_is_not_called_wrong(claim: str) -> None:
    (finding,) = judged(claim).findings
    assert finding.verdict is Verdict.UNDECIDED


def test_a_name_without_a_layer_is_not_mended_by_itself() -> None:
    first, _, _ = judged("z = x", r"z^{(1)} = W^{(1)} x + b^{(1)}", r"a^{(1)} = \sigma(z^{(1)})").findings
    assert "z of layer" not in first.hint
