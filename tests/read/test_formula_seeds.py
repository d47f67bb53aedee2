"""Every formula of the seed documents is read."""

import re
from pathlib import Path

import pytest

from derive.read.formula import read_formula
from derive.read.formula_text import to_text
from derive.read.formula_walk import walk
from derive.read.tree import Matrix, Name, Number

SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
FORMULA = re.compile(
    r"(?:\$\$)?\s*(?P<a>\\begin\{align\*\}.*?\\end\{align\*\})\s*(?:\$\$)?"  # its $$ is missing twice
    r"|\$\$(?P<b>.*?)\$\$|\\\[(?P<c>.*?)\\\]|\\\((?P<d>.*?)\\\)|(?<!\$)\$(?!\$)(?P<e>[^$\n]+?)\$(?!\$)",
    re.DOTALL,
)
# By the number of the seed: its formulas, and the statements they make.
COUNTS = {"000": (56, 56), "001": (0, 0), "002": (44, 99), "003": (69, 68), "004": (0, 0)}
# An operator that the prose talks about is no formula.
UNREADABLE = {r"\odot"}

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not beside the repository")


def formulas(number):
    (path,) = SEEDS.glob(f"{number}_*.txt")
    for match in FORMULA.finditer(path.read_text(encoding="utf-8")):
        yield next(match[group] for group in "abcde" if match[group] is not None)


@pytest.mark.parametrize("number", COUNTS)
def test_every_formula_is_read(number):
    texts = list(formulas(number))
    read = [read_formula(text, dialect="tex") for text in texts]
    assert {f.text for f in read if f.unreadable} <= UNREADABLE
    assert (len(texts), sum(len(f.statements) for f in read)) == COUNTS[number]


def test_no_digit_is_lost():
    """The numbers of a formula without layers and indices are those of its trees."""
    seen = 0
    for number in ("000", "003"):
        for text in formulas(number):
            if text in UNREADABLE:
                continue
            formula = read_formula(text, dialect="tex")
            decimals = re.findall(r"[0-9]+\.[0-9]+", text)
            found = [
                n.text for s in formula.statements for t in s.terms for n in walk(t) if isinstance(n, Number)
            ]
            assert [n for n in found if "." in n] == decimals
            seen += len(decimals)
    assert seen > 150


def test_places_of_nodes_hold_the_nodes():
    for number in COUNTS:
        for text in formulas(number):
            for statement in read_formula(text, dialect="tex").statements:
                for term in statement.terms:
                    for node in walk(term):
                        piece = node.span.slice(text)
                        if isinstance(node, Number):
                            assert piece == node.text
                        if isinstance(node, Name):
                            assert node.base in piece or rf"\var{node.base}" in piece


def lines(text):
    for statement in read_formula(text, dialect="tex").statements:
        shown = [to_text(term) for term in statement.terms]
        yield shown[0] + "".join(f" {r} {t}" for r, t in zip(statement.relations, shown[1:], strict=True))


def test_a_forgotten_equals_sign_is_a_product():
    (text,) = [t for t in formulas("000") if "= a^{[2]} - y" in t]
    (line,) = lines(text)
    assert line.startswith("∂[L / a^[2]:layer] = (a^[2]:layer + -(y [0.45754671; 0.37654958]) + -[0; 1]) = ")


def test_an_unclosed_index_survives():
    (text,) = [t for t in formulas("002") if "w^{(1)}_{01 }" in t]
    (statement,) = read_formula(text, dialect="tex").statements
    matrix = next(node for term in statement.terms for node in walk(term) if isinstance(node, Matrix))
    assert [script.text for script in matrix.rows[0][1].subscripts] == ["01"]


def test_a_sum_keeps_the_limits_it_has():
    (text,) = [t for t in formulas("002") if r"\sum^{1}_{n=0}" in t]
    assert "sum[n from 0 to 1](((t_{i} + -y_{i}) ** 2))" in next(lines(text))
