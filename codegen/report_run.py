"""Judge documents, one after the other or in parallel processes."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path

from derive.check.document import check_document
from derive.check.findings import Report
from derive.check.formula.infer import assumed
from derive.check.names import first_reading
from derive.read.document import read_document
from derive.read.document_types import DocumentError
from derive.read.pages import Page, pages
from derive.spec import Spec

Done = Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one document: a report with the lines it is about, or the reason why there is none.

    Attributes
    ----------
    path : str
    report : Report or None
    pages : tuple of Page
    fault : str
        The message to the user where the document could not be judged.
    broken : Exception or None
        An error in this program itself.
    """

    path: str
    report: Report | None = None
    pages: tuple[Page, ...] = ()
    fault: str = ""
    broken: Exception | None = None


def check_assumptions(spec: Spec, assume: Mapping[str, str]) -> None:
    """Refuse assumptions that do not exist, before any document is read.

    Raises
    ------
    AssumeError
    """
    assumed(first_reading(spec.network, spec.notation), assume)


def judge(path: str, spec: Spec, assume: Mapping[str, str]) -> Outcome:
    """Read and judge one document."""
    try:
        _refuse_folder(path)
        with _collecting_seldom():
            document = read_document(path)
            return Outcome(path, check_document(document, spec, assume), pages(document))
    except DocumentError as error:
        return Outcome(path, fault=str(error))
    except MemoryError:
        return Outcome(path, fault=f"{path}: there is not enough memory to judge it. Split the document.")
    except Exception as error:  # shown with its traceback once the other documents have been
        return Outcome(path, broken=error)


def judge_all(
    paths: Sequence[str], spec: Spec, assume: Mapping[str, str], *, jobs: int = 1, done: Done = lambda: None
) -> list[Outcome]:
    """Judge documents; the outcomes are in the order of the paths.

    Parameters
    ----------
    paths : sequence of str
    spec : Spec
    assume : mapping
    jobs : int
        The number of processes.
    done : callable
        Called after each document.
    """
    if jobs == 1 or len(paths) == 1:
        outcomes = []
        for path in paths:
            outcomes.append(judge(path, spec, assume))
            done()
        return outcomes
    # Processes that are started afresh hold no lock or thread of this one.
    others = active_children()
    with ProcessPoolExecutor(min(jobs, len(paths)), get_context("spawn")) as pool:
        with _interrupts_ignored():
            futures = [pool.submit(judge, path, spec, assume) for path in paths]
        try:
            for _ in as_completed(futures):
                done()
        except BaseException:
            ours = set(active_children()).difference(others)
            for process in ours:
                process.terminate()
            for process in ours:
                process.join(10)
            raise
        return [_outcome(path, future) for path, future in zip(paths, futures, strict=True)]


_NEW_OBJECTS = 10_000
"""Between two collections of garbage: most of what judging makes is freed without one."""


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for cycles of garbage less often, which takes a seventh of the time otherwise."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _NEW_OBJECTS) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Start processes that leave an interrupt to this one: their tracebacks would bury its message."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _outcome(path: str, future: Future[Outcome]) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        what = "the process that judged it, or one beside it, was ended from outside"
        return Outcome(path, fault=f"{path}: {what}, for want of memory perhaps. Try again with --jobs 1.")
    if isinstance(error, Exception):
        return Outcome(path, broken=error)
    raise error


def _refuse_folder(path: str) -> None:
    file = Path(path)
    try:
        if file.is_dir():
            raise DocumentError(f"{path}: this is a folder. Name the documents in it, such as {path}/*.md")
        if file.exists() and not file.is_file():
            raise DocumentError(f"{path}: this is no regular file. Save the document as one.")
    except (OSError, ValueError):
        return  # reading it will say what is the matter
