"""The same mathematics as plain text."""

import math
from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import given, settings
from random_expressions import ARRAYS, EXPRESSIONS, NAMES, true_value
from text_evaluator import value

from codegen.plaintext import PlainSpeller, expression, print_text
from derive.derivation import derive
from derive.losses import SUM_OF_TARGETS
from derive.network import Dense, Network
from derive.notation import PROFILES
from derive.program import element, indices

NET = Network([Dense(3, "sigmoid"), Dense(2, "softmax")], inputs=2, loss="cross-entropy", bias="folded")
N = sp.Symbol("N", integer=True, positive=True)
i, k = indices("i k")


def test_a_derivation_as_text():
    assert print_text(derive(NET, assume=(SUM_OF_TARGETS,))).splitlines() == [
        "X1[k] = (1 if k == 0 else x[k-1])",
        "z1[i] = sum(W1[i, j]*X1[j], j)",
        "a1[i] = sigmoid(z1[i])",
        "X2[k] = (1 if k == 0 else a1[k-1])",
        "z2[i] = sum(W2[i, j]*X2[j], j)",
        "a2[i] = exp(z2[i])/sum(exp(z2[k]), k)",
        "L = -sum(y[i]*log(a2[i]), i)",
        "da2[i] = -y[i]/a2[i]",
        "dz2[i] = (da2[i] - sum(da2[k]*a2[k], k))*a2[i]",
        "dz2[i] = a2[i] - y[i]   (given: the targets of a sample sum to 1)",
        "dW2[i, j] = dz2[i]*X2[j]",
        "dX2[j] = sum(dz2[i]*W2[i, j], i)",
        "da1[k] = dX2[k+1]",
        "dz1[i] = da1[i]*sigmoid'(z1[i])",
        "dW1[i, j] = dz1[i]*X1[j]",
        "W1_new[i, j] = W1[i, j] - eta*dW1[i, j]",
        "W2_new[i, j] = W2[i, j] - eta*dW2[i, j]",
        "sigmoid(z) = 1/(1 + exp(-z))",
        "sigmoid'(z) = sigmoid(z)*(1 - sigmoid(z))",
    ]


@pytest.mark.parametrize(
    ("network", "samples", "lines"),
    [
        (
            NET,
            None,
            [
                "X1 = [1; x]",
                "z1 = W1 @ X1",
                "a2 = (1/sum(exp(z2), axis=0)) * exp(z2)",
                "dW2 = dz2 @ X2.T",
                "dX2 = W2.T @ dz2",
                "da1 = dX2[1:]",
                "dz1 = da1 * sigmoid'(z1)",
                "W1_new = W1 - eta * dW1",
            ],
        ),
        (
            Network(
                [Dense(3, "z**2"), Dense(2, "tanh")], inputs=2, loss="huber", layout="row", reduction="mean"
            ),
            N,
            [
                "z1 = x @ W1 + b1",
                "a1 = g1(z1)",
                "dz1 = da1 * g1'(z1)",
                "dW2 = a1.T @ dz2",
                "db2 = sum(dz2, axis=0)",
                "da1 = dz2 @ W2.T",
            ],
        ),
    ],
)
def test_steps_as_matrix_algebra(network, samples, lines):
    derivation = derive(network, samples)
    assert [print_text(derivation.as_matrix(line.split(" = ")[0])) for line in lines] == lines


def test_views_and_a_step_alone():
    derivation = derive(replace(NET, bias="none"))
    assert derivation.gradient("W1").text() == "dW1[i, j] = dz1[i]*x[j]"
    assert derivation.element("W1", 2, 1).text() == "dW1[2, 1] = dz1[2]*x[1]"
    assert derivation.element("a1", 2).text() == "da1[2] = dz2[0]*W2[0, 2] + dz2[1]*W2[1, 2]"
    assert print_text(derivation.step("z2")) == "z2[i] = sum(W2[i, j]*a1[j], j)"
    assert print_text(derivation.program).startswith("z1[i] = ")
    with pytest.raises(TypeError, match="no text for list"):
        print_text([])


def test_paths():
    derivation = derive(
        Network([Dense(1, "linear"), Dense(2, "linear")], inputs=1, loss="half-squared-error")
    )
    assert derivation.paths("b1", 0).text().splitlines() == [
        "∂L/∂b1[0] = ∂L/∂a2[0] * ∂a2[0]/∂z2[0] * ∂z2[0]/∂a1[0] * ∂a1[0]/∂z1[0] * ∂z1[0]/∂b1[0]",
        "          + ∂L/∂a2[1] * ∂a2[1]/∂z2[1] * ∂z2[1]/∂a1[0] * ∂a1[0]/∂z1[0] * ∂z1[0]/∂b1[0]",
        "          = (a2[0] - y[0]) * 1 * W2[0, 0] * 1 * 1",
        "          + (a2[1] - y[1]) * 1 * W2[1, 0] * 1 * 1",
    ]


def test_names_are_canonical_in_any_notation():
    derivation = derive(NET)
    assert print_text(derivation, PROFILES["negative-delta"]) == print_text(derivation)


def test_ranges_are_shown_where_they_are_clipped():
    p = indices("p")[0]
    body = element("dy", (i,)) * element("x", (p + i,))
    clipped = sp.Sum(body, (i, sp.Max(0, 1 - p), 2))
    assert PlainSpeller(derive(NET)).expression(clipped) == "sum(dy[i]*x[i+p], i = max(0, 1-p)..2)"


@settings(max_examples=80, deadline=None)
@given(EXPRESSIONS)
def test_printed_text_says_what_it_should(expr):
    arrays = {name: ARRAYS[key] for name, key in NAMES.items()}
    text = PlainSpeller(NET).expression(expr)
    assert math.isclose(value(text, arrays), float(true_value(expr)), rel_tol=1e-8, abs_tol=1e-8), text


def test_a_lost_bracket_is_noticed(monkeypatch):
    arrays = {name: ARRAYS[key] for name, key in NAMES.items()}
    expr = (1 - element("a1", (0,)) ** 2) * element("z1", (1,))
    assert math.isclose(value(PlainSpeller(NET).expression(expr), arrays), float(true_value(expr)))
    monkeypatch.setattr(expression, "held", lambda piece, _: piece.text)
    assert not math.isclose(value(PlainSpeller(NET).expression(expr), arrays), float(true_value(expr)))
