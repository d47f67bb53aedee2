"""The benchmark: contenders are compared before they are timed, and its page says what was measured."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "bench"))

import accuracy
import commands
import contender
import generated_code
import notes
import page
import picture
import timing
from cells import Cell, all_cells

CELLS = [Cell((2, 3, 2), None, "float64"), Cell((2, 3, 2), 5, "float64"), Cell((3, 4, 3, 2), 5, "float32")]


def truth(cell):
    params, x, y = cell.numbers
    compute = notes.one_sample if cell.batch is None else notes.batch
    return compute([p.astype(float) for p in params], x.astype(float), y.astype(float))


@pytest.mark.parametrize("cell", CELLS, ids=lambda c: f"{c.name}-{c.batch}")
def test_the_contenders_agree(cell):
    makers = generated_code.array, generated_code.auto, generated_code.scalar
    made = [notes.notes(cell), *(one for make in makers for one in make(cell))]
    contender.compare([*made, notes.products(cell)], truth(cell), cell.dtype)
    names = {one.name for one in made}
    assert {"NumPy notes", "chainrule array"} <= names
    assert ({"chainrule auto", "chainrule scalar, lists"} <= names) is (cell.batch is None)


@pytest.mark.parametrize("cell", CELLS, ids=lambda c: f"{c.name}-{c.batch}")
@pytest.mark.parametrize("part", ["loss", "first", "last", "shape"])
def test_a_contender_that_is_wrong_is_refused(cell, part):
    loss, gradient = truth(cell)
    wrong = [np.array(g) for g in gradient]
    if part == "shape":
        wrong[0] = wrong[0].T.copy() if wrong[0].shape[0] != wrong[0].shape[1] else wrong[0].ravel()
    elif part != "loss":
        wrong[0 if part == "first" else -1] *= 1.01
    result = (loss * 1.01 if part == "loss" else loss), wrong
    spoiled = contender.Contender("spoiled", lambda: result, lambda r: r)
    with pytest.raises(contender.DisagreementError, match=r"spoiled|shape"):
        contender.compare([spoiled], (loss, gradient), cell.dtype)


def test_nan_is_refused():
    loss, gradient = truth(CELLS[0])
    spoiled = contender.Contender("spoiled", lambda: (np.nan, gradient), lambda r: r)
    with pytest.raises(contender.DisagreementError, match="spoiled"):
        contender.compare([spoiled], (loss, gradient), "float64")


def test_the_cells_are_those_of_the_table():
    cells = all_cells()
    assert len(cells) == len(set(cells)) == 3 * 2 + 4 * 4 * 2


def test_ratios_are_those_of_the_times(monkeypatch):
    """A clock that a run itself moves: what is measured is known, whatever the machine does."""
    now = [0.0]

    def running(seconds):
        def run():
            now[0] += seconds

        return run

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    made = [
        contender.Contender(name, running(s), None) for name, s in (("a", 1e-3), ("b", 4e-3), ("c", 1e-6))
    ]
    made.append(contender.Contender("ten at once", running(2e-2), None, 10))
    times = timing.timed(made, 0.1)
    assert times.ratios["a"]["b"] == pytest.approx(4)
    assert times.ratios["b"]["c"] == pytest.approx(1 / 4000)
    assert times.seconds["c"] == pytest.approx(1e-6)
    assert times.seconds["ten at once"] == pytest.approx(2e-3)
    assert times.ratios["a"]["ten at once"] == pytest.approx(2)
    assert times.spread == pytest.approx(1)


def made_up(names):
    seconds = dict(names)
    ratios = {base: {name: s / seconds[base] for name, s in names} for base in seconds}
    return timing.Times(seconds, ratios, 1.5, 7)


def test_the_page_states_the_worst_row_and_the_plot_has_every_contender():
    shared = [("products alone", 1e-6), ("NumPy notes", 5e-6)]
    cells = {
        CELLS[1]: made_up([*shared, ("chainrule array", 4e-6), ("jax.jit", 2e-6)]),
        CELLS[2]: made_up([*shared, ("chainrule array", 2e-6), ("jax.jit", 3e-6)]),
    }
    scores = {("chainrule array", 1, "float64"): accuracy.Score(3.25, 2, 40)}
    text = page.page(page.Results(["a machine"], cells, {}, [], [], scores, quick=True))
    assert "in 1 of 2 rows" in text
    assert "| 2-3-2 | 5 | float64 | 2.00 | jax.jit |" in text
    assert "| chainrule array | float64 | 3.25 eps; 2 of 40 |" in text
    assert "quick run" in text
    svg = picture.picture(cells)
    assert svg.count("<title>jax.jit</title>") == len(cells)


def test_generated_code_is_exact(monkeypatch):
    """At scale 1 within 4 eps, at scale 30 no entry off by half; the code of the notes loses some."""
    monkeypatch.setattr(accuracy, "SCALES", (1, 30))
    monkeypatch.setattr(accuracy, "SEEDS", 1)
    makers = [generated_code.array, generated_code.auto, generated_code.scalar, lambda c: [notes.notes(c)]]
    found = accuracy.scores(makers)
    assert {dtype for _, _, dtype in found} == {"float32", "float64"}
    for (name, scale, dtype), score in found.items():
        if name.startswith("chainrule"):
            assert score.lost == 0, (name, scale, dtype)
            assert scale > 1 or score.error <= 4, (name, dtype, score.error)
        else:
            assert (score.lost == 0) is (scale == 1)


def test_a_lost_entry_is_counted():
    score = accuracy.Score()
    score.add([np.array([1.0, 0.0, 5.0])], [np.array([1.0, 1e-9, 1e-320])], "float64")
    assert (score.lost, score.entries) == (1, 2)
    assert score.error > 1


def test_the_stages_of_a_handout_make_up_the_whole():
    seconds = dict.fromkeys((*commands.FLOOR, *commands.COMMANDS), 0.5) | {
        "--help": 0.75,
        "trace lecture6": 0.9,
    }
    stages = [("the interpreter", 0.1), ("import of SymPy", 0.4), ("printing", 0.25), ("TeX", 0.25)]
    first = {name: [[0.04, 0.02], [0.05, 0.01], [0.06, 0.03]] for name in commands.NETWORKS}
    text = commands.page(seconds, stages, first, ["a machine"])
    assert "handout lecture6`: 1000 ms" in text
    assert "| printing | 250 ms | 25 % |" in text
    assert "are the floor: 750 ms, 75 %" in text
    assert "takes 250 ms more than the interpreter" in text
    assert "| trace lecture6 | 900 ms | 400 ms |" in text
    assert "| 784-128-10 | 50 ms | 20 ms | 25.0 ms |" in text


def test_what_is_measured_of_commands_runs(tmp_path):
    run = commands.Runner(tmp_path)
    del run.environment["PYTHONPYCACHEPREFIX"]
    stages = json.loads(run(commands.STAGES, "tex"))
    assert {"import of SymPy", "matrix forms and their proofs", "the template"} <= stages.keys()
    assert all(taken > 0 for taken in stages.values())
    first, later = json.loads(run(commands.FIRST_CALL, "[2, 2, 2]"))
    assert 0 < later <= first
    with pytest.raises(RuntimeError, match=r"ended with 2: .*no-such-example"):
        run("from codegen.cli import main; main()", "trace", "no-such-example")
