"""Formulas in plain characters inside sentences: found whole, or not at all; prose is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.read.document import read_text
from derive.read.document_inline import inline_formulas

KNOWN = frozenset({"net", "out", "target", "error", "loss", "total", "exp", "in", "for", "where"})


def found(line):
    return [line[start:end] for start, end in inline_formulas(line, KNOWN)]


@pytest.mark.parametrize(
    ("line", "formulas"),
    [
        ("The loss is L = ½ Σ (a_i − y_i)².", ["L = ½ Σ (a_i − y_i)²"]),
        ("Here δ² = (a² − y) ⊙ σ′(z¹) holds.", ["δ² = (a² − y) ⊙ σ′(z¹)"]),
        ("- the delta is δ₁ = x₁·y₁, as before, and η = 0.25", ["δ₁ = x₁·y₁", "η = 0.25"]),
        ("Also 0.2 × 0.4 = 0.8.", ["0.2 × 0.4 = 0.8"]),
        ("the output is a¹ = [0.68, 0.31].", ["a¹ = [0.68, 0.31]"]),
        ("We get a δ = 3·x and I see (see δ₁ = x₁·y₁) that", ["δ = 3·x", "δ₁ = x₁·y₁"]),
        ("then **δ¹ = (W²)ᵀ δ² ⊙ a¹** a nice thing", ["δ¹ = (W²)ᵀ δ² ⊙ a¹"]),
        ("the total error E = ½(t − o)² is small", ["E = ½(t − o)²"]),
        (
            "so ∂E/∂w_5 = ∂E/∂out_o1 · ∂out_o1/∂w_5 = 0.0822 here",
            ["∂E/∂w_5 = ∂E/∂out_o1 · ∂out_o1/∂w_5 = 0.0822"],
        ),
        ("hence σ′(z) = σ(z)(1 − σ(z)) for all z", ["σ′(z) = σ(z)(1 − σ(z))"]),
        ("hence δ = 3·x (see below)", ["δ = 3·x"]),
        ("the sum = δ₁·w₁ is positive", ["δ₁·w₁"][:0]),
        ("hence −δ = 3·x follows", ["−δ = 3·x"]),
        # Half a formula is none.
        ("hence δ² = (a² − y) ⊙", []),
        ("hence δ² = 3·x + the rest", []),
        ("⊙ σ′(z²) = 0.5·0.3 as said", []),
        ("the rate · δ² = 0.5·x there", []),
        ("hence δ = σ(the sum of x₁)", []),
        ("hence δ = 3·(x₁ +", []),
        # Prose, prices and code are none.
        ("with x = 5 apples and y = 3", []),
        ("size (n = 3, m = 4)", []),
        ("if a == b·c then δ = x", []),
        ("see https://example.org/?δ=x·y", []),
        ("a = b is a symmetric relation", []),
    ],
)
def test_a_sentence(line, formulas):
    assert found(line) == formulas


def test_its_place_in_the_file():
    text = "# Title\n\nFirst line,\nthen δ¹ = x·y holds.\n"
    (segment,) = (s for s in read_text(text, kind="md").segments if s.kind == "textmath")
    assert segment.text == "δ¹ = x·y"
    assert (segment.start.line, segment.start.column) == (4, 6)


def test_a_line_with_formulas_of_latex_is_left_to_them():
    segments = read_text("where $x$ = 0.5·0.3 and δ·$y$ = 3", kind="md").segments
    assert [s.kind for s in segments if s.kind != "text"] == ["formula", "formula"]


@given(st.text(alphabet="δσ ab₁²·=()[],.−+0134e '*ᵀ", max_size=40))
def test_spans_are_in_order_balanced_and_hold_a_relation(line):
    position = 0
    for start, end in inline_formulas(line, KNOWN):
        assert position <= start < end <= len(line)
        inner = line[start:end]
        assert "=" in inner
        assert inner.count("(") == inner.count(")")
        assert inner[-1] not in "=·−+*, "
        position = end


def test_a_line_that_goes_on_with_a_relation_belongs_to_the_formula_before_it() -> None:
    text = "δ = (a - y) a (1 - a)\n  = (a - y) (a - a^2)\n  = 0.25\n\n= 3 x (2 + y)\n"
    found = [s for s in read_text(text, kind="txt").segments if s.kind == "textmath"]
    assert [(s.text, s.start.line) for s in found] == [(text[: text.index("0.25") + 4], 1)]


def test_a_rule_below_a_formula_is_no_part_of_it() -> None:
    found = [s for s in read_text("z = w x + b\n===========\n", kind="txt").segments if s.kind == "textmath"]
    assert [s.text for s in found] == ["z = w x + b"]
