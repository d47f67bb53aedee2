"""What ``chainrule derive`` shows: each view and format, of all or of one weight."""

import json
import re

import pytest
import sympy as sp

from codegen import selection
from codegen.derivation_text import VIEWS, render
from codegen.plaintext import PlainSpeller
from codegen.selection import WeightError
from derive import examples
from derive.derivation import derive
from derive.program import name_of
from derive.spec import load, parse
from derive.views import TooLargeError, expanded

KEYS = ["name", "indices", "expression", "rule", "statement", "assumptions", "latex"]


def spec_of(units, inputs=2, *, extra="", loss="half-squared-error", activation="sigmoid"):
    layers = "".join(f'[[network.layers]]\nunits = {n}\nactivation = "{activation}"\n' for n in units)
    return parse(f'[network]\ninputs = {inputs}\nloss = "{loss}"\n{layers}{extra}', "test.toml")


def test_the_index_view_names_the_rule_of_each_step():
    text = render(load("lecture6"))
    assert text.splitlines()[1].split("  #") == [
        "z1[i] = sum(W1[i, j]*X1[j], j)".ljust(60),
        " the weighted sums of layer 1",
    ]
    assert text.splitlines()[-1] == "sigmoid'(z) = sigmoid(z)*(1 - sigmoid(z))"


def test_one_weight_is_shown_by_the_backward_steps_that_lead_to_it():
    assert render(load("lecture6"), view="element", weight="W1[0, 1]").splitlines() == [
        "da2[0] = a2[0] - y[0]",
        "da2[1] = a2[1] - y[1]",
        "dz2[0] = da2[0]*sigmoid'(z2[0])",
        "dz2[1] = da2[1]*sigmoid'(z2[1])",
        "dX2[1] = dz2[0]*W2[0, 1] + dz2[1]*W2[1, 1]",
        "da1[0] = dX2[1]",
        "dz1[0] = da1[0]*sigmoid'(z1[0])",
        "dW1[0, 1] = dz1[0]*X1[1]",
        "W1_new[0, 1] = W1[0, 1] - eta*dW1[0, 1]",
        "sigmoid'(z) = sigmoid(z)*(1 - sigmoid(z))",
    ]
    assert "W2_new" not in render(load("lecture6"), weight="W1[0,1]")


@pytest.mark.parametrize("name", examples.names())
def test_an_element_is_shown_with_every_adjoint_it_is_made_of(name):
    spec = load(name)
    for parameter, shape in spec.network.parameter_shapes.items():
        last = tuple(extent - 1 for extent in shape)
        weight = f"{parameter}[{','.join(map(str, last))}]"
        found = json.loads(render(spec, view="element", weight=weight, format="json"))
        program = derive(spec.network).program
        shown = {(step["name"], tuple(step["indices"])) for step in found["steps"]}
        assert (f"d{parameter}", last) in shown
        for step_name, at in shown:
            for node in expanded(program.step(step_name), at).atoms(sp.Indexed):
                if name_of(node).startswith("d"):
                    assert (name_of(node), tuple(map(int, node.indices))) in shown


@pytest.mark.parametrize("name", examples.names())
def test_latex_is_in_the_notation_of_the_file(name):
    marks = {
        "lecture6": r"\mathrm{net}^{[1]}_{2}",
        "linear-output": r"\frac{\partial \mathrm{MSE}}{\partial y_{0}}",
        "no-bias": r"-\delta^{1}_{1} x_{2}",
        "row-vectors": r"f_{1}'(z_{1,2})",
        "single-instance": r"\mathrm{in}_{1,1} &= w_{1,11} x_{1} + w_{1,21} x_{2} + b_{1,1}",
    }
    text = render(load(name), view="element", format="latex")
    assert text.startswith("\\begin{aligned}\n")
    assert marks[name] in text


def test_text_has_the_derivative_by_z_also_where_delta_is_its_negative():
    text = render(load("no-bias"), view="index")
    assert "dz2[i] = da2[i]*sigmoid'(z2[i])" in text
    assert r"\delta^{2}_{i} &= -\frac{\partial C}" in render(load("no-bias"), format="latex")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("weight", [None, "W2[0,1]"])
def test_json_has_the_keys_that_are_promised(view, weight):
    found = json.loads(render(load("row-vectors"), view=view, weight=weight, format="json"))
    assert found["view"] == view
    assert found["weight"] == (None if weight is None else {"name": "W2", "indices": [0, 1]})
    for step in found["steps"]:
        assert list(step)[: len(KEYS)] == KEYS
        assert all(isinstance(step[key], str) for key in ("expression", "rule", "statement", "latex"))
        assert step["expression"]
        assert step["latex"]
    kinds = {"index": str, "matrix": str, "element": int, "path": int}
    assert {type(k) for step in found["steps"] for k in step["indices"]} == {kinds[view]}


def test_the_json_of_paths_has_their_factors():
    found = json.loads(render(load("lecture6"), view="path", weight="W1[0,1]", format="json"))
    (step,) = found["steps"]
    assert [len(path) for path in step["paths"]] == [6, 6]
    assert step["paths"][0][0] == {"of": "L", "by": "a2[0]", "value": "a2[0] - y[0]"}
    assert step["paths"][1][-1] == {"of": "z1[0]", "by": "W1[0, 1]", "value": "X1[1]"}
    assert step["expression"].startswith("(a2[0] - y[0]) * a2[0]*(1 - a2[0]) * W2[0, 1] * 1 * ")


