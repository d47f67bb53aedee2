r"""Letters that say the layer, as in textbooks: `w_{kj}`, `\delta_k`, `o_j`."""

import pytest
from formula_claims import judged, two_layers, verdicts
from written_notes import codes_at, is_without_alarm, judged_document, written
from written_notes import judged as judged_text

# The document, its network file, how many of its claims are called right, and what its letters stand for.
DOCUMENTS = (
    ("textbook.md", "letters", 11, "i inputs, j layer 1, k outputs, w(to, from)"),
    ("delta-rule.md", "letters", 7, "i inputs, j layer 1, k outputs, w(from, to)"),
    ("textbook.txt", "letters", 9, "i inputs, j layer 1, k outputs, w(to, from)"),
    ("no-words.md", "letters", 5, "i inputs, j layer 1, k outputs, w(to, from)"),
    ("units.tex", "letters", 9, "i inputs, j layer 1, k outputs, w(to, from)"),
    (
        "any-layer.md",
        "letters",
        11,
        "i the layer before, j any layer, k the layer before, l the layer behind, w(from, to)",
    ),
    ("hidden-h.tex", "letters", 5, "h layer 1, i inputs, k outputs, w(to, from)"),
    ("slides.md", "letters", 9, "i inputs, j layer 1, k outputs, w(from, to)"),
    ("letters.txt", "letters", 10, "i inputs, j layer 1, k outputs, w(from, to)"),
    ("deep-letters.md", "deep-letters", 13, "i inputs, j layer 1, k layer 2, m outputs, w(to, from)"),
)
NETWORKS = {name: network for name, network, _, _ in DOCUMENTS}

_DELTA_J = r"$$\delta_j = o_j (1 - o_j) \sum_k w_{kj} \delta_k$$"

# The document, a text in it, what stands there instead, and the code of the mistake.
PLANTED = (
    ("textbook.md", r"= o_k (1 - o_k)(t_k", r"= o_k (1 + o_k)(t_k", "sign"),
    ("textbook.md", _DELTA_J, _DELTA_J.replace(r"\delta_k$$", r"\delta_j$$"), "index"),
    ("textbook.md", _DELTA_J, _DELTA_J.replace("o_j (1 - o_j) ", ""), "missing-activation-derivative"),
    ("textbook.md", _DELTA_J, _DELTA_J.replace("o_j (1 - o_j) ", "o_k (1 - o_k) "), "index"),
    ("textbook.md", r"\eta\, \delta_k\, o_j, ", r"\eta\, \delta_k\, o_k, ", "index"),
    ("textbook.md", r"\eta\, \delta_j\, x_i", r"\eta\, \delta_j\, o_j", "index"),
    ("textbook.md", r"= -\delta_j x_i$", r"= \delta_j x_i$", "negated-gradient"),
    ("delta-rule.md", r"\sum_k \delta_k w_{jk}$", r"\sum_k \delta_k w_{kj}$", "index"),
    ("delta-rule.md", r"\eta \delta_k h_j$", r"\eta \delta_j h_j$", "index"),
    ("textbook.txt", "= -(t_k - o_k) o_k (1 - o_k) o_j", "= -(t_k - o_k) o_k o_j", "missing-factor"),
    ("textbook.txt", "Σ_k δ_k w_kj", "Σ_k δ_k", "missing-factor"),
    ("textbook.txt", "Δw_kj = η δ_k o_j", "Δw_kj = -η δ_k o_j", "negated-gradient"),
    ("textbook.txt", "∂o_k/∂net_k = o_k (1 - o_k)", "∂o_k/∂net_k = o_k (o_k - 1)", "sign"),
    ("no-words.md", r"= \delta_k o_j, ", r"= \delta_k o_k, ", "index"),
    ("no-words.md", r"w_{kj} - \eta \delta_k o_j", r"w_{kj} + \eta \delta_k o_j", "update-sign"),
    (
        "units.tex",
        r"\delta_j = h'(a_j) \sum_k",
        r"\delta_j = h(a_j) \sum_k",
        "missing-activation-derivative",
    ),
    ("units.tex", r"= \delta_k z_j. \]", r"= \delta_k a_j. \]", "wrong-variable"),
    ("units.tex", r"$\delta_k = (y_k - t_k) h'(a_k)$", r"$\delta_k = (y_k - t_k) h'(a_j)$", "index"),
    ("any-layer.md", r"\sum_l w_{jl} \delta_l, ", r"\sum_l w_{lj} \delta_l, ", "index"),
    ("any-layer.md", r"= o_j (1 - o_j)$", r"= o_j (1 + o_j)$", "sign"),
    ("slides.md", r"(\mathcal{O}_k - t_k)$.", r"(\mathcal{O}_k + t_k)$.", "sign"),
    ("letters.txt", "δ_j = f'(net_j) Σ_k", "δ_j = f'(net_k) Σ_k", "index"),
    ("hidden-h.tex", r"o_h (1 - o_h) \sum_{k} w_{kh}", r"o_h (1 - o_k) \sum_{k} w_{kh}", "index"),
    ("hidden-h.tex", r"\eta\, \delta_k\, x_{kh}", r"\eta\, \delta_h\, x_{kh}", "index"),
    ("deep-letters.md", r"(1 - a_j^2) \sum_k", r"(1 - a_j) \sum_k", "missing-factor"),
    ("deep-letters.md", r"\sum_m w_{mk} \delta_m", r"\sum_m w_{mk} \delta_k", "index"),
    ("deep-letters.md", r"= \delta_k a_j, ", r"= \delta_k z_j, ", "wrong-variable"),
    ("deep-letters.md", r"a_k + b_m$$", r"a_k + b_k$$", "index"),
    ("deep-letters.md", r"= \delta_j$$", r"= \delta_j a_j$$", "surplus-factor"),
)


