"""The message of every fault of a network file: the file, the place and the remedy."""

import pytest
from spec_texts import GOOD

from derive.spec import SpecError, parse

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
