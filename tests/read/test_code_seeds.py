"""Every code cell of the seed notes is followed, and prints what the notes print."""

from pathlib import Path

import numpy as np
import pytest

from derive.read.code import Assigned, CodeCell, Printed, Shown, Unsupported, interpret
from derive.read.document import Document, code_cells, read_document
from derive.read.numbers import flatten, read_numbers

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
CONSISTENT = ("000", "001", "003", "004")
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed notes are not beside this repository")


def seed(number: str) -> Document:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return read_document(path)


def written(run) -> list[tuple[int, str]]:
    """What a notebook shows: text by the cell that was running."""
    events = [(e.order, e.running, e.text) for e in run.of_kind(Printed)]
    events += [(e.order, e.span.cell, e.text + "\n") for e in run.of_kind(Shown)]
    return [(cell, text) for _, cell, text in sorted(events)]


def lines_by_cell(pairs) -> dict[int, list[str]]:
    lines: dict[int, list[str]] = {}
    for cell, text in pairs:
        lines.setdefault(cell, []).extend(line.rstrip() for line in text.split("\n") if line.strip())
    return lines


def printed_in(document: Document) -> dict[int, list[str]]:
    return lines_by_cell((s.of, s.text) for s in document.segments if s.kind == "output")


@pytest.mark.parametrize("number", CONSISTENT)
def test_followed_code_prints_what_the_notes_print(number):
    document = seed(number)
    cells = code_cells(document)
    assert len(cells) > 3
    run = interpret(cells)
    assert lines_by_cell(written(run)) == printed_in(document)
    reasons = [event.reason for event in run.of_kind(Unsupported)]
    assert all("sklearn" in reason for reason in reasons)


@pytest.mark.parametrize("number", CONSISTENT)
def test_a_changed_operator_no_longer_prints_the_same(number):
    document = seed(number)
    cells = [
        CodeCell(c.text.replace("(1-sigmoid", "(2-sigmoid").replace("(1 - a)", "(2 - a)"), c.index)
        for c in code_cells(document)
    ]
    assert lines_by_cell(written(interpret(cells))) != printed_in(document)


def drawn_from_print(document: Document):
    """Supply the random numbers of seed 002 from what the notes print of them."""
    printed = [a for s in document.segments if s.kind == "output" for a in read_numbers(s.text)]
    by_label = {}
    for array in printed:
        by_label.setdefault(array.label, np.array([float(n.value) for n in flatten(array.entries)]))
    wanted = [("rand", (3, 2), "W_l1"), ("rand", (2, 3), "W_l2"), ("randint", (2, 1), "t")]

    def draw(kind, shape, _span):
        if wanted and wanted[0][:2] == (kind, shape):
            return by_label[wanted.pop(0)[2]].reshape(shape)
        return None

    return draw


def agree(ours: list[str], theirs: list[str]) -> bool:
    """Compare two printed texts: the same labels and shapes, and numbers to a few units of the last digit.

    The random numbers are known to eight digits only, so what follows from them is not exact to the last.
    """
    mine, notes = read_numbers("\n".join(ours)), read_numbers("\n".join(theirs))
    if [(a.label, a.shape) for a in mine] != [(a.label, a.shape) for a in notes]:
        return False
    return all(
        abs(float(x.value - y.value)) <= 40 * float(y.half_unit) + 1e-12
        for a, b in zip(mine, notes, strict=True)
        for x, y in zip(flatten(a.entries), flatten(b.entries), strict=True)
    )


def contradicted(document: Document, cells) -> list[int]:
    """Lines of the cells of the worked example of seed 002 whose output the code cannot have printed."""
    got = lines_by_cell(written(interpret(cells, draw=drawn_from_print(document))))
    said = printed_in(document)
    example = [cell for cell in said if document.segments[cell].start.line < 780]
    assert len(example) == 8
    return [document.segments[cell].start.line for cell in example if not agree(got[cell], said[cell])]


def test_random_numbers_taken_from_print_reproduce_the_rest():
    document = seed("002")
    # The notes show "W_l2 - mu * W_l2_grad" but print the result of a plus; the cell after it inherits that.
    assert contradicted(document, code_cells(document)) == [727, 747]
    printed_by = [CodeCell(c.text.replace("W_l2 - mu", "W_l2 + mu"), c.index) for c in code_cells(document)]
    assert contradicted(document, printed_by) == []


def test_the_update_is_followed_as_written():
    document = seed("002")
    run = interpret(code_cells(document), draw=drawn_from_print(document))
    new = [e for e in run.of_kind(Assigned) if e.name == "W_l2" and not e.drawn]
    assert np.allclose(new[-1].value[0], [0.88422821, 1.00612761, 0.54348066], atol=1e-7)


def test_what_depends_on_an_unknown_library_is_unknown():
    run = interpret(code_cells(seed("002")))
    unknown = {name for name, value in run.names.items() if type(value).__name__ == "Unknown"}
    assert {"X_train", "X_test", "y_train", "y_test", "loss"} <= unknown
    assert not {"x", "W_l1", "W_l2", "mu", "sizes", "EPOCHS"} & unknown
