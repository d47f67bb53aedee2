"""The laws of the house: what committed text and generated code may hold, and what is never called."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES = 300
LONGER_THAN_THAT: set[str] = set()  # no exceptions

# Names that turn text into code, wherever they come from, and the ones of SymPy that do it inside.
EVALUATORS = {"eval", "exec", "compile", "__import__"}
SYMPY_EVALUATORS = {"sympify", "parse_expr", "parse_latex", "parse_mathematica"}

# Places of one machine: a home, a temporary or a working directory.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|tmp|work|Users|private|mnt)/\w|[A-Z]:\\Users")


def committed() -> list[Path]:
    """Files that git knows and that are still there."""
    if not (ROOT / ".git").exists():
        pytest.skip("what is committed can be told in a clone only")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# What lands in generated/


def foreign_imports(source: str) -> set[str]:
    """Top-level packages that `source` imports besides NumPy and the standard library."""
    allowed = sys.stdlib_module_names | {"numpy"}
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Name) and node.id == "__import__":
            found.add(node.id)
    return {name for name in found if name.partition(".")[0] not in allowed or name.startswith("importlib")}


def python_in(path: Path) -> Iterator[str]:
    """Python text of a module or of the code cells of a notebook."""
    if path.suffix == ".py":
        yield path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield "".join(cell["source"])


def test_generated_code_imports_numpy_and_the_standard_library_alone():
    generated = [path for path in (ROOT / "generated").rglob("*") if path.suffix in {".py", ".ipynb"}]
    assert any(path.suffix == ".py" for path in generated), "there is no generated module to look at"
    found = {
        place(path): foreign
        for path in generated
        for code in python_in(path)
        if (foreign := foreign_imports(code))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("line", "foreign"),
    [
        ("import numpy as np, math", set()),
        ("from numpy.typing import NDArray", set()),
        ("from __future__ import annotations", set()),
        ("import scipy.special", {"scipy.special"}),
        ("def f():\n    from derive import examples", {"derive"}),
        ("from . import helper", {"."}),
        ("from .helper import x", {".helper"}),
        ("m = __import__('sympy')", {"__import__"}),
        ("import importlib.util", {"importlib.util"}),
    ],
)
def test_a_foreign_import_is_noticed(line, foreign):
    assert foreign_imports(line) == foreign


def test_code_cells_of_a_notebook_are_read(tmp_path):
    notebook = tmp_path / "n.ipynb"
    cells = [
        {"cell_type": "code", "source": ["import ", "sympy"]},
        {"cell_type": "markdown", "source": "import x"},
    ]
    notebook.write_text(json.dumps({"cells": cells}))
    assert list(python_in(notebook)) == ["import sympy"]


# Text turned into code


def evaluators(source: str) -> list[str]:
    """Mentions of anything that runs text as code, called or handed on, and of a shell."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) if name in EVALUATORS | SYMPY_EVALUATORS:
                found.append(f"line {node.lineno}: {name}")
            case ast.Attribute(attr=name) if name in SYMPY_EVALUATORS:
                found.append(f"line {node.lineno}: {name}")
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in EVALUATORS:
                found.append(f"line {node.lineno}: {name}")
            case ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen" as name):
                found.append(f"line {node.lineno}: {name}")
            case ast.ImportFrom(names=names):
                inside = EVALUATORS | SYMPY_EVALUATORS
                found += [f"line {node.lineno}: {alias.name}" for alias in names if alias.name in inside]
            case ast.keyword(arg="shell", value=value) if not (
                isinstance(value, ast.Constant) and value.value is False
            ):
                found.append(f"line {value.lineno}: shell")
    return found


def test_nothing_evaluates_text():
    sources = [path for package in ("derive", "codegen") for path in (ROOT / package).rglob("*.py")]
    assert sources
    found = {place(path): hits for path in sources if (hits := evaluators(path.read_text(encoding="utf-8")))}
    assert found == {}


@pytest.mark.parametrize(
    ("line", "hits"),
    [
        ("x = eval(text)", ["line 1: eval"]),
        ("\nf = map(exec, texts)", ["line 2: exec"]),
        ("import builtins\nbuiltins.eval(t)", ["line 2: eval"]),
        ("import sympy as sp\ny = sp.sympify(t)", ["line 2: sympify"]),
        ("from sympy import parse_expr as read", ["line 1: parse_expr"]),
        ("from sympy.parsing.latex import parse_latex", ["line 1: parse_latex"]),
        ("code = compile(t, 'f', 'exec')", ["line 1: compile"]),
        ("run(c, shell=True)", ["line 1: shell"]),
        ("os.system(c)", ["line 1: system"]),
        ("run(c, shell=False)", []),
        ("class f(Function):\n    @classmethod\n    def eval(cls, z): return None", []),
        ("p = re.compile(t); v = model.evalf(); ast.literal_eval(t)", []),
    ],
)
def test_an_evaluator_is_noticed(line, hits):
    assert evaluators(line) == hits


# Committed text


def too_long(files: dict[str, str]) -> set[str]:
    return {name for name, text in files.items() if len(text.splitlines()) > MOST_LINES}


def test_no_python_file_is_too_long():
    """Modules in generated/ are written by the program: their length is that of their network."""
    modules = {
        place(path): path.read_text(encoding="utf-8")
        for path in committed()
        if path.suffix == ".py" and not place(path).startswith("generated/")
    }
    assert too_long(modules) == LONGER_THAN_THAT


def test_a_long_file_is_noticed():
    assert too_long({"a.py": "x\n" * MOST_LINES, "b.py": "x\n" * MOST_LINES + "x"}) == {"b.py"}


def machine_paths(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if MACHINE_PATH.search(line)]


def test_no_committed_text_names_a_place_of_one_machine():
    found = {}
    for path in committed():
        try:
            hits = machine_paths(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a picture or a PDF
        if hits:
            found[place(path)] = hits
    assert found == {}


@pytest.mark.parametrize("top", ["home", "tmp", "work", "root", "Users"])
def test_a_place_of_one_machine_is_noticed(top):
    line = f'"/{top}/somebody/notes.ipynb"'
    assert machine_paths(f"x = 1\npath = {line}\n") == [f"path = {line}"]


@pytest.mark.parametrize(
    "text", ["https://example.org/home/notes", "../work/x", "a /home directory", "dL/tmp"]
)
def test_other_slashes_are_left_alone(text):
    assert machine_paths(text) == []


def released(changelog: str) -> list[str]:
    return re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)


def test_the_changelog_has_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sections = released((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert sections[0] == "Unreleased"
    assert sections[1] == version, "the newest version of the changelog is not that of pyproject.toml"