@pytest.mark.parametrize(("name", "network", "right", "letters"), DOCUMENTS)
def test_every_claim_is_right_once_the_letters_are_known(
    name: str, network: str, right: int, letters: str
) -> None:
    assert is_without_alarm(name, network) == {"right": right, "wrong": 0, "follows": 0, "undecided": 0}
    inferred = {i.convention: i.value for i in judged_document(name, network).inferences}
    assert inferred["unit letters"] == letters


@pytest.mark.parametrize(("name", "right", "wrong", "code"), PLANTED)
def test_the_wrong_claim_is_found(name: str, right: str, wrong: str, code: str) -> None:
    assert code in codes_at(name, NETWORKS[name], right, wrong)


@pytest.mark.parametrize(
    ("name", "right", "undecided"),
    [
        # The letter of the target is used nowhere but in a name of the document's own.
        ("signal-flow.md", 8, 2),
        # One letter for the units of any layer, behind one for the sample.
        ("patterns.md", 4, 2),
    ],
)
def test_what_the_letters_leave_open_is_not_called_wrong(name: str, right: int, undecided: int) -> None:
    assert is_without_alarm(name, "letters") == {
        "right": right,
        "wrong": 0,
        "follows": 0,
        "undecided": undecided,
    }


def test_what_holds_for_units_of_other_layers_is_not_called_wrong() -> None:
    text = written("textbook.md").replace(r"\sum_j w_{kj} o_j$", r"\sum_j w_{kj} x_j$")
    (found,) = (f for f in judged_text("textbook.md", "letters", text).findings if "w_{kj} x_j" in f.claim)
    assert found.verdict.value == "undecided"
    assert "units of other layers" in found.hint


def test_letters_that_fit_no_layers_leave_their_claims_undecided() -> None:
    # The weights lead in a circle, which no three layers do.
    circle = (
        r"\frac{\partial L}{\partial w_{ij}} = \delta_i o_j",
        r"net_j = \sum_k w_{jk} o_k",
        "net_k = w_{ki}",
    )
    found = judged(*circle).findings
    assert [f.verdict.value for f in found] == ["undecided"] * 3
    assert all("which layers the units" in f.hint for f in found[:2])


def test_letters_beside_layers_that_are_written_are_mere_indices() -> None:
    found = judged(
        r"\delta^{(1)}_j = \sum_k w^{(2)}_{kj} \delta^{(2)}_k a^{(1)}_j (1 - a^{(1)}_j)",
        "z^{(1)}_k = w_{kj} x_j",
    )
    assert verdicts(found)[0] == "right"
    assert [i.convention for i in found.inferences] == []


def test_the_letters_can_be_stated() -> None:
    claims = (
        r"\frac{\partial L}{\partial w_{kj}} = \delta_k a_j",
        r"net_k = \sum_j w_{kj} a_j + b_k",
        "t_k = y_k",
    )
    stated = judged(*claims, assume={"unit letters": "j layer 1, k outputs, w(to, from)"}, at=two_layers())
    assert verdicts(stated)[:2] == ["right", "right"]
    mere = judged(*claims, assume={"unit letters": "mere indices"}, at=two_layers())
    assert verdicts(mere)[:2] == ["undecided", "undecided"]
