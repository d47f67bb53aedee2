"""The page of a report: escaped, complete, with every claim marked in place."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import HOSTILE, NOTES, REPORT, RIGHT, UNDECIDED, WRONG, at, hidden, hostile_report, page

from codegen.report_html import report_page
from codegen.report_marks import marks_of, pieces
from codegen.report_text import visible
from codegen.report_view import AROUND, LONGEST_GAP, LONGEST_PIECE
from derive.check.findings import Finding, Place, Report

VOID = {"meta", "input"}


class Reader(HTMLParser):
    """Reads a page: its tags, attributes, texts, and the text of each line of the document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.marked: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += attributes
        name = dict(attributes).get("class") or ""
        if tag not in VOID:
            self.stack.append((tag, name))
        if name == "text":
            self.lines.append("")
        if tag == "mark":
            self.marked.append((name, ""))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        if any(tag == "style" for tag, _ in self.stack):
            return
        self.text += data
        inside = [name for _, name in self.stack]
        if any(name.startswith("tag") for name in inside):
            return
        if "text" in inside:
            self.lines[-1] += data
        if self.stack and self.stack[-1][0] == "mark":
            self.marked[-1] = (self.marked[-1][0], self.marked[-1][1] + data)


def read(*judged, spec="lecture6") -> Reader:
    reader = Reader(report_page(judged, spec))
    assert reader.stack == []
    return reader


def test_the_claims_are_marked_in_place():
    reader = read((REPORT, [NOTES]))
    assert reader.lines == [line.text for line in NOTES.lines]
    legend = 4
    assert reader.marked[legend:] == [
        ("right", "a = 0.5"),
        ("wrong", "-t - y"),
        ("follows", "dz = 0.7"),
        ("follows", "db = 0.7"),
        ("undecided", "q(3) = 1"),
    ]


def test_a_wrong_mark_is_noticed():
    moved = Report("a.md", (Finding(WRONG, at(2, 19, 26), "x", code="sign"),))
    assert ("wrong", "-t - y") not in read((moved, [NOTES])).marked


def test_each_verdict_has_a_symbol_besides_its_colour():
    text = read((REPORT, [NOTES])).text
    assert all(symbol in text for symbol in ("✓", "✗2", "↳3", "↳4", "?5"))


def test_the_findings_are_told():
    text = read((REPORT, [NOTES])).text
    for words in (
        "1 wrong, 2 follow from it, 1 undecided, 1 right",
        "a wrong sign",
        "this term should be added",
        "at the example: -0.5 against -1.5",
        "q is not known",
        "negative-gradient",
        "line 9: a picture",
        "verified against lecture6",
    ):
        assert words in text


def test_every_link_leads_somewhere():
    reader = read((REPORT, [NOTES]), (REPORT, [NOTES]))
    ids = [value for name, value in reader.attributes if name == "id"]
    targets = [value for name, value in reader.attributes if name == "href"]
    assert len(ids) == len(set(ids))
    assert len(targets) > 20
    assert all(target.startswith("#") and target[1:] in ids for target in targets)


def outside(text: str) -> list[str]:
    """What a page would fetch or run."""
    reader = Reader(text)
    found = [tag for tag in ("script", "link", "img", "iframe", "object", "base") if reader.tags[tag]]
    found += [name for name, _ in reader.attributes if name == "src" or name.startswith("on")]
    return found + re.findall(r"url\(|@import|https?:", text)


def test_the_page_needs_nothing_else_and_runs_nothing():
    text = report_page([(REPORT, [NOTES])], "lecture6")
    assert outside(text) == []
    assert "default-src 'none'" in text


@pytest.mark.parametrize(
    "text",
    ["<script>1</script>", "<p onclick='x'></p>", "<style>a{background:url(x)}</style>", "<img src=x>"],
)
def test_what_would_be_fetched_is_noticed(text):
    assert outside(text) != []


def test_nothing_hostile_reaches_the_page():
    report, pages = hostile_report()
    text = report_page([(report, pages), (report, pages)], HOSTILE)
    assert hidden(text) == set()
    assert outside(text) == []
    reader = Reader(text)
    assert reader.tags.keys() <= Reader(report_page([(REPORT, [NOTES])] * 2, "x")).tags.keys() | {"h3"}
    assert visible(HOSTILE) in reader.text
    assert "49" not in reader.text  # the braces are text, not a template


