"""Network files: what is read, and the message of every fault."""

import contextlib
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import examples
from derive.losses import SUM_OF_TARGETS
from derive.spec import MAX_BYTES, Spec, SpecError, load, parse
from derive.toml_places import line_at, lines_of

GOOD = """\
title = "A test"
[network]
inputs = 2
loss = "half-squared-error"
layout = "column"
bias = "folded"
reduction = "mean"
[[network.layers]]
units = 2
activation = "sigmoid"
[[network.layers]]
units = 1
[notation]
profile = "subscript"
[example]
x = [1, 0]
y = [0.5]
learning_rate = 0.1
[example.parameters]
W1 = [[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]]
W2 = [
    [-0.15, -0.25, 0.15],
]
"""


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


W1 = "W1 = [[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]]"
LAST_LAYER = "[[network.layers]]\nunits = 1\n"

# What is replaced, by what, and what the message has to hold: the line and key, and the rest.
FAULTS = [
    # keys
    ("title =", "titel =", "line 1: titel: ", "did you mean 'title'?"),
    ("inputs =", "input =", "line 3: network.input: ", "did you mean 'inputs'?"),
    ("inputs = 2\n", "", "line 2: network: ", "'inputs' is missing: add a line such as inputs = 2"),
    ('loss = "half-squared-error"\n', "", "line 2: network: ", "'loss' is missing"),
    ("units = 1", "unit = 1", "line 12: network.layers, entry 2, unit: ", "did you mean 'units'?"),
    ("units = 1\n", "", "line 11: network.layers, entry 2: ", "'units' is missing"),
    ("[example]", "[exampel]", "line 15: exampel: ", "did you mean 'example'?"),
    ("x = [1, 0]\n", "", "line 15: example: ", "'x' is missing: add x = [...] with 2 numbers"),
    ("y = [0.5]\n", "", "line 15: example: ", "'y' is missing: add y = [...] with 1 number"),
    ("learning_rate", "learning-rate", "line 18: example.learning-rate: ", "did you mean 'learning_rate'?"),
    ("[example.parameters]", "[example.params]", "line 19: example.params: ", "did you mean 'parameters'?"),
    # kinds
    ("inputs = 2", 'inputs = "2"', "line 3: network.inputs: ", "expected a whole number, found a text ('2')"),
    ("inputs = 2", "inputs = 2.0", "line 3: network.inputs: ", "found a number (2.0)"),
    ("inputs = 2", "inputs = true", "line 3: network.inputs: ", "found true or false"),
    ("inputs = 2", "inputs = 1979-05-27", "line 3: network.inputs: ", "found a date or a time"),
    ('loss = "half-squared-error"', "loss = 3", "line 4: network.loss: ", "expected a text in quotes"),
    ('"sigmoid"', "[]", "line 10: network.layers, entry 1, activation: ", "found a list"),
    ('"A test"', "5", "line 1: title: ", "expected a text in quotes"),
    ("x = [1, 0]", "x = 1", "line 16: example.x: ", "expected a list of 2 numbers"),
    ("y = [0.5]", "y = 0.5", "line 17: example.y: ", "write [0.5]"),
    (
        "x = [1, 0]",
        "x = [1, true]",
        "line 16: example.x, entry 2: ",
        "expected a number, found true or false",
    ),
    ("x = [1, 0]", 'x = [1, "0"]', "line 16: example.x, entry 2: ", "found a text"),
    ("= 0.1\n", "= true\n", "line 18: example.learning_rate: ", "expected a number"),
    (W1, "W1 = 3", "line 20: example.parameters.W1: ", "a matrix of the shape (2, 3)"),
    (W1, "W1 = [1, 2]", "line 20: example.parameters.W1, entry 1: ", "found a whole number"),
    # values
    ("inputs = 2", "inputs = 0", "line 3: network.inputs: ", "a whole number from 1 to 1,000,000"),
    ("units = 1\n", f"units = {10**9}\n", "line 12: network.layers, entry 2, units: ", "to 1,000,000"),
    ("units = 1\n", f"units = 0x{'f' * 9999}\n", "line 12: ", "too large to show"),
    ("half-squared-error", "halfsquared", "line 4: network.loss: ", "did you mean 'half-squared-error'?"),
    ('"sigmoid"', '"sigmoyd"', "line 10: network.layers, entry 1, activation: ", "did you mean 'sigmoid'?"),
    ('"sigmoid"', '"1/(1 + exp(-x))"', "line 10: ", "'x' is not known"),
    ('"folded"', '"fold"', "line 6: network.bias: ", "did you mean 'folded'?"),
    ('"column"', '"colum"', "line 5: network.layout: ", "did you mean 'column'?"),
    ('"mean"', '"average"', "line 7: network.reduction: ", "expected one of sum, mean"),
    ("x = [1, 0]", "x = [1, nan]", "line 16: example.x, entry 2: ", "expected a finite number, found nan"),
    ("-0.6", "-inf", "line 20: example.parameters.W1, entry 2, entry 3: ", "expected a finite number"),
    ("= 0.1\n", f"= 1{'0' * 400}\n", "line 18: example.learning_rate: ", "expected a finite number"),
    ("= 0.1\n", "= 0\n", "line 18: example.learning_rate: ", "a number above 0"),
    ('"A test"', '"a\\nb"', "line 1: title: ", "without control characters"),
    ('"A test"', '"\u202eb"', "line 1: title: ", r"found '\u202eb'"),
    ('"A test"', f'"{"a" * 201}"', "line 1: title: ", "201 characters are more than the 200 allowed"),
    # shapes
    (
        "x = [1, 0]",
        "x = [1, 0, 2]",
        "line 16: example.x: ",
        "expected 2 numbers, one for each of the 2 inputs; fo",
    ),
    ("x = [1, 0]", "x = []", "line 16: example.x: ", "the list is empty"),
    ("x = [1, 0]", "x = [[1, 0], [1]]", "line 16: example.x, entry 2: ", "found 1"),
    ("x = [1, 0]", "x = [[1, 0], 3]", "line 16: example.x, entry 2: ", "expected a list of 2 numbers"),
    ("x = [1, 0]", "x = [1, [0]]", "line 16: example.x, entry 2: ", "expected a number, found a list"),
    ("x = [1, 0]", "x = [[1, 0], [0, 1]]", "line 17: example.y: ", "x is 2 samples, y is one target"),
    ("y = [0.5]", "y = [[0.5]]", "line 17: example.y: ", "x is one sample, y is 1 targets"),
    (
        "y = [0.5]",
        "y = [0, 1]",
        "line 17: example.y: ",
        "one for each of the 1 units of the last layer; found 2",
    ),
    (
        "[-0.4, 0.7, -0.6]",
        "[-0.4, 0.7]",
        "line 20: example.parameters.W1, entry 2: ",
        "2 numbers, the first has 3",
    ),
    (
        "[-0.15, -0.25, 0.15],",
        "[1, 2, 3], [4, 5],",
        "line 22: example.parameters.W2, entry 2: ",
        "equally long",
    ),
    (W1, "W1 = [[1, 2], [3, 4]]", "line 20: example.parameters.W1: ", "the first column holds the biases"),
    (
        W1,
        "W1 = [[1, 2], [3, 4], [5, 6]]",
        "line 20: example.parameters.W1: ",
        "(units, 1 + inputs); transpose it",
    ),
    (W1, "W1 = [[1, 2, 3]]", "line 20: example.parameters.W1: ", "expected the shape (2, 3), found (1, 3)"),
    (W1, f"{W1}\nb1 = [1, 2]", "line 21: example.parameters.b1: ", "the bias is folded into W1: remove b1"),
    (W1, f"{W1}\nV = [1, 2]", "line 21: example.parameters.V: ", "the network has no such parameter"),
    (W1, "", "line 19: example.parameters: ", "W1 missing: add W1 = [...] of the shape (2, 3)"),
    (
        "[[network.layers]]",
        "[[network.layers]]\nunits = 2\n" * 101 + "[[network.layers]]",
        "",
        "more than the 100",
    ),
    # notation
    ('"subscript"', '"subscritp"', "line 14: notation.profile: ", "did you mean 'subscript'?"),
    ('profile = "subscript"', 'wieght = "W"', "line 14: notation.wieght: ", "did you mean 'weight'?"),
    ('profile = "subscript"', 'weight = "W_{1}"', "line 14: notation.weight: ", "letters"),
    ('profile = "subscript"', r'weight = "\\def"', "line 14: notation.weight: ", "letters"),
    ('profile = "subscript"', r'weight = "a\u0007"', "line 14: notation.weight: ", "letters"),
    ('profile = "subscript"', f'weight = "{"a" * 900}"', "line 14: notation.weight: ", "letters"),
    ('profile = "subscript"', "base = true", "line 14: notation.base: ", "found true or false"),
    ('profile = "subscript"', "base = 2", "line 14: notation.base: ", "expected one of 0, 1"),
    ('profile = "subscript"', "profile = []", "line 14: notation.profile: ", "found a list"),
    ('[notation]\nprofile = "subscript"\n', "", "", ""),  # the good file without a notation: no fault
    # TOML
    ("[notation]", "[notation", "line 13, column 10: ", "'[notation'"),
    ('bias = "folded"', 'bias = "folded"\nbias = "none"', "line 7, column 14: ", "Cannot overwrite a value"),
    (LAST_LAYER, "[network.layers]\nunits = 1\n", "line 11, column 16: ", "Cannot declare"),
    ("W2 = [\n", "W2 =\n", "line 21, column 5: ", "Invalid value"),
    ("    [-0.15, -0.25, 0.15],\n]\n", "", "at its end: ", "complete the last statement"),
    ("x = [1, 0]", f"x = {'[' * 9999}", "", "nested too deeply"),
    ("x = [1, 0]", f"x = 1{'0' * 9999}", "", "a number has too many digits"),
    ("x = [1, 0]", f"{'a.' * 20000}a = 1", "line 16: ", "a key of more than 16 parts"),
    ("x = [1, 0]", '"a" . ' * 20000 + "a = 1", "line 16: ", "a key of more than 16 parts"),
]


