"""The formats of a handout: all of them are whole, and no text of a user becomes markup or code."""

import json
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from xml.dom import minidom

import nbformat
import pytest

from codegen.files import TargetError
from codegen.handout import RENDERERS, HandoutError, handout, write_handout
from codegen.handout.mathml import mathml
from codegen.handout.words import tex_text
from codegen.tex_engine import ENGINES, TexError, find_engine
from derive import examples
from derive.spec import load, parse

TEXTS = [suffix for suffix in RENDERERS if suffix != ".pdf"]

HOSTILE = (
    r"\input{/etc/passwd} $(touch x) `id` <script>alert(1)</script> {{ 7*7 }} {% raw %} % # & _ ^ ~"
    r" \write18{id} << 7*7 >> <% x %> *bold* [a](javascript:x) | $$ \end{document} 神"
)

NET = """
title = {title}
[network]
inputs = 1
loss = "squared-error"
[[network.layers]]
units = 1
activation = "tanh"
"""


@cache
def made(name, suffix, detail="full"):
    return handout(load(name), suffix, detail=detail)


@pytest.fixture(scope="module")
def hostile():
    spec = parse(NET.format(title=json.dumps(HOSTILE)), "net.toml")
    return {suffix: handout(spec, suffix, detail="brief") for suffix in TEXTS}


class Page(HTMLParser):
    """Collects what a browser would see: tags, and text in them."""

    VOID = frozenset({"meta", "link", "br", "img", "mspace"})

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.values = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.values += [value or "" for _, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.values += [value or "" for _, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


# What a user writes comes out as text


def test_tex_keeps_no_command_of_the_user(hostile):
    tex = hostile[".tex"]
    assert r"\input" not in tex
    assert r"\write" not in tex
    assert tex.count(r"\end{document}") == 1
    assert r"\textbackslash{}input\{/etc/passwd\} \$(touch x)" in tex
    assert r"\{\{ 7*7 \}\}" in tex
    assert r"\textless{}\textless{} 7*7" in tex
    assert "49" not in tex
    assert "U+795E" in tex


def test_html_keeps_no_tag_of_the_user(hostile):
    page = Page(hostile[".html"])
    assert page.open == []
    assert "script" not in page.tags
    assert HOSTILE in "".join(page.text)


def test_html_needs_nothing_from_the_network(hostile):
    page = Page(hostile[".html"])
    assert not {"link", "img", "iframe", "script", "object"} & set(page.tags)
    outside = [value for value in page.values if "//" in value and not value.startswith("http://www.w3.org/")]
    assert outside == []
    assert "url(" not in hostile[".html"]


def test_markdown_shows_the_text_of_the_user(hostile):
    from markdown_it import MarkdownIt

    for text in (hostile[".md"], *markdown_cells(hostile[".ipynb"])[:1]):
        page = Page(MarkdownIt().render(text.split("## ")[0]))
        assert not {"script", "a", "em", "strong", "code"} & set(page.tags)
        assert HOSTILE in "".join(page.text)
        assert not re.search(r"(?<!\\)\$", text.splitlines()[0])
        assert "{{" not in text


def test_no_code_cell_holds_an_instruction_of_the_user(hostile):
    import ast

    for code in code_cells(hostile[".ipynb"]):
        tree = ast.parse(code)
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "alert" not in calls
        assert "touch" not in calls


def markdown_cells(notebook):
    return ["".join(c["source"]) for c in json.loads(notebook)["cells"] if c["cell_type"] == "markdown"]


def code_cells(notebook):
    return ["".join(c["source"]) for c in json.loads(notebook)["cells"] if c["cell_type"] == "code"]


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a_b", r"a\_b"),
        ("Größe", "Größe"),
        ("σ(z)", r"\ensuremath{\sigma}(z)"),
        ("x\u202ey", "xU+202Ey"),
        ("😀", "U+1F600"),
    ],
)
def test_text_that_the_fonts_lack_is_named(text, tex):
    assert tex_text(text) == tex


# Every format is whole


@pytest.mark.parametrize("name", examples.names())
def test_the_mathematics_of_a_page_is_mathml_throughout(name):
    html = made(name, ".html")
    page = Page(html)
    assert page.open == []
    formulas = re.findall(r"<math.*?</math>", html, re.DOTALL)
    assert len(formulas) > 100
    for formula in set(formulas):
        minidom.parseString(formula.replace("&nbsp;", " "))  # noqa: S318  # written by us a moment ago
        assert "\\" not in formula, "a command that the converter does not know"
        assert "<mi>&</mi>" not in formula


def test_an_unknown_command_would_be_noticed():
    assert "\\" in mathml(r"\nosuchcommand")


@pytest.mark.parametrize("name", ["lecture6", "no-bias"])
def test_a_notebook_is_valid_and_its_code_confirms_the_numbers(name, tmp_path):
    text = made(name, ".ipynb")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    script = tmp_path / "cells.py"
    script.write_text("\n".join(run_together(code_cells(text))), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    distance = float(done.stdout.rsplit(":", 1)[1])
    assert distance < 1e-8
    assert "![Drawing" in text


def run_together(cells):
    """One script of all cells; an import from the future stands first in it."""
    future = "from __future__ import annotations"
    assert cells[0].count(future) == 1
    return [future, *(cell.replace(future, "") for cell in cells)]


def test_a_wrong_number_in_a_notebook_is_found(tmp_path):
    cells = run_together(code_cells(made("no-bias", ".ipynb")))
    assert sum("0.665074" in cell for cell in cells) == 1
    script = tmp_path / "cells.py"
    script.write_text("\n".join(cells).replace("0.665074", "0.665084"), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "AssertionError" in done.stderr


@pytest.mark.parametrize("suffix", TEXTS)
def test_the_same_network_gives_the_same_handout(suffix):
    assert handout(load("no-bias"), suffix, detail="brief") == made("no-bias", suffix, "brief")


@pytest.mark.parametrize("suffix", TEXTS)
def test_a_handout_says_what_made_it_and_no_date(suffix):
    text = made("no-bias", suffix, "brief")
    assert "chainrule" in text
    assert not re.search(r"(?<!/)\b20[0-9]{2}\b", text)


# Files and options


@pytest.mark.parametrize("suffix", TEXTS)
def test_a_file_is_written_whole(tmp_path, suffix):
    target = tmp_path / f"h{suffix}"
    target.write_text("old")
    assert write_handout(load("no-bias"), target, detail="brief") == [target]
    assert target.read_text(encoding="utf-8") == made("no-bias", suffix, "brief")
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_an_unknown_suffix_is_refused_before_any_work(tmp_path):
    with pytest.raises(TargetError, match=r"\.tex, \.pdf, \.html, \.md, \.ipynb"):
        write_handout(load("no-bias"), tmp_path / "h.docx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"), [("detail", "long"), ("digits", 0), ("digits", 18), ("digits", True)]
)
def test_an_option_out_of_range_is_refused(option, value):
    with pytest.raises(HandoutError, match=f"{option} = .*expected"):
        handout(load("no-bias"), ".md", **{option: value})


def test_without_a_tex_engine_the_message_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TexError) as found:
        find_engine()
    message = str(found.value)
    assert all(engine.name in message for engine in ENGINES)
    assert "apt-get install" in message
    assert "brew" in message
    assert "winget" in message
    assert ".html" in message
    with pytest.raises(TexError):
        write_handout(load("no-bias"), tmp_path / "h.pdf")
    assert list(tmp_path.iterdir()) == []
