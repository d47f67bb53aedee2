"""TeX takes what is printed, and sets it about as wide as estimated."""

import re
import shutil
import subprocess

import pytest

from codegen.derivation_text import render
from codegen.latex import Speller, broken, matrix, print_latex, stamped, width
from derive import examples
from derive.derivation import derive
from derive.losses import SUM_OF_TARGETS
from derive.network import Dense, Network
from derive.notation import PROFILES
from derive.spec import load

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
HEAD = "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"


def run_tex(folder, body):
    (folder / "t.tex").write_text(f"{HEAD}{body}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def widths(folder, formulas):
    """Return the width of each formula in em, as TeX sets it."""
    boxes = (rf"\setbox0\hbox{{$\displaystyle {f}$}}\typeout{{WIDTH \the\wd0}}" for f in formulas)
    done = run_tex(folder, "\n".join(boxes))
    assert done.returncode == 0, done.stdout[-2000:]
    return [float(points) / 10 for points in re.findall(r"WIDTH ([\d.]+)pt", done.stdout)]


@needs_tex
def test_every_view_of_every_example_is_taken_by_tex(tmp_path):
    blocks = []
    for name in examples.names():
        for view in ("index", "element", "matrix", "path"):
            blocks += render(load(name), view=view, format="latex").split("\n\n")
    assert len(blocks) > 40
    assert not re.search("[\ue000-\uf8ff]", "".join(blocks)), "a mark was left over"
    done = run_tex(tmp_path, "\n".join(f"\\[{block}\\]" for block in blocks))
    assert done.returncode == 0, done.stdout[-2000:]


@needs_tex
def test_a_formula_that_tex_does_not_take_is_noticed(tmp_path):
    assert run_tex(tmp_path, r"\[ W^{(1)}^{\mathsf{T}} \]").returncode != 0


def samples():
    nets = [
        (
            Network(
                [Dense(2, "sigmoid"), Dense(3, "softmax")], inputs=2, loss="cross-entropy", bias="folded"
            ),
            "bracket",
        ),
        (Network([Dense(2, "relu"), Dense(3, "tanh")], inputs=11, loss="huber", layout="row"), "in-out"),
        (
            Network([Dense(2, "gelu"), Dense(3, "sigmoid")], inputs=2, loss="binary-cross-entropy"),
            "zero-based",
        ),
        (Network([Dense(2, "elu"), Dense(4, "linear")], inputs=2, loss="hinge", bias="none"), "subscript"),
        (Network([Dense(2, "silu"), Dense(4, "softplus")], inputs=2, loss="absolute-error"), "superscript"),
    ]
    for net, profile in nets:
        for batch in (None, 2):
            derivation = derive(net, batch, (SUM_OF_TARGETS,))
            speller = Speller(derivation, PROFILES[profile])
            for step in derivation.program.steps:
                yield speller.equation(step)
                yield stamped(step, speller).sides(tuple(0 for _ in step.indices))
                yield tuple(
                    print_latex(derivation.as_matrix(step.tensor.name), PROFILES[profile]).split(" = ", 1)
                )
            for layer, activation in speller.facts.activations.items():
                yield tuple(speller.definition(activation, layer).split(" = ", 1))


@needs_tex
def test_the_estimated_width_is_near_the_true_one(tmp_path):
    formulas = list(dict.fromkeys(" = ".join(sides) for sides in samples()))
    formulas += [matrix([[0.1, -0.25], [1, 2.3456789]]), matrix([1e-9, -1e12])]
    true = widths(tmp_path, formulas)
    assert len(true) == len(formulas) > 200
    off = {f: (width(f), t) for f, t in zip(formulas, true, strict=True) if not 0.93 <= width(f) / t <= 1.13}
    assert off == {}


@needs_tex
def test_no_row_is_wider_than_the_line(tmp_path):
    line = 30.0
    pairs = [sides for sides in samples() if r"\begin{cases}" not in sides[1]]
    tables = [rows for rows in (broken(left, [right], line) for left, right in pairs) if len(rows) > 1]
    assert len(tables) >= 5
    set_in_tex = [r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}" for rows in tables]
    assert max(widths(tmp_path, set_in_tex)) <= line * 1.05
    whole = [rf"{left} = {right}" for left, right in pairs]
    assert max(widths(tmp_path, whole)) > line * 1.05, "nothing here needed to be broken"


@pytest.mark.parametrize(
    ("side", "line", "rows"),
    [
        ("a + b", 40, ["x &= a + b"]),
        ("aaaaaaaa + bbbbbbbb - cccccccc", 12, ["x &= aaaaaaaa + bbbbbbbb", r"&\quad - cccccccc"]),
        (
            r"\frac{aaaa}{b} \frac{cccc}{d} \frac{eeee}{f}",
            8,
            [r"x &= \frac{aaaa}{b} \frac{cccc}{d}", r"&\quad \cdot \frac{eeee}{f}"],
        ),
        (r"\sum_{j=1}^{2} aaaaaaaaaaaa", 4, [r"x &= \sum_{j=1}^{2} aaaaaaaaaaaa"]),
        (r"\frac{aaaaaaaaaa + bbbbbbbbbb}{c}", 4, [r"x &= \frac{aaaaaaaaaa + bbbbbbbbbb}{c}"]),
        (
            r"\left(\frac{a}{b} + cccccccccc + dddddddd\right) e",
            12,
            [r"x &= \Bigl(\frac{a}{b} + cccccccccc", r"&\quad + dddddddd\Bigr) e"],
        ),
    ],
)
def test_where_a_line_is_broken(side, line, rows):
    assert broken("x", [side], line) == rows


def test_each_side_of_a_chain_begins_a_row():
    assert broken("x", ["a", "b"], 40) == ["x &= a", "&= b"]
