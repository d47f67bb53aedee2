"""The safe forms of expressions: equal to the formula, and found in bounded time."""

import numpy as np
import pytest
import sympy as sp

from derive.activations import formula, stable_formula, through_output
from derive.evaluate import evaluate
from derive.expression import parse_activation
from derive.functions import Z
from derive.program import Program, Role, Rule, Step, Tensor, index

HOSTILE = [
    "1/((1+exp(z))**30*(2+exp(z))**30*(3+exp(z))**30*(5+exp(2*z))**30)",
    "*".join(f"(z+{k})" for k in range(60)),
    "+".join(f"1/(1+exp({k}*z+{k}))" for k in range(1, 20)),
    "/".join(f"(1+tanh(z/{k}))" for k in range(1, 20)),
    "((1+exp(z))**11+exp(-z)**11)**-11",
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
    [
        "max(z, exp(z) - 1)",
        "max(exp(-z), z + 1)",
        "min(max(exp(z), 2), 9)",
        "max(z, 0)*exp(z)",
        "z*tanh(softplus(z))",
        "max(z, 0) + min(0, exp(z) - 1)",
        "0.5*z*(1 + tanh(sqrt(2/pi)*(z + 0.044715*z**3)))",
        "log(cosh(z))",
        "sigmoid(sigmoid(sigmoid(sigmoid(z)*z + 1)*z + 2)*z + 3)*z",
    ],
)
def test_the_safe_form_has_the_values_of_the_formula(text):
    activation, points = parse_activation(text), np.array([-4.5, -0.75, 0.25, 1.5, 3.5])
    for order in (0, 1):
        textbook = values(formula(activation, order), points)
        assert np.allclose(
            values(stable_formula(activation, order), points), textbook, rtol=1e-12, atol=1e-14
        )
    assert not np.allclose(values(formula(activation) + Z**2 / 10**6, points), textbook, rtol=1e-12)
