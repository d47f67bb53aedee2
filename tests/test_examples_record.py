"""The bundled examples and the numbers recorded of their sources, against plain NumPy."""

import dataclasses
import tomllib
from collections.abc import Iterator

import numpy as np
import pytest
from plain_network import PlainNetwork, unrounded_weights

from derive import examples


def truth(name: str) -> dict[str, np.ndarray]:
    return PlainNetwork(name).quantities()


def as_the_source_computed(name: str) -> dict[str, np.ndarray]:
    """Compute with all digits of the weights that the source had."""
    return PlainNetwork(name, unrounded_weights()).quantities() if name == "linear-output" else truth(name)


def mistaken(name: str) -> dict[str, np.ndarray]:
    """Repeat what the source did wrong, to see that the wrong numbers come from there."""
    if name == "no-bias":
        return {key: -value for key, value in truth(name).items() if key.startswith("grad:")}
    network = PlainNetwork(name, unrounded_weights(), fed_with_z=True)
    values = network.forward(network.parameters)
    negated = {key: -value for key, value in network.backward(values).items()}
    # The code shown subtracts the second of these; its output was printed by a version that added it.
    added = {W: value + network.rate * negated[f"grad:{W}"] for W, value in network.parameters.items()}
    after = network.forward(added)
    updated = {f"updated:{W}": value for W, value in added.items()}
    return values | negated | updated | {"after:a2": after["a2"], "loss_after": after["loss"]}


def cut(value: float, digits: str) -> float:
    """Cut a number after as many decimals as stand in `digits`, without rounding."""
    scale = 10.0 ** len(digits.partition(".")[2])
    return float(np.trunc(value * scale) / scale)


def strict(entry: examples.PrintedQuantity) -> examples.PrintedQuantity:
    return dataclasses.replace(entry, slack=0.0)


def complaint(name: str, entry: examples.PrintedQuantity) -> str:
    """Say what is wrong with an entry of a record; nothing where it holds."""
    value = truth(name)[entry.quantity]
    if entry.true:
        if strict(entry).mismatches(as_the_source_computed(name)[entry.quantity]):
            return "the printed digits are not those of the value"
        if entry.mismatches(value):
            return "slack does not cover the digits that the source leaves out"
        return "a truth beside a number that is right" if entry.truth or entry.why else ""
    if not entry.why or np.shape(entry.truth) != value.shape:
        return "a wrong number needs a truth of its shape and a reason"
    if not np.allclose(np.array(entry.truth), entry.sign * value, rtol=1e-13, atol=1e-15):
        return "truth is not the value"
    if not entry.mismatches(value):
        return "called wrong, and right"
    return ""


def unexplained(name: str, entry: examples.PrintedQuantity) -> bool:
    """Whether a wrong number is not what the stated mistake gives."""
    if name in ("linear-output", "no-bias"):
        return bool(entry.mismatches(mistaken(name)[entry.quantity]))
    digits, value = np.array(entry.printed, dtype=object), truth(name)[entry.quantity]
    wrong = entry.mismatches(value)
    return any(float(digits[at]) != pytest.approx(cut(value[at], digits[at]), abs=1e-12) for at in wrong)


def mutations(entry: examples.PrintedQuantity) -> Iterator[examples.PrintedQuantity]:
    """Entries with one digit changed, up to the last one that a float settles."""
    digits = np.array(entry.printed, dtype=object)
    for at in np.ndindex(digits.shape):
        text = str(digits[at])
        for i, character in enumerate(text[: text.find(".") + 15]):
            if character.isdigit():
                changed = digits.copy()
                changed[at] = f"{text[:i]}{(int(character) + 1) % 10}{text[i + 1 :]}"
                yield dataclasses.replace(entry, printed=changed.tolist())


