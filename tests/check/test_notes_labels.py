r"""Labels as indices, `p_{y_i}` and `\mathbb{1}(y_i = k)`, and the losses of single samples, `L_i`."""

import pytest
from formula_claims import judged, verdicts
from written_notes import NOTES, codes_at, is_without_alarm

from derive.check.document import world_of
from derive.check.formula.check import Judged
from derive.spec import load

# The document, its network file, and how many of its claims are called right.
DOCUMENTS = (
    ("classifier.md", "linear-classifier", 6),
    ("classifier-steps.md", "linear-classifier", 8),
    ("classifier-hidden.md", "scores", 8),
    ("classifier-one.tex", "softmax", 5),
    ("classifier-numbers.md", "softmax", 11),
    ("classifier-plain.txt", "softmax", 4),
    ("softmax-samples.md", "softmax", 3),
    ("kronecker.md", "softmax", 7),
)
NETWORKS = {name: network for name, network, _ in DOCUMENTS}

# The document, a text in it, what stands there instead, and the code of the mistake.
PLANTED = (
    ("classifier.md", r"= p_k - \mathbb{1}(y_i = k)", r"= p_k + \mathbb{1}(y_i = k)", "sign"),
    ("classifier.md", r"L_i = -\log\left(p_{y_i}\right)", r"L_i = \log\left(p_{y_i}\right)", "sign"),
    ("classifier.md", r"$L = \frac{1}{N} \sum_i L_i$", r"$L = \sum_i L_i$", "missing-factor"),
    (
        "classifier.md",
        r"p_k = \frac{e^{f_k}}{\sum_j e^{f_j}}, ",
        r"p_k = \frac{e^{f_k}}{\sum_j f_j}, ",
        "other",
    ),
    ("classifier-steps.md", r"L_i = -f_{y_i} + \log", r"L_i = f_{y_i} + \log", "sign"),
    ("classifier-steps.md", r"p_k - \mathbb{1}(k = y_i)$$", r"p_k - \mathbb{1}(k \ne y_i)$$", "other"),
    (
        "classifier-steps.md",
        r"p_k - 1 & \text{if } k = y_i \\ p_k & ",
        r"p_k & \text{if } k = y_i \\ p_k - 1 & ",
        "other",
    ),
    ("classifier-steps.md", r"(\mathbb{1}(k = y_i) - p_k)", r"(\mathbb{1}(k = y_i) + p_k)", "sign"),
    ("classifier-steps.md", r"= -\frac{1}{p_{y_i}}", r"= \frac{1}{p_{y_i}}", "sign"),
    ("classifier-hidden.md", r"= \frac{1}{N} \left( P_{ij}", r"= \left( P_{ij}", "missing-factor"),
    ("classifier-hidden.md", r"-\frac{1}{N} \sum_i \log", r"-\sum_i \log", "missing-factor"),
    ("classifier-hidden.md", r"dW_2 = H^T dF", r"dW_2 = X^T dF", "wrong-variable"),
    ("classifier-one.tex", r"p_k - \mathbf{1}\{k = c\}", r"\mathbf{1}\{k = c\} - p_k", "sign"),
    ("classifier-one.tex", r"p_c \left(\mathbb{I}", r"p_k \left(\mathbb{I}", "index"),
    ("classifier-numbers.md", r"\approx 1.61", r"\approx 1.16", "arithmetic"),
    ("classifier-numbers.md", r"-\log(0.200)", r"-\log(0.265)", "stale-number"),
    ("classifier-numbers.md", r"[0.534, -0.800, 0.265]", r"[0.534, 0.800, 0.265]", "sign"),
    (
        "classifier-numbers.md",
        r"(y_i = k))\, a^{(1)}_j$",
        r"(y_i = k))\, z^{(1)}_j$",
        "missing-activation-derivative",
    ),
    ("softmax-samples.md", r"= p^{(i)}_k - 1\{", r"= p^{(i)}_k + 1\{", "sign"),
    ("softmax-samples.md", r"= -\sum_{k=1}^{3} 1\{", r"= \sum_{k=1}^{3} 1\{", "sign"),
    ("kronecker.md", r"p_y(\delta_{iy} - p_i)", r"p_y(\delta_{iy} + p_i)", "sign"),
    ("kronecker.md", r"p_i (\delta_{ij} - p_j)", r"p_i (\delta_{ij} + p_j)", "sign"),
    ("kronecker.md", r"= p_y(1 - p_y)$", r"= p_y(1 + p_y)$", "sign"),
    ("classifier-plain.txt", "p_k - 1[k = y]", "1[k = y] - p_k", "sign"),
    ("classifier-plain.txt", "L = -log p_y", "L = log p_y", "sign"),
)


@pytest.mark.parametrize(("name", "network", "right"), DOCUMENTS)
def test_every_claim_is_read_and_right(name: str, network: str, right: int) -> None:
    assert is_without_alarm(name, network) == {"right": right, "wrong": 0, "follows": 0, "undecided": 0}


@pytest.mark.parametrize(("name", "right", "wrong", "code"), PLANTED)
def test_the_wrong_claim_is_found(name: str, right: str, wrong: str, code: str) -> None:
    assert code in codes_at(name, NETWORKS[name], right, wrong)


def of_classifier(*formulas: str) -> Judged:
    """Judge formulas by the network of one sample."""
    spec = load(NOTES / "softmax.toml")
    return judged(*formulas, at=world_of(spec), notation=spec.notation)


_PROBABILITIES = (r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}", r"L_i = -\log p_{y_i}")


@pytest.mark.parametrize(
    "slope",
    [
        r"p_k - \mathbb{1}(y_i = k)",
        r"p_k - \mathbf{1}_{[k = y_i]}",
        "p_k - [k = y_i]",
        "p_k - I(y_i = k)",
        r"p_k - \mathbb{1}\{k = y^{(i)}\}",
    ],
)
def test_an_indicator_in_any_spelling(slope: str) -> None:
    claim = rf"\frac{{\partial L_i}}{{\partial z_k}} = {slope}"
    assert verdicts(of_classifier(*_PROBABILITIES, claim)) == ["right"] * 3
    assert verdicts(of_classifier(*_PROBABILITIES, claim.replace("p_k -", "p_k +")))[:2] == ["right"] * 2
    assert verdicts(of_classifier(*_PROBABILITIES, claim.replace("p_k -", "p_k +")))[2] == "sign"


def test_claims_on_all_samples_need_several() -> None:
    found = of_classifier(*_PROBABILITIES, r"L = \frac{1}{N} \sum_i L_i")
    assert found.findings[2].verdict.value == "undecided"
    assert "the network file has one" in found.findings[2].hint


def test_what_holds_for_one_class_alone_is_wrong() -> None:
    found = of_classifier(*_PROBABILITIES, r"L_i = -\log p_1", r"L_i = -\log p_{y_i}")
    assert verdicts(found) == ["right", "right", "other", "right"]


def test_an_index_below_targets_is_no_label_where_the_loss_has_none() -> None:
    # In the half squared error y_i is an element of the target.
    assert verdicts(judged(r"\frac{\partial L}{\partial a^{(2)}_i} = a^{(2)}_i - y_i")) == ["right"]
    assert verdicts(judged("L = a_{y_i}")) == ["undecided"]
