"""Run the machine's C compiler: find it, give it files, say what it said."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

COMPILERS = ("cc", "gcc", "clang")
OPTIONS = ("-O3", "-ffp-contract=off", "-fno-fast-math", "-fPIC")
"""Contraction would make the numbers depend on the machine."""

TIME_LIMIT = 300.0


class CompileError(Exception):
    """There is no compiler, or it refuses; the message says what to do."""


def find_compiler() -> list[str]:
    """Return the command of a C compiler: that of the variable ``CC``, or the first that is installed.

    Raises
    ------
    CompileError
        If there is none.
    """
    named = os.environ.get("CC", "")
    try:
        command = shlex.split(named)
    except ValueError as error:
        raise CompileError(f"CC = {named!r}: no command: {error}") from error
    if command:
        if shutil.which(command[0]) is None:
            raise CompileError(f"CC = {named!r}: there is no program {command[0]!r}: correct or unset it")
        return command
    for name in COMPILERS:
        if shutil.which(name):
            return [name]
    raise CompileError(
        f"no C compiler is installed (looked for {', '.join(COMPILERS)}): install one (on Debian and Ubuntu:"
        " apt-get install gcc python3-dev), name one in the variable CC, or write the C file alone with:"
        " chainrule generate SPEC --style c -o FILE.c"
    )


def headers() -> Path:
    """Return the folder with the headers of this Python.

    Raises
    ------
    CompileError
        If they are not installed.
    """
    folder = Path(sysconfig.get_paths()["include"])
    if not (folder / "Python.h").is_file():
        raise CompileError(
            "the headers of Python are not installed: install them (on Debian and Ubuntu: apt-get install"
            " python3-dev)"
        )
    return folder


def numpy_options() -> list[str]:
    """Return what lets an extension module look at arrays of NumPy directly; nothing without its headers."""
    import numpy as np

    folder = Path(np.get_include())
    if not (folder / "numpy" / "arrayobject.h").is_file():
        return []
    return ["-DCHAINRULE_NUMPY", f"-I{folder}"]


def extension_name(module: str) -> str:
    """Return the file name of an extension module of this Python."""
    return module + str(sysconfig.get_config_var("EXT_SUFFIX") or ".so")


def build_extension(source: Path, target: Path, compiler: Sequence[str] | None = None) -> None:
    """Compile an extension module of one C file.

    Parameters
    ----------
    source : pathlib.Path
        Files that it includes lie beside it.
    target : pathlib.Path
    compiler : sequence of str, optional
        By default that of `find_compiler`.

    Raises
    ------
    CompileError
        If there is no compiler, there are no headers, or it ends with an error.
    """
    command = list(compiler or find_compiler())
    link = ("-bundle", "-undefined", "dynamic_lookup") if sys.platform == "darwin" else ("-shared",)
    command += [*OPTIONS, *link, f"-I{headers()}", *numpy_options()]
    command += ["-o", str(target), str(source.resolve()), "-lm"]
    try:
        # No shell; the compiler is the user's own, and file names are single arguments.
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=TIME_LIMIT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise CompileError(f"{command[0]} took longer than {TIME_LIMIT:.0f} s and was stopped") from error
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[:20])
        raise CompileError(f"{command[0]} ended with status {done.returncode}:\n{said}")
