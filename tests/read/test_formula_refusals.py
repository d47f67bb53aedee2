"""What is refused, and that the refusal says where and why; and input made to break the reader."""

import time

import pytest

from derive.read.formula import DEEPEST_NESTING, LONGEST_FORMULA, read_formula
from derive.read.formula_walk import walk
from derive.read.tree import Number

REFUSED = [
    # text, the part at fault, a word of the reason
    ("foo(x) + 1", "foo", "unknown name"),
    (r"\foo x", r"\foo", "not known"),
    (r"\int x", r"\int", "not known"),
    ("99999999!", "!", "no meaning"),
    (r"\pm 3", r"\pm", "not known"),
    ("x = 1,000", "x = 1,000", "comma inside a number"),
    ("x = 1{,}000", "{,}", "comma inside a number"),
    ("x = 1 000", "1 000", "two numbers"),
    ("x = 0. 5", "x = 0. 5", "dot between two numbers"),
    (r"1/2m", "1/2m", "(a/b) c"),
    (r"a / b c", "a / b c", "(a/b) c"),
    (r"a/bc", "a/bc", "(a/b) c"),
    (r"\log a b", r"\log", "where does the operand"),
    (r"\frac{d}{dx} x \cdot y", r"\frac{d}{dx}", "where does the operand"),
    (r"\frac{d}{dx} (x) y", r"\frac{d}{dx}", "where does the operand"),
    (r"\frac{\partial L}{w}", r"\partial", "without its partner"),
    (r"\partial L = 3", r"\partial", "without its partner"),
    (r"\sigma z", r"\sigma z", "before a factor"),
    (r"x^10", "^10", "first digit"),
    (r"w_ij", "_ij", "first letter"),
    (r"{a + b}^2", "{a + b}", "do not show"),
    (r"\text{learning rate} = 0.1", r"\text{learning rate} = 0.1", "stand for a quantity"),
    (r"a = b \quad c", "", "wide space"),
    (r"f = 1 \text{ if } z > 0 \text{ else } 0", "", "one line"),
    (r"\begin{bmatrix} 1 \\ 2 & 3 \end{bmatrix}", "", "row 2"),
    (r"\begin{foo} x \end{foo}", r"\begin{foo}", "not known"),
    (r"\begin{bmatrix} x", r"\begin{bmatrix}", "no partner"),
    (r"\frac{a", "", "closed"),
    (r"\frac{a}", "", "argument"),
    (r"(a + b", "", "ends where"),
    (r"a + b)", ")", "not opened"),
    (r"(a + b]", "]", "closing bracket"),
    (r"a +", "", "ends where"),
    (r"a * / b", "/", "operator"),
    (r"^2", "^", "on nothing"),
    (r"x^{}", "^{}", "empty"),
    (r"|a", "|", "closed"),
    (r"\left. \frac{a}{b} \right|_{x=1}", "|", "at a point"),
    (r"\hat{a + b}", r"\hat{a + b}", "not one name"),
    (r"\sum_i", "", "ends where"),
    (r"\log", r"\log", "before nothing"),
    (r"\log ** 2", r"\log", "before nothing"),
    ("abc", "abc", "unknown name"),
    ("at", "at", "unknown name"),
    (r"x = 0.333...", "0.333...", "go on"),
    (r"\text{if $z$}", r"\text{if $z$}", "inside"),
    (r"a \& b", r"\&", "not known"),
    ("1e999", "1e999", "beyond"),
    ("10 * 1.2 \\times 10^{999}", "10^{999}", "exponent"),
    ("() + 1", ")", "closing bracket"),
]


@pytest.mark.parametrize(("text", "fault", "reason"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_refused(text, fault, reason):
    formula = read_formula(text, dialect="tex")
    assert not formula.statements
    (unreadable,) = formula.unreadable
    assert reason in unreadable.reason
    if fault:
        assert unreadable.at.slice(text) == fault


def test_prose_is_refused():
    for text in ["The weights are updated", "x is the input", "where the loss is small", "3rd epoch"]:
        assert read_formula(text).unreadable


HOSTILE = {
    "a megabyte": "x+" * 500_000,
    "braces": "{" * 10_000 + "x" + "}" * 10_000,
    "fractions": r"\frac{" * 5000 + "1" + "}{2}" * 4000,
    "fractions without end": r"\frac" * 9000,
    "a tower of powers": "9^{" * 3000 + "9" + "}" * 3000,
    "powers of powers": "a**" * 1300 + "a",
    "brackets": "(" * 3000,
    "square brackets": "[1 " * 1200 + "]" * 1200,
    "environments": r"\begin{array}{c}" * 1400 + "x" + r"\end{array}" * 1400,
    "one-sided fences": r"\left." * 3500 + r"\right." * 3500,
    "boxes": r"\boxed{" * 5000 + "x" + "}" * 5000,
    "over": r"{a \over" * 6000,
    "signs": "-" * 3900 + "a",
    "sums": r"\sum " * 3900 + "x",
    "logarithms": r"\log " * 3900 + "x",
    "increments": r"\Delta " * 3900 + "w",
    "hats": r"\hat" * 9000 + "x",
    "primes": "x" + "'" * 40_000,
    "transposes": "x" + "^T" * 1500,
    "slashes": "a/" * 1900 + "a",
    "derivatives": "∂a/∂b " * 660,
    "letters": "d" * 20_000,
    "bars": "|a" * 2000,
    "rows": r"a=b\\" * 10_000,
    "continued rows": r"+a\\" * 12_000,
    "commas": "a=1," * 12_000,
    "words": "where " * 8000,
    "digits": "9" * 40_000,
    "raised": "²" * 40_000,
    "factorial": "99999999!",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_input_is_answered(kind):
    # Bounded by size and depth, not by a clock; a clock of half a minute only keeps a failure from hanging.
    began = time.monotonic()
    formula = read_formula(HOSTILE[kind])
    assert all(item.reason for item in formula.unreadable)
    assert time.monotonic() - began < 30


def test_the_bounds_are_where_they_are_said_to_be():
    inside = "(" * (DEEPEST_NESTING - 1) + "x" + ")" * (DEEPEST_NESTING - 1)
    assert read_formula(inside).statements
    outside = f"(({inside}))"
    assert "brackets within each other" in read_formula(outside).unreadable[0].reason
    assert "characters" in read_formula("x" * (LONGEST_FORMULA + 1)).unreadable[0].reason
    assert read_formula("a+" * 1900 + "a").statements


def test_powers_are_not_evaluated():
    tower = read_formula("9^{9^{9^9}}").statements[0].terms[0]
    assert max(node.value for node in walk(tower) if isinstance(node, Number)) == 9
