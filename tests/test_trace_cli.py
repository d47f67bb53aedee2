"""What ``chainrule trace`` prints."""

import json

import numpy as np
import pytest

from codegen.cli import AT_FAULT, DONE, run
from derive import examples
from derive.spec import load
from derive.trace import trace

SMALL = """
[network]
inputs = 1
loss = "{loss}"
bias = "none"
layers = [{{units = 2, activation = "{activation}"}}]
[example]
x = {x}
y = {y}
{rate}
parameters.W1 = [[{weight}], [-{weight}]]
"""


@pytest.fixture
def network(tmp_path):
    """Return a function that writes a network file of one layer."""

    def write(**changes: str) -> str:
        parts = {
            "loss": "half-squared-error",
            "activation": "sigmoid",
            "x": "[1]",
            "y": "[0, 1]",
            "weight": "0.5",
        }
        path = tmp_path / "net.toml"
        path.write_text(SMALL.format(**{**parts, "rate": "learning_rate = 0.1", **changes}))
        return str(path)

    return write


def document(capsys, *arguments: str) -> dict:
    assert run(["trace", *arguments, "--json"]) == DONE

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(capsys.readouterr().out, parse_constant=refuse)


@pytest.mark.parametrize("name", examples.names())
def test_json_has_every_number_in_full(name, capsys):
    found, truth = document(capsys, name), trace(load(name))
    assert list(found) == ["loss", "loss_after", "values", "gradients", "updated"]
    assert (found["loss"], found["loss_after"]) == (truth.loss, truth.loss_after)
    for part in ("values", "gradients", "updated"):
        arrays = getattr(truth, part)
        assert found[part].keys() == arrays.keys()
        for quantity, value in arrays.items():
            assert np.array_equal(found[part][quantity], value), quantity  # not one bit is lost


def test_one_sample_is_a_vector_and_a_batch_has_its_samples_first(network, capsys):
    assert np.shape(document(capsys, network())["values"]["a1"]) == (2,)
    batch = document(capsys, network(x="[[1], [2], [3]]", y="[[0, 1], [1, 0], [1, 1]]"))
    assert np.shape(batch["values"]["a1"]) == np.shape(batch["gradients"]["a1"]) == (3, 2)
    assert np.shape(batch["gradients"]["W1"]) == np.shape(batch["updated"]["W1"]) == (2, 1)


def test_without_a_learning_rate_there_is_no_update(network, capsys):
    found = document(capsys, network(rate=""))
    assert found["loss_after"] is None
    assert found["updated"] == {}
    assert run(["trace", network(rate="")]) == DONE
    text = capsys.readouterr().out
    assert "no update: the example has no learning_rate" in text
    assert "after the update" not in text


def test_what_is_infinite_is_null_and_said(network, capsys):
    path = network(loss="cross-entropy", activation="softmax", weight="500")
    assert run(["trace", path, "--json"]) == DONE
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert None in found["gradients"]["a1"]
    assert all(isinstance(value, float) for value in found["gradients"]["z1"])
    assert "dL/da1 leaves the range of floats" in printed.err


def test_numbers_that_are_not_finite_are_a_fault(network, capsys):
    path = network(activation="exp(exp(z))", weight="500")
    assert run(["trace", path, "--json"]) == AT_FAULT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"chainrule: {path}: a1 is not a finite number")


def test_the_table_has_every_number(capsys):
    assert run(["trace", "lecture6", "--digits", "8"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Lecture 6"
    assert [line.split()[0] for line in lines[2:-1] if line[0] != " "] == [
        "x", "X1", "z1", "a1", "X2", "z2", "a2", "y", "W1", "W2"
    ]  # fmt: skip
    shown = {word.rstrip(",") for line in lines for word in line.split()}
    truth = trace(load("lecture6"))
    for arrays in (truth.values, truth.gradients, truth.updated):
        for value in arrays.values():
            assert {f"{number + 0.0:.8g}" for number in value.ravel()} <= shown
    assert {f"{truth.loss:.8g}", f"{truth.loss_after:.8g}"} <= shown
    assert "-0" not in shown


def test_digits_are_those_asked_for(capsys):
    assert run(["trace", "lecture6", "--digits", "3"]) == DONE
    text = capsys.readouterr().out
    assert " 0.426 " in text
    assert "0.4255" not in text


def test_a_network_without_an_example_is_a_fault(tmp_path, capsys):
    path = tmp_path / "net.toml"
    path.write_text('[network]\ninputs = 1\nloss = "huber"\nlayers = [{units = 1}]')
    assert run(["trace", str(path)]) == AT_FAULT
    assert capsys.readouterr().err == (
        f"chainrule: {path}: there is no [example]: add one with x, y and [example.parameters]\n"
    )
