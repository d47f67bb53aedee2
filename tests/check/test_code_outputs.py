"""What code in single numbers prints, several numbers in a line, and how long contradictions are followed."""

import json
import math

import pytest
from test_code_scalars import CODE, NETWORK

from derive.check.code import outputs
from derive.check.document import check_document
from derive.check.findings import Finding, Verdict
from derive.read.document import read_text
from derive.read.number_tokens import number_tokens, without_numbers
from derive.spec import parse

PRINTS = """\
print(net_h1)
print('E', E, 'is the loss')
print('delta', delta_o1, delta_h1)
print(f'layer 1: {out_h1:.4f} and {out_h2:.4f}')
print(w5_new)
"""
OUTPUT = """\
0.05099999999999999
E 0.11151474082007418 is the loss
delta 0.21175693384970673 0.0035428195806007463
layer 1: 0.5127 and 0.4484
0.4828555543049783
"""


def judged(code: str, output: str) -> list[Finding]:
    """Return what is said of the output of one cell of a notebook."""
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": code,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": output}],
        "execution_count": 1,
    }
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    report = check_document(read_text(notebook, kind="ipynb"), parse(NETWORK, "net.toml"))
    lines = code.count("\n") + 1
    return [f for f in report.findings if f.place.line >= lines]


def test_every_number_that_is_printed_is_right() -> None:
    found = judged(CODE + PRINTS, OUTPUT)
    assert [f.verdict for f in found] == [Verdict.RIGHT] * 7
    assert [f.claim for f in found] == [t for t in OUTPUT.split() if "." in t]
    said = [f.evidence.removeprefix("it is what the code prints, ") for f in found]
    assert said[:4] == ["z1[0]", "L", "dL/dz2[0]", "dL/dz1[0]"]


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("0.05099999999999999", "0.06099999999999999"),
        ("0.11151474082007418", "0.22302948164014836"),
        ("0.21175693384970673", "-0.21175693384970673"),
        ("0.0035428195806007463", "0.0053428195806007463"),
        ("0.5127", "0.5217"),
        ("0.4484", "0.4848"),
        ("0.4828555543049783", "0.5371444456950217"),
    ],
)
def test_a_number_that_the_code_does_not_print_is_wrong_and_no_other_is(number: str, other: str) -> None:
    found = judged(CODE + PRINTS, OUTPUT.replace(number, other))
    assert [f.claim for f in found if f.verdict is Verdict.WRONG] == [other]
    assert [f.verdict for f in found].count(Verdict.RIGHT) == 6


def test_what_a_wrong_line_prints_follows_from_it() -> None:
    code = CODE.replace("(out_o1 - t1) * (1", "(out_o1 + t1) * (1")
    names: dict[str, float] = {}
    exec("from math import exp, tanh\n" + code, names)  # noqa: S102  the program of this test
    output = f"{names['net_h1']}\n{names['delta_o1']} {names['w5_new']}\n"
    found = judged(code + "print(net_h1)\nprint(delta_o1, w5_new)\n", output)
    assert [f.verdict for f in found] == [Verdict.RIGHT, Verdict.FOLLOWS, Verdict.FOLLOWS]
    assert len({f.because_of for f in found[1:]}) == 1


def test_lines_with_other_words_are_not_paired_by_their_place() -> None:
    found = judged(CODE + PRINTS, "some other words 0.3 and 0.4\n" + OUTPUT)
    assert [f for f in found if f.verdict is Verdict.WRONG] == []


def test_contradictions_are_counted_in_steps_and_not_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printed value is adopted, so that the loss after it is judged given it, while there is patience."""
    code = CODE.replace("net_o1 =", "print('h', out_h1)\nnet_o1 =") + "print('E', E)\n"
    names: dict[str, float] = {}
    exec("from math import exp, tanh\n" + CODE, names)  # noqa: S102  the program of this test
    h1, h2 = 0.75, names["out_h2"]
    outs = [math.tanh(a * h1 + b * h2 + c) for a, b, c in ((0.51, -0.33, 0.4), (0.27, 0.64, -0.1))]
    loss = sum((t - out) ** 2 / 2 for t, out in zip((0.2, 0.7), outs, strict=True))
    output = f"h {h1}\nE {loss}\n"
    assert [f.verdict for f in judged(code, output)] == [Verdict.WRONG, Verdict.RIGHT]
    monkeypatch.setattr(outputs, "_PATIENCE", 10)
    assert [f.verdict for f in judged(code, output)] == [Verdict.WRONG]


def test_numbers_in_words_are_left_alone() -> None:
    line = "W1 after 3 steps: -0.5, 1e-3 (v2.1)"
    assert [line[t.span[0] : t.span[1]] for t in number_tokens(line)] == ["3", "-0.5", "1e-3"]
    assert without_numbers("a  1.5\t2") == without_numbers("a 7 -3.25")
    assert without_numbers("a 1.5") != without_numbers("b 1.5")
