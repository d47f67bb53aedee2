"""Activations as expressions in z: what they mean, judged by Python's own grammar, and what is refused."""

import ast
import contextlib
import operator

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import ACTIVATIONS, formula, stable_formula, through_output
from derive.evaluate import evaluate
from derive.expression import MAX_POWER, ExpressionError, looks_like_name, parse_activation
from derive.expression_cases import MAX_CASES
from derive.expression_syntax import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, MAX_PARTS
from derive.functions import Z
from derive.program import Program, Role, Rule, Step, Tensor, index

POINTS = ("-2.375", "-0.8125", "0.40625", "1.71875")
DIGITS = 30


class NotRealError(Exception):
    """The reference has no real value here."""


REFERENCE = {
    **{name: getattr(mpmath, name) for name in FUNCTIONS if hasattr(mpmath, name)},
    "abs": abs,
    "max": max,
    "min": min,
    "relu": lambda u: max(u, mpmath.mpf(0)),
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "softplus": lambda u: mpmath.log(1 + mpmath.exp(u)),
}
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def reference(text: str, z: mpmath.mpf) -> mpmath.mpf:
    """Evaluate a text as Python reads it, number by number."""

    def value(node: ast.expr) -> mpmath.mpf:
        match node:
            case ast.Constant():
                found = mpmath.mpf(ast.get_source_segment(source, node))
            case ast.Name(id=name):
                found = {"z": z, "pi": +mpmath.pi, "e": +mpmath.e}[name]
            case ast.BinOp(left=left, op=op, right=right):
                found = OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=op, operand=operand):
                found = OPERATORS[type(op)](value(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                found = REFERENCE[name](*map(value, arguments))
        if not isinstance(found, mpmath.mpf) or not mpmath.isfinite(found) or abs(found) > 1e30:
            raise NotRealError
        return found

    source = text.replace("^", "**").strip()
    return value(ast.parse(source, mode="eval").body)


def agrees(text: str, as_python: str | None = None) -> int | None:
    """Count the points at which the formula has the value of the reference; None at the first where not."""
    found = parse_activation(text).formula
    compared = 0
    with mpmath.workdps(DIGITS + 15):
        for point in POINTS:
            try:
                truth = reference(as_python or text, mpmath.mpf(point))
            except (NotRealError, ZeroDivisionError, ValueError, OverflowError):
                continue
            value = found.xreplace({Z: sp.Rational(point)}).evalf(DIGITS)
            if not value.is_real or abs(mpmath.mpf(str(value)) - truth) > mpmath.mpf(10) ** -18 * (
                1 + abs(truth)
            ):
                return None
            compared += 1
    return compared


numbers = st.sampled_from(["1", "2", "3", "0.5", "1.25", ".75", "1e1", "2.5e-1", "pi", "e"])
leaves = st.sampled_from(["z"]) | st.sampled_from(["z"]) | numbers


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.sampled_from([name for name, count in FUNCTIONS.items() if count == 1])
    two = st.sampled_from(["max", "min"])
    operators = st.sampled_from(["+", "-", "*", "/", "**", "^", " + ", " - ", " * "])
    return st.one_of(
        st.tuples(inner, operators, inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(one, inner).map("{0[0]}({0[1]})".format),
        st.tuples(two, inner, inner).map("{0[0]}({0[1]}, {0[2]})".format),
    )


expressions = st.recursive(leaves, grown, max_leaves=7)


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_an_expression_means_what_python_means_by_it(text):
    with contextlib.suppress(ExpressionError):  # constants, powers that are not real: see what is refused
        assert agrees(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "z/(1 + exp(-z))", "-z**2", "2**-z", "2**3**z", "z - 1 - 2", "z/2/3", "-z^2*3", "--z", "1 - -z",
        "2*-z", "max(z, 0) - min(z, 1)", "z*min(max(z + 3, 0), 6)/6", "abs(z)*sign(z)", "sqrt(z^2 + 1)",
        "z*tanh(softplus(z))", "log(1 + exp(z)) + ln(2)", "erf(z/sqrt(2))",
        "sin(z)*cos(z) + tan(z)/atan(2)", "sinh(z)/cosh(z)", "relu(-z)", "e**z + pi", "sigmoid(2*z)",
        "max(z, -z)", "min(2*z, max(z, 3*z - 1))", " z\t+ 1 ", "z**2.5 + z", "abs(z - 1)",
        "sign(z)*relu(z - 1)", "max(max(z, 0), max(z - 1, 1))",
    ],
)  # fmt: skip
def test_expressions_of_every_kind_are_read(text):
    assert agrees(text)


@pytest.mark.parametrize(
    ("text", "otherwise"),
    [("z-(1-z)", "z-1-z"), ("(-z)**2", "-z**2"), ("(2**3)**z", "2**3**z"), ("max(z, 0)", "min(z, 0)")],
)
def test_the_comparison_notices_another_meaning(text, otherwise):
    assert agrees(text, otherwise) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="z019.e+-*/^(), \npimaxlogrelu√²σ\x00", max_size=40) | st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ExpressionError):
        assert parse_activation(text).formula.free_symbols == {Z}


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
        ("exp(exp(exp(9)))*z", 4, "too large"),
        ("z*9**60", 3, "a number of more than 40 digits"),
        ("z*" + "9" * 41, 2, "40 digits at most"),
        ("z*1e400", 2, "40 digits at most"),
        ("z*1e" + "9" * 400, 2, "40 digits at most"),
        ("tan(z + pi/2)", 0, "cot(z), which is not supported"),
        ("+".join(f"max(z, {k})" for k in range(5)), 39, f"more than {MAX_CASES} cases"),
        ("(" * MAX_DEPTH + "z" + ")" * MAX_DEPTH, MAX_DEPTH, f"nested more than {MAX_DEPTH} deep"),
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
    terms = (MAX_PARTS - 1) // 2
    assert parse_activation("z" + "+z" * terms).formula == (terms + 1) * Z