def test_the_hostile_test_would_notice_raw_text():
    assert Reader(f"<p>{HOSTILE}</p>").tags["script"] == 1


def test_the_cells_of_a_notebook_have_titles_and_lines_of_their_own():
    finding = Finding(WRONG, at(1, 1, 4, cell=1), "two", code="sign")
    reader = read((Report("n.ipynb", (finding,)), [page("one", cell=0), page("two", cell=1)]))
    assert "Cell 0" in reader.text
    assert "Cell 1" in reader.text
    assert reader.marked[-1] == ("wrong", "two")


def test_a_finding_in_no_known_cell_is_shown_all_the_same():
    finding = Finding(WRONG, at(1, 1, 4, cell=9), "lost claim", code="sign")
    assert "lost claim" in read((Report("n.ipynb", (finding,)), [page("one", cell=0)])).text


def test_long_stretches_without_claims_are_left_out():
    lines = page(*(f"row {n}" for n in range(1, 1001)))
    report = Report("a.md", (Finding(RIGHT, at(500, 1, 4), "row"),))
    shown = read((report, [lines])).lines
    assert [line for line in shown if "500" in line] == ["row 500"]
    assert f"lines {AROUND + 1} to {500 - AROUND - 1}, without claims, are left out" in shown
    assert len(shown) < 4 * AROUND + 10


@given(st.lists(st.integers(1, 900), max_size=5), st.integers(900, 1500))
def test_what_is_left_out_and_what_is_shown_make_up_the_document(marked, count):
    findings = tuple(Finding(RIGHT, at(line, 1, 2), "x") for line in sorted(marked))
    shown = read((Report("a.md", findings), [page(*map(str, range(1, count + 1)))])).lines
    numbers: list[int] = []
    for line in shown:
        if gap := re.fullmatch(r"lines (\d+) to (\d+), without claims, are left out", line):
            first, last = map(int, gap.groups())
            assert not set(marked) & set(range(first - AROUND, last + AROUND + 1)) - {0}
            assert last - first >= LONGEST_GAP - 2 * AROUND - 2
            numbers += range(first, last + 1)
        else:
            numbers.append(int(line))
    assert numbers == list(range(1, count + 1))


def test_an_endless_line_is_shortened():
    report = Report("a.md", (Finding(WRONG, at(1, 500_001, 500_005), "HERE", code="sign"),))
    text = report_page([(report, [page("x" * 500_000 + "HERE" + "y" * 500_000)])], "s")
    assert len(text) < 30_000
    assert "characters left out" in text
    assert ">HERE</mark>" in text
    assert LONGEST_PIECE < 10_000


SPANS = st.tuples(st.integers(1, 5), st.integers(-2, 15), st.integers(0, 3), st.integers(-2, 15))


@given(
    st.lists(st.text("ab \t", max_size=12), min_size=1, max_size=4), st.lists(SPANS, max_size=8), st.data()
)
def test_pieces_make_up_the_line_and_every_claim_begins_once(lines, spans, data):
    verdicts = st.sampled_from([RIGHT, WRONG, UNDECIDED])
    findings = [
        Finding(data.draw(verdicts), Place(line, start, line + more, end), "x")
        for line, start, more, end in spans
    ]
    document = page(*lines)
    marks = marks_of(document, dict(enumerate(findings)))
    begun: Counter[int] = Counter()
    for number, line in enumerate(lines, start=1):
        cut = list(pieces(line, marks.get(number, ()), findings))
        assert "".join(piece.text for piece in cut) == line
        begun.update(finding for piece in cut for finding in piece.begins)
        loud = {k for k, mark in enumerate(line) if in_wrong(k, marks.get(number, ()), findings)}
        assert {k for k in loud if findings[covering(cut, k)].verdict is not WRONG} == set()
    assert begun == Counter(range(len(findings)))


def in_wrong(position, marks, findings) -> bool:
    return any(
        mark.start <= position < mark.end and findings[mark.finding].verdict is WRONG for mark in marks
    )


def covering(cut, position) -> int:
    for piece in cut:
        if position < len(piece.text):
            return piece.finding
        position -= len(piece.text)
    raise AssertionError("the pieces are shorter than the line")
