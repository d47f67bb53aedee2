"""What follows from a mistake is none of its own; products of decimals stand for themselves."""

import pytest
from formula_claims import judged, verdicts

from derive.check.findings import Verdict
from derive.check.world import world
from derive.network import Dense, Network

TRUTH = (
    r"\delta^{(2)} = (a^{(2)} - y) \odot a^{(2)} \odot (1 - a^{(2)})",
    r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot a^{(1)} \odot (1 - a^{(1)})",
)


@pytest.mark.parametrize(
    ("wrong", "heir"),
    [
        (
            r"\frac{\partial L}{\partial b^{(2)}} = 3 \delta^{(2)}",
            r"b^{(2)} := b^{(2)} - 3 \eta \delta^{(2)}",
        ),
        (r"dW^{(1)} = z^{(1)} x^T", r"W^{(1)} := W^{(1)} - \eta z^{(1)} x^T"),
        (
            r"\frac{\partial L}{\partial w^{(2)}_{ij}} = \delta^{(2)}_i z^{(1)}_j",
            r"w^{(2)}_{ij} \leftarrow w^{(2)}_{ij} - \eta \delta^{(2)}_i z^{(1)}_j",
        ),
        (
            r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)}",
            r"\frac{\partial L}{\partial W^{(1)}} = (W^{(2)})^T \delta^{(2)} x^T",
        ),
    ],
)
def test_a_formula_that_is_right_given_a_wrong_one_follows(wrong: str, heir: str) -> None:
    found = judged(*TRUTH, wrong, heir).findings
    assert [f.verdict for f in found[2:]] == [Verdict.WRONG, Verdict.FOLLOWS]
    assert found[3].because_of == 2


def test_an_update_in_general_is_right_whatever_the_gradient_was() -> None:
    found = judged(
        *TRUTH,
        r"\frac{\partial L}{\partial W^{(2)}} = -\delta^{(2)} (a^{(1)})^T",
        r"W^{(2)} \leftarrow W^{(2)} - \eta \frac{\partial L}{\partial W^{(2)}}",
    )
    assert verdicts(found) == ["right", "right", "sign", "right"]


def test_another_mistake_is_not_excused_by_the_first() -> None:
    found = judged(
        *TRUTH,
        r"\frac{\partial L}{\partial b^{(2)}} = 3 \delta^{(2)}",
        r"\frac{\partial L}{\partial b^{(1)}} = 3 \delta^{(1)}",
    )
    assert [f.verdict for f in found.findings[2:]] == [Verdict.WRONG, Verdict.WRONG]


def test_a_new_weight_is_not_mistaken_for_the_old_one() -> None:
    found = judged(
        r"\frac{\partial L}{\partial w^{(2)}_{11}} = -0.5",
        r"w^{(2)}_{11} := w^{(2)}_{11} - \eta \frac{\partial L}{\partial w^{(2)}_{11}}"
        r" = 0.7 - 0.1 \cdot (-0.5) = 0.75",
        r"w^{(2)}_{11,new} = 0.7 - 0.1 \cdot (-0.5) = 0.75",
        r"w^{(2)}_{11} = 0.7",
    )
    assert verdicts(found) == ["arithmetic", "right", "follows", "right", "follows", "right", "right"]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"s = 0.3 \times 0.25 = 0.75", ["undecided", "arithmetic"]),
        (r"s = 0.3 \times 0.25 = 0.075", ["undecided", "right"]),
        (
            r"\frac{\partial L}{\partial w_{99}} = -0.4041 \times 0.4621 = 0.1867",
            ["undecided", "sign"],
        ),
        (r"z^{(1)}_9 = 0.5 + 0.25 = 0.76", ["undecided", "arithmetic"]),
        (r"z^{(1)}_9 = 0.523 + 0.251 = 0.774", ["undecided", "right"]),
        ("0.1 + 0.2 = 0.4", ["arithmetic"]),
    ],
)
def test_numbers_are_judged_by_themselves_where_the_head_of_the_chain_is_open(
    claim: str, expected: list[str]
) -> None:
    assert verdicts(judged(claim)) == expected


def test_the_expected_number_shows_its_digits() -> None:
    (finding,) = judged(r"0.3 \times 0.25 = 0.75").findings
    assert finding.expected == "0.075"


def test_a_letter_for_a_function_may_mean_the_activation_of_any_layer() -> None:
    network = Network([Dense(2, "relu"), Dense(1, "sigmoid")], inputs=2, loss="binary-cross-entropy")
    numbers = {
        "x": [1.0, 0.5],
        "y": [1.0],
        "eta": 0.1,
        "W1": [[0.1, 0.2], [0.3, 0.4]],
        "b1": [0.0, 0.1],
        "W2": [[0.5, -0.6]],
        "b2": [0.2],
    }
    here = world(network, numbers)
    assert verdicts(judged(r"\sigma(-0.137) = 0.4658", at=here)) == ["right"]
    assert verdicts(judged(r"\sigma(0.3) = 0.3", at=here)) == ["right"]
    assert verdicts(judged(r"\sigma(-0.137) = 0.4568", at=here)) == ["arithmetic"]


def test_names_of_the_documents_own_may_be_stated_again_with_another_index() -> None:
    found = judged(
        r"q_i = 1 + e^{-z^{(1)}_i}",
        r"q_j = 1 + \exp(-z^{(1)}_j)",
        r"a^{(1)}_k = \frac{1}{q_k}",
        r"q_k = 1 - e^{-z^{(1)}_k}",
    )
    assert verdicts(found) == ["right", "right", "right", "sign"]
