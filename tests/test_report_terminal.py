"""What the terminal shows of a report."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import FOLLOWS, NOTES, REPORT, RIGHT, UNDECIDED, WRONG, at, hidden, hostile_report, page

from codegen.report import LISTED, MOST_LINES, plain, print_report, report_lines
from codegen.report_text import columns
from derive.check.findings import Finding, Report

SHOWN = """\
inferred: delta = negative-gradient (2 of 2 deltas)
          (stated by you instead: --assume 'delta=...')
note: line 9: a picture

error[sign]: notes.md:2:20: a wrong sign
  |
2 |   $dz = -(t - y) = -t - y$
  |                    ^^^^^^
  = given:    -t - y
  = expected: -t + y
  = numbers:  at the example: -0.5 against -1.5
  = help:     this term should be added
   so also: line 3: dz = 0.7
            line 4: db = 0.7

undecided: notes.md:4:18: q(3) = 1: q is not known

chainrule explain CODE says more of sign
notes.md: 1 wrong, 2 follow from it, 1 undecided, 1 right"""


def shown(report: Report, *pages, **options) -> str:
    return "\n".join(plain(line) for line in report_lines(report, pages, **options))


def test_a_report_is_shown_as_a_compiler_does():
    assert shown(REPORT, NOTES) == SHOWN


def test_right_claims_are_listed_on_request():
    text = shown(REPORT, NOTES, everything=True)
    assert "right: notes.md:1:16: a = 0.5: the derivation\n" in text
    assert text.replace("right: notes.md:1:16: a = 0.5: the derivation\n\n", "") == SHOWN


def test_a_claim_that_sets_several_names_is_shown_once_below_its_cause():
    follows = [f for f in REPORT.findings if f.verdict is FOLLOWS]
    first = REPORT.findings[:2]
    many = replace(REPORT, findings=(*first, follows[0], follows[0], follows[0], follows[1]))
    text = shown(many, NOTES)
    assert text.count("line 3: dz = 0.7") == 1
    assert text.count("line 4: db = 0.7") == 1
    assert "1 wrong, 4 follow from it" in text


def test_the_cell_of_a_notebook_is_named():
    finding = Finding(WRONG, at(57, 5, 10, cell=4), "x = 1", code="sign")
    many = page(*["    x = 1"] * 60, cell=4)
    text = shown(Report("notes.ipynb", (finding,)), page("another", cell=0), many)
    assert "error[sign]: notes.ipynb:57:5 (cell 4): a wrong sign\n" in text
    assert "57 |     x = 1\n   |     ^^^^^\n" in text


def test_the_carets_stand_under_wide_and_hidden_characters():
    line = "漢\t\x1b z = 1"
    finding = Finding(WRONG, at(1, line.index("z") + 1, len(line) + 1), "z = 1", code="sign")
    lines = shown(Report("a.md", (finding,)), page(line)).split("\n")
    text, carets = lines[2].removeprefix("1 | "), lines[3].removeprefix("  | ")
    before = text[: text.index("z")]
    assert before == "漢    <U+001B> "
    assert len(carets) - len(carets.lstrip()) == columns(before)
    assert carets.strip() == "^" * len("z = 1")


def test_a_claim_of_several_lines_is_marked_on_each():
    lines = ["a \\\\", "  &= [", "", "  2]", "b"]
    finding = Finding(WRONG, at(2, 6, 5, to=4), "[\n\n  2]", code="sign")
    text = shown(Report("a.md", (finding,)), page(*lines))
    assert "2 |   &= [\n  |      ^\n4 |   2]\n  |   ^^\n" in text
    assert "1 |" not in text


def test_of_a_claim_of_many_lines_the_first_are_shown():
    finding = Finding(WRONG, at(1, 1, 2, to=50), "x", code="sign")
    text = shown(Report("a.md", (finding,)), page(*"x" * 50))
    assert text.count("| x") == MOST_LINES
    assert "| ... to line 50" in text


@pytest.mark.parametrize("place", [at(9, 3, 5), at(1, 90, 95), at(1, 1, 2, cell=3)])
def test_a_place_that_is_not_there_still_shows_the_claim_or_the_line(place):
    text = shown(Report("a.md", (Finding(WRONG, place, "the claim", code="other"),)), page("the line"))
    assert "the claim" in text or "the line" in text
    assert "^" in text


def test_long_lists_are_cut_unless_everything_is_asked_for():
    wrong = Finding(WRONG, at(1, 1, 2), "x", code="sign")
    follows = [Finding(FOLLOWS, at(1, 1, 2), f"f{n}", because_of=0) for n in range(LISTED + 5)]
    undecided = [Finding(UNDECIDED, at(1, 1, 2), f"u{n}", hint="why") for n in range(LISTED + 3)]
    report = Report("a.md", (wrong, *follows, *undecided))
    text = shown(report, page("x"))
    assert "and 5 more (--all lists them)" in text
    assert "3 more undecided (--all lists them)" in text
    assert f"f{LISTED}" not in text
    everything = shown(report, page("x"), everything=True)
    assert "--all" not in everything
    assert f": f{LISTED + 4}" in everything
    assert f": u{LISTED + 2}: why" in everything


def test_what_follows_from_nowhere_is_not_lost():
    report = Report("a.md", (Finding(FOLLOWS, at(1, 1, 2), "x = 2", because_of=5),))
    assert "follows from an earlier claim: a.md:1:1: x = 2" in shown(report, page("x"))


def test_a_document_without_claims_says_so():
    assert shown(Report("a.md", ()), page("x")) == "a.md: no claim was found in it"


@given(st.integers(40, 160), st.text(min_size=1, max_size=600))
def test_the_parts_of_a_finding_keep_to_the_width(width, text):
    finding = replace(REPORT.findings[1], expected=text, hint=text, given=text)
    lines = [plain(line) for line in report_lines(Report("a.md", (finding,)), [NOTES], width=width)]
    assert all(len(line) <= width for line in lines[1:-2])
    assert len(lines) < 10 + 4 * (MOST_LINES + 2)


def test_nothing_hostile_reaches_the_terminal():
    report, pages = hostile_report()
    text = shown(report, *pages, everything=True)
    assert hidden(text) == set()
    assert "<U+001B>" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def on_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def printed(report: Report, *pages) -> str:
        out = Terminal()
        with redirect_stdout(out):
            print_report(report, pages, everything=True)
        return out.getvalue()

    return printed


ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def test_a_terminal_gets_colours_and_the_same_words(on_terminal):
    text = on_terminal(REPORT, NOTES)
    assert "\x1b[1;31merror[sign]" in text
    without = "\n".join(line.rstrip() for line in ESCAPE.sub("", text).rstrip("\n").split("\n"))
    assert without == shown(REPORT, NOTES, everything=True)


def test_no_colours_where_nobody_wants_them(on_terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", on_terminal(REPORT, NOTES))


def test_a_terminal_gets_no_sequence_but_our_own(on_terminal):
    report, pages = hostile_report()
    assert hidden(ESCAPE.sub("", on_terminal(report, *pages))) == set()


def test_a_pipe_gets_plain_text(capsys):
    print_report(REPORT, [NOTES])
    assert capsys.readouterr().out == SHOWN + "\n"


def test_right_findings_alone_are_one_line():
    assert (
        shown(Report("a.md", (Finding(RIGHT, at(1, 1, 2), "x"),)), page("x"))
        == "a.md: nothing wrong, 1 right"
    )
