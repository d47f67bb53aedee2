"""Where a finding in code stands, and what names mean, in the texts that notebooks really hold."""

import json

import pytest

from derive.check.document import check_document
from derive.check.findings import Finding, Verdict
from derive.read.document import read_text
from derive.spec import load

GIVENS = """\
import numpy as np
x = np.array([0.5, 0.1])
y = 0.9
W1 = np.array([[0.15, 0.2], [0.24, 0.3]])
b1 = np.array([1, 1])
W2 = np.array([[-0.4], [0.5]])
b2 = 1
def sigmoid(v):
    return 1 / (1 + np.exp(-v))
"""
FORWARD = """\
z1 = x @ W1 + b1
a1 = sigmoid(z1)
z2 = a1 @ W2 + b2
a2 = sigmoid(z2)
"""
WRONG = "delta2 = (a2 - y) * a2 * (1 + a2)"


def judged(text: str, kind: str = "py") -> tuple[Finding, ...]:
    return check_document(read_text(text, kind=kind), load("single-instance")).findings


def mistakes(text: str) -> list[tuple[str | None, str]]:
    lines = text.split("\n")
    return [
        (f.code, lines[f.place.line - 1][f.place.column - 1 : f.place.end_column - 1])
        for f in judged(text)
        if f.verdict is Verdict.WRONG
    ]


@pytest.mark.parametrize("first", ["%matplotlib inline", "%time", "!pip install numpy", "print 'Python 2'"])
def test_a_magic_command_hides_no_statement(first: str) -> None:
    plain, magic = GIVENS + FORWARD + WRONG, f"{GIVENS}{first}\n{FORWARD}{WRONG}"
    assert mistakes(plain) == [("sign", WRONG)]
    assert mistakes(magic) == mistakes(plain)


def test_columns_are_counted_in_characters() -> None:
    text = GIVENS + FORWARD.replace("a2 =", "größe = 'äöü'; a2 =") + WRONG
    findings = judged(text)
    line = text.split("\n")[findings[3].place.line - 1]
    assert line[findings[3].place.column - 1 : findings[3].place.end_column - 1] == "a2 = sigmoid(z2)"


def test_greek_names_are_read() -> None:
    text = GIVENS + FORWARD.replace("a2 =", "ŷ =") + "δ2 = (ŷ - y) * ŷ * (1 + ŷ)\nη = 0.5"
    assert mistakes(text) == [("sign", "δ2 = (ŷ - y) * ŷ * (1 + ŷ)")]


def test_a_cell_with_a_magic_command() -> None:
    cells = [GIVENS, f"%%time\n{FORWARD}{WRONG}"]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "metadata": {}, "source": c, "outputs": [], "execution_count": 1}
            for c in cells
        ],
    }
    (wrong,) = (f for f in judged(json.dumps(notebook), "ipynb") if f.verdict is Verdict.WRONG)
    assert (wrong.code, wrong.place.cell, wrong.place.line, wrong.place.column) == ("sign", 1, 6, 1)


def cell(number: int, code: str, output: str) -> str:
    return f"In [{number}]:\n{code}\n\n{output}\n\n"


def outputs(code: str, output: str) -> list[tuple[Verdict, str | None, str]]:
    """Return verdict, code and text of what is said of the output of a second cell."""
    text = cell(1, GIVENS, "") + cell(2, code, output)
    first = text.split("\n").index(output.split("\n")[0]) + 1
    return [(f.verdict, f.code, f.claim) for f in judged(text, "txt") if f.place.line >= first]


def test_a_printed_expression_is_what_the_code_gives() -> None:
    code = FORWARD + "print(f'loss: {0.5 * np.sum((a2 - y) ** 2):.4f}')\nprint('first', a1[0])"
    assert outputs(code, "loss: 0.0118\nfirst 0.7501") == [
        (Verdict.RIGHT, None, "0.0118"),
        (Verdict.RIGHT, None, "0.7501"),
    ]
    assert outputs(code, "loss: 0.0181\nfirst 0.7501") == [
        (Verdict.WRONG, "stale-number", "0.0181"),
        (Verdict.RIGHT, None, "0.7501"),
    ]


def test_an_output_that_is_not_complete_is_paired_by_its_words() -> None:
    code = FORWARD + "print('z1 =', z1)\nprint('a2 =', a2)\nprint('sum', a1.sum())"
    assert outputs(code, "a2 = [0.7416]\nsum 1.506") == [
        (Verdict.WRONG, "stale-number", "[0.7416]"),
        (Verdict.RIGHT, None, "1.506"),
    ]


@pytest.mark.parametrize(("seed", "wrong"), [("", 0), ("np.random.seed(1)\n", 2)])
def test_nothing_is_said_of_what_random_numbers_without_a_seed_give(seed: str, wrong: int) -> None:
    code = f"{seed}V = np.random.rand(3, 4)\nprint('mean', V.mean())\nprint('V', V[0, 0])"
    assert [v for v, _, _ in outputs(code, "mean 0.44\nV 0.3")].count(Verdict.WRONG) == wrong


def test_a_gradient_of_the_wrong_size_is_to_blame_for_the_update_that_cannot_run() -> None:
    backward = (
        "delta2 = (a2 - y) * a2 * (1 - a2)\ndelta1 = (delta2 @ W2.T) * a1 * (1 - a1)\n"
        "dW1 = np.outer(x, delta2)\nW1 = W1 - np.outer(x, [1, 2, 3]) * dW1"
    )
    findings = judged(GIVENS + FORWARD + backward)
    assert any(f.verdict is Verdict.WRONG for f in findings)
    assert {f.verdict for f in findings[:5]} == {Verdict.RIGHT}


def test_the_words_of_a_mistake_that_nothing_explains_say_what_should_be_there() -> None:
    (wrong,) = (
        f for f in judged(GIVENS + FORWARD + "loss = np.abs(y - a2) ** 3") if f.verdict is Verdict.WRONG
    )
    assert wrong.code == "other"
    assert wrong.hint.startswith("loss should have the value of L")


def test_an_output_of_another_version_says_what_that_version_was() -> None:
    code = FORWARD.replace("a1 = ", "print('z1 =', z1)\na1 = ")
    text = cell(1, GIVENS, "") + cell(2, code, "z1 = [0.099 0.13 ]")
    (wrong,) = (f for f in judged(text, "txt") if f.verdict is Verdict.WRONG)
    assert (wrong.code, wrong.claim) == ("missing-term", "[0.099 0.13 ]")
    assert "does not print this, but a version that differs in one place (a term is missing)" in wrong.hint
    assert wrong.counterexample == "entry 1: the code gives 1.099, the output shows 0.099"
