"""Gradient programs as they are written: right ones raise no false alarm, planted mistakes are found."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from derive.check.code import check_code
from derive.check.code.book import CodeVerdicts
from derive.check.document import world_of
from derive.check.findings import Verdict
from derive.check.world import World
from derive.read.document import read_text
from derive.spec import load

PROGRAMS = Path(__file__).parent / "programs"

# The program, its network file, and how many of its claims are called right at least.
RIGHT = (
    ("random_start", "two_maps", 7),
    ("ascent_class", "ascent_class", 6),
    ("batches", "batches", 13),
    ("sample_loop", "batches", 16),
    ("stacked", "stacked", 23),
    ("labels", "labels", 14),
    ("relu_script", "relu_script", 11),
    ("layer_objects", "layer_objects", 8),
    ("one_unit", "one_unit", 6),
    ("gradient_check", "tanh_net", 8),
    ("einsum", "tanh_net", 11),
    ("plain_lists", "tanh_net", 9),
)
NETWORKS = {name: network for name, network, _ in RIGHT}

# The program, a text in it, what stands there instead, the code of the mistake, and how the line begins that
# it is found in: the one that was changed, where nothing else is said.
PLANTED = tuple(
    tuple(entry[key] for key in ("program", "old", "new", "code", "line"))
    for entry in json.loads((PROGRAMS / "planted.json").read_text(encoding="utf-8"))
)


@cache
def written(name: str) -> str:
    """Return the text of a program."""
    return (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")


@cache
def world(network: str) -> World:
    """Return the values of a network."""
    return world_of(load(PROGRAMS / f"{network}.toml"))


def judged(name: str, text: str) -> CodeVerdicts:
    """Judge a text as the program of that name."""
    return check_code(read_text(text, kind="py"), world(NETWORKS[name]))


def changed_line(text: str, old: str, new: str) -> int:
    """Return the line of the first character that differs."""
    same = next(
        (k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    return text.count("\n", 0, text.index(old) + same) + 1


@pytest.mark.parametrize(("name", "right"), [(name, right) for name, _, right in RIGHT])
def test_right_programs_raise_no_false_alarm(name: str, right: int) -> None:
    findings = judged(name, written(name)).findings
    faults = [
        (f.place.line, f.claim, f.hint) for f in findings if f.verdict in (Verdict.WRONG, Verdict.FOLLOWS)
    ]
    assert faults == []
    assert sum(f.verdict is Verdict.RIGHT for f in findings) >= right
    assert sum(f.verdict is Verdict.UNDECIDED for f in findings) <= 1


@pytest.mark.parametrize(("name", "old", "new", "code", "line"), PLANTED)
def test_a_planted_mistake_is_found_once_in_its_line_and_named(
    name: str, old: str, new: str, code: str, line: str
) -> None:
    text = written(name)
    assert text.count(old) == 1
    broken = text.replace(old, new)
    begins = (number for number, row in enumerate(broken.split("\n"), 1) if row.strip().startswith(line))
    place = next(begins) if line else changed_line(text, old, new)
    wrong = [f for f in judged(name, broken).findings if f.verdict is Verdict.WRONG]
    assert [f.code for f in wrong] == [code]
    assert wrong[0].place.line <= place <= wrong[0].place.end_line


def test_an_update_that_comes_too_early_is_explained() -> None:
    gradient = "    hidden_delta = output_delta.dot(second.T) * (hidden * (1 - hidden))\n"
    update = "    second += hidden.T.dot(output_delta)\n"
    broken = written("random_start").replace(gradient + update, update + gradient)
    (wrong,) = (f for f in judged("random_start", broken).findings if f.verdict is Verdict.WRONG)
    assert wrong.claim.startswith("hidden_delta =")
    assert "W2 has been updated before this line uses it" in wrong.hint


def test_a_long_training_is_followed_for_its_first_passes() -> None:
    notes = judged("random_start", written("random_start")).notes
    assert any(note.startswith("line 7: of this loop the first") for note in notes)


def test_a_program_about_something_else_is_told_what_was_looked_for() -> None:
    text = "import numpy as np\nq = np.arange(35.0).reshape(5, 7)\nr = q @ q.T\ns = r / 3\n"
    (note,) = judged("one_unit", text).notes
    assert "nothing in the code was recognised" in note
    assert "W1" in note
    assert "q 5x7" in note
    assert not judged("one_unit", written("one_unit").replace("rounds=1000", "rounds=3")).notes


def test_what_reads_a_mistake_follows_from_it() -> None:
    broken = written("stacked").replace("dZ = dA * s * (1 - s)", "dZ = dA * s")
    findings = judged("stacked", broken).findings
    root = next(k for k, f in enumerate(findings) if f.verdict is Verdict.WRONG)
    followers = [f for f in findings if f.verdict is Verdict.FOLLOWS]
    assert len(followers) >= 5
    assert {f.because_of for f in followers} == {root}
    assert any(f.claim.startswith('parameters["W" + name]') for f in followers)


def test_a_number_copied_wrongly_is_noted() -> None:
    broken = written("sample_loop").replace("[[0.2, -0.3], [0.4, 0.1]", "[[0.2, -0.3], [0.4, 0.7]")
    notes = judged("sample_loop", broken).notes
    assert "line 8: W1 has other numbers here than in the network file" in notes
    assert not any("other numbers" in note for note in judged("sample_loop", written("sample_loop")).notes)
