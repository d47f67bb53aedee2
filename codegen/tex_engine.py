"""Run a TeX engine on a document that is not trusted, and return the PDF."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_STRICT = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")


@dataclass(frozen=True)
class Engine:
    """A program that turns TeX into PDF.

    Attributes
    ----------
    name : str
        The command.
    arguments : tuple of str
        What it is called with, before the name of the file.
    runs : int
        How often it has to be called, at the most, for references and widths to settle.
    """

    name: str
    arguments: tuple[str, ...]
    runs: int = 1


ENGINES = (
    Engine("tectonic", ("--untrusted", "--keep-logs", "--chatter", "minimal")),
    Engine("latexmk", ("-norc", "-pdf", *_STRICT)),
    Engine("lualatex", _STRICT, runs=2),
    Engine("xelatex", ("-no-shell-escape", *_STRICT[1:]), runs=2),
    Engine("pdflatex", _STRICT, runs=2),
)
"""In the order in which they are looked for."""

_AGAIN = re.compile(r"^(?!Package: ).*\bRerun\b", re.MULTILINE)
"""LaTeX and its packages say so where a document needs another run; one package has the word in its title."""

TIME_LIMIT = 120.0
"""Seconds for all runs of an engine together."""

_REMEDY = """\
no TeX engine was found to make the PDF (looked for: {names}). Install one:
  Debian, Ubuntu:  apt-get install texlive-latex-recommended texlive-pictures lmodern
  macOS:           brew install tectonic
  Windows:         winget install MiKTeX.MiKTeX
Or write the handout as .tex or .html: these need no TeX."""


class TexError(RuntimeError):
    """There is no TeX engine, it took too long, or it stopped at an error; the message says which."""


@dataclass(frozen=True)
class Compiled:
    """A PDF, with the log of the engine that made it."""

    pdf: bytes
    log: str
    engine: str


def find_engine() -> Engine:
    """Return the first engine that is installed.

    Raises
    ------
    TexError
        If none is; the message says how to get one.
    """
    for engine in ENGINES:
        if shutil.which(engine.name):
            return engine
    raise TexError(_REMEDY.format(names=", ".join(engine.name for engine in ENGINES)))


def compile_tex(source: str, engine: Engine | None = None, time_limit: float = TIME_LIMIT) -> Compiled:
    """Return the PDF of a TeX document.

    The engine runs in a folder of its own, without a shell, and may neither read nor write outside of
    that folder and its own installation.

    Parameters
    ----------
    source : str
    engine : Engine, optional
        The first one installed by default.
    time_limit : float
        In seconds.

    Raises
    ------
    TexError
        If there is no engine, it took too long, or it stopped at an error.
    """
    engine = engine or find_engine()
    with tempfile.TemporaryDirectory(prefix="handout-") as name:
        folder = Path(name)
        (folder / "handout.tex").write_text(source, encoding="utf-8")
        for _ in range(engine.runs):
            _run(engine, folder, time_limit / engine.runs)
            if not _AGAIN.search(_log(folder)):
                break
        pdf = folder / "handout.pdf"
        if not pdf.is_file():
            raise TexError(f"{engine.name} ended without an error, and without a PDF")
        return Compiled(pdf.read_bytes(), _log(folder), engine.name)


def _log(folder: Path) -> str:
    log = folder / "handout.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def _run(engine: Engine, folder: Path, time_limit: float) -> None:
    command = [engine.name, *engine.arguments, "handout.tex"]
    # The command is a constant of this module; the document reaches it as a file only. The engine gets a
    # process group of its own, so that its children end with it.
    process = subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        try:
            output, _ = process.communicate(timeout=time_limit)
        except subprocess.TimeoutExpired:
            _stop(process)
            raise TexError(
                f"{engine.name} took longer than {time_limit:.0f} s and was stopped; "
                "try --detail brief, or write the handout as .tex or .html"
            ) from None
        except BaseException:
            _stop(process)
            raise
    if process.returncode != 0:
        raise TexError(f"{engine.name} stopped at an error:\n{_complaint(folder, output)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of an engine: paranoid about files, and the same output on every day."""
    return {
        **os.environ,
        "openin_any": "p",
        "openout_any": "p",
        "shell_escape": "f",
        "TEXMFOUTPUT": str(folder),
        "max_print_line": "1000",
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
    }


def _complaint(folder: Path, output: bytes, lines: int = 12) -> str:
    """Return the first error of the log, with the lines after it."""
    rows = (_log(folder) or output.decode("utf-8", "replace")).splitlines()
    first = next((n for n, row in enumerate(rows) if _is_error(row)), max(0, len(rows) - lines))
    return "\n".join(rows[first : first + lines])


def _is_error(row: str) -> bool:
    return row.startswith(("!", "./handout.tex:", "handout.tex:", "error:"))
