"""What stands in a handout: the numbers of the sources, the parts, the author's order, what is left out."""

from functools import cache

import numpy as np
import pytest
from handout_reading import document, formulas, numbers, rows, section, titles, words

from codegen.handout.limits import HandoutError
from derive import examples
from derive.examples import record

NAMES = examples.names()


@cache
def full(name):
    return document(name, digits=16)


def positions_missing(printed, quantity):
    """Digits of a source that are those of no number in the handout."""
    digits = np.array(quantity.printed if quantity.true else quantity.truth, dtype=object)
    if quantity.quantity.startswith("grad:z"):  # delta may be the negative, by the notation
        printed, digits = np.abs(printed), np.char.lstrip(digits.astype(str), "-")
    missing = []
    for at in np.ndindex(digits.shape):
        text = str(digits[at])
        places = quantity.places
        if places is None:
            places = len(text.partition(".")[2]) if quantity.true else 9
        slack = 0.5 * 10.0**-places + quantity.slack + 1e-15 * abs(float(text))
        if not np.any(np.abs(printed - float(text)) <= slack):
            missing.append((at, text))
    return missing


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_source_is_in_the_handout(name):
    printed = np.array(numbers(full(name)))
    missing = {q.where: bad for q in record(name) if (bad := positions_missing(printed, q))}
    assert missing == {}


def test_a_number_that_is_not_there_is_missed():
    printed = np.array(numbers(full("lecture6")))
    (quantity,) = [q for q in record("lecture6") if q.where == "In [13], text: delta[2]"]
    wrong = type(quantity)(quantity.quantity, ("0.11356305", "-0.14636122"), quantity.where)
    assert positions_missing(printed, wrong) == [((0,), "0.11356305")]


@pytest.mark.parametrize("name", NAMES)
def test_a_full_handout_has_all_parts(name):
    found = titles(full(name))
    for title in ("The network", "Notation and conventions", "Forward pass", "The loss", "Backward pass"):
        assert title in found
    for title in (
        "Local derivatives",
        "In short",
        "Weight by weight",
        "Update",
        "Check by finite differences",
    ):
        assert title in found
    # Forward from the first layer to the last, backward from the last to the first.
    assert [title for title in found if title.startswith("Layer")] == [
        "Layer 1",
        "Layer 2",
        "Layer 2",
        "Layer 1",
    ]


def test_a_brief_handout_has_no_lines_for_single_elements():
    brief = document("lecture6", detail="brief")
    assert "Weight by weight" not in titles(brief)
    assert "Local derivatives" not in titles(brief)
    assert not any(r"w^{[1]}_{21}" in tex for tex in (row for row in rows(brief, "Layer 1")))
    assert any(r"w^{[1]}_{21}" in row for row in rows(full("lecture6"), "Layer 1"))
    assert len(list(formulas(brief))) < len(list(formulas(full("lecture6")))) / 2


def test_the_author_s_order_is_kept():
    assert any("a^{[2]} - y" in row for row in rows(full("lecture6"), "In short"))
    assert not any("-y" in tex or "y - a" in tex for tex in formulas(full("lecture6")))


def test_each_weight_has_its_chain_with_numbers():
    doc = document("lecture6", digits=8)
    chains = [block for block in section(doc, "Weight by weight").blocks if block.kind == "equation"]
    assert len(chains) == 12
    first = [f"{row.left}|{row.right}" for row in chains[6].rows]
    assert first[0].startswith(
        r"\frac{\partial L}{\partial w^{[1]}_{10}}|\frac{\partial L}{\partial a^{[2]}_{1}}"
    )
    assert first[0].count(r"\frac") == 11  # the left side, and two paths of five
    assert first[-1] == "|-0.0069402968 + (-0.026834412) = -0.033774709"


def test_delta_can_be_the_negative_gradient():
    doc = document("no-bias", digits=8)
    assert any(
        r"\delta^{2}_{1} = -\frac{\partial C}{\partial \hat{y}_{1}}" in row for row in rows(doc, "Layer 2")
    )
    assert "negative of the derivative" in words(doc)
    assert -0.036770268 in numbers(doc)


def test_what_is_shown_is_rounded_once_from_the_full_value():
    from derive.spec import load
    from derive.trace import trace

    printed = set(numbers(document("row-vectors", digits=5)))
    for values in trace(load("row-vectors")).gradients.values():
        for exact in np.asarray(values).flat:
            assert float(f"{exact:.5g}") in printed


SOFTMAX = """
[network]
inputs = 2
loss = "cross-entropy"
[[network.layers]]
units = 2
activation = "softmax"
[example]
x = [0.5, -1]
y = {targets}
[example.parameters]
W1 = [[0.1, 0.2], [0.4, 0.5]]
b1 = [0, 0.1]
"""


