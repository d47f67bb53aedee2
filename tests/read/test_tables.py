"""Tables of numbers: which claims they make, and where each stands; what is no claim is left alone."""

import pytest

from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.read.document import read_text
from derive.read.tables import UNREAD
from derive.spec import load


def claims(text):
    return [
        s.text.replace("\n", " ")
        for s in read_text(text, kind="md").segments
        if s.form == "table" and s.kind != "table"
    ]


def table(head, *rows):
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows, ""])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (table("| | value |", "| $z_1$ | 0.76 |", "| **L** | $-0.5$ |"), ["z_1 = 0.76", "L = -0.5"]),
        (
            table(
                "| name | formula | meaning | value |",
                r"| $z_1$ | $0.3 \cdot 0.5$ | of the first unit | 0.15 |",
            ),
            [r"z_1 = 0.3 \cdot 0.5 = 0.15"],
        ),
        (
            table("| i | $z_i$ | a¹ |", "| 1 | 0.1 | 0.2 |", "| 2 | 0.3 | 0.4 |"),
            [
                r"z = \begin{bmatrix} 0.1 \\ 0.3 \end{bmatrix}",
                r"a¹ = \begin{bmatrix} 0.2 \\ 0.4 \end{bmatrix}",
            ],
        ),
        (
            table("| weight | old | gradient | new |", "| $w^{(2)}_{11}$ | 0.4 | 0.08 | 0.36 |"),
            [
                "w^{(2)}_{11} = 0.4",
                r"\frac{\partial L}{\partial w^{(2)}_{11}} = 0.08",
                "w^{(2)+}_{11} = 0.36",
            ],
        ),
        (
            table("| $z_1$ | $z_2$ | a1 |", "| 0.1 | -0.2 | 0.5 |"),
            ["z_1 = 0.1", "z_2 = -0.2", "a1 = 0.5"],
        ),
        (
            table("| layer | unit | z | $\\delta$ |", "| 1 | 2 | 0.1 | 0.2 |", "| 2 | 1 | 0.3 | 0.4 |"),
            [
                "z^{[1]}_{2} = 0.1",
                "z^{[2]}_{1} = 0.3",
                "\\delta^{[1]}_{2} = 0.2",
                "\\delta^{[2]}_{1} = 0.4",
            ],
        ),
        (table("| layer | L |", "| input | 0.1 |"), []),
        (table("| | before | after |", "| $a_1$ | 0.4 | 0.3 |"), ["a_1 = 0.4"]),
        (table("| by | derivative |", "| ∂L/∂w₁ | 0.4 |"), []),
        (table("| of | value |", "| ∂L/∂w₁ | 0.4 |"), ["∂L/∂w₁ = 0.4"]),
        # No claims: names of people, text, counts of epochs.
        (table("| name | score |", "| Ann | 0.5 |"), []),
        (table("| epoch | $L$ |", "| 1 | 0.5 |", "| 2 | 0.4 |"), []),
        (table("| symbol | meaning | shape |", r"| $x$ | the input | $2 \times 1$ |"), []),
        (table("| learning rate | 0.5 |", "| momentum | 0.9 |"), []),
    ],
)
def test_claims(text, expected):
    assert claims(text) == expected


def test_a_table_that_is_not_understood_says_so():
    (segment,) = (
        s for s in read_text(table("| epoch | $L$ |", "| 1 | 0.5 |"), kind="md").segments if s.kind == "table"
    )
    assert segment.note == UNREAD
    (segment,) = (
        s
        for s in read_text(table("| name | score |", "| Ann | 0.5 |"), kind="md").segments
        if s.kind == "table"
    )
    assert not segment.note


def test_a_wrong_number_is_found_in_its_cell():
    text = "# Results\n\n" + table(
        "| unit | $net^{[1]}$ | $a^{[1]}$ |", "| 1 | -0.3 | 0.4256 |", "| 2 | 0.3 | 0.5474 |"
    )
    report = check_document(read_text(text, kind="md"), load("lecture6"))
    assert [f.verdict for f in report.findings] == [Verdict.RIGHT, Verdict.WRONG]
    wrong = report.findings[1]
    line = text.split("\n")[wrong.place.line - 1]
    assert line[wrong.place.column - 1 : wrong.place.end_column - 1] == "0.5474"
    assert (wrong.code, wrong.expected) == ("arithmetic", "0.5744")


def test_names_in_plain_characters_stand_above_columns_too():
    rows = ("| 1 | 0.76 | 0.42555748 |", "| 2 | -0.79 | 0.57444252 |", "| 3 | 1.5 | 0.5 |")
    text = table("| i | z | a¹ |", *rows)
    network = load("linear-output")
    report = check_document(read_text(text, kind="md"), network)
    assert [f.verdict for f in report.findings] == [Verdict.WRONG, Verdict.WRONG]
    assert all("against" in f.counterexample for f in report.findings)
    right = check_document(
        read_text(table("| i | $net^{[1]}$ |", "| 1 | -0.3 |", "| 2 |         0.3 |"), kind="md"),
        load("lecture6"),
    )
    assert [(f.verdict, f.place.end_line, f.place.end_column) for f in right.findings] == [
        (Verdict.RIGHT, 4, 18)
    ]
