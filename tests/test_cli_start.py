"""Starting is light: help needs neither SymPy nor NumPy, and no command imports what it does not use."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.commands import COMMANDS

ROOT = Path(__file__).parents[1]
HEAVY = {"sympy", "numpy", "mpmath", "jinja2", "rich", "lark", "nbformat", "markdown_it", "latex2mathml"}

PROBE = """
import json, sys
{first}
from codegen.cli import run
try:
    run({arguments})
except SystemExit:
    pass
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""


def imported(*arguments: str, first: str = "") -> set[str]:
    """Return the packages that a call has imported at its end."""
    code = PROBE.format(arguments=list(arguments), first=first)
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return set(json.loads(ended.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments", [["--help"], [], ["no-such-command"], *([name, "--help"] for name in COMMANDS)]
)
def test_help_and_bad_calls_import_nothing_heavy(arguments):
    assert imported(*arguments) & HEAVY == set()


def test_a_heavy_import_is_noticed():
    assert imported("--help", first="import jinja2") & HEAVY == {"jinja2"}


def test_a_table_that_is_not_drawn_needs_no_drawing():
    packages = imported("trace", "lecture6")
    assert "sympy" in packages
    assert packages & {"rich", "jinja2", "lark", "nbformat", "markdown_it", "latex2mathml"} == set()


def test_a_refused_file_name_is_told_before_anything_is_computed():
    assert imported("handout", "lecture6", "-o", "x.docx") & HEAVY == set()
