"""What ``chainrule verify`` does with calls and files that are at fault, and with hostile documents."""

import json
import os
import sys
from pathlib import Path

import pytest
from reports import BAD, GOOD, hidden, verify, write_notes

from codegen import report_run
from codegen.cli import AT_FAULT, BROKEN, DONE, run

pytestmark = pytest.mark.usefixtures("notes")
WRONG = 1


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """Return a folder with documents, which is the current one."""
    write_notes(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Faults


def make(name: str, content: bytes | None) -> str:
    path = Path(name)
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    return name


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("folder.md", None, "folder.md: this is a folder. Name the documents in it, such as folder.md/*.md"),
        ("folder", None, "folder: this is a folder."),
        ("binary.txt", b"\x00\x01\x02" * 100, "binary.txt: byte 0 is zero, so this is not a text file"),
        ("picture.png", b"x", "documents are .md, .markdown, .tex, .ipynb, .py, .txt"),
        ("list.ipynb", b"[1, 2]", "list.ipynb: a notebook has 'cells' at its top"),
        ("broken.ipynb", b"{", "broken.ipynb: line 1: a notebook is a JSON document"),
    ],
)
def test_what_is_no_document_is_one_message(name, content, words, notes, capsys):
    make(name, content)
    before = sorted(notes.iterdir())
    assert verify(name, "--html", "report.html") == AT_FAULT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("chainrule:") == 1
    assert sorted(notes.iterdir()) == before


def test_a_huge_file_is_refused_unread(capsys):
    with Path("huge.md").open("wb") as file:
        file.truncate(100 * 2**20)
    assert verify("huge.md", "--json") == AT_FAULT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "huge.md: the file has 100.0 MB, the limit is 20 MB" in printed.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(capsys):
    os.mkfifo("pipe.md")
    assert verify("pipe.md") == AT_FAULT
    assert "pipe.md: this is no regular file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument"),
        (["good.md", "--assume", "delta"], "expected NAME=VALUE"),
        (["good.md", "--assume", "=x"], "expected NAME=VALUE"),
        (["good.md", "--assume", "dleta=gradient"], "the convention 'dleta' is not known"),
        (["good.md", "--assume", "delta=up"], "expected one of gradient, negative-gradient"),
        (["good.md", "--assume", "base=0", "--assume", "base=1"], "given twice"),
        (["good.md", "--jobs", "0"], "1<=x<=256"),
        (["good.md", "--html", "report.pdf"], "must end in one of .html, .htm"),
        (["good.md", "--html", "none/report.html"], "the folder none does not exist"),
    ],
)
def test_a_bad_call_is_told_and_nothing_is_written(arguments, words, notes, capsys):
    before = sorted(notes.iterdir())
    assert verify(*arguments) == AT_FAULT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert sorted(notes.iterdir()) == before


def test_a_network_is_needed(capsys):
    assert run(["verify", "good.md"]) == AT_FAULT
    assert "Missing option '--net'" in capsys.readouterr().err
    assert run(["verify", "good.md", "--net", "lectur6"]) == AT_FAULT
    assert capsys.readouterr().out == ""


def test_a_page_never_takes_the_place_of_a_document(capsys):
    Path("report.html").symlink_to("good.md")
    assert verify("good.md", "--html", "report.html") == AT_FAULT
    assert "this is good.md itself" in capsys.readouterr().err
    assert Path("good.md").read_text() == GOOD


def test_a_network_without_numbers_is_said_to_have_none(capsys):
    text = "[network]\ninputs = 2\nloss = 'half-squared-error'\n" + "[[network.layers]]\nunits = 2\n" * 2
    Path("net.toml").write_text(text.replace("units = 2\n", "units = 2\nactivation = 'sigmoid'\n"))
    assert run(["verify", "good.md", "--net", "net.toml"]) == DONE
    printed = capsys.readouterr()
    assert "good.md: nothing wrong, 1 right" in printed.out
    assert "no [example]" in printed.err


def test_a_mistake_of_the_program_is_shown_after_the_other_documents(capsys, monkeypatch):
    judged = report_run.check_document

    def fail(document, spec, assume):
        if document.path == "bad.md":
            raise AssertionError("a mistake in the program")
        return judged(document, spec, assume)

    monkeypatch.setattr(report_run, "check_document", fail)
    assert verify("bad.md", "good.md", "--html", "report.html") == BROKEN
    printed = capsys.readouterr()
    assert "good.md: nothing wrong" in printed.out
    assert "a mistake in the program" in printed.err
    assert not Path("report.html").exists()


def test_too_little_memory_is_a_fault_of_the_document(capsys, monkeypatch):
    def fail(document, *_):
        if document.path:
            raise MemoryError
        return

    monkeypatch.setattr(report_run, "check_document", fail)
    assert verify("bad.md") == AT_FAULT
    assert "bad.md: there is not enough memory" in capsys.readouterr().err


# Hostile documents

EVIL = "\x1b]0;owned\x07\x1b[31m<script>alert(1)</script>\u202e\u2066"


def evil_notebook() -> str:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": f"# {EVIL}\n\n{EVIL} $a = {EVIL} 1$ and {BAD}"},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": f"x = 0.1 * 0.3  # {EVIL}\nprint(x)\nprint('{EVIL}')",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": f"0.04\n{EVIL}\n"}],
        },
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"title": EVIL}, "cells": cells})


@pytest.mark.skipif(sys.platform == "win32", reason="no such names of files")
def test_nothing_hostile_reaches_the_terminal_or_the_page(capsys):
    name = EVIL.replace("/", "") + ".ipynb"
    Path(name).write_text(evil_notebook())
    assert verify(name, "good.md", "--all", "--html", "report.html") == WRONG
    assert verify("gone\x1b[31m\u202e.md") == AT_FAULT
    assert run(["verify", name, "--net", "lecture6", "--assume", f"{EVIL}=1"]) == AT_FAULT
    assert run(["verify", name, "--net", "lecture6", "--assume", f"delta={EVIL}"]) == AT_FAULT
    assert run(["explain", EVIL]) == AT_FAULT
    printed = capsys.readouterr()
    assert hidden(printed.out) == set()
    assert hidden(printed.err) == set()
    page = Path("report.html").read_text()
    assert hidden(page) == set()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_json_has_hostile_text_as_it_is(capsys):
    Path("evil.ipynb").write_text(evil_notebook())
    verify("evil.ipynb", "--json")
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert hidden(printed) == set()


def test_a_document_of_one_endless_line_is_shown_in_short(capsys):
    line = "word " * 20_000
    Path("long.md").write_text(f"{line} ${BAD.split('$')[1]}$ {line}\n")
    assert verify("long.md", "--html", "report.html") == WRONG
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    quoted = next(n for n, text in enumerate(lines) if text.startswith("1 | "))
    carets = lines[quoted + 1]
    assert lines[quoted][carets.index("^") : carets.rindex("^") + 1] == "y_i"
    assert Path("report.html").stat().st_size < 40_000


def test_the_hostile_text_is_hostile():
    assert hidden(EVIL) == set("\x1b\x07\u202e\u2066")
