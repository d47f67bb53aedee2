"""The lines that a report shows are those that its places count."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.read.document import read_document
from derive.read.document_types import Document, DocumentError
from derive.read.pages import pages

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"

MARKDOWN = "Let $a = 1$ and\n\n$$\nz = 2 \\\\\n$$\n\n```python\nx = 1\n```\n"
TEX = "\\begin{document}\r\nWith $a = 1$:\r\\[\nz = 2\n\\]\n\\end{document}\n"
PYTHON = "# z = W a + b\nx = 1\nprint(x)\n"
EXPORT = "In [1]:\nx = 1\nprint(x)\n1\nSome prose with $a = 1$.\nIn [2]: y = 2\ny\nOut[2]: 2\n"
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "\n", "with $a = 1$\n"]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": "x = 1\nprint(x)",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n", "\n"]},
                {"output_type": "stream", "name": "stderr", "text": "a warning\n"},
                {"output_type": "execute_result", "data": {"text/plain": "array([1,\n       2])"}},
            ],
        },
        {"cell_type": "code", "metadata": {}, "execution_count": 2, "source": "", "outputs": []},
        {"cell_type": "raw", "metadata": {}, "source": "raw"},
    ],
}
OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {},
    "worksheets": [
        {
            "cells": [
                {"cell_type": "markdown", "source": "$a = 1$"},
                {
                    "cell_type": "code",
                    "input": "x = 1",
                    "language": "python",
                    "outputs": [{"output_type": "stream", "stream": "stdout", "text": "1"}],
                },
            ]
        }
    ],
}
FILES = {
    "a.md": MARKDOWN,
    "a.tex": TEX,
    "a.py": PYTHON,
    "a.txt": EXPORT,
    "bom.md": "\ufeff" + MARKDOWN,
    "a.ipynb": json.dumps(NOTEBOOK),
    "old.ipynb": json.dumps(OLD),
    "empty.md": "",
}


def misplaced(document: Document) -> list[str]:
    """Lines of segments that do not stand where their places say."""
    found = {page.cell: page.lines for page in pages(document)}
    wrong = []
    for segment in document.segments:
        for place, text in zip(segment.lines, segment.text.split("\n"), strict=False):
            line = found[place.cell][place.line - 1].text
            there = line[place.column - 1 :][: len(text)]
            # In the text around formulas these are blanked out.
            if len(there) < len(text) or any(a not in (" ", b) for a, b in zip(text, there, strict=True)):
                wrong.append(f"{place}: {text!r} is not in {line!r}")
    return wrong


@pytest.mark.parametrize("name", FILES)
def test_every_segment_stands_where_its_place_says(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES[name].encode())
    document = read_document(path)
    assert misplaced(document) == []
    assert bool(document.segments) is (name != "empty.md")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not beside this copy")
def test_every_segment_of_the_seeds_does():
    seeds = sorted(SEEDS.glob("*.txt"))
    assert seeds
    assert [line for path in seeds for line in misplaced(read_document(path))] == []


def test_a_misplaced_segment_is_noticed(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(MARKDOWN)
    document = read_document(path)
    path.write_text("\n" + MARKDOWN)
    assert misplaced(document) != []


def test_a_file_is_shown_whole(tmp_path):
    path = tmp_path / "a.tex"
    path.write_bytes(TEX.encode())
    (page,) = pages(read_document(path))
    assert [line.text for line in page.lines] == TEX.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def test_code_and_outputs_are_told_apart(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(FILES["a.ipynb"])
    shown = pages(read_document(path))
    assert [page.cell for page in shown] == [0, 1, 2, 3]
    assert [(line.text, line.kind) for line in shown[1].lines] == [
        ("x = 1", "code"),
        ("print(x)", "code"),
        ("1", "output"),
        ("2", "output"),
        ("array([1,", "output"),
        ("       2])", "output"),
    ]
    assert {line.kind for line in shown[0].lines} == {"prose"}


@pytest.mark.parametrize("now", [None, "{}", "no JSON"])
def test_a_file_that_changed_meanwhile_is_a_fault_of_the_document(now, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(FILES["a.ipynb"])
    document = read_document(path)
    path.unlink() if now is None else path.write_text(now)
    with pytest.raises(DocumentError, match=r"a\.ipynb"):
        pages(document)


SOURCES = st.text("ab $=1\n\r\t#", max_size=40)


@given(st.lists(st.tuples(st.sampled_from(["markdown", "code", "raw"]), SOURCES, SOURCES), max_size=4))
def test_any_notebook_has_its_segments_in_place(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("n") / "a.ipynb"
    built = []
    for kind, source, output in cells:
        cell: dict[str, object] = {"cell_type": kind, "metadata": {}, "source": source}
        if kind == "code":
            stream = {"output_type": "stream", "name": "stdout", "text": output}
            cell |= {"execution_count": 1, "outputs": [stream, stream]}
        built.append(cell)
    path.write_text(json.dumps({**NOTEBOOK, "cells": built}))
    assert misplaced(read_document(path)) == []
