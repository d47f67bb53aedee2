"""Expressions in LaTeX: what they look like, and that they say what they should."""

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_evaluator import Evaluator
from random_expressions import ARRAYS, EXPRESSIONS, NAMES, true_value

from codegen.latex import PrintError, Speller, assemble, numbers
from codegen.latex.ranges import written_out
from codegen.latex.text import Text
from derive.activations import ACTIVATIONS, Z, apply
from derive.functions import (
    Expm1,
    IndexMax,
    LogSoftplus,
    NormalCdf,
    OneWhereZero,
    Sigmoid,
    Softplus,
)
from derive.network import Dense, Network
from derive.notation import PROFILES, Notation
from derive.program import element, indices

NET = Network([Dense(3, "sigmoid"), Dense(3, "sigmoid")], inputs=3, loss="half-squared-error")
PLAIN = Speller(NET, Notation())
i, j, k, p = indices("i j k p")
N = sp.Symbol("N", integer=True, positive=True)


def el(name, *at):
    return element(name, at)


a, y, z = el("a1", i), el("y", i), el("z1", i)
w, x = el("W1", i, j), el("x", j)


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        # the author's order
        (y * -1 + a, "a^{(1)}_{i} - y_{i}"),
        (1 - a, "1 - a^{(1)}_{i}"),
        (a * (1 - a), "a^{(1)}_{i} (1 - a^{(1)}_{i})"),
        (1 / (1 + sp.exp(-z)), r"\frac{1}{1 + e^{-z^{(1)}_{i}}}"),
        (sp.Sum(x * w, (j, 0, 2)) + el("b1", i), r"\sum_{j=1}^{3} w^{(1)}_{ij} x_{j} + b^{(1)}_{i}"),
        (w - el("eta", 0) * el("dW1", i, j), r"w^{(1)}_{ij} - \eta \frac{\partial L}{\partial w^{(1)}_{ij}}"),
        (x * el("dz1", i), r"\delta^{(1)}_{i} x_{j}"),
        (el("W2", i, j) * el("dz2", i), r"\delta^{(2)}_{i} w^{(2)}_{ij}"),
        (
            apply(ACTIVATIONS["sigmoid"], z, 1) * el("da1", i),
            r"\frac{\partial L}{\partial a^{(1)}_{i}} \sigma'(z^{(1)}_{i})",
        ),
        (
            -y * sp.log(a) - (1 - y) * sp.log(1 - a),
            r"-y_{i} \log(a^{(1)}_{i}) - (1 - y_{i}) \log(1 - a^{(1)}_{i})",
        ),
        (sum(el("x", n) * el("W1", 0, n) for n in (2, 10, 1)), None),
        # signs, quotients, powers
        (-y / a, r"-\frac{y_{i}}{a^{(1)}_{i}}"),
        ((1 - y) / (1 - a) - y / a, r"\frac{1 - y_{i}}{1 - a^{(1)}_{i}} - \frac{y_{i}}{a^{(1)}_{i}}"),
        ((a - y) ** 2 / 2, r"\frac{1}{2} (a^{(1)}_{i} - y_{i})^{2}"),
        (a**2, "(a^{(1)}_{i})^{2}"),
        (y**2, "y_{i}^{2}"),
        ((1 - a**2) * y, r"y_{i} (1 - (a^{(1)}_{i})^{2})"),
        (sp.tanh(z) ** 2, r"(\tanh(z^{(1)}_{i}))^{2}"),
        (sp.sqrt(y) / 3, r"\frac{1}{3} \sqrt{y_{i}}"),
        (y ** sp.Rational(3, 2), "y_{i}^{3/2}"),
        (1 / sp.sqrt(y), r"\frac{1}{\sqrt{y_{i}}}"),
        (2 * y / (3 * a), r"\frac{2}{3} \frac{y_{i}}{a^{(1)}_{i}}"),
        (2 * y / a, r"\frac{2 y_{i}}{a^{(1)}_{i}}"),
        (z / 100, "0.01 z^{(1)}_{i}"),
        (sp.Rational(44715, 1000000) * z, "0.044715 z^{(1)}_{i}"),
        (sp.Rational(3, 4) * z, r"\frac{3}{4} z^{(1)}_{i}"),
        (-2 * y, "-2 y_{i}"),
        (sp.exp(y / a), r"\exp\left(\frac{y_{i}}{a^{(1)}_{i}}\right)"),
        (sp.Float("0.25") * y, "0.25 y_{i}"),
        (sp.pi + sp.E, r"e + \pi"),
        # sums
        (sp.Sum(el("dz1", k), (k, 0, N - 1)) / N, r"\frac{1}{N} \sum_{k=1}^{N} \delta^{(1)}_{k}"),
        (sp.Sum((a - y) ** 2, (i, 0, 2)) / 2, r"\frac{1}{2} \sum_{i=1}^{3} (a^{(1)}_{i} - y_{i})^{2}"),
        (sp.Sum(a - y, (i, 0, 2)), r"\sum_{i=1}^{3} (a^{(1)}_{i} - y_{i})"),
        (sp.Sum(-a, (i, 0, 2)), r"\sum_{i=1}^{3} (-a^{(1)}_{i})"),
        (sp.Sum(a, (i, 0, 2)) ** 2, r"\left(\sum_{i=1}^{3} a^{(1)}_{i}\right)^{2}"),
        (sp.Sum(w, (j, 0, 1), (i, 0, 2)), r"\sum_{i=1}^{3} \sum_{j=1}^{2} w^{(1)}_{ij}"),
        (
            sp.Sum(el("a1", k), (k, 0, 2)) * sp.Sum(el("y", k), (k, 0, 2)),
            r"\left(\sum_{k=1}^{3} a^{(1)}_{k}\right) \sum_{k=1}^{3} y_{k}",
        ),
        (
            (el("da1", i) - sp.Sum(el("da1", k) * el("a1", k), (k, 0, 2))) * a,
            r"\left(\frac{\partial L}{\partial a^{(1)}_{i}} - \sum_{k=1}^{3} \frac{\partial L}{\partial"
            r" a^{(1)}_{k}} a^{(1)}_{k}\right) a^{(1)}_{i}",
        ),
        (
            sp.Sum(el("dy", i) * el("x", p + i), (i, sp.Max(0, 1 - p), 2)),
            r"\sum_{i=\max(1, 3-p)}^{3} \frac{\partial L}{\partial y_{i}} x_{i+p-1}",
        ),
        (IndexMax(el("z1", k), (k, 0, 2)), r"\max_{1 \le k \le 3} z^{(1)}_{k}"),
        (z - IndexMax(el("z1", k), (k, 0, 2)), r"z^{(1)}_{i} - \max_{1 \le k \le 3} z^{(1)}_{k}"),
        # cases and functions
        (
            sp.Piecewise((z, z > 0), (0, True)),
            r"\begin{cases} z^{(1)}_{i} & z^{(1)}_{i} > 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
        (y * sp.Piecewise((1, sp.Eq(p, k)), (0, True)), r"y_{i} \mathbf{1}[k = p]"),
        (sp.Abs(a - y), r"\left| a^{(1)}_{i} - y_{i} \right|"),
        (sp.sign(a) * y, r"y_{i} \operatorname{sign}(a^{(1)}_{i})"),
        (Sigmoid(z), r"\sigma(z^{(1)}_{i})"),
        (Softplus(-z), r"\operatorname{softplus}(-z^{(1)}_{i})"),
        (NormalCdf(z), r"\Phi(z^{(1)}_{i})"),
        (y * Expm1(z), r"y_{i} (e^{z^{(1)}_{i}} - 1)"),
        (LogSoftplus(z), r"\log(\operatorname{softplus}(z^{(1)}_{i}))"),
        (OneWhereZero(y, a), r"\begin{cases} 1 & y_{i} = 0 \\ a^{(1)}_{i} & \text{otherwise} \end{cases}"),
        (sp.Max(z, y) + sp.floor(z), r"\left\lfloor z^{(1)}_{i} \right\rfloor + \max(y_{i}, z^{(1)}_{i})"),
        (apply(ACTIVATIONS["relu"], z), r"\operatorname{relu}(z^{(1)}_{i})"),
        (apply(ACTIVATIONS["softplus"], z, 1), r"\operatorname{softplus}'(z^{(1)}_{i})"),
    ],
)
def test_the_look_of_an_expression(expr, latex):
    if latex is None:
        latex = "w^{(1)}_{12} x_{2} + w^{(1)}_{13} x_{3} + w^{(1)}_{1,11} x_{11}"
    assert PLAIN.expression(expr) == latex


