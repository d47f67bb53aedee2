"""Any table and any text is read or refused, and the line of every key is found."""

import contextlib
import json
import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st
from spec_texts import GOOD

from derive.spec import Spec, SpecError, parse
from derive.toml_places import line_at, lines_of

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
