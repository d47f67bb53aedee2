"""Derivatives of named functions of a mere variable, as notes prove them: links judged one by one."""

import pytest
from formula_claims import judged, verdicts
from written_notes import codes_at, is_without_alarm

# The document, its network file, and how many of its claims are called right.
DOCUMENTS = (
    ("slopes.md", "logistic", 16),
    ("cheatsheet.md", "logistic", 18),
    ("ableitung.tex", "scalar-weights", 8),
    ("logistic-units.md", "logistic", 12),
    ("slopes.txt", "logistic", 7),
    ("inner.md", "logistic", 13),
)
NETWORKS = {name: network for name, network, _ in DOCUMENTS}

# The document, a text in it, what stands there instead, and the code of the mistake.
PLANTED = (
    ("slopes.md", r"&= -(1 + e^{-x})^{-2} (-e^{-x}) \\", r"&= (1 + e^{-x})^{-2} (-e^{-x}) \\", "sign"),
    (
        "slopes.md",
        r"\frac{e^{-x}}{\left(1 + e^{-x}\right)^2} \\",
        r"\frac{e^{x}}{\left(1 + e^{-x}\right)^2} \\",
        "sign",
    ),
    (
        "slopes.md",
        r"\frac{(1 + e^{-x}) - 1}{1 + e^{-x}} \\",
        r"\frac{(1 + e^{-x}) + 1}{1 + e^{-x}} \\",
        "sign",
    ),
    ("slopes.md", r"= \sigma(1 - \sigma)$, or", r"= \sigma(1 + \sigma)$, or", "sign"),
    ("slopes.md", r"$\sigma' = \sigma (1 - \sigma)$", r"$\sigma' = 1 - \sigma$", "other"),
    ("slopes.md", r"= 1 - \tanh^2(z)$$", r"= 1 - \tanh(z)$$", "other"),
    ("cheatsheet.md", r"\frac{1}{1+e^{-z}} = \frac{e^{-z}}", r"\frac{1}{1+e^{-z}} = \frac{-e^{-z}}", "sign"),
    ("cheatsheet.md", r"\sigma(z)\,\sigma(-z)", r"\sigma(z)\,\sigma(z)", "sign"),
    ("cheatsheet.md", r"2\sigma(2z) - 1", r"2\sigma(z) - 1", "other"),
    ("cheatsheet.md", r"1 & z > 0 \\ 0 & z < 0", r"0 & z > 0 \\ 1 & z < 0", "other"),
    ("cheatsheet.md", r"\frac{e^z}{1 + e^z} = \sigma(z)", r"\frac{e^z}{1 + e^z} = \sigma(-z)", "sign"),
    ("cheatsheet.md", r"(1 - 2\sigma(z))", r"(1 - \sigma(z))", "other"),
    ("ableitung.tex", r"&= -1 \cdot (1+e^{-x})^{-2}", r"&= -1 \cdot (1+e^{-x})^{-1}", "missing-factor"),
    ("ableitung.tex", r"&= f(x)\,(1-f(x)).", r"&= f(x)\,(1+f(x)).", "sign"),
    ("logistic-units.md", r"= (1 - \sigma(x))\, \sigma(x)$$", r"= (1 - \sigma(x))$$", "surplus-factor"),
    ("logistic-units.md", r"$f'(z) = 1 - (f(z))^2$", r"$f'(z) = f(z)(1 - f(z))$", "other"),
    ("logistic-units.md", r"it is $f'(z) = f(z)(1-f(z))$", r"it is $f'(z) = 1 - f(z)^2$", "other"),
    ("slopes.txt", "= e^(-x) / (1 + e^(-x))^2", "= e^(-x) / (1 + e^(-x))", "missing-factor"),
    ("slopes.txt", "dσ/dx = σ(1 − σ)", "dσ/dx = σ(σ − 1)", "sign"),
    ("inner.md", r"g'(x) = -e^{-x}", r"g'(x) = e^{-x}", "sign"),
    ("inner.md", r"-\frac{g'(x)}{g(x)^2}", r"-\frac{g'(x)}{g(x)}", "other"),
    ("inner.md", r"$f' = 1 - f^2$", r"$f' = 1 - f$", "other"),
    ("inner.md", r"$h'(u) = 2u$", r"$h'(u) = u$", "other"),
)