def test_paths_of_every_weight():
    spec = load("no-bias")
    text = render(spec, view="path")
    assert len(text.split("\n\n")) == spec.network.weights
    assert render(spec, view="path", weight="W2[0,1]") in text.split("\n\n")


def test_a_shorter_form_is_shown_with_its_assumption():
    spec = spec_of([3, 2], loss="cross-entropy", activation="softmax")
    given = "   (given: the targets of a sample sum to 1)"
    assert [line for line in render(spec).splitlines() if line.endswith(given)] != []
    assert r"\quad \text{(the targets of a sample sum to 1)}" in render(spec, format="latex")
    steps = json.loads(render(spec, format="json"))["steps"]
    assert [s["expression"] for s in steps if s["assumptions"]] == ["a2[i] - y[i]"]


def test_matrix_view():
    text = render(load("row-vectors"), view="matrix")
    assert text.splitlines()[0].split("  #")[0].strip() == "z1 = x @ W1 + b1"
    latex = render(load("row-vectors"), view="matrix", format="latex")
    assert r"\frac{\partial J}{\partial W_{1}} &= x^{\mathsf{T}} \delta_{1} \\" in latex


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (
            "W1",
            "weight 'W1': expected a name and indices from 0, as in W1[0,1]; there are W1[0..1,0..2], W2[",
        ),
        ("W1[0,1][0]", "expected a name and indices"),
        ("W1[0,1", "expected a name and indices"),
        ("W1[0,1]; import os", "expected a name and indices"),
        ("", "expected a name and indices"),
        ("W1[0]", "weight 'W1[0]' does not exist: expected W1[0..1,0..2]"),
        ("W1[2,0]", "does not exist: expected W1[0..1,0..2]"),
        ("W1[0,-1]", "does not exist"),
        ("W1[0,x]", "does not exist"),
        ("W1[0,99999999999999999999]", "does not exist"),
        ("W1[,]", "does not exist"),
        ("W1[\u0661,0]", "does not exist"),
        ("b1[0]", "there is no parameter b1; there are W1[0..1,0..2], W2[0..1,0..2]"),
        ("w1[0,0]", "did you mean W1?"),
        ("z1[0]", "there is no parameter z1"),
        ("W1[0,1]" + " " * 500 + "and more", "expected a name and indices"),
    ],
)
def test_a_weight_that_is_none_is_refused(weight, message):
    with pytest.raises(WeightError, match=re.escape(message)):
        render(load("lecture6"), weight=weight)


@pytest.mark.parametrize(("option", "value"), [("view", "elements"), ("format", "tex")])
def test_an_unknown_view_or_format_is_refused(option, value):
    with pytest.raises(
        ValueError, match=f"{option} = '{value}' is not known: expected one of .*did you mean|text"
    ):
        render(load("lecture6"), **{option: value})


def test_what_would_be_too_long_is_refused_unless_forced(monkeypatch):
    wide = spec_of([500, 500, 2])
    with pytest.raises(TooLargeError, match=r"elements; more than 200,000 are written with --force only"):
        render(wide, view="element")
    with pytest.raises(TooLargeError, match=r"paths; more than 1,000 are written with --force only"):
        render(wide, view="path")
    with pytest.raises(TooLargeError, match=r"W1\[0, 0\] has 1,200 paths; .* with --force"):
        render(spec_of([2, 600, 2]), view="path", weight="W1[0,0]")
    monkeypatch.setattr(selection, "MAX_PATHS", 5)
    monkeypatch.setattr(selection, "MAX_ELEMENTS", 5)
    spec = load("no-bias")
    for view in ("path", "element"):
        with pytest.raises(TooLargeError, match="--force"):
            render(spec, view=view)
        assert render(spec, view=view, force=True)
    with pytest.raises(TooLargeError, match="--force"):
        render(spec, view="element", weight="W1[0,0]")
    assert render(spec, view="element", weight="W1[0,0]", force=True)


def test_one_weight_of_a_large_network_is_shown_without_the_others():
    text = render(spec_of([300, 300, 2]), view="element", weight="W1[7,1]")
    assert "dW1[7, 1] = dz1[7]*x[1]" in text
    assert len(text.splitlines()) < 1000


def test_a_batch_has_an_axis_for_its_samples():
    extra = "[example]\nx = [[1, 0], [0, 1], [1, 1]]\ny = [[1], [0], [1]]\nlearning_rate = 0.1\n"
    numbers = "[example.parameters]\nW1 = [[0.1, 0.2]]\nb1 = [0.3]\n"
    spec = spec_of([1], extra=extra + numbers)
    assert "dW1[i, j] = sum(dz1[n, i]*x[n, j], n)" in render(spec)
    text = render(spec, view="element", weight="W1[0,1]")
    assert "dW1[0, 1] = dz1[0, 0]*x[0, 1] + dz1[1, 0]*x[1, 1] + dz1[2, 0]*x[2, 1]" in text
    assert text.count("dz1[2, 0] = ") == 1


def test_the_lines_of_elements_are_those_of_the_printer():
    spec = load("single-instance")
    derivation = derive(spec.network)
    lines = render(spec, view="element").splitlines()
    for step in derivation.program.steps:
        assert " = ".join(PlainSpeller(derivation).equation(step, tuple(0 for _ in step.indices))) in lines