def test_softmax_is_shortened_where_the_targets_sum_to_1():
    doc = document(SOFTMAX.format(targets="[1, 0]"))
    assert r"\delta^{(1)} = a^{(1)} - y" in rows(doc, "In short")
    assert "the targets of a sample sum to 1" in words(doc)
    assert "Assumed" in words(doc)


def test_softmax_is_exact_where_they_do_not():
    doc = document(SOFTMAX.format(targets="[1, 0.5]"))
    short = rows(doc, "In short")
    assert r"\delta^{(1)} = a^{(1)} - y" not in short
    assert any(r"\mathbf{1}^{\mathsf{T}} y" in row for row in short)
    assert "Assumed" not in words(doc)


def test_without_a_learning_rate_there_is_no_update():
    doc = document(SOFTMAX.format(targets="[1, 0]"))
    assert "Update" not in titles(doc)
    assert "Check by finite differences" in titles(doc)


def plain(inputs, units, more=""):
    layers = "".join(f'[[network.layers]]\nunits = {n}\nactivation = "tanh"\n' for n in units)
    return f'[network]\ninputs = {inputs}\nloss = "squared-error"\n{more}{layers}'


def test_without_an_example_the_derivation_has_no_numbers():
    doc = document(plain(2, [2, 1]))
    assert "Weight by weight" in titles(doc)
    assert "Check by finite differences" not in titles(doc)
    assert not any("." in tex.replace(r"\ldots", "") for tex in formulas(doc))


def test_a_large_network_says_what_is_left_out_and_how_to_have_it():
    doc = document(plain(20, [10, 5]))
    assert "Weight by weight" not in titles(doc)
    assert "265 parameters" in words(doc)
    assert "--force" in words(doc)
    forced = document(plain(8, [8, 1]), force=True)
    assert "Weight by weight" in titles(forced)
    assert "--force" not in words(forced)


def test_what_could_not_be_opened_is_refused_even_by_force():
    with pytest.raises(HandoutError, match=r"1,006,090 paths .*--detail brief"):
        document(plain(784, [128, 10]), force=True)


def test_a_large_drawing_is_abbreviated():
    doc = document(plain(784, [128, 10]))
    (drawing,) = [block for part in doc.sections for block in part.blocks if block.kind == "drawing"]
    assert len(drawing.nodes) == 5 + 1 + 5 + 1 + 5
    assert [node.shape for node in drawing.nodes].count("dots") == 3
    deep = document(plain(2, [2] * 20))
    (drawing,) = [block for part in deep.sections for block in part.blocks if block.kind == "drawing"]
    assert [node.shape for node in drawing.nodes].count("skip") == 1
    assert max(node.x for node in drawing.nodes) < 14


def test_a_batch_has_its_samples_as_rows_and_says_how_they_are_joined():
    doc = document(
        plain(1, [1], 'reduction = "mean"\n')
        + "[example]\nx = [[1], [2]]\ny = [[0], [1]]\n[example.parameters]\nW1 = [[0.5]]\nb1 = [0.25]\n"
    )
    assert any(r"x (W^{(1)})^{\mathsf{T}} + \mathbf{1}" in row for row in rows(doc, "Layer 1"))
    assert any(r"\sum_{n=1}^{2}" in row for row in rows(doc, "Layer 1"))
    assert "mean over the samples" in words(doc)
    assert "about the first sample" in words(doc)


def test_elements_of_a_batch_say_their_sample_and_its_loss():
    doc = document(
        plain(1, [1], 'reduction = "mean"\n')
        + "[example]\nx = [[1], [2]]\ny = [[0], [1]]\n[example.parameters]\nW1 = [[0.5]]\nb1 = [0.25]\n"
    )
    assert any(
        row.startswith(r"z^{(1)}_{11} = w^{(1)}_{11} x_{11} + b^{(1)}_{1}") for row in rows(doc, "Layer 1")
    )
    assert any(r"\delta^{(1)}_{11} x_{11} + \delta^{(1)}_{21} x_{21}" in row for row in rows(doc, "Layer 1"))
    chains = rows(doc, "Weight by weight")
    assert r"L = \frac{1}{2} \sum_{n=1}^{2} L_{n}" in chains
    assert any(r"\frac{\partial L_{1}}{\partial a^{(1)}_{11}}" in row for row in chains)
    assert not any(r"_{1} x_{1}" in row for row in rows(doc, "Layer 1"))


def test_the_table_of_differences_agrees():
    for name in NAMES:
        (table,) = [b for b in section(full(name), "Check by finite differences").blocks if b.kind == "table"]
        errors = [float(row[3][0].tex.replace(r" \cdot 10^{", "e").rstrip("}")) for row in table.rows]
        assert len(errors) == {"no-bias": 6, "row-vectors": 14, "single-instance": 9}.get(name, 12)
        assert max(errors) < 1e-12