def fault(text: str) -> str:
    """Return the message for a text; nothing where it is read."""
    try:
        parse(text, "net.toml")
    except SpecError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("old", "new", "place", "words"), FAULTS, ids=[f"{number}" for number in range(len(FAULTS))]
)
def test_a_fault_names_the_file_the_place_and_the_remedy(old, new, place, words):
    assert GOOD.count(old) >= 1
    message = fault(GOOD.replace(old, new, 1))
    if not words:
        assert message == ""
        return
    assert message.startswith("net.toml")
    assert f", {place}" in message or not place
    assert words in message
    assert len(message) < 700


def test_the_transposed_bias_hint_knows_the_layout():
    row = GOOD.replace('"column"', '"row"').replace(W1, "W1 = [[1, 2], [3, 4]]")
    assert "the first row holds the biases" in fault(row)


@pytest.mark.parametrize(
    ("bias", "words"), [("none", "layer 1 has no bias: remove b1"), ("separate", "W1: exp")]
)
def test_a_surplus_bias_is_told_apart(bias, words):
    assert words in fault(GOOD.replace('"folded"', f'"{bias}"').replace(W1, f"{W1}\nb1 = [1, 2]\nb2 = [1]"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'network' is missing"),
        ("network = 3", "line 1: network: expected a table"),
        (
            '[network]\ninputs = 1\nloss = "huber"\nlayers = []',
            "line 4: network.layers: a network needs at least one",
        ),
        (
            '[network]\ninputs = 1\nloss = "huber"\nlayers = 3',
            "line 4: network.layers: expected a list of tables",
        ),
        ('[network]\ninputs = 1\nloss = "huber"\n[network.layers]\nunits = 1', "write [[network.layers]]"),
        (
            "example = [1]\n[network]\ninputs = 1\nloss = 'huber'\nlayers = [{units = 1}]",
            "example: expected a table",
        ),
        (
            "notation = 1\n[network]\ninputs = 1\nloss = 'huber'\nlayers = [{units = 1}]",
            "notation: expected a table",
        ),
    ],
)
def test_documents_of_another_form_are_refused(text, words):
    assert words in fault(text)


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


