"""The page of the documentation on ``verify`` says what the program does."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from reports import REPORT, verify

from codegen.report_json import report_json
from derive.check.formula.infer import options
from derive.check.names import first_reading
from derive.spec import load

PAGE = (Path(__file__).parents[1] / "docs" / "verify.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def printed(source: str) -> str:
    Path("gradient.py").write_text(source)
    out = io.StringIO()
    with redirect_stdout(out):
        verify("gradient.py")
    return out.getvalue()


def test_the_example_prints_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command, _, shown = block("console").partition("\n")
    assert command == "$ chainrule verify gradient.py --net lecture6"
    assert printed(block("python")) == shown


def test_the_example_without_its_mistake_is_right(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mended = block("python").replace("(1 + a2)", "(1 - a2)")
    assert printed(mended).startswith("gradient.py: nothing wrong, ")


def test_every_convention_that_can_be_stated_is_listed():
    spec = load("lecture6")
    for option in options(first_reading(spec.network, spec.notation)):
        row = re.search(rf"^\| .*`{option.name}`.* \| (.*) \|$", PAGE, re.MULTILINE)
        assert row, option.name
        if option.name != "names":
            assert set(option.values) <= set(re.findall(r"`([^`]*)`", row[1]))


@pytest.mark.parametrize("key", ["path", "summary", "inferences", "notes", "findings"])
def test_the_keys_of_the_json_are_those_shown(key):
    document = json.loads(report_json([REPORT]))["documents"][0]
    assert key in document
    for name in (key, *document["findings"][0]):
        assert f'"{name}":' in PAGE
