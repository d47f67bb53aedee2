"""Expressions that are refused, and where the message points."""

import pytest
import sympy as sp

from derive.expression import MAX_POWER, ExpressionError, looks_like_name, parse_activation
from derive.expression_cases import MAX_CASES
from derive.expression_syntax import MAX_CALLS, MAX_DEPTH, MAX_LENGTH, MAX_PARTS
from derive.functions import Z


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", 0, "found the end"),
        ("z +", 3, "found the end"),
        ("(z", 0, "never closed"),
        ("z)", 1, "closes nothing"),
        ("2z", 1, "a product is written with *"),
        ("z(1)", 1, "z' is no function"),
        ("sigmoyd(z)", 0, "did you mean 'sigmoid'"),
        ("Exp(z)", 0, "did you mean 'exp'"),
        ("x + 1", 0, "the argument is z"),
        ("exp z", 4, "write exp(u)"),
        ("max(z)", 5, "write max(u, v)"),
        ("exp(z, 1)", 5, "exp has 1 argument"),
        ("max(z, 1, 2)", 8, "max has 2 arguments"),
        ("z, 5", 1, "decimal point"),
        ("z² + 1", 1, "write **2"),
        ("σ(z)", 0, "write sigmoid( )"),
        ("[z]", 0, "write ("),
        ("z = 1", 2, "not allowed"),
        ("z; import os", 1, "not allowed"),
        ("__import__('os')", 0, "not known"),
        ("z.real", 1, "not allowed"),
        ("3 + 4", 0, "does not depend on z"),
        ("z - z + 1", 2, "is a constant, although z occurs in it"),
        ("z**0", 1, "is a constant"),
        ("1/0*z", 1, "division by zero"),
        ("z/(2 - 2)", 1, "division by zero"),
        ("log(-1)*z", 0, "no real number"),
        ("sqrt(-z*z - 1)", 0, "not a real number"),
        ("(-8)**(1/3)*z", 4, "no real number"),
        ("z**z", 1, "needs a positive number as its base"),
        ("(-2)**z", 4, "needs a positive number as its base"),
        ("9**9**9", 1, f"an exponent may be {MAX_POWER} at most"),
        ("z**65", 1, f"an exponent may be {MAX_POWER} at most"),
        ("(z**8)**9", 6, "an exponent beyond"),
        ("((z**8 + 1)**8 + z)**3", 19, "a degree of 192 in z is more than the 128 allowed"),
        ("exp(exp(exp(9)))*z", 4, "too large"),
        ("z*9**60", 3, "a number of more than 40 digits"),
        ("z*" + "9" * 41, 2, "40 digits at most"),
        ("z*1e400", 2, "40 digits at most"),
        ("z*1e" + "9" * 400, 2, "40 digits at most"),
        ("tan(z + pi/2)", 0, "cot(z), which is not supported"),
        ("+".join(f"max(z, {k})" for k in range(5)), 39, f"more than {MAX_CASES} cases"),
        ("(" * MAX_DEPTH + "z" + ")" * MAX_DEPTH, MAX_DEPTH, f"nested more than {MAX_DEPTH} deep"),
        (
            "exp(" * (MAX_CALLS + 1) + "z" + ")" * (MAX_CALLS + 1),
            4 * MAX_CALLS,
            f"more than {MAX_CALLS} functions",
        ),
        ("-" * MAX_DEPTH + "z", MAX_DEPTH, f"nested more than {MAX_DEPTH} deep"),
        ("z" + "+z" * (MAX_PARTS // 2), 0, f"more than the {MAX_PARTS} allowed"),
        ("z" + " " * MAX_LENGTH, MAX_LENGTH, f"more than {MAX_LENGTH} characters"),
    ],
)
def test_a_fault_is_shown_at_its_place(text, place, words):
    with pytest.raises(ExpressionError) as caught:
        parse_activation(text)
    problem, shown, mark = str(caught.value).split("\n")
    assert words in problem
    assert caught.value.place == place
    if place < len(text):
        assert shown[mark.index("^")] == text[place]


def test_nothing_is_computed_before_it_is_known_to_be_small(monkeypatch):
    def refuse(*_):
        raise AssertionError("SymPy was asked for a power")

    monkeypatch.setattr(sp.Integer, "__pow__", refuse)
    with pytest.raises(ExpressionError):
        parse_activation.__wrapped__("z*9**99999")


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1])
def test_the_deepest_and_the_longest_allowed_are_read(depth):
    assert parse_activation("(" * depth + "z" + ")" * depth).is_identity
    assert parse_activation("tanh(" * MAX_CALLS + "z" + ")" * MAX_CALLS + " + exp(z)").formula.has(sp.tanh)
    assert parse_activation("abs(" * depth + "z" + ")" * depth).formula == sp.Abs(Z)
    terms = (MAX_PARTS - 1) // 2
    assert parse_activation("z" + "+z" * terms).formula == (terms + 1) * Z


@pytest.mark.parametrize("text", ["sigmoyd", "leaky_relu", "Leaky ReLU", "relu6", "tanh-like", "mish"])
def test_names_look_like_names(text):
    assert looks_like_name(text)


@pytest.mark.parametrize("text", ["z", "z-1", "z - pi", "pi-z", "2*z", "exp(z)", "x+1", "", "é", "a" * 1000])
def test_expressions_do_not_look_like_names(text):
    assert not looks_like_name(text)
