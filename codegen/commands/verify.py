"""``chainrule verify``: judge every claim of hand derivations."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from codegen.report_run import Done, Outcome

NOTHING_WRONG, SOMETHING_WRONG = 0, 1


@click.command(
    epilog="\b\nExamples:\n  chainrule verify notes.md --net lecture6\n"
    "  chainrule verify hand-ins/*.ipynb --net mynet.toml --jobs 4 --html report.html\n"
    "  chainrule verify notes.tex --net mynet.toml --assume delta=negative-gradient"
)
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option("--net", "spec", required=True, metavar="SPEC",
              help="The network: a network file, or the name of a bundled example.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every claim.")
@click.option("--html", "page", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the documents with their claims marked, as one page.")  # fmt: skip
@click.option("--assume", "assumptions", multiple=True, metavar="NAME=VALUE",
              help="State a convention that would be inferred otherwise; may be repeated.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N",
              help="Judge N documents at a time.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="List the right claims, too.")
def command(
    documents: tuple[str, ...],
    spec: str,
    as_json: bool,
    page: Path | None,
    assumptions: tuple[str, ...],
    jobs: int,
    everything: bool,
) -> int:
    """Judge every claim of a hand derivation: .md, .tex, .ipynb, .py or .txt.

    The exit status is 0 where nothing is wrong, 1 where something is.
    """
    from codegen.files import write_whole

    assume = _assumed(assumptions)
    if page is not None:
        _check_page(page, documents, spec)
    outcomes = _judged(documents, spec, assume, jobs)
    faults = [(outcome.path, outcome.fault) for outcome in outcomes if outcome.fault]
    if as_json:
        _print_json(outcomes, faults)
    else:
        _print(outcomes, everything)
    _raise_broken(outcomes)
    if faults:
        _refuse(faults, page)
    if page is not None:
        from codegen.report_html import report_page

        write_whole(page, report_page([(o.report, o.pages) for o in outcomes if o.report is not None], spec))
        if not as_json:
            click.echo(f"wrote {page}")
    wrong = any(outcome.report is not None and outcome.report.faulty for outcome in outcomes)
    return SOMETHING_WRONG if wrong else NOTHING_WRONG


def _assumed(assumptions: Sequence[str]) -> dict[str, str]:
    from derive.suggest import shown

    found: dict[str, str] = {}
    for assumption in assumptions:
        name, equals, value = (part.strip() for part in assumption.partition("="))
        if not (name and equals and value):
            raise click.UsageError(
                f"--assume {shown(assumption)}: expected NAME=VALUE, such as delta=negative-gradient"
            )
        if found.setdefault(name, value) != value:
            raise click.UsageError(f"--assume {shown(name)} is given twice, with different values")
    return found


def _check_page(page: Path, documents: Sequence[str], spec: str) -> None:
    from codegen.files import TargetError, check_target

    check_target(page, (".html", ".htm"))
    for source in (*documents, spec):
        try:
            same = page.samefile(source)
        except (OSError, ValueError):
            continue  # one of them does not exist
        if same:
            raise TargetError(f"{page}: this is {source} itself: write the page elsewhere")


def _judged(documents: Sequence[str], spec: str, assume: dict[str, str], jobs: int) -> list[Outcome]:
    from codegen.console import working
    from codegen.faults import concerning
    from codegen.report_text import visible
    from derive.spec import load

    loaded = load(spec)
    if loaded.example is None:
        click.echo("note: the network file has no [example]: its numbers cannot be judged", err=True)
    with working("reading the network"), concerning(spec):
        from codegen.report_run import check_assumptions, judge_all
        from derive.check.formula.errors import AssumeError

        try:
            check_assumptions(loaded, assume)
        except AssumeError as error:
            raise click.UsageError(f"--assume: {error}") from error
    if len(documents) == 1:
        with working(f"verifying {visible(documents[0])}"):
            return judge_all(documents, loaded, assume)
    with _progress(len(documents)) as done:
        return judge_all(documents, loaded, assume, jobs=jobs, done=done)


@contextmanager
def _progress(total: int) -> Iterator[Done]:
    """Show on a terminal how many documents are done."""
    from codegen.console import on_terminal

    if not on_terminal(sys.stderr):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)


def _print_json(outcomes: Sequence[Outcome], faults: Sequence[tuple[str, str]]) -> None:
    from codegen.report_json import report_json

    reports = [outcome.report for outcome in outcomes if outcome.report is not None]
    if reports:  # a call that is at fault prints nothing else
        click.echo(report_json(reports, faults))


def _print(outcomes: Sequence[Outcome], everything: bool) -> None:
    from codegen.report import print_report

    judged = [outcome for outcome in outcomes if outcome.report is not None]
    for outcome in judged:
        assert outcome.report is not None  # noqa: S101  # for the type checker: it was just asked
        print_report(outcome.report, outcome.pages, everything=everything)
        if len(outcomes) > 1:
            click.echo()
    if len(outcomes) > 1 and judged:
        _print_table(outcomes)


def _print_table(outcomes: Sequence[Outcome]) -> None:
    from codegen.console import print_table
    from codegen.report_text import visible
    from derive.check.findings import Verdict

    verdicts = (Verdict.WRONG, Verdict.FOLLOWS, Verdict.UNDECIDED, Verdict.RIGHT)
    rows = []
    for outcome in outcomes:
        summary = outcome.report.summary if outcome.report is not None else {}
        numbers = (str(summary.get(verdict.value, "-")) for verdict in verdicts)
        rows.append((visible(outcome.path), *numbers))
    print_table(("document", *(verdict.value for verdict in verdicts)), rows)


def _raise_broken(outcomes: Sequence[Outcome]) -> None:
    """Raise the first error in this program itself."""
    for outcome in outcomes:
        if outcome.broken is not None:
            outcome.broken.add_note(outcome.path)
            raise outcome.broken


def _refuse(faults: Sequence[tuple[str, str]], page: Path | None) -> None:
    """End the call with what could not be read."""
    from codegen.report_text import visible
    from derive.read.document_types import DocumentError

    messages = [visible(message) for _, message in faults]
    if page is not None:
        messages.append(f"{visible(str(page))} was not written")
    raise DocumentError("\n".join(messages))
