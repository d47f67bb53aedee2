"""Files that cannot be read are refused; encodings and line ends of every system are read."""

import json

import pytest

from derive.read.document import DocumentError, read_document, read_text


def segments(text, kind="md"):
    return [(s.kind, s.text) for s in read_text(text, kind=kind).segments]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.ipynb", b"not json", "line 1"),
        ("a.ipynb", b"[1]", "cells"),
        ("a.ipynb", b'{"cells": 3}', "list"),
        ("a.ipynb", b'{"cells": [3]}', "cell 0"),
        ("a.ipynb", b'{"worksheets": 3}', "list"),
        ("a.ipynb", b"[" * 100_000, "JSON"),
        ("a.md", b"abc\0def", "byte 3"),
        ("a.docx", b"PK", ".docx"),
        ("a", b"text", "suffix"),
        ("a.md", None, "No such file"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_name_place_and_remedy(tmp_path, name, data, words):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DocumentError) as error:
        read_document(path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


def test_files_over_the_limit_are_refused(tmp_path):
    path = tmp_path / "big.md"
    with path.open("wb") as file:
        file.truncate(21 * 2**20)
    with pytest.raises(DocumentError, match=r"21\.0 MB, the limit is 20 MB"):
        read_document(path)


@pytest.mark.parametrize("kind", ["md", "tex", "py", "txt", "ipynb"])
def test_text_over_the_limit_is_refused(kind):
    text = "x" * 4_000_001
    if kind == "ipynb":
        text = json.dumps({"cells": [{"cell_type": "markdown", "source": text}], "nbformat": 4})
    with pytest.raises(DocumentError, match=r"4000000.*Split the"):
        read_text(text, kind=kind)


def test_encodings(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes("\ufeffδ = $a$".encode())
    document = read_document(path)
    assert document.notes == ()
    assert document.segments[-1].start.column == 6
    path.write_bytes("first\nGrüße $a$".encode("latin-1"))
    document = read_document(path)
    assert "line 2" in document.notes[0]
    assert [s.text for s in document.segments if s.kind == "formula"] == ["a"]


def test_line_ends_of_other_systems():
    assert segments("$a$\r\n\r\n$b$\r$c$") == segments("$a$\n\n$b$\n$c$")
