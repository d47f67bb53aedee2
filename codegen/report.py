"""What the verifier found, as a compiler shows it: the user's own lines, each with its fault."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import click

from codegen.console import on_terminal
from codegen.report_text import columns, roots, short, snippet, summed_up, visible
from derive.check.catalogue import MISTAKES
from derive.check.findings import Finding, Place, Report, Verdict
from derive.read.pages import Page

Styled: TypeAlias = tuple[tuple[str, str], ...]
"""One line: pieces of text, each with its style."""

WIDTH = 100
"""Columns where no terminal says how many there are."""
NARROWEST = 40
REASON = 70
SHORTEST_CLAIM = 24
LISTED = 12
"""How many findings of a list are shown unless all are asked for."""
MOST_LINES = 4
"""How many lines of a claim, or of a part of a finding, are shown."""
STYLES = {
    Verdict.WRONG: "bold red",
    Verdict.FOLLOWS: "yellow",
    Verdict.UNDECIDED: "cyan",
    Verdict.RIGHT: "green",
}
_QUIET = "bright_blue"
_PARTS = (("given", "given"), ("expected", "expected"), ("counterexample", "numbers"), ("hint", "help"))


def print_report(report: Report, pages: Sequence[Page], *, everything: bool = False) -> None:
    """Print a report on standard output: in colours on a terminal, plain anywhere else."""
    drawn = on_terminal(sys.stdout)
    width = shutil.get_terminal_size((WIDTH, 24)).columns if drawn else WIDTH
    lines = report_lines(report, pages, width=max(width, NARROWEST), everything=everything)
    if drawn:
        _draw(lines)
    else:
        click.echo("\n".join(plain(line) for line in lines))


def plain(line: Styled) -> str:
    """Return a line without its styles."""
    return "".join(text for text, _ in line).rstrip()


def _draw(lines: Iterable[Styled]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True)


def report_lines(
    report: Report, pages: Sequence[Page], *, width: int = WIDTH, everything: bool = False
) -> Iterator[Styled]:
    """Yield the lines of a report.

    Parameters
    ----------
    report : Report
    pages : sequence of Page
        The lines of the document.
    width : int
        The columns there are.
    everything : bool
        Whether right claims are listed too, and no list is cut.
    """
    yield from _introduction(report, width)
    findings = report.findings
    heirs: dict[int, list[int]] = {}
    orphans = []
    root_of = roots(findings)
    for number, finding in enumerate(findings):
        if finding.verdict is Verdict.FOLLOWS:
            if number in root_of:
                heirs.setdefault(root_of[number], []).append(number)
            else:
                orphans.append(number)
    texts = {page.cell: page for page in pages}
    for number, finding in enumerate(findings):
        if finding.verdict is Verdict.WRONG:
            yield from _wrong(report.path, finding, texts, width)
            yield from _heirs(report, heirs.get(number, ()), width, everything)
            yield ()
    for verdict, title in ((Verdict.UNDECIDED, "undecided"), (Verdict.RIGHT, "right")):
        if verdict is Verdict.UNDECIDED or everything:
            chosen = [number for number, finding in enumerate(findings) if finding.verdict is verdict]
            yield from _listed(report, chosen, width, everything, title)
            if chosen:
                yield ()
    if orphans:
        yield from _listed(report, orphans, width, everything, "follows from an earlier claim")
        yield ()
    codes = dict.fromkeys(finding.code for finding in findings if finding.code)
    if codes:
        yield ((f"chainrule explain CODE says more of {', '.join(map(visible, codes))}", ""),)
    style = STYLES[Verdict.WRONG if report.faulty else Verdict.RIGHT]
    yield ((f"{visible(report.path)}: ", ""), (summed_up(report.summary), style))


def where(path: str, place: Place) -> str:
    """Return a place as editors understand it, and the cell of a notebook."""
    cell = "" if place.cell is None else f" (cell {place.cell})"
    return f"{visible(path)}:{place.line}:{place.column}{cell}"


def _introduction(report: Report, width: int) -> Iterator[Styled]:
    """Yield what was inferred and noticed."""
    for inference in report.inferences:
        text = f"{inference.convention} = {inference.value} ({inference.evidence})"
        yield from _part("inferred: ", text, width, _QUIET)
    if report.inferences:
        first = report.inferences[0]
        stated = visible(f"--assume '{first.convention}=...'")
        yield ((f"          (stated by you instead: {stated})", ""),)
    for note in report.notes:
        yield from _part("note: ", note, width, _QUIET)
    if report.inferences or report.notes:
        yield ()


def _wrong(path: str, finding: Finding, texts: Mapping[int | None, Page], width: int) -> Iterator[Styled]:
    """Yield a finding with the lines it is about."""
    code = finding.code or "other"
    title = MISTAKES[code].title if code in MISTAKES else ""
    head = f": {title}" if title else ""
    yield (
        (f"error[{visible(code)}]", STYLES[Verdict.WRONG]),
        (f": {where(path, finding.place)}{head}", "bold"),
    )
    gutter = len(str(finding.place.end_line))
    yield from _quoted(finding, texts.get(finding.place.cell), gutter, width)
    margin = " " * gutter + " = "
    longest = max(len(label) for _, label in _PARTS)
    for attribute, label in _PARTS:
        text = getattr(finding, attribute)
        if text:
            yield from _part(f"{margin}{label + ':':<{longest + 1}} ", text, width, _QUIET)


def _quoted(finding: Finding, page: Page | None, gutter: int, width: int) -> Iterator[Styled]:
    """Yield the lines of a claim, each with carets under what is meant."""
    place = finding.place
    last = max(place.end_line, place.line)
    if page is None or place.line > len(page.lines):
        lines = {place.line: (finding.claim.replace("\n", " "), 0, len(finding.claim))}
    else:
        lines = dict(_spans(page, place, last))
    bar = (f"{'':>{gutter}} | ", _QUIET)
    yield (bar,)
    room = width - gutter - len(" | ")
    for line, (text, start, end) in list(lines.items())[:MOST_LINES]:
        shown = snippet(text, start, end, room)
        yield ((f"{line:>{gutter}} | ", _QUIET), (shown.text, ""))
        yield (bar, (" " * shown.before, ""), ("^" * shown.length, STYLES[Verdict.WRONG]))
    if len(lines) > MOST_LINES:
        yield ((f"{'':>{gutter}} | ", _QUIET), (f"... to line {last}", ""))


def _spans(page: Page, place: Place, last: int) -> Iterator[tuple[int, tuple[str, int, int]]]:
    """Yield the lines of a claim that are not empty, each with the span that belongs to it."""
    for line in range(place.line, min(last, len(page.lines)) + 1):
        text = page.lines[line - 1].text
        start = place.column - 1 if line == place.line else len(text) - len(text.lstrip())
        end = place.end_column - 1 if line == last else len(text.rstrip())
        if line == place.line or text[start:end].strip():
            yield line, (text, start, end)


def _part(label: str, text: str, width: int, style: str) -> Iterator[Styled]:
    """Yield a labelled text, folded below itself where it is too wide."""
    room = max(width - columns(label), NARROWEST // 2)
    most = room * MOST_LINES
    lines = [
        folded
        for line in text[: 2 * most].splitlines()
        for folded in textwrap.wrap(visible(line), room, subsequent_indent="") or [""]
    ]
    if len(lines) > MOST_LINES or len(text) > 2 * most:
        lines = [*lines[:MOST_LINES], "..."]
    for number, line in enumerate(lines):
        yield ((label if number == 0 else " " * columns(label), style), (line, ""))


def _heirs(report: Report, heirs: Sequence[int], width: int, everything: bool) -> Iterator[Styled]:
    """Yield the claims that are right but for an earlier mistake, below it, each statement once."""
    different: dict[tuple[Place, str], int] = {}
    for number in heirs:
        different.setdefault((report.findings[number].place, report.findings[number].claim), number)
    heirs = list(different.values())
    most = _most(heirs, everything)
    label = "   so also: "
    for number in heirs[:most]:
        place = report.findings[number].place
        cell = "" if place.cell is None else f"cell {place.cell}, "
        head = f"{cell}line {place.line}: "
        claim = short(report.findings[number].claim, max(width - len(label) - len(head), NARROWEST // 2))
        yield ((label, STYLES[Verdict.FOLLOWS]), (head, _QUIET), (claim, ""))
        label = " " * len(label)
    if len(heirs) > most:
        yield ((f"{label}and {len(heirs) - most} more (--all lists them)", ""),)


def _listed(
    report: Report, chosen: Sequence[int], width: int, everything: bool, title: str
) -> Iterator[Styled]:
    """Yield findings in one line each, and how many were left out."""
    most = _most(chosen, everything)
    for number in chosen[:most]:
        finding = report.findings[number]
        reason = finding.evidence if finding.verdict is Verdict.RIGHT else finding.hint
        place = f": {where(report.path, finding.place)}: "
        tail = f": {short(reason, REASON)}" if reason else ""
        # A place is never cut: the line may become wider than the terminal.
        claim = short(finding.claim, max(width - columns(title + place + tail), SHORTEST_CLAIM))
        yield ((title, STYLES[finding.verdict]), (place, ""), (claim, ""), (tail, _QUIET))
    if len(chosen) > most:
        yield ((f"{len(chosen) - most} more {title} (--all lists them)", ""),)


def _most(chosen: Sequence[int], everything: bool) -> int:
    """Return how many of a list are shown; a line to say that one is left out would be no shorter."""
    return len(chosen) if everything or len(chosen) <= LISTED + 1 else LISTED