RECORDED = [name for name in examples.names() if examples.record(name)]
ENTRIES = [pytest.param(n, e, id=f"{n}-{e.where}") for n in RECORDED for e in examples.record(n)]
TRUE = [p for p in ENTRIES if p.values[1].true]
WRONG = [p for p in ENTRIES if not p.values[1].true]
# Stale numbers of `lecture6` follow from no formula: for their digits only the document itself can speak.
EXPLAINED = [p for p in WRONG if p.values[0] != "lecture6"]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_plain_numpy_gives_what_the_record_says(name, entry):
    assert complaint(name, entry) == ""


@pytest.mark.parametrize(("name", "entry"), EXPLAINED)
def test_a_wrong_number_comes_from_the_stated_mistake(name, entry):
    assert not unexplained(name, entry)


@pytest.mark.parametrize(("name", "entry"), TRUE)
def test_a_changed_digit_is_noticed(name, entry):
    changed = list(mutations(entry))
    assert changed
    source = as_the_source_computed(name)[entry.quantity]
    assert all(strict(mutant).mismatches(source) for mutant in changed)


@pytest.mark.parametrize(("name", "entry"), EXPLAINED)
def test_a_changed_digit_of_a_wrong_number_is_noticed(name, entry):
    assert all(unexplained(name, mutant) or complaint(name, mutant) for mutant in mutations(entry))


@pytest.mark.parametrize(("name", "entry"), WRONG)
def test_a_changed_truth_is_noticed(name, entry):
    changed = np.array(entry.truth) * (1 + 1e-11)
    assert complaint(name, dataclasses.replace(entry, truth=changed.tolist())) == "truth is not the value"
    assert complaint(name, dataclasses.replace(entry, why="")) != ""


@pytest.mark.parametrize("name", RECORDED)
def test_the_gradients_of_plain_numpy_are_differences_of_its_loss(name):
    """What judges the records is itself held to account."""
    network, step = PlainNetwork(name), 1e-6
    gradients = network.backward(network.forward(network.parameters))
    for key, parameter in network.parameters.items():
        for at in np.ndindex(parameter.shape):
            loss = []
            for sign in (1, -1):
                moved = parameter.copy()
                moved[at] += sign * step
                loss.append(network.forward(network.parameters | {key: moved})["loss"])
            difference = (loss[0] - loss[1]) / (2 * step)
            assert gradients[f"grad:{key}"][at] == pytest.approx(difference, abs=1e-8)


def test_the_weights_that_the_notebook_drew_are_those_it_prints():
    for key, printed in PlainNetwork("linear-output").parameters.items():
        np.testing.assert_allclose(unrounded_weights()[key], printed, rtol=0, atol=0.5e-8)


def test_slack_is_no_more_than_the_rounding_of_the_weights_explains():
    """Each z is a sum over x = (1, 3) of weights off by half a unit; the sigmoid's slope is below .1."""
    slack = {e.quantity: e.slack for name in RECORDED for e in examples.record(name) if e.slack}
    assert slack == {"z1": pytest.approx(0.5e-8 * (1 + 3)), "a1": pytest.approx(2e-9)}
    assert truth("linear-output")["derivative:a1"].max() * slack["z1"] < slack["a1"]


def test_names_and_paths():
    assert {"lecture6", "linear-output", "no-bias", "row-vectors", "single-instance"} <= set(RECORDED)
    for name in examples.names():
        assert "network" in tomllib.loads(examples.path(name).read_text())


def test_an_unknown_name_is_refused_with_the_nearest():
    for call in (examples.path, examples.record):
        with pytest.raises(examples.UnknownExampleError, match="did you mean 'lecture6'"):
            call("lecture-6")
    with pytest.raises(KeyError, match="choose one of these"):
        examples.path("../spec")


def test_a_value_of_another_shape_is_refused():
    entry = next(e for e in examples.record("lecture6") if e.quantity == "z1")
    with pytest.raises(ValueError, match=r"z1 is printed with shape \(2,\), the value has \(2, 1\)"):
        entry.mismatches([[-0.3], [0.3]])


def test_an_example_needs_no_record(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text("[network]\n")
    monkeypatch.setattr(examples, "files", lambda _package: tmp_path)
    assert examples.names() == ("mine",)
    assert examples.record("mine") == ()
