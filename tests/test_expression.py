"""Activations as expressions in z: what they mean, judged by Python's own grammar, and what is refused."""

import ast
import contextlib
import operator

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import ACTIVATIONS, formula, stable_formula
from derive.expression import ExpressionError, parse_activation
from derive.expression_syntax import FUNCTIONS
from derive.functions import Z

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