# Any table at all

words = st.sampled_from(
    [
        "title",
        "network",
        "inputs",
        "loss",
        "layers",
        "units",
        "activation",
        "example",
        "x",
        "y",
        "parameters",
        "W1",
    ]
) | st.text("abz[]\"\\'=.{}#\n", max_size=5)
scalars = st.one_of(
    st.integers(-3, 10**20),
    st.floats(),
    st.booleans(),
    st.sampled_from(["sigmoid", "huber", "z*z", "folded", "row"]),
    st.text("az[]\"\\'=#\n\t", max_size=6),
    st.dates(),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)


def toml(value: object) -> str:
    """Write a value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, str) else str(value)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(words, values, max_size=3), st.sampled_from(["inputs", "layers", "loss", "none"]), values
)
def test_any_table_is_read_or_refused(extra, key, value):
    network = {"inputs": 2, "loss": "huber", "layers": [{"units": 2}], key: value}
    document = {"network": network, **extra}
    text = "\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in document.items())
    with contextlib.suppress(SpecError):
        assert isinstance(parse(text, "net.toml"), Spec)


@settings(max_examples=100, deadline=None)
@given(st.text("[]{}=.,#\"'\\ \n\tabz019-_", max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(SpecError):
        parse(text, "net.toml")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(words, values), max_size=5))
def test_the_line_of_every_key_is_found(pairs):
    table = dict(pairs)
    text, expected = "# first\n", {}
    for key, value in table.items():
        expected[(key,)] = text.count("\n") + 1
        text += f"{json.dumps(key)} = {toml(value)}  # = [ \" '\n"
    tomllib.loads(text)
    assert {path: line for path, line in lines_of(text).items() if len(path) == 1} == {
        (json.dumps(key)[1:-1],): line for ((key,), line) in expected.items()
    }


def test_lines_of_nested_things_are_found():
    places = lines_of(GOOD)
    assert places["network", "layers", 1, "units"] == 12
    assert places["example", "parameters", "W2", 0, 1] == 22
    assert line_at(places, ("example", "parameters", "W2", 7, 3)) == 21
    assert line_at(places, ("nothing",)) is None
    text = '[[a]]\n[a.b]\nc.d = """\nx = 1\n"""\n[[a]]\n[a.b]\n"c".d = [ # ]\n  [1,\n2], {e = 1}]\nf = 1'
    tomllib.loads(text)
    places = lines_of(text)
    assert [places["a", 0, "b", "c", "d"], places["a", 1, "b", "c", "d"], places["a", 1, "b", "f"]] == [
        3,
        8,
        11,
    ]
    assert [places["a", 1, "b", "c", "d", 0, 1], places["a", 1, "b", "c", "d", 1]] == [10, 10]