def test_decimals_are_exact():
    assert parse_activation("0.1*z").formula == Z / 10
    assert parse_activation("1e-3*z + 2.50").formula == Z / 1000 + sp.Rational(5, 2)


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("max(z, 0)", 0, 0),
        ("max(0, z)", 0, 0),
        ("min(1, z)", 1, 0),
        ("relu(z - 2)", 2, 0),
        ("max(0.1*z, z)", 0, 1),
        ("abs(z)", 0, 0),
        ("sign(z)", 0, 0),
        ("z/(1 + abs(z))", 0, 1),
        ("z*sign(z)", 0, 0),
        ("min(max(z, 0), 6)", 6, 0),
    ],
)
def test_the_derivative_where_cases_meet_is_as_the_convention_says(text, at, slope):
    activation = parse_activation(text)
    assert formula(activation, 1).xreplace({Z: sp.Integer(at)}).doit() == slope
    assert "is taken as" in activation.convention


def test_the_convention_names_what_the_text_says():
    convention = parse_activation("max(0,  z) + abs(z-1)").convention
    assert convention == (
        "where 0 = z, the derivative of max(0, z) is taken as that of 0; "
        "the derivative of abs(z-1) where z-1 = 0 is taken as 0"
    )
    assert parse_activation("z/(1 + exp(-z))").convention == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("z/(1 + exp(-z))", "silu"), ("max(0, z)", "relu"), ("max(z, 0.01*z)", "leaky-relu"), ("z", "linear"),
     ("log(1 + e**z)", "softplus"), ("1/(1 + exp(-z))", "sigmoid"), ("z*(1 + erf(z/sqrt(2)))/2", "gelu")],
)  # fmt: skip
def test_the_formulas_of_named_activations_can_be_written(text, name):
    assert parse_activation(text).formula == ACTIVATIONS[name].formula


def test_a_sigmoid_in_an_expression_is_its_textbook_formula_and_becomes_safe_again():
    activation = parse_activation("z*sigmoid(z)")
    assert activation.formula == ACTIVATIONS["silu"].formula
    assert not stable_formula(activation).has(sp.exp)


@pytest.mark.parametrize("text", ["sigmoyd", "leaky_relu", "Leaky ReLU", "relu6", "tanh-like", "mish"])
def test_names_look_like_names(text):
    assert looks_like_name(text)


@pytest.mark.parametrize("text", ["z", "z-1", "z - pi", "pi-z", "2*z", "exp(z)", "x+1", "", "é", "a" * 1000])
def test_expressions_do_not_look_like_names(text):
    assert not looks_like_name(text)


HOSTILE = [
    "1/((1+exp(z))**64*(2+exp(z))**64*(3+exp(z))**64*(5+exp(2*z))**64)",
    "tanh(" * 38 + "z" + ")" * 38,
    "*".join(f"(z+{k})" for k in range(60)),
    "+".join(f"1/(1+exp({k}*z+{k}))" for k in range(1, 20)),
    "/".join(f"(1+tanh(z/{k}))" for k in range(1, 20)),
    "((1+exp(z))**64+exp(-z)**64)**-64",
    "exp(12345678901234567890.123456789*z)/(1+exp(z/12345678901234567890))",
    "(erf(z)+z+exp(z)+sin(z)+1)**64",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_too_large_to_rewrite_is_left_as_it_is(text):
    activation = parse_activation(text)
    for order in (0, 1):
        before = formula(activation, order).count_ops()
        assert stable_formula(activation, order).count_ops() <= 3 * before + 50
    through_output(activation)  # ends


def values(form: sp.Expr, points: np.ndarray) -> np.ndarray:
    """Evaluate a formula in floats, as a program does."""
    x, i = Tensor("x", Role.INPUT, (sp.Integer(len(points)),)), index("i")
    step = Step(Tensor("v", Role.HIDDEN, x.shape), (i,), form.xreplace({Z: x[i]}), Rule("", ""))
    return evaluate(Program((x,), (step,)), {"x": points})["v"]


@pytest.mark.parametrize(
    "text",
    ["max(z, exp(z) - 1)", "max(exp(-z), z + 1)", "min(max(exp(z), 2), 9)", "max(z, 0)*exp(z)",
     "z*tanh(softplus(z))", "max(z, 0) + min(0, exp(z) - 1)", "0.5*z*(1 + tanh(sqrt(2/pi)*(z + 0.044715*z**3)))",
     "log(cosh(z))"],
)  # fmt: skip
def test_the_safe_form_has_the_values_of_the_formula(text):
    activation, points = parse_activation(text), np.array([-4.5, -0.75, 0.25, 1.5, 3.5])
    for order in (0, 1):
        textbook = values(formula(activation, order), points)
        assert np.allclose(
            values(stable_formula(activation, order), points), textbook, rtol=1e-12, atol=1e-14
        )
    assert not np.allclose(values(formula(activation) + Z**2 / 10**6, points), textbook, rtol=1e-12)