def test_what_has_no_notation_is_refused():
    with pytest.raises(PrintError, match=r"zeta"):
        PLAIN.expression(1 + sp.zeta(a))


@pytest.mark.parametrize(
    ("profile", "line"),
    [
        ("superscript", r"z^{(2)}_{i} = \sum_{j=1}^{3} w^{(2)}_{ij} a^{(1)}_{j} + b^{(2)}_{i}"),
        ("bracket", r"\mathrm{net}^{[2]}_{i} = \sum_{j=1}^{3} w^{[2]}_{ij} a^{[1]}_{j} + b^{[2]}_{i}"),
        ("in-out", r"\mathrm{in}_{2,i} = \sum_{j=1}^{3} w_{2,ij} \mathrm{out}_{1,j} + b_{2,i}"),
        ("zero-based", r"z^{(2)}_{i} = \sum_{j=0}^{2} w^{(2)}_{ij} a^{(1)}_{j} + b^{(2)}_{i}"),
        ("subscript", r"z_{2,i} = \sum_{j=1}^{3} w_{2,ij} a_{1,j} + b_{2,i}"),
        ("negative-delta", r"z^{2}_{i} = \sum_{j=1}^{3} w^{2}_{ij} a^{1}_{j} + b^{2}_{i}"),
    ],
)
def test_a_step_in_each_profile(profile, line):
    program = NET.derive().program
    assert " = ".join(Speller(program, PROFILES[profile]).equation(program.step("z2"))) == line


