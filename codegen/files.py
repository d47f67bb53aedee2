"""Write files whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Collection
from pathlib import Path


class TargetError(ValueError):
    """A file that cannot be written; the message names it, the reason and the remedy."""


def check_target(path: Path, suffixes: Collection[str] = ()) -> None:
    """Refuse a file that could not be written, before anything is computed.

    Parameters
    ----------
    path : pathlib.Path
    suffixes : collection of str
        The suffixes it may have, such as ``.py``; any by default.

    Raises
    ------
    TargetError
        If the suffix is unknown, the folder does not exist, the path is no regular file, or writing is not
        allowed.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        found = f"the suffix {path.suffix!r} is not known" if path.suffix else "there is no suffix"
        raise TargetError(f"{path}: {found}: the name of the file must end in one of {', '.join(suffixes)}")
    try:
        folder = path.parent
        if not folder.is_dir():
            what = "is no folder" if folder.exists() else "does not exist"
            raise TargetError(f"{path}: the folder {folder} {what}: create it first, or write elsewhere")
        if path.is_dir():
            raise TargetError(f"{path}: this is a folder: name a file in it")
        if path.exists() and not path.is_file():
            raise TargetError(f"{path}: this is no regular file: name another")
        if not os.access(path if path.exists() else folder, os.W_OK):
            raise TargetError(f"{path}: writing is not allowed: change the permissions, or write elsewhere")
    except OSError as error:
        raise TargetError(f"{path}: cannot be written: {error.strerror}: write elsewhere") from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it has the old content or the new, whatever happens in between.

    The content goes to a new file in the same folder, which then takes the place of the old one. A link is
    followed; permissions are kept. Text is UTF-8 with line feeds.

    Raises
    ------
    TargetError
        If the file cannot be written; it is as it was then.
    """
    check_target(path)
    try:
        _replace(Path(os.path.realpath(path)), content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise TargetError(f"{path}: cannot be written: {error.strerror}: it is left as it was") from error


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".chainrule-{secrets.token_hex(8)}.tmp")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(stat.S_IMODE(path.stat().st_mode))
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
