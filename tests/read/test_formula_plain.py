"""Formulas in Unicode and in plain text, as in comments, code fences and terminals."""

import pytest

from derive.read.formula import read_formula
from derive.read.formula_text import to_text


def lines(text):
    formula = read_formula(text)
    assert not formula.unreadable, formula.unreadable
    for statement in formula.statements:
        shown = [to_text(term) for term in statement.terms]
        yield shown[0] + "".join(f" {r} {t}" for r, t in zip(statement.relations, shown[1:], strict=True))


PLAIN = [
    (
        "δ⁽¹⁾ = (Wᵀ δ₂) ⊙ σ'(z₁)",
        ["delta^(1):layer = ((T(W) delta_{2}:layer|index) ⊙ sigma'(z_{1}:layer|index))"],
    ),
    ("dC/dW2 = delta2 @ a1.T", ["d[C / W_{2}:layer|index] = (delta_{2}:layer|index @ T(a_{1}:layer|index))"]),
    (
        "∂E/∂w5 = ∂E/∂out_o1 * ∂out_o1/∂w5",
        ["∂[E / w_{5}:layer|index] = (∂[E / out_{o 1}] * ∂[out_{o 1} / w_{5}:layer|index])"],
    ),
    ("dL/dW2, dL/db2", ["d[L / W_{2}:layer|index], d[L / b_{2}:layer|index]"]),
    ("d/dx (x + 1) = 1", ["d[(x + 1) / x] = 1"]),
    ("dLdW2 = dL_dz2 * a1", ["d[L / W_{2}:layer|index] = (d[L / z_{2}:layer|index] * a_{1}:layer|index)"]),
    (
        "W1_new = W1 - lr * dW1",
        ["W_{1}:layer|index_{new}:update = (W_{1}:layer|index + -(lr * d[W_{1}:layer|index]))"],
    ),
    ("ŷ = y_hat", ["hat.y = hat.y"]),
    ("loss = 0.5*(y - a)**2", ["loss = (0.5 * ((y + -a) ** 2))"]),
    ("σ(z) = 1/(1 + e^(-z)) = 1/(1 + e⁻ᶻ)", ["sigma(z) = (1 / (1 + (e ** -z))) = (1 / (1 + (e ** -z)))"]),
    ("x = [1 -4 5]", ["x = [1, -4, 5]"]),
    ("x = [1 - 4, 5]", ["x = [(1 + -4), 5]"]),
    ("x = [[0.5 1.]\n]", ["x = [0.5, 1.]"]),
    ("a[1] = σ(z[1])", ["a_[1] = sigma(z_[1])"]),
    ("w ← w − 0.5 × 0.08 = 0.36", ["w ← (w + -(0.5 × 0.08)) = 0.36"]),
    ("L = -Σ yᵢ log(aᵢ)", ["L = -sum[]((y_{i} log(a_{i})))"]),
    ("∂L/∂b = Σᵢ δᵢ", ["∂[L / b] = sum[i](delta_{i})"]),
    ("z = w1*x1\n  + b\n  = 3", ["z = ((w_{1}:layer|index * x_{1}:layer|index) + b) = 3"]),
    ("a = 1\nb = 2  # b", ["a = 1", "b = 2"]),
    ("∂L/∂W = (∂L/∂o)^T · a     (outer product)", ["∂[L / W] = (T(∂[L / o]) · a)"]),
    ("z = 0.6·2.0 = 1.2 → h = σ(1.2) ≈ 0.77", ["z = (0.6 · 2.0) = 1.2", "h = sigma(1.2) ≈ 0.77"]),
    (
        "W₁ = [[1, -2], [0.5, 1]], b₁ = [0, 0]",
        ["W_{1}:layer|index = [1, -2; 0.5, 1]", "b_{1}:layer|index = [0, 0]"],
    ),
    ("‖y − a‖²", ["(‖(y + -a)‖ ** 2)"]),
    ("np.exp(-z)", ["exp(-z)"]),
    (
        "δ^l = [ (W^{l+1})^T @ δ^{l+1} ] .* σ'(z^l)",
        ["delta^{l}:layer = ([(T(W^{l + 1}:layer) @ delta^{l + 1}:layer)] ⊙ sigma'(z^{l}:layer))"],
    ),
    (
        "L = sum_i(1 - a[i] if a[i] < 1 else 0) / 2",
        ["L = (sum_{i}(cases((1 + -a_[i]) if a_[i] < 1, 0 if otherwise)) / 2)"],
    ),
    ("a = (b if i == 0 else c if i == 1 else d)", ["a = cases(b if i = 0, c if i = 1, d if otherwise)"]),
    (
        "a = max(1 if b < 2 else 3, c) * (4 if (d if i < 1 else 2) < 3 else 5)",
        [
            "a = (max(cases(1 if b < 2, 3 if otherwise), c)"
            " * cases(4 if cases(d if i < 1, 2 if otherwise) < 3, 5 if otherwise))"
        ],
    ),
    ("a = b / c, the sigmoid of z", ["a = (b / c)"]),
    ("w₁_neu = w₁", ["w_{1}:layer|index_{neu}:update = w_{1}:layer|index"]),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN, ids=[text for text, _ in PLAIN])
def test_plain(text, expected):
    assert list(lines(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a = (b if c < 1)",
        "a = (b else c if d < 1)",
        "a = (b if c < 1 else)",
        "a = (if c < 1 else d)",
        "a = 1 if b < 1 else 2 if c < 1",
        "t = a, the b = 3",
    ],
)
def test_half_a_conditional_and_words_before_a_claim_are_refused(text):
    assert read_formula(text).unreadable
