"""The committed modules are what the program generates now."""

import pytest

from codegen import golden
from codegen.golden import FOLDER, differences, expected, main, update


@pytest.fixture(scope="module")
def files():
    return expected()


def test_the_committed_modules_are_up_to_date(files):
    found = "".join(differences(FOLDER, files))
    assert not found, f"{found}\nif that is meant: {golden.COMMAND}"


def test_modules_are_the_same_every_time(files):
    assert expected() == files


def test_a_change_is_noticed_and_written(files, tmp_path, monkeypatch, capsys):
    name = sorted(files)[0]
    monkeypatch.setattr(golden, "expected", lambda: files)
    monkeypatch.setattr(golden, "FOLDER", tmp_path / "generated")
    assert main(["--update"]) == 0
    assert main([]) == 0
    path = tmp_path / "generated" / name
    path.write_text(path.read_text().replace("a2[n, i] - y[n, i]", "a2[n, i] + y[n, i]"))
    capsys.readouterr()
    assert main([]) == 1
    shown = capsys.readouterr()
    assert f"--- a/{name}" in shown.out
    assert "a2[n, i] + y[n, i]" in shown.out
    assert golden.COMMAND in shown.err
    update(tmp_path / "generated", files)
    assert differences(tmp_path / "generated", files) == []


def test_a_module_that_is_missing_or_left_over_is_noticed(files, tmp_path):
    update(tmp_path, files)
    first, *_ = sorted(files)
    (tmp_path / first).rename(tmp_path / f"gone_{first}")
    found = "".join(differences(tmp_path, files))
    assert f"b/{first}" in found
    assert f"b/gone_{first}" in found
    update(tmp_path, files)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


def test_another_argument_is_refused(capsys):
    assert main(["--upgrade"]) == 2
    assert "usage" in capsys.readouterr().err
