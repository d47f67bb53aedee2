"""Who imports whom: the contracts of `.importlinter` hold, and each is noticed when it is broken."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MATHEMATICS = "derive never imports codegen"
NO_TEXT = "derive writes no text: no terminal, template or markup writer"
APART = "the emitters and the verifier share no printer and no parser"


def broken_contracts(directory: Path) -> set[str]:
    """Names of the contracts of `.importlinter` that the packages in `directory` break."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", ROOT / ".importlinter"],
        cwd=directory,
        env={"PYTHONPATH": str(directory), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", done.stdout, re.MULTILINE))
    assert verdicts, f"import-linter said nothing:\n{done.stdout}{done.stderr}"
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_the_contracts_hold():
    assert broken_contracts(ROOT) == set()


@pytest.mark.parametrize(
    ("modules", "broken"),
    [
        (
            {
                "codegen/latex.py": "import derive.program",
                "codegen/cli.py": "import derive.check, derive.read",
            },
            set(),
        ),
        ({"derive/program.py": "import codegen.latex", "codegen/latex.py": ""}, {MATHEMATICS}),
        ({"derive/read/tex.py": "def f():\n    from codegen import x"}, {MATHEMATICS}),
        ({"derive/check/show.py": "import rich.table"}, {NO_TEXT}),
        ({"derive/program.py": "from jinja2 import Template"}, {NO_TEXT}),
        ({"codegen/latex.py": "from derive.read import tokens", "derive/read/tokens.py": ""}, {APART}),
        ({"codegen/html.py": "import derive.spec", "derive/spec.py": "import derive.check"}, {APART}),
    ],
)
def test_a_broken_contract_is_noticed(tmp_path, modules, broken):
    packages = ("derive", "derive/read", "derive/check", "codegen")
    empty = {f"{package}/__init__.py": "" for package in packages} | {"derive/program.py": ""}
    for name, text in (empty | modules).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert broken_contracts(tmp_path) == broken
