r"""Tables in LaTeX: which cells they have and where these stand; what is a matrix is no table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.read.document import read_text
from derive.read.tables import UNREAD


def claims(text, kind="tex"):
    return [
        " ".join(s.text.split())
        for s in read_text(text, kind=kind).segments
        if s.form == "table" and s.kind != "table"
    ]


def tabular(body, columns="lr", name="tabular"):
    return f"\\begin{{{name}}}{{{columns}}}\n{body}\n\\end{{{name}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (tabular(r"name & value \\ \hline $z_1$ & 0.76 \\ $L$ & $-0.5$"), ["z_1 = 0.76", "L = -0.5"]),
        (
            tabular(r"$z_1$ & \textbf{0.76} \\[3pt] $z_2$ & \num{0.25} \\ \bottomrule"),
            ["z_1 = 0.76", "z_2 = 0.25"],
        ),
        (
            tabular(r"$j$ & 1 & 2 \\ \midrule $z_j$ & 0.1 & 0.2 \\", "c|cc", "longtable"),
            [r"z = \begin{bmatrix} 0.1 \\ 0.2 \end{bmatrix}"],
        ),
        (
            tabular(r"$j$ & $a_j$ \\ 1 & 0.1 \\ 2 & 0.2", "c@{\\hspace{1em}}c"),
            [r"a = \begin{bmatrix} 0.1 \\ 0.2 \end{bmatrix}"],
        ),
        (
            tabular(r"\multicolumn{2}{c}{forward} \\ name & value \\ $z_1$ & 0.76 \\"),
            ["z_1 = 0.76"],
        ),
        ("$$" + tabular(r"z_1 & 0.5 \\ \hline a_1 & 0.6", "l|r", "array") + "$$", ["z_1 = 0.5", "a_1 = 0.6"]),
        # No tables: a matrix, part of a formula, columns without names, passes of a training.
        ("$$" + tabular(r"z_1 & 0.5 \\ a_1 & 0.6", "lr", "array") + "$$", []),
        (r"$$W = \left[" + tabular(r"0.1 & 0.5 \\ \hline 0.2 & 0.6", "l|r", "array") + r"\right]$$", []),
        (tabular(r"Ann & 0.5 \\ Bob & 0.6"), []),
        (tabular(r" & 1 & 2 \\ $L$ & 0.5 & 0.4 \\", "l|rr"), []),
        (tabular(r"$z_1$ & see \verb|x| \\"), []),
        (r"\begin{tabular}{lr} $z_1$ & 0.5 \\ without an end", []),
    ],
)
def test_claims(text, expected):
    assert claims(text) == expected
    if "verb" not in text:
        assert claims(text, "md") == expected


def test_a_number_is_placed_where_it_stands():
    text = "Before.\n\n" + tabular("name & value \\\\\n% $z_1$ & 0.1 \\\\\n$z_2$ &\n 0.25 \\\\")
    (claim,) = (s for s in read_text(text, kind="tex").segments if s.form == "table" and s.kind != "table")
    place = claim.locate(claim.text.index("0.25"))
    assert (place.line, place.column) == (7, 2)


def test_a_table_that_is_not_understood_says_so():
    (table,) = (
        s for s in read_text(tabular(r"epoch & $L$ \\ 1 & 0.5"), kind="tex").segments if s.kind == "table"
    )
    assert table.note == UNREAD


def test_a_table_in_a_table_is_read_once():
    inner = tabular(r"$z_1$ & 0.5")
    assert claims(tabular(rf"left & {inner} \\")) == ["z_1 = 0.5"]


@given(st.text(alphabet=r"\{}&%$a1.-_ ~[]|" + "\n", max_size=120))
def test_any_text_is_read(body):
    read_text(tabular(body), kind="tex")
    read_text("$$" + tabular(body, "c|c", "array") + "$$", kind="md")


def test_tables_that_never_end_cost_little():
    claims(r"\begin{tabular}{c}" * 20_000)
    claims(r"\begin{tabular}{" * 20_000)
