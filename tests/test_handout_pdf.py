"""Handouts become PDF without a word from TeX, and TeX is kept in its folder."""

import re
import shutil

import pytest

from codegen import tex_engine
from codegen.handout import handout
from codegen.tex_engine import ENGINES, TexError, compile_tex
from derive import examples
from derive.spec import load, parse

ENGINE = next((engine for engine in ENGINES if engine.name == "pdflatex"), None)
pytestmark = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")

MOST_OVERFULL = 5.0
OVERFULL = re.compile(r"Overfull \\[hv]box \(([0-9.]+)pt too (?:wide|high)\)")


def complaints(log):
    """Boxes that stick out, references and characters that are missing."""
    wide = [float(points) for points in OVERFULL.findall(log)]
    return [w for w in wide if w > MOST_OVERFULL] + re.findall(
        r"Missing character.*|undefined references", log
    )


@pytest.mark.parametrize("name", examples.names())
def test_an_example_compiles_and_nothing_sticks_out(name):
    made = compile_tex(handout(load(name), ".tex"), ENGINE)
    assert made.pdf.startswith(b"%PDF-")
    assert complaints(made.log) == []


def document(body):
    return rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}"


def test_what_sticks_out_is_noticed():
    made = compile_tex(document(r"\noindent\hbox to 2\textwidth{\hfil}"), ENGINE)
    assert complaints(made.log) != []


def test_a_hostile_title_compiles():
    title = r"\input{/etc/passwd} $(x) % # & _ ^ ~ {{ 7*7 }} \write18{id} <<x>> Größe σ 神 😀"
    text = f"title = '{title}'\n[network]\ninputs = 1\nloss = 'huber'\n[[network.layers]]\nunits = 1\n"
    assert complaints(compile_tex(handout(parse(text, "n.toml"), ".tex", detail="brief"), ENGINE).log) == []


# A document that is not trusted


@pytest.mark.parametrize(
    "body",
    [
        r"\input{/etc/hostname}",
        r"\newread\f\openin\f=/etc/passwd \ifeof\f\undefined\fi",
        r"\newwrite\f\immediate\openout\f=../outside.txt \immediate\write\f{x}",
        r"\undefinedcommand",
    ],
)
def test_reading_and_writing_outside_is_refused(body):
    with pytest.raises(TexError, match="stopped at an error"):
        compile_tex(document(body), ENGINE)


def test_no_command_is_run(tmp_path):
    target = tmp_path / "made"
    log = compile_tex(document(rf"\immediate\write18{{touch {target}}}x"), ENGINE).log
    assert not target.exists()
    assert "runsystem" not in log or "disabled" in log


def test_an_endless_document_is_stopped():
    with pytest.raises(TexError, match="longer than"):
        compile_tex(document(r"\def\x{\x}\x"), ENGINE, time_limit=2.0)


def test_the_same_source_gives_the_same_pdf():
    source = document("x")
    assert compile_tex(source, ENGINE).pdf == compile_tex(source, ENGINE).pdf


@pytest.fixture
def runs(monkeypatch):
    """Return the folders in which the engine has run since."""
    folders, run = [], tex_engine._run
    monkeypatch.setattr(tex_engine, "_run", lambda *args: (folders.append(args[1]), run(*args)))
    return folders


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"Rerun", 1),
        (r"\ref{a}\section{x}\label{a}", 2),
        (r"\tableofcontents\section{x}", 2),
        (r"\begin{longtable}{ll}a&b\\\newpage aaaaaaaaa&b\end{longtable}\ref{a}\label{a}", 2),
    ],
)
def test_the_engine_runs_again_where_the_document_asks_for_it(runs, body, expected):
    source = (
        rf"\documentclass{{article}}\usepackage{{longtable,hyperref}}\begin{{document}}{body}\end{{document}}"
    )
    if expected == 1:
        source = source.replace(",hyperref", "")
    log = compile_tex(source, ENGINE).log
    assert len(runs) == expected
    assert "undefined references" not in log


def test_a_handout_needs_one_run(runs):
    compile_tex(handout(load("lecture6"), ".tex", detail="brief"), ENGINE)
    assert len(runs) == 1
