"""Files are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from codegen.files import TargetError, check_target, write_whole

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "δ\n")
    assert path.read_bytes() == b"\xce\xb4\n"
    write_whole(path, b"\x00\r\n")
    assert path.read_bytes() == b"\x00\r\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_leaves_the_old_file_alone(step, error, tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_):
        raise error

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((TargetError, KeyboardInterrupt)) as caught:
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(caught.value, TargetError):
        assert (
            str(caught.value) == f"{path}: cannot be written: No space left on device: it is left as it was"
        )


def test_nobody_ever_sees_half_a_file(tmp_path, monkeypatch):
    path, seen = tmp_path / "a.txt", []
    path.write_text("old")
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(path.read_text()), fsync(handle)))
    write_whole(path, "new" * 100_000)
    assert seen == ["old"]
    assert path.read_text() == "new" * 100_000


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_permissions_are_kept_and_a_link_is_followed(tmp_path):
    path, link = tmp_path / "a.txt", tmp_path / "link.txt"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_a_new_file_has_the_usual_permissions(tmp_path):
    usual, path = tmp_path / "usual.txt", tmp_path / "a.txt"
    usual.write_text("")
    write_whole(path, "")
    assert path.stat().st_mode == usual.stat().st_mode


def refusal(path: Path, suffixes: tuple[str, ...] = ()) -> str:
    with pytest.raises(TargetError) as caught:
        check_target(path, suffixes)
    with pytest.raises(TargetError):
        check_target(path, suffixes) if suffixes else write_whole(path, "new")
    return str(caught.value)


def test_what_cannot_be_written_is_refused_with_a_remedy(tmp_path):
    file = tmp_path / "file"
    file.write_text("old")
    assert refusal(tmp_path).endswith("this is a folder: name a file in it")
    assert "does not exist: create it first" in refusal(tmp_path / "none" / "a.txt")
    assert "is no folder" in refusal(file / "a.txt")
    assert "must end in one of .tex, .pdf" in refusal(tmp_path / "a.doc", (".tex", ".pdf"))
    assert "there is no suffix" in refusal(tmp_path / "a", (".tex",))
    assert "cannot be written" in refusal(tmp_path / ("a" * 300))
    check_target(tmp_path / "a.TEX", (".tex",))
    assert file.read_text() == "old"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_refused(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "no regular file" in refusal(pipe)


@pytest.mark.skipif(AS_ROOT or os.name == "nt", reason="nothing is forbidden to this user")
def test_a_protected_file_is_left_alone(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o444)
    assert "writing is not allowed" in refusal(path)
    assert path.read_text() == "old"


def test_permission_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "writing is not allowed" in refusal(tmp_path / "a.txt")