@pytest.mark.parametrize(("name", "network", "right"), DOCUMENTS)
def test_every_claim_is_read_and_right(name: str, network: str, right: int) -> None:
    assert is_without_alarm(name, network) == {"right": right, "wrong": 0, "follows": 0, "undecided": 0}


def test_what_is_true_of_some_numbers_and_letters_for_others_are_left_open() -> None:
    found = is_without_alarm("more-slopes.md", "logistic")
    assert found == {"right": 13, "wrong": 0, "follows": 0, "undecided": 9}


@pytest.mark.parametrize(("name", "right", "wrong", "code"), PLANTED)
def test_the_wrong_link_is_found(name: str, right: str, wrong: str, code: str) -> None:
    assert code in codes_at(name, NETWORKS[name], right, wrong)


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\frac{d\sigma}{dx} = \sigma(1 - \sigma)", "right"),
        (r"\frac{d\sigma}{dx} = \sigma(x)(1 - \sigma(x))", "right"),
        (r"\frac{d f}{dx} = f'", "right"),
        (r"\frac{d}{dx} \left|x\right| = \operatorname{sgn}(x)", "right"),
        (r"\frac{d}{dx} \ln(1 + e^x) = \sigma(x)", "right"),
        (r"\frac{d}{dx} \max(0, x) = \mathbb{1}[x > 0]", "right"),
        (r"\frac{d}{dx} \min(0, x) = \mathbb{1}[x > 0]", "other"),
        (r"\sigma(x) + \sigma(-x) = 1", "right"),
        (r"\sigma(x) - \sigma(-x) = 1", "undecided"),
        # Two letters are no one variable, and a side without it is a number of the example.
        (r"\frac{d}{dx} \sigma(wx) = w \sigma'(wx)", "undecided"),
        (r"\sigma'(z) = 0.25", "undecided"),
        # A second derivative by an operator is not taken.
        (r"\frac{d^2}{dx^2} \sigma(x) = \sigma(x)", "undecided"),
    ],
)
def test_one_claim_on_a_mere_variable(formula: str, verdict: str) -> None:
    assert verdicts(judged(formula)) == [verdict]


def test_a_letter_keeps_the_function_that_it_was_defined_as() -> None:
    wrong = judged(r"f(x) = \tanh(x)", "f'(x) = f(x)(1 - f(x))")
    assert verdicts(wrong) == ["right", "other"]
    assert verdicts(judged(r"f(x) = \sigma(x)", "f'(x) = f(x)(1 - f(x))")) == ["right", "right"]
    again = judged(r"f(x) = \tanh(x)", r"f(x) = \sigma(x)", "f'(x) = f(x)(1 - f(x))")
    assert verdicts(again) == ["right", "right", "right"]


def test_a_slip_in_an_activation_is_no_definition() -> None:
    assert verdicts(judged(r"g(x) = \frac{1}{1 + e^{x}}")) == ["sign"]
    assert verdicts(judged(r"\sigma(x) = 1 + e^{-x}")) == ["other"]
    assert verdicts(judged("g(x) = 1 + e^{-x}", "g'(x) = e^{-x}")) == ["right", "sign"]


OUTPUT = r"\sigma(W^{(2)} \sigma(W^{(1)} x + b^{(1)}) + b^{(2)})"


def test_a_function_of_the_input_may_be_the_network() -> None:
    assert verdicts(judged(f"h(x) = {OUTPUT}", r"h(x) = \hat{y}")) == ["right", "right"]
    assert verdicts(judged(f"f(x) = {OUTPUT}", r"L = \frac{1}{2} \| f(x) - y \|^2")) == ["right", "right"]
    broken = OUTPUT.replace("+ b^{(2)}", "- b^{(2)}")
    assert verdicts(judged(f"h(x) = {broken}", r"h(x) = \hat{y}")) == ["sign", "right"]
    # It may be an activation as well.
    assert verdicts(judged(r"f(x) = \frac{1}{1 + e^{-x}}", r"a^{(1)} = f(W^{(1)} x + b^{(1)})")) == [
        "right",
        "right",
    ]
