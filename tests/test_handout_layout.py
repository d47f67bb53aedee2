"""Rows that fit, matrices with dots, numbers without noise, the drawing."""

import numpy as np
import pytest

from codegen.handout.drawing import MOST_LABELLED_TARGETS, draw
from codegen.handout.layout import LINE, packed, side_by_side, term_by_term
from codegen.handout.matrices import WIDEST, shown, snapped
from codegen.handout.svg import render_svg
from codegen.latex import width
from derive.network import Dense, Network


def test_what_fits_stands_on_one_line():
    (row,) = packed("a", ["b + c", "1 + 2", "3"])
    assert (row.left, row.relation, row.right) == ("a", "=", "b + c = 1 + 2 = 3")


def test_what_does_not_fit_begins_a_line():
    long = " + ".join(f"w_{{{k}}} x_{{{k}}}" for k in range(8))
    rows = packed("a", [long, "1 + 2 + 3 + 4 + 5 + 6", "21"], reason=("why",))
    assert [row.left for row in rows] == ["a", ""]
    assert rows[1].right == "1 + 2 + 3 + 4 + 5 + 6 = 21"
    assert [row.reason for row in rows] == [("why",), ()]


def test_a_very_long_side_is_broken_and_loses_nothing():
    terms = [f"w_{{{k}}} x_{{{k}}}" for k in range(60)]
    rows = packed("a", [" + ".join(terms)])
    assert len(rows) > 2
    assert [row.relation for row in rows] == ["=", *[""] * (len(rows) - 1)]
    assert " ".join(row.right for row in rows) == " + ".join(terms)
    assert all(width(row.right) <= LINE for row in rows)


def test_a_sum_that_does_not_fit_has_a_line_for_each_term():
    factors = [rf"x_{{{k}}}" for k in range(16)]
    term = r" \cdot ".join(factors)
    assert [row.right for row in term_by_term("a", ["x", "+ y"])] == ["x + y"]
    rows = term_by_term("a", [term, f"+ {term}"])
    assert [(row.left, row.relation) for row in rows] == [("a", "="), ("", "")]
    long = r" \cdot ".join([*factors, *factors])
    rows = term_by_term("a", [long, f"+ {long}"])
    assert len(rows) == 4
    assert " ".join(row.right for row in rows) == f"{long} + {long}"


def test_a_side_that_repeats_is_left_out():
    (row,) = packed("a", ["b", "b", "2"])
    assert row.right == "b = 2"


def test_equations_stand_side_by_side_as_they_fit():
    equations = [rf"\frac{{\partial a_{{{k}}}}}{{\partial b}} = {k}.25" for k in range(9)]
    rows = side_by_side(equations)
    assert 1 < len(rows) < 9
    assert r" \qquad ".join(row.right for row in rows) == r" \qquad ".join(equations)


def test_a_large_matrix_is_abbreviated_at_its_end():
    tex = shown(np.arange(400.0).reshape(20, 20), 6)
    assert tex.count(r"\\") == 4
    assert r"\vdots" in tex
    assert r"\ddots" in tex
    assert r"\cdots & 19 \\" in tex
    assert tex.endswith(r"\cdots & 399 \end{bmatrix}")


@pytest.mark.parametrize("digits", [1, 6, 12, 17])
def test_a_wide_matrix_is_made_narrower(digits):
    values = np.random.default_rng(1).normal(size=(2, 8))
    tex = shown(values, digits)
    assert width(tex) <= max(WIDEST, 3 * (0.6 * digits + 4))
    assert (r"\cdots" in tex) == (digits > 1)


def test_small_matrices_are_whole_and_vectors_stand_as_the_layout_says():
    assert shown([1, 2], 6) == r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}"
    assert shown([1, 2], 6, "row") == r"\begin{bmatrix} 1 & 2 \end{bmatrix}"
    assert shown(0.5, 6) == "0.5"


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (0.1 + 0.2, 0.3),
        (-0.30000000000000004, -0.3),
        (1 / 3, 1 / 3),
        (0.0, 0.0),
        (5e-17, 5e-17),
        (np.inf, np.inf),
    ],
)
def test_noise_of_floats_is_taken_off_and_digits_are_not(value, clean):
    assert snapped(np.array([value]))[0] == clean


def label(name, at):
    return f"{name}_{{{','.join(map(str, at))}}}"


def net(*units, bias="separate", layout="column"):
    return Network([Dense(n) for n in units[1:]], units[0], "squared-error", bias=bias, layout=layout)


@pytest.mark.parametrize(
    ("bias", "layout", "labels"),
    [
        ("none", "column", {"W1_{0,0}", "W1_{0,1}", "W1_{1,0}", "W1_{1,1}"}),
        ("separate", "row", {"W1_{0,0}", "W1_{0,1}", "W1_{1,0}", "W1_{1,1}", "b1_{0}", "b1_{1}"}),
        ("folded", "column", {f"W1_{{{i},{j}}}" for i in range(2) for j in range(3)}),
        ("folded", "row", {f"W1_{{{j},{i}}}" for i in range(2) for j in range(3)}),
    ],
)
def test_every_weight_is_written_on_its_line(bias, layout, labels):
    drawing = draw(net(2, 2, bias=bias, layout=layout), label)
    assert {edge.label for edge in drawing.edges} == labels
    # The line of a weight joins the units that its indices name.
    for edge in drawing.edges:
        if edge.label.startswith("W1") and bias == "none":
            row, column = edge.label[4:-1].split(",")
            ends = {drawing.nodes[edge.start].label, drawing.nodes[edge.end].label}
            assert ends == {f"x_{{{column}}}", f"a1_{{{row}}}"}


def test_labels_do_not_lie_on_each_other():
    for units in ((2, 2, 2), (3, 2, 2), (4, 4, 1), (2, 3, 2), (1, MOST_LABELLED_TARGETS, 4)):
        drawing = draw(net(*units), label)
        places = []
        for edge in drawing.edges:
            start, end = drawing.nodes[edge.start], drawing.nodes[edge.end]
            places.append((start.x + (end.x - start.x) * edge.at, start.y + (end.y - start.y) * edge.at))
        for number, (x, y) in enumerate(places):
            assert all(abs(x - u) > 1 or abs(y - v) > 0.3 for u, v in places[:number])


def test_too_many_lines_have_no_labels():
    drawing = draw(net(5, 5, 1, bias="none"), label)
    assert not any(edge.label for edge in drawing.edges if drawing.nodes[edge.start].shape == "input")
    assert len([e for e in drawing.edges if drawing.nodes[e.start].shape == "input"]) == 25


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        (r"w^{(1)}_{11}", ["w", "(1)", "11"]),
        (r"\mathrm{net}^{[1]}_{1}", ["net", "[1]", "1"]),
        (r"\hat{y}_{1}", ["y\u0302", "1"]),
        (r"\lambda_{2}", ["λ", "2"]),
        (r"\varphi", ["φ"]),
    ],
)
def test_labels_of_a_picture_are_plain_letters(tex, pieces):
    drawing = draw(net(1, 1, bias="none"), lambda name, _: tex if name == "x" else "q")
    svg = render_svg(drawing)
    for piece in pieces:
        assert f">{piece}</text>" in svg
    assert "\\" not in svg


def test_a_label_cannot_carry_markup():
    svg = render_svg(draw(net(1, 1), lambda *_: "<b onload=x>"))
    assert "<b" not in svg
    assert "&lt;b" in svg
