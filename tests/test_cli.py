"""The command line: statuses, messages, and that a fault leaves nothing behind."""

import errno
import importlib.metadata
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from codegen.cli import AT_FAULT, BROKEN, DONE, INTERRUPTED, cli, run
from codegen.commands import COMMANDS
from codegen.faults import FAULTS, concerning
from derive.spec import load, parse
from derive.trace import trace

PROGRAM = (sys.executable, "-c", "from codegen.cli import main; main()")
ROOT = Path(__file__).parents[1]


def chainrule(*arguments: str, **options: object) -> subprocess.CompletedProcess:
    """Run the command line in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    options = {"encoding": "utf-8", **options}
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, env=environment, **options)


# Help


def test_help_names_every_command():
    text = CliRunner().invoke(cli, ["--help"]).output
    for name, (_, summary) in COMMANDS.items():
        assert f"  {name} " in text
        assert summary in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_shows_an_example(name):
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == DONE
    assert f"  chainrule {name}" in result.output.partition("Example")[2]
    assert isinstance(import_module(COMMANDS[name][0]).command, click.Command)


def test_the_version_is_that_of_the_installed_package(monkeypatch, capsys):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: f"1.2.3 of {name}")
    assert run(["--version"]) == DONE
    assert capsys.readouterr().out == "chainrule 1.2.3 of chainrule\n"


def test_the_version_of_what_is_not_installed_is_not_made_up(monkeypatch, capsys):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert run(["--version"]) == DONE
    assert capsys.readouterr().out == "chainrule, run without having been installed\n"


# Faults

GOOD = (ROOT / "codegen" / "templates" / "new.toml").read_text()

BAD_FILES = {
    "unknown-key.toml": (GOOD.replace("inputs", "input", 1), "network.input: this key is not known"),
    "not-toml.toml": ("[network\n", "line 1, column 9: Expected ']'"),
    "ragged.toml": (
        GOOD.replace("[0.4, 0.1]", "[0.4]"),
        "example.parameters.W1, entry 2: the row has 1 number",
    ),
    "expression.toml": (GOOD.replace('"tanh"', '"z +"'), "found the end\n    z +\n       ^"),
    "nan.toml": (GOOD.replace("-1.0]", "nan]"), "example.x, entry 2: expected a finite number"),
}


def commands_on(spec: str, target: Path) -> list[list[str]]:
    return [
        ["trace", spec],
        ["derive", spec],
        ["handout", spec, "-o", str(target / "out.html")],
        ["generate", spec, "-o", str(target / "out.py")],
    ]


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_message_and_nothing_is_written(name, tmp_path, capsys):
    text, words = BAD_FILES[name]
    path = tmp_path / name
    path.write_text(text)
    for arguments in commands_on(str(path), tmp_path):
        assert run(arguments) == AT_FAULT
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"chainrule: {path}, line ")
        assert words in printed.err
        assert printed.err.count("chainrule:") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_missing_file_is_one_message(tmp_path, capsys):
    for arguments in commands_on(str(tmp_path / "none.toml"), tmp_path):
        assert run(arguments) == AT_FAULT
        assert "there is no such file: chainrule new FILE writes one" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tarce", "lecture6"], "did you mean 'trace'?"),
        (["trace"], "Missing argument 'SPEC'"),
        (["trace", "lecture6", "--jsn"], "--json"),
        (["trace", "lecture6", "--digits", "0"], "1<=x<=17"),
        (["handout", "lecture6"], "Missing option '-o'"),
        (["handout", "lecture6", "-o", "x.docx"], "must end in one of .tex, .pdf, .html, .md, .ipynb"),
        (["handout", "lecture6", "-o", "x"], "there is no suffix"),
        (["handout", "lecture6", "-o", "x.tex", "--detail", "some"], "'brief', 'full'"),
        (["generate", "lecture6", "-o", "x.txt"], "the suffix '.txt' is not known"),
        (["generate", "lecture6", "-o", "none/x.py"], "the folder none does not exist: create it first"),
        (["generate", "lecture6", "-o", "x.py", "--style", "fortran"], "'array', 'scalar'"),
        (["derive", "lecture6", "--view", "graph"], "'index', 'element', 'path', 'matrix'"),
        (["new", "x.yaml"], "must end in one of .toml"),
        (["new", "none/x.toml"], "the folder none does not exist"),
    ],
)
def test_a_bad_call_is_told_and_nothing_is_written(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == AT_FAULT
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("module", "name", "complete"), FAULTS)
def test_every_kind_of_fault_is_told_with_the_file_and_without_a_traceback(
    module, name, complete, monkeypatch, capsys
):
    cls = getattr(import_module(module), name)
    error = cls.__new__(cls, "what is wrong")
    with pytest.raises(cls), concerning("net.toml"):
        raise error
    assert run_raising(error, monkeypatch) == AT_FAULT
    told = capsys.readouterr().err
    assert "what is wrong" in told
    assert "Traceback" not in told
    assert told.startswith("chainrule: net.toml: ") is not complete


def run_raising(error: BaseException, monkeypatch) -> int:
    def fail() -> None:
        raise error

    monkeypatch.setitem(COMMANDS, "fail", ("failing_command", ""))
    monkeypatch.setitem(
        sys.modules, "failing_command", type("module", (), {"command": click.command()(fail)})
    )
    return run(["fail"])


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "net.toml"),
            AT_FAULT,
            "net.toml: Permission denied",
        ),
        (MemoryError(), AT_FAULT, "not enough memory"),
        (KeyboardInterrupt(), INTERRUPTED, ""),
        (ZeroDivisionError("odd"), BROKEN, "a mistake in chainrule itself"),
        (ValueError("odd"), BROKEN, "Traceback"),
        (RecursionError("odd"), BROKEN, "Traceback"),
    ],
)
def test_faults_of_the_input_are_told_apart_from_mistakes_here(error, status, words, monkeypatch, capsys):
    assert run_raising(error, monkeypatch) == status
    printed = capsys.readouterr().err
    assert words in printed
    assert ("Traceback" in printed) is (status == BROKEN)


# Processes


def test_a_process_ends_with_the_status():
    assert chainrule("examples").returncode == DONE
    failed = chainrule("trace", "lectur6")
    assert (failed.returncode, failed.stdout) == (AT_FAULT, "")
    assert failed.stderr == (
        "chainrule: lectur6: there is no such file or bundled example: did you mean 'lecture6'?\n"
    )


def test_a_reader_that_has_enough_is_no_error():
    with subprocess.Popen(
        [*PROGRAM, "trace", "lecture6", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_a_fault():
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*PROGRAM, "examples"], stdout=full, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert ended.returncode == AT_FAULT
    assert ended.stderr == "chainrule: No space left on device\n"


def test_titles_are_printed_where_the_output_lacks_their_letters(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(GOOD.replace("My network", "Netz für δ"), encoding="utf-8")
    printed = chainrule("trace", str(path), env={"PYTHONIOENCODING": "latin-1"}, encoding="latin-1")
    assert printed.returncode == DONE
    assert printed.stdout.startswith(r"Netz für \u03b4")


# new, examples


def test_new_writes_a_file_that_loads_and_runs(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    assert run(["new", str(path)]) == DONE
    assert capsys.readouterr().out == f"wrote {path}; next: chainrule trace {path}\n"
    assert f"chainrule trace {path} " in path.read_text()
    spec = load(path)
    result = trace(spec)
    assert result.loss_after < result.loss
    assert run(["trace", str(path)]) == DONE


def test_new_quotes_a_name_for_the_shell(tmp_path):
    path = tmp_path / "my net.toml"
    assert run(["new", str(path)]) == DONE
    assert f"chainrule trace '{path}' " in path.read_text()
    parse(path.read_text(), "net.toml")


def test_new_does_not_take_the_place_of_a_file(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    assert run(["new", str(path)]) == AT_FAULT
    assert "exists already: name a new file" in capsys.readouterr().err
    assert path.read_text() == "mine"


def test_the_new_file_names_everything_that_a_network_may_have():
    from derive.activations import ACTIVATIONS
    from derive.losses import LOSSES
    from derive.network import BIASES, LAYOUTS, REDUCTIONS
    from derive.notation import PROFILES

    for name in (*ACTIVATIONS, *LOSSES, *LAYOUTS, *BIASES, *REDUCTIONS, *PROFILES):
        assert name in GOOD


def test_examples_lists_each_with_its_title(capsys):
    assert run(["examples"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["lecture6", "2-2-2", "sigmoid", "column,", "folded", "Lecture", "6"]
    for line in lines[1:]:
        spec = load(line.split()[0])
        assert line.endswith(spec.network.title)
