"""Decimal commas and fractions of one character: read where nothing else can be meant."""

from fractions import Fraction

import pytest

from derive.read.formula import read_formula
from derive.read.formula_text import to_text
from derive.read.formula_walk import walk
from derive.read.tree import Number


def shown(text: str) -> list[str]:
    return [to_text(term) for statement in read_formula(text).statements for term in statement.terms]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("z = 0,3775", ["z", "0.3775"]),
        ("z = 12,25", ["z", "12.25"]),
        (r"z = 0{,}5 \cdot 1{,}25", ["z", "(0.5 · 1.25)"]),
        (r"\frac{1}{1 + e^{-0,3775}}", ["(1 / (1 + (e ** -0.3775)))"]),
        (r"\sigma(0,3775)", ["sigma(0.3775)"]),
        ("w_{0,25}", ["w_{0 , 25}"]),
        ("w_{1,2}", ["w_{1 , 2}"]),
        ("[0,1]", ["[0, 1]"]),
        ("x = [0, 25]", ["x", "[0, 25]"]),
        ("½ z", ["((1 / 2) z)"]),
    ],
)
def test_commas_and_fractions(text: str, sides: list[str]) -> None:
    assert shown(text) == sides


def test_a_decimal_comma_keeps_its_digits_and_its_place() -> None:
    (statement,) = read_formula("z = 0,50").statements
    (number,) = (node for node in walk(statement.terms[1]) if isinstance(node, Number))
    assert (number.value, number.unit) == (Fraction(1, 2), Fraction(1, 100))
    assert number.span.slice("z = 0,50") == "0,50"


@pytest.mark.parametrize("text", ["x = 1,000", "x = 1{,}000", "i = 1,2,3"])
def test_a_doubtful_comma_is_refused_with_the_remedy(text: str) -> None:
    formula = read_formula(text)
    assert formula.statements == ()
    assert "write a decimal point" in formula.unreadable[0].reason
