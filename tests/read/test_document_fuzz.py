"""No text and no bytes make a reader fail, except with its own error."""

import contextlib
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.read.code import Budget, interpret
from derive.read.document import DocumentError, code_cells, read_document, read_text

KINDS = ("md", "tex", "py", "txt")
PIECES = (
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\begin{align}", "\\end{align}", "\\begin{bmatrix}", "\\\\",
    "\\$", "`", "```", "```python", "\n", "\n\n", "    ", "\t", "> ", "- ", "# ", "| a | b |\n",
    "|---|---|\n", "In [1]:", "Out[1]:", ">>> ", "... ", "x = 1", "print('x', x)", "x [1. 2.]",
    "def f(x):", "return x", "[[1. 2.]\n [3. 4.]]", "'''", '"""', "(", ")", "[", "]", "{", "}", "%",
    "\\newcommand{\\a}[1]{", "\\begin{verbatim}", "\\end{verbatim}", "<img ", "![a](", "δ = a − y",
    "∂L/∂w", "Words of prose here.", "é", "\u2028", "\x0c", "\ud800", "\r", "0.5", "import numpy as np",
)  # fmt: skip


def mixed(seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 60)))


def check(document, text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, segment in enumerate(document.segments):
        assert len(segment.lines) == segment.text.count("\n") + 1
        assert segment.of is None or document.segments[segment.of].kind == "code"
        assert segment.of is None or segment.of < number
        for offset, char in enumerate(segment.text):
            place = segment.locate(offset)
            if char not in "\n " and segment.kind != "text":
                assert lines[place.line - 1][place.column - 1] == char


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32).map(mixed), st.sampled_from(KINDS))
def test_any_mixture_of_marks_is_read_and_every_character_has_its_place(text, kind):
    document = read_text(text, kind=kind)
    check(document, text)
    interpret(code_cells(document), budget=Budget(steps=2000, steps_per_statement=500))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.sampled_from(KINDS))
def test_any_text_is_read(text, kind):
    check(read_text(text, kind=kind), text)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([*KINDS, "ipynb"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, kind):
    path = tmp_path_factory.mktemp("fuzz") / f"a.{kind}"
    path.write_bytes(data)
    with contextlib.suppress(DocumentError):
        read_document(path)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["code", "markdown", "stream", "x=1"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            "cells cell_type source outputs output_type text data worksheets nbformat".split()  # noqa: SIM905
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["cells", "worksheets"]))
def test_any_json_is_read_as_a_notebook_or_refused(value, key):
    for data in (value, {key: value, "nbformat": 3}, {key: [value], "nbformat": 4}):
        with contextlib.suppress(DocumentError):
            read_text(json.dumps(data), kind="ipynb")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "piece", ["$", "$$ ", "\\[", "\\begin{align}", "`", "> ", "- ", "[", "(", "x = [\n", "| ", "'''\n"]
)
def test_repeated_marks_do_not_blow_up(piece, kind):
    read_text(piece * 3000, kind=kind)


@pytest.mark.parametrize(
    "piece", ["x = (1,\n", "def f(\n", "In [1]:\nx = (\n", "print('a'\n", ">>> x\n", "a b\n"]
)
def test_broken_code_over_and_over_is_read(piece):
    document = read_text(piece * 1500, kind="txt")
    interpret(code_cells(document), budget=Budget(steps=2000))
