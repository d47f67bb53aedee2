"""The commands that write: demo, handout, generate, derive."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

import codegen.commands.demo
import codegen.modules
import codegen.tex_engine
from codegen.cli import AT_FAULT, BROKEN, DONE, run
from codegen.commands import derive as derive_command
from codegen.commands import handout as handout_command
from derive.spec import load
from derive.trace import trace

LARGE = """
[network]
inputs = 200
loss = "cross-entropy"
layers = [{units = 100, activation = "tanh"}, {units = 10, activation = "softmax"}]
"""


@pytest.fixture
def without_tex(monkeypatch):
    """Let there be no TeX engine."""
    monkeypatch.setattr(codegen.tex_engine, "ENGINES", ())


@pytest.fixture
def large(tmp_path) -> str:
    path = tmp_path / "large.toml"
    path.write_text(LARGE)
    return str(path)


# demo


@pytest.mark.usefixtures("without_tex")
def test_the_demo_writes_checks_and_says_what_is_next(tmp_path, capsys):
    folder = tmp_path / "new" / "demo"
    assert run(["demo", "-o", str(folder)]) == DONE
    text = capsys.readouterr().out
    names = {"lecture6.tex", "lecture6.html", "lecture6.py", "lecture6_scalar.py"}
    assert {entry.name for entry in folder.iterdir()} == names
    for name in names:
        assert f"wrote {folder / name}: " in text
    assert f"did not write {folder / 'lecture6.pdf'}: no TeX engine was found" in text
    assert "They agree. What to do next:" in text
    rows = [line.split() for line in text.splitlines() if line[:2] in ("W1", "W2")]
    assert len(rows) == 2
    for _, largest, *apart in rows:
        assert len(apart) == 3
        assert all(float(number) <= 1e-12 * float(largest) for number in apart)
    assert run(["demo", "-o", str(folder)]) == DONE  # and again, over what is there


@pytest.mark.usefixtures("without_tex")
@pytest.mark.parametrize("broken", ["array", "scalar", "differences"])
def test_the_demo_notices_a_gradient_that_is_off(broken, tmp_path, monkeypatch, capsys):
    if broken == "differences":
        monkeypatch.setattr("derive.differences.STEP", "1e-3")  # too coarse for 12 digits
    else:
        generate = codegen.modules.generate

        def wrong(spec, *, style):
            text = generate(spec, style=style)
            target = "(a2, y, " if style == "array" else "- y"
            assert target in text
            return text.replace(target, target.replace("y", "1.000001 * y")) if style == broken else text

        monkeypatch.setattr(codegen.modules, "generate", wrong)
    assert run(["demo", "-o", str(tmp_path / "demo")]) == BROKEN
    printed = capsys.readouterr()
    assert "They agree" not in printed.out
    assert "do not agree" in printed.err


def test_the_demo_does_not_take_the_place_of_a_file(tmp_path, capsys):
    path = tmp_path / "file"
    path.write_text("mine")
    for folder in (path, path / "inside"):
        assert run(["demo", "-o", str(folder)]) == AT_FAULT
        assert "a file is in the way: name another folder" in capsys.readouterr().err
    assert path.read_text() == "mine"


# generate


@pytest.mark.parametrize("style", ["auto", "array", "scalar"])
def test_a_generated_module_has_the_gradient_of_the_trace(style, tmp_path, capsys):
    path = tmp_path / "net.py"
    assert run(["generate", "single-instance", "-o", str(path), "--style", style]) == DONE
    assert capsys.readouterr().out == f"wrote {path}\n"
    module = runpy.run_path(str(path))
    params, x, y, _ = module["example"]()
    loss, gradient = module["value_and_grad"](params, x, y)
    gradient = module["unpack"](gradient) if style == "scalar" else gradient
    truth = trace(load("single-instance"))
    assert loss == pytest.approx(truth.loss, rel=1e-14)
    for name, value in gradient._asdict().items():
        assert np.allclose(value, truth.gradients[name], rtol=1e-13)


def test_the_default_style_is_auto(tmp_path):
    for name, more in (("a.py", []), ("b.py", ["--style", "auto"])):
        assert run(["generate", "lecture6", "-o", str(tmp_path / name), *more]) == DONE
    assert (tmp_path / "a.py").read_text() == (tmp_path / "b.py").read_text()


def test_a_network_too_large_to_unroll_is_named(large, tmp_path, capsys):
    assert run(["generate", large, "-o", str(tmp_path / "x.py"), "--style", "scalar"]) == AT_FAULT
    told = capsys.readouterr().err
    assert told.startswith(f"chainrule: {large}: the network has 21,110 weights")
    assert "--style array" in told
    assert not (tmp_path / "x.py").exists()


# handout


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [(".tex", "\\documentclass"), (".html", "<!doctype html>"), (".md", "# "), (".ipynb", "{")],
)
def test_a_handout_is_written_in_the_format_of_its_suffix(suffix, begins, tmp_path, capsys):
    path = tmp_path / f"notes{suffix.upper()}"
    assert run(["handout", "lecture6", "-o", str(path)]) == DONE
    assert capsys.readouterr().out == f"wrote {path}\n"
    text = path.read_text(encoding="utf-8")
    assert any(line.lower().startswith(begins) for line in text.splitlines())
    assert "Lecture 6" in text


def test_options_reach_the_handout(tmp_path):
    files = {name: tmp_path / f"{name}.md" for name in ("full", "brief", "digits")}
    for name, more in (("full", []), ("brief", ["--detail", "brief"]), ("digits", ["--digits", "12"])):
        assert run(["handout", "lecture6", "-o", str(files[name]), *more]) == DONE
    full, brief, digits = (path.read_text(encoding="utf-8") for path in files.values())
    assert len(brief) < len(full)
    assert "0.425557483188" in digits
    assert "0.425557483188" not in full


@pytest.mark.usefixtures("without_tex")
def test_a_pdf_without_an_engine_says_how_to_get_one(tmp_path, capsys):
    path = tmp_path / "notes.pdf"
    assert run(["handout", "lecture6", "-o", str(path)]) == AT_FAULT
    assert "no TeX engine was found" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_handout_forced_beyond_all_size_is_named(large, tmp_path, capsys):
    path = tmp_path / "notes.html"
    assert run(["handout", large, "-o", str(path), "--force"]) == AT_FAULT
    assert capsys.readouterr().err.startswith(f"chainrule: {large}: the handout would hold")
    assert not path.exists()


@pytest.mark.parametrize("command", [["handout", "-o", "old.html"], ["generate", "-o", "old.py"]])
def test_what_fails_leaves_the_old_file_alone(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    old = Path(command[-1])
    old.write_text("old")

    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("codegen.handout.write.handout", fail)
    monkeypatch.setattr(codegen.modules, "generate", fail)
    name, *options = command
    assert run([name, "lecture6", *options]) == BROKEN
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / old]


# derive


def test_the_derivation_is_printed(capsys):
    assert run(["derive", "lecture6"]) == DONE
    text = capsys.readouterr().out
    assert "z1[i] = sum(W1[i, j]*X1[j], j)" in text
    assert "dW2[i, j] = dz2[i]*X2[j]" in text


def test_one_weight_is_printed_by_element(capsys):
    assert run(["derive", "lecture6", "--weight", "W1[0,1]"]) == DONE
    by_default = capsys.readouterr().out
    assert "dW1[0, 1] = " in by_default
    assert run(["derive", "lecture6", "--weight", "W1[0,1]", "--view", "element"]) == DONE
    assert capsys.readouterr().out == by_default


@pytest.mark.parametrize("view", derive_command.VIEWS)
@pytest.mark.parametrize("form", derive_command.FORMATS)
def test_every_view_is_printed_in_every_format(view, form, capsys):
    assert run(["derive", "no-bias", "--view", view, "--format", form]) == DONE
    printed = capsys.readouterr()
    assert printed.err == ""
    if form == "json":
        assert json.loads(printed.out)["view"] == view
    assert ("\\begin{aligned}" in printed.out) is (form == "latex") or form == "json"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weight", "W9[0,0]"], "there is no parameter W9; there are W1[0..1,0..2]"),
        (["--weight", "W1[0]"], "expected W1[0..1,0..2]"),
        (["--weight", "W1[0,__import__('os')]"], "expected W1[0..1,0..2]"),
        (["--weight", "W1"], "expected a name and indices from 0"),
    ],
)
def test_a_weight_that_does_not_exist_is_told(arguments, words, capsys):
    assert run(["derive", "lecture6", *arguments]) == AT_FAULT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.startswith("chainrule: lecture6: weight ")


def test_too_many_paths_are_printed_when_forced_only(monkeypatch, capsys):
    monkeypatch.setattr("codegen.selection.MAX_PATHS", 5)
    assert run(["derive", "no-bias", "--view", "path"]) == AT_FAULT
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("chainrule: no-bias: ")
    assert "--force" in told.err
    assert run(["derive", "no-bias", "--view", "path", "--force"]) == DONE
    assert capsys.readouterr().out.count("∂L/∂W") > 5


# What the command line repeats so that its help imports nothing


def test_the_choices_are_those_of_the_writers():
    from codegen import derivation_text
    from codegen.handout import RENDERERS
    from codegen.handout.write import DETAILS

    def choices(command, name):
        return next(p.type.choices for p in command.params if p.name == name)

    assert tuple(RENDERERS) == handout_command.SUFFIXES
    assert set(choices(handout_command.command, "detail")) == set(DETAILS)
    assert derive_command.VIEWS == derivation_text.VIEWS
    assert derive_command.FORMATS == derivation_text.FORMATS
    from codegen.commands import generate

    assert set(codegen.commands.demo.STYLES) <= set(codegen.modules.STYLES)
    assert set(codegen.modules.STYLES) <= set(choices(generate.command, "style"))