# What a printed expression says


def says(text, expr, base=1):
    """Whether a text has the value of an expression."""
    truth = float(true_value(expr))
    return math.isclose(Evaluator(ARRAYS, base).value(text), truth, rel_tol=1e-8, abs_tol=1e-8)


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS, st.sampled_from([0, 1]))
def test_a_printed_expression_says_what_it_should(expr, base):
    assert says(Speller(NET, Notation(base=base)).expression(expr), expr, base)


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS)
def test_a_written_out_expression_says_what_it_should(expr):
    assert says(PLAIN.expression(expr, at={}), expr)
    assert r"\sum" not in PLAIN.expression(expr, at={})


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS)
def test_an_expression_in_numbers_says_what_it_should(expr):
    values = {name: ARRAYS[key] for name, key in NAMES.items()}
    assert says(PLAIN.with_numbers(expr, values, 15), expr)


BRACKETED = (1 - el("a1", 0) ** 2) * el("z1", 1)


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        (BRACKETED, "held"),
        (el("a1", 0) - el("z1", 1) * (el("a1", 1) + sp.Sum(el("x", k), (k, 0, 2))), "held"),
        (-sp.Piecewise((el("a1", 0), el("z1", 0) > 1), (2, True)) + 3 - Sigmoid(el("a1", 1)), None),
    ],
)
def test_a_lost_bracket_is_noticed(monkeypatch, expr, name):
    assert says(PLAIN.expression(expr), expr)
    if name:
        monkeypatch.setattr(assemble, name, lambda piece, _: piece.text)
        assert not says(PLAIN.expression(expr), expr)


def test_a_lost_bracket_around_a_negative_number_is_noticed(monkeypatch):
    values = {name: ARRAYS[key] for name, key in NAMES.items()}
    expr = el("x", 0) * el("a1", 1) ** 2
    assert PLAIN.with_numbers(expr, values) == r"1.5 \cdot (-1.3)^{2}"
    assert says(PLAIN.with_numbers(expr, values), expr)
    monkeypatch.setattr(numbers, "_signed", Text)
    with pytest.raises(AssertionError):
        assert says(PLAIN.with_numbers(expr, values), expr)


def test_sums_are_written_out_by_the_same_rules():
    expr = sp.Sum(w * x, (j, 0, 1)) + el("b1", i)
    assert PLAIN.expression(expr, at={i: 1}) == "w^{(1)}_{21} x_{1} + w^{(1)}_{22} x_{2} + b^{(1)}_{2}"
    assert PLAIN.expression(sp.Sum(a, (i, 0, -1)), at={}) == "0"
    with pytest.raises(ValueError, match="length depends on N"):
        written_out(sp.Sum(a, (i, 0, N - 1)), PLAIN.style())


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"softmax"}))
@pytest.mark.parametrize("order", [0, 1])
def test_definitions_say_what_the_activations_are(name, order):
    activation = ACTIVATIONS[name]
    left, right = PLAIN.definition(activation, 1, order).split(" = ", 1)
    assert left.endswith("(z)")
    own = left.removesuffix("(z)").rstrip("'")
    for point in (-1.7, 0.4, 2.0):
        slope = sp.diff(activation.formula, Z, order).subs(Z, point).evalf()
        reader = Evaluator({})
        text = right if order == 0 else right.replace(f"{own}(z)", f"({own_value(activation, point)})")
        text = text.replace(r"\mathbf{1}[z > 0]", str(int(point > 0)))
        assert math.isclose(reader.value(text, {"z": point}), float(slope), rel_tol=1e-9, abs_tol=1e-12)


def own_value(activation, point):
    value = float(activation.formula.subs(Z, point).evalf())
    return f"{value:.17f}"
