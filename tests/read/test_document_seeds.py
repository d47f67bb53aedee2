"""The seed notes: what their segments are."""

from pathlib import Path

import pytest

from derive.read.document import read_document

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed notes are not beside this repository")


def seed(number):
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return read_document(path), path.read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        ("000", {"code": 20, "output": 19, "picture": 0}),
        ("001", {"code": 13, "output": 9, "picture": 0}),
        ("002", {"code": 18, "output": 12, "picture": 1}),
        ("003", {"code": 14, "output": 14, "picture": 0}),
        ("004", {"code": 4, "output": 1, "picture": 1}),
    ],
)
def test_every_cell_and_every_output_is_found(number, counts):
    document, lines = seed(number)
    kinds = [s.kind for s in document.segments]
    marks = sum(line.startswith("In [") for line in lines)
    assert {kind: kinds.count(kind) for kind in counts} == counts
    assert marks in (0, counts["code"])


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_every_line_with_words_or_digits_belongs_to_a_segment_and_to_its_place(number):
    document, lines = seed(number)
    covered = set()
    for segment in document.segments:
        covered |= {place.line for place in segment.lines}
        for offset, char in enumerate(segment.text):
            if char.isalnum():
                place = segment.locate(offset)
                assert lines[place.line - 1][place.column - 1] == char
    frame = ("In [", "$$", "\\begin{align", "\\end{align")
    missed = [
        number
        for number, line in enumerate(lines, 1)
        if any(c.isalnum() for c in line) and number not in covered and not line.strip().startswith(frame)
    ]
    assert missed == []


def test_the_two_forgotten_marks_of_seed_002_are_noticed():
    document, lines = seed("002")
    noted = [s for s in document.segments if s.note and s.kind == "formula"]
    assert [s.note for s in noted] == ["the closing $$ is missing"] * 2
    prose = [s.text for s in document.segments if s.kind == "text"]
    assert prose.count("In general:") == sum(line == "In general:" for line in lines)
    assert "Activation function:" in prose


def test_the_display_formulas_of_seed_003_lose_their_frames():
    document, _ = seed("003")
    formulas = [s for s in document.segments if s.kind == "formula"]
    assert not any("split" in s.text or "\\[" in s.text for s in formulas)
    assert {s.form for s in formulas} == {"\\(", "\\[", "split"}
