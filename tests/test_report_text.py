"""Text from documents: made visible, measured, cut; chains of findings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import FOLLOWS, HOSTILE, REPORT, RIGHT, UNDECIDED, WRONG, at, hidden

from codegen.report_text import CUT, columns, roots, short, snippet, summed_up, visible
from derive.check.findings import Finding


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("δ = ∂L/∂z", "δ = ∂L/∂z"),
        ("a\tb\nc", "a    b c"),
        ("\x1b[31m", "<U+001B>[31m"),
        ("\x7f\x9b", "<U+007F><U+009B>"),
        ("1\u202e2\u2066", "1<U+202E>2<U+2066>"),
        ("zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"),
        ("\ud800", "<U+D800>"),
        ("e\u0301 \u00a0x", "e\u0301 \u00a0x"),
        ("\u2028", "<U+2028>"),
    ],
)
def test_what_would_not_be_seen_is_named(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_nothing_hidden_is_left(text):
    assert hidden(visible(text)) == set()
    assert "\n" not in visible(text)


def test_the_test_notices_hidden_characters():
    assert hidden(HOSTILE) == set("\x1b\x07\x9b\u202e\u2066\u200b\ud800")


@pytest.mark.parametrize(("text", "wide"), [("abc", 3), ("δ", 1), ("漢字", 4), ("e\u0301", 1), ("", 0)])
def test_columns_are_those_of_a_terminal(text, wide):
    assert columns(text) == wide


LINES = st.text(st.characters(blacklist_characters="\n"), max_size=300)


@given(LINES, st.integers(0, 300), st.integers(0, 300), st.integers(20, 120))
def test_a_snippet_fits_and_its_carets_are_inside(line, start, end, width):
    cut = snippet(line, start, end, width)
    assert columns(cut.text) <= width
    assert cut.length >= 1
    # One column behind the end may be marked where the span is empty.
    assert cut.before + cut.length <= columns(cut.text) + 1


WITHOUT_ACCENTS = st.text(
    st.characters(blacklist_characters="\n", blacklist_categories=["Mn", "Me"]), max_size=300
)


@given(WITHOUT_ACCENTS, st.data(), st.integers(30, 120))
def test_the_carets_are_under_the_span(line, data, width):
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    cut = snippet(line, start, end, width)
    marked = at_columns(cut.text, cut.before, cut.length)
    wanted = visible(line[start:end])
    if columns(wanted) > 0:
        assert wanted.startswith(marked) or marked.startswith(wanted)
        if columns(wanted) <= width - 2 * len(CUT) - 8:
            assert columns(marked) == columns(wanted)


def at_columns(text: str, before: int, length: int) -> str:
    """Return what a terminal shows in a range of columns."""
    column, found = 0, ""
    for character in text:
        if before <= column < before + length:
            found += character
        column += columns(character)
    return found


def test_a_wide_line_is_cut_around_the_span():
    line = "x" * 500 + "HERE" + "y" * 500
    cut = snippet(line, 500, 504, 40)
    assert cut.text == "..." + "x" * 15 + "HERE" + "y" * 15 + "..."
    assert cut.text[cut.before : cut.before + cut.length] == "HERE"


def test_near_an_end_the_room_goes_to_the_other_side():
    assert snippet("HERE" + "y" * 100, 0, 4, 40).text == "HERE" + "y" * 30 + "..."
    assert snippet("x" * 100 + "HERE", 100, 104, 40).text == "..." + "x" * 30 + "HERE"


def test_a_span_too_long_is_cut_at_its_end():
    cut = snippet("a" * 10 + "b" * 1000, 10, 1010, 40)
    assert cut.before + cut.length <= 40 - len(CUT)
    assert set(cut.text[cut.before : cut.before + cut.length]) == {"b"}


def test_a_place_outside_the_line_is_brought_inside():
    assert snippet("abc", 7, 9, 40) == ("abc", 3, 1)
    assert snippet("abc", -4, 2, 40) == ("abc", 0, 2)


@given(st.text(max_size=2000), st.integers(10, 100))
def test_a_short_text_is_one_line_that_fits(text, width):
    shown = short(text, width)
    assert columns(shown) <= width + len(CUT)
    assert "\n" not in shown
    assert hidden(shown) == set()


def test_a_short_text_says_that_it_was_cut():
    assert short("a  b\n c", 10) == "a b c"
    assert short("a" * 50, 10).endswith(CUT)
    assert short(" " * 500 + "a", 10).endswith(CUT)


def chain(*causes: int | None) -> list[Finding]:
    return [
        Finding(WRONG if cause is None else FOLLOWS, at(1, 1, 2), "", because_of=cause) for cause in causes
    ]


@pytest.mark.parametrize(
    ("causes", "found"),
    [
        ((None, 0, 1, 2), {1: 0, 2: 0, 3: 0}),
        ((None, None, 1, 0), {2: 1, 3: 0}),
        ((1, 0), {}),
        ((0,), {}),
        ((7, -1), {}),
    ],
)
def test_a_finding_stems_from_the_wrong_claim_at_the_end_of_the_chain(causes, found):
    assert roots(chain(*causes)) == found


def test_a_finding_cannot_stem_from_a_right_claim():
    right = Finding(RIGHT, at(1, 1, 2), "")
    assert roots([right, *chain(0)]) == {}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((41, 2, 5, 1), "2 wrong, 5 follow from them, 1 undecided, 41 right"),
        ((3, 1, 1, 0), "1 wrong, 1 follows from it, 3 right"),
        ((3, 0, 0, 0), "nothing wrong, 3 right"),
        ((0, 0, 0, 0), "no claim was found in it"),
    ],
)
def test_the_numbers_are_summed_up(counts, words):
    names = (verdict.value for verdict in (RIGHT, WRONG, FOLLOWS, UNDECIDED))
    assert summed_up(dict(zip(names, counts, strict=True))) == words


def test_the_summary_counts_the_findings():
    numbers = [int(number) for number in re.findall(r"\d+", summed_up(REPORT.summary))]
    assert sum(numbers) == len(REPORT.findings)
