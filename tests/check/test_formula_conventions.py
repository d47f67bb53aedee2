"""Conventions are inferred and reported, and are not mistakes; what is assumed is not inferred."""

import pytest
from formula_claims import judged, verdicts

from derive.check.formula.errors import AssumeError
from derive.check.world import world
from derive.network import Dense, Network

CONVENTIONS = {
    "delta": (
        r"\delta^{(2)} = (y - a^{(2)}) \odot a^{(2)} \odot (1 - a^{(2)})",
        r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot a^{(1)} \odot (1 - a^{(1)})",
        r"W^{(2)} \leftarrow W^{(2)} + \eta \delta^{(2)} (a^{(1)})^T",
    ),
    "loss": (
        r"E = \sum_i (y_i - a^{(2)}_i)^2",
        r"\frac{\partial E}{\partial a^{(2)}_i} = 2 (a^{(2)}_i - y_i)",
    ),
    "base": (
        r"z^{(1)}_0 = w^{(1)}_{00} x_0 + w^{(1)}_{01} x_1 + b^{(1)}_0",
        r"\frac{\partial L}{\partial w^{(1)}_{20}} = \delta^{(1)}_2 x_0",
    ),
    "layers": (
        r"z^{(2)} = W^{(1)} a^{(1)} + b^{(1)}",
        r"z^{(3)} = W^{(2)} a^{(2)} + b^{(2)}",
        r"\frac{\partial L}{\partial W^{(1)}} = \delta^{(2)} x^T",
    ),
    "layout": (
        r"z^{(1)} = x W^{(1)} + b^{(1)}",
        r"\frac{\partial L}{\partial W^{(2)}} = (a^{(1)})^T \delta^{(2)}",
        r"\delta^{(1)} = \delta^{(2)} (W^{(2)})^T \odot a^{(1)} \odot (1 - a^{(1)})",
    ),
    "names": (
        r"y_i = a^{(2)}_i",
        r"\frac{\partial L}{\partial y_i} = y_i - t_i",
        r"\delta^{(2)}_i = (y_i - t_i) y_i (1 - y_i)",
    ),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_convention_is_inferred_and_reported(convention: str) -> None:
    found = judged(*CONVENTIONS[convention])
    assert set(verdicts(found)) == {"right"}, found.findings
    assert convention in {inference.convention for inference in found.inferences}
    assert all(inference.evidence for inference in found.inferences)


@pytest.mark.parametrize(
    ("convention", "value"),
    [
        ("delta", "gradient"),
        ("loss", "as in the network file"),
        ("base", "1"),
        ("layers", "W(l) leads to layer l"),
    ],
)
def test_what_is_assumed_is_not_inferred(convention: str, value: str) -> None:
    found = judged(*CONVENTIONS[convention], assume={convention: value})
    assert set(verdicts(found)) - {"right"}


def test_nothing_is_inferred_where_the_network_file_explains_everything() -> None:
    found = judged(r"\delta^{(2)} = (a^{(2)} - y) \odot a^{(2)} \odot (1 - a^{(2)})")
    assert found.inferences == ()


def test_one_mistake_is_no_convention() -> None:
    """A document that says one thing four times and the contrary once has made a mistake."""
    found = judged(
        r"\delta^{(2)} = (y - a^{(2)}) \odot a^{(2)} \odot (1 - a^{(2)})",
        r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot a^{(1)} \odot (1 - a^{(1)})",
        r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^T",
        r"\frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x^T",
    )
    assert verdicts(found) == ["sign", "right", "right", "right"]
    assert found.inferences == ()


def test_a_gradient_of_a_negative_delta_is_named_so() -> None:
    found = judged(*CONVENTIONS["delta"], r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^T")
    assert verdicts(found) == ["right", "right", "right", "negated-gradient"]


@pytest.mark.parametrize("assume", [{"colour": "red"}, {"delta": "sideways"}])
def test_an_unknown_assumption_is_refused(assume: dict[str, str]) -> None:
    with pytest.raises(AssumeError, match=r"choose one of|expected one of"):
        judged("x_1 = 0.25", assume=assume)


SOFTMAX = world(
    Network([Dense(3, "sigmoid"), Dense(3, "softmax")], inputs=2, loss="cross-entropy"), None, seed=3
)
DELTA = r"\delta^{(2)} = y - p"
DESCENT = (
    r"W^{(2)} \leftarrow W^{(2)} - \eta \delta^{(2)} a^{(1)T}",
    r"b^{(2)} \leftarrow b^{(2)} - \eta \delta^{(2)}",
)
GRADIENTS = (
    r"\frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x^T",
    r"\frac{\partial L}{\partial b^{(1)}} = \delta^{(1)}",
)


def test_a_letter_is_recognised_whatever_the_sign_of_delta() -> None:
    found = judged(DELTA, *(step.replace("- \\eta", "+ \\eta") for step in DESCENT), at=SOFTMAX)
    assert set(verdicts(found)) == {"right"}
    assert {(i.convention, i.value) for i in found.inferences} == {
        ("letter p", "output"),
        ("delta", "negative-gradient"),
    }


def test_a_negative_delta_that_the_updates_contradict_is_a_wrong_sign() -> None:
    assert verdicts(judged(DELTA, *DESCENT, at=SOFTMAX)) == ["sign", "right", "right"]


def test_gradients_of_a_negative_delta_are_one_mistake() -> None:
    found = judged(DELTA, DESCENT[0].replace("- \\eta", "+ \\eta"), *GRADIENTS, at=SOFTMAX)
    assert verdicts(found) == ["right", "right", "negated-gradient", "follows"]
    assert found.findings[3].because_of == 2


def test_what_a_letter_stands_for_can_be_stated() -> None:
    assert verdicts(judged(r"u_i = \sigma(z^{(2)}_i)", assume={"letter u": "pre-activation"})) != ["right"]
    claim = r"h^{(2)} = W^{(2)} a^{(1)} + b^{(2)}"
    assert verdicts(judged(claim, assume={"letter h": "pre-activation"})) == ["right"]


NUMBERED = (
    r"w_3 = 0.3",
    r"w_7 = 0.7",
    r"\frac{\partial L}{\partial w_1} = \delta^{(1)}_1 x_1",
    r"\frac{\partial L}{\partial w_4} = \delta^{(1)}_2 x_2",
    r"\frac{\partial L}{\partial w_8} = \delta^{(2)}_1 a^{(1)}_2",
    r"w_{12}^{+} = w_{12} - \eta \delta^{(2)}_2 a^{(1)}_3",
)


def test_weights_may_be_numbered_through_the_network() -> None:
    found = judged(*NUMBERED)
    assert set(verdicts(found)) == {"right"}
    assert ("weight numbers", "unit by unit") in {(i.convention, i.value) for i in found.inferences}
    assert verdicts(judged(*NUMBERED, r"\frac{\partial L}{\partial w_2} = \delta^{(1)}_1 x_1"))[-1] == "index"


def test_weights_may_be_numbered_input_by_input() -> None:
    found = judged(
        r"\frac{\partial L}{\partial w_2} = \delta^{(1)}_2 x_1",
        r"\frac{\partial L}{\partial w_4} = \delta^{(1)}_1 x_2",
        r"\frac{\partial L}{\partial w_9} = \delta^{(2)}_1 a^{(1)}_2",
    )
    assert set(verdicts(found)) == {"right"}
    assert ("weight numbers", "input by input") in {(i.convention, i.value) for i in found.inferences}


def test_units_of_the_hidden_and_the_last_layer_by_their_letters() -> None:
    found = judged(
        r"h_1 = \sigma(w^{(1)}_{11} x_1 + w^{(1)}_{12} x_2 + b^{(1)}_1)",
        r"o_2 = \sigma(w^{(2)}_{21} h_1 + w^{(2)}_{22} h_2 + w^{(2)}_{23} h_3 + b^{(2)}_2)",
        r"\frac{\partial L}{\partial o_2} = o_2 - y_2",
        r"\frac{\partial L}{\partial o_1} = y_1 - o_1",
    )
    assert verdicts(found) == ["right", "right", "right", "sign"]


NEGATIVE = (
    r"\delta^{(2)} = (y - a^{(2)}) \odot a^{(2)} \odot (1 - a^{(2)})",
    r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot a^{(1)} \odot (1 - a^{(1)})",
    r"W^{(2)} := W^{(2)} + \eta \delta^{(2)} (a^{(1)})^T",
)
LABELS = (
    r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^T",
    r"\frac{\partial L}{\partial b^{(2)}} = \delta^{(2)}",
    r"\frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x^T",
)


def test_labels_that_contradict_a_negative_delta_are_one_mistake_however_many() -> None:
    found = judged(*NEGATIVE, *LABELS)
    assert [(i.convention, i.value) for i in found.inferences] == [("delta", "negative-gradient")]
    assert verdicts(found) == ["right"] * 3 + ["negated-gradient", "follows", "follows"]


def test_one_delta_of_the_wrong_sign_is_a_mistake_beside_right_labels() -> None:
    found = judged(NEGATIVE[0], NEGATIVE[1], *LABELS, r"W^{(2)} := W^{(2)} - \eta \delta^{(2)} (a^{(1)})^T")
    assert not found.inferences
    assert verdicts(found)[0] == "sign"
    assert "negated-gradient" not in verdicts(found)


def test_a_rare_claim_of_a_long_document_speaks_for_a_convention() -> None:
    """Sigma is the sigmoid, whatever the layer: of 242 claims, one in the midst of the others shows it."""
    network = Network([Dense(2, "sigmoid"), Dense(2, "softplus")], inputs=2, loss="half-squared-error")
    many = [r"z^{(1)}_1 = w^{(1)}_{11} x_1 + w^{(1)}_{12} x_2 + b^{(1)}_1"] * 120
    rare = r"\operatorname{softplus}'(z^{(2)}_i) = \sigma(z^{(2)}_i)"
    found = judged(r"a^{(1)}_i = \sigma(z^{(1)}_i)", *many, rare, *many, at=world(network, None))
    assert set(verdicts(found)) == {"right"}
    assert [i.convention for i in found.inferences] == ["activation function"]
    both = rare.replace(r"\operatorname{softplus}'", r"\operatorname{softplus}")
    found = judged(r"a^{(1)}_i = \sigma(z^{(1)}_i)", *many, rare, both, at=world(network, None))
    assert len([verdict for verdict in verdicts(found) if verdict != "right"]) == 1
