"""Network files: what is read, and from where."""

from pathlib import Path

import numpy as np
import pytest
from spec_texts import GOOD

from derive import examples
from derive.losses import SUM_OF_TARGETS
from derive.spec import MAX_BYTES, SpecError, load, parse


def test_a_network_file_is_read_whole():
    spec = parse(GOOD, "net.toml")
    network, example = spec.network, spec.example
    assert (network.title, network.inputs, network.loss) == ("A test", 2, "half-squared-error")
    assert (network.layout, network.bias, network.reduction) == ("column", "folded", "mean")
    assert [(layer.units, layer.activation) for layer in network.layers] == [(2, "sigmoid"), (1, "linear")]
    assert spec.notation.profile == "subscript"
    assert example is not None
    assert (example.x, example.y, example.learning_rate) == ((1.0, 0.0), (0.5,), 0.1)
    assert example.samples is spec.samples is None
    assert example.parameters["W2"] == ((-0.15, -0.25, 0.15),)
    assert (spec.source, spec.name, spec.title) == ("net.toml", "net", "A test")


@pytest.mark.parametrize("name", examples.names())
def test_bundled_examples_are_read(name):
    spec = load(name)
    assert spec.example is not None
    for parameter, shape in spec.network.parameter_shapes.items():
        assert np.shape(spec.example.parameters[parameter]) == shape
    assert list(spec.example.parameters) == list(spec.network.parameter_shapes)


def test_everything_but_the_network_is_optional():
    spec = parse('[network]\ninputs = 1\nloss = "huber"\nlayers = [{units = 3}]', "dir/small.toml")
    assert spec.example is None
    assert spec.samples is None
    assert spec.title == "small"
    assert spec.notation.profile == "superscript"


def test_a_batch_has_its_samples_first():
    text = GOOD.replace("[1, 0]", "[[1, 0], [0, 1], [2, 2]]").replace("[0.5]", "[[1], [2], [3]]")
    example = parse(text, "net.toml").example
    assert example is not None
    assert (example.samples, np.shape(example.x), np.shape(example.y)) == (3, (3, 2), (3, 1))


def test_a_learning_rate_may_be_left_out():
    example = parse(GOOD.replace("learning_rate = 0.1\n", ""), "net.toml").example
    assert example is not None
    assert example.learning_rate is None


@pytest.mark.parametrize(
    ("targets", "holds"),
    [
        ("[0.5]", False),
        ("[1]", True),
        ("[1.0000000001]", True),
        ("[[1], [1]]", True),
        ("[[1], [0.9]]", False),
    ],
)
def test_whether_targets_sum_to_one_is_seen_from_the_numbers(targets, holds):
    text = GOOD.replace("[0.5]", targets)
    if targets.startswith("[["):
        text = text.replace("[1, 0]", "[[1, 0], [0, 1]]")
    assert (SUM_OF_TARGETS in parse(text, "net.toml").assumptions) is holds


def test_without_numbers_the_assumptions_are_made():
    assert SUM_OF_TARGETS in parse(GOOD[: GOOD.index("[example]")], "net.toml").assumptions


# Files


def test_a_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")  # some editors begin a file with this mark
    assert load(path) == load(str(path))
    assert load(path).name == "net"


def refusal(path: str | Path) -> str:
    with pytest.raises(SpecError) as caught:
        load(path)
    return str(caught.value)


def test_a_missing_file_names_the_remedy(tmp_path):
    assert "chainrule new FILE" in refusal(tmp_path / "none.toml")
    assert "did you mean 'lecture6'?" in refusal("lectur6")
    assert "cannot be read" in refusal("a\0b")


def test_a_folder_a_binary_file_and_a_huge_one_are_refused(tmp_path):
    assert "this is a folder" in refusal(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b'title = "x"\nname = "\xff\xfe"\n')
    assert refusal(binary).startswith(f"{binary}, line 2: not UTF-8")
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(100_000_000)
    assert f"more than {MAX_BYTES:,} bytes" in refusal(huge)
