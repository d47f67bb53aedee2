"""What the verifier found as one HTML page: the documents with their claims marked in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from codegen.report_marks import LOUDEST_FIRST, Mark, Piece, marks_of, pieces
from codegen.report_text import roots, summed_up, visible
from derive.check.catalogue import MISTAKES
from derive.check.findings import Finding, Inference, Report, Verdict
from derive.read.pages import Page

SYMBOLS = {Verdict.RIGHT: "✓", Verdict.WRONG: "✗", Verdict.FOLLOWS: "↳", Verdict.UNDECIDED: "?"}
LABELS = {
    Verdict.RIGHT: "right",
    Verdict.WRONG: "wrong",
    Verdict.FOLLOWS: "follows from an earlier mistake",
    Verdict.UNDECIDED: "undecided",
}
LONGEST_PIECE = 3000
"""Characters of a stretch of a line; of a longer one the beginning and the end are shown."""
LONGEST_PART = 2000
AROUND = 20
"""Lines that are kept before and after a claim where a long stretch without claims is left out."""
LONGEST_GAP = 200
_PARTS = (
    ("given", "given"),
    ("expected", "expected"),
    ("counterexample", "numbers"),
    ("hint", "help"),
    ("evidence", "follows from"),
)


@dataclass(frozen=True)
class Link:
    """Where a link leads, and what it shows; the verdict is the class of its style."""

    target: str
    text: str
    verdict: str


@dataclass(frozen=True)
class Card:
    """A finding beside its mark."""

    id: str
    mark: Link
    label: str
    code: str
    title: str
    place: str
    claim: str
    parts: tuple[tuple[str, str], ...]
    cause: Link | None
    heirs: tuple[Link, ...]
    before: Link | None
    after: Link | None


@dataclass(frozen=True)
class Stretch:
    """A piece of a line as it is shown, with the symbols of the claims that begin in it."""

    text: str
    verdict: str
    tags: tuple[tuple[str, Link], ...]


@dataclass(frozen=True)
class Row:
    """A line of a document with the cards below it; or, without a number, lines left out."""

    number: int | None
    kind: str
    stretches: tuple[Stretch, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class PageView:
    """A file or a cell."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class DocumentView:
    """A document with its summary."""

    id: str
    path: str
    summary: str
    counts: tuple[tuple[str, str, int], ...]
    inferences: tuple[Inference, ...]
    notes: tuple[str, ...]
    wrong: tuple[tuple[Link, str], ...]
    pages: tuple[PageView, ...]
    elsewhere: tuple[Card, ...]


def report_page(judged: Sequence[tuple[Report, Sequence[Page]]], spec: str) -> str:
    """Return a complete HTML page that needs nothing from the network and runs no script.

    Parameters
    ----------
    judged : sequence
        The reports, each with the lines of its document.
    spec : str
        The network file, as the user named it.
    """
    views = [_Writer(f"d{number}", report, lines).view() for number, (report, lines) in enumerate(judged)]
    title = views[0].path if len(views) == 1 else f"{len(views)} documents"
    legend = [(verdict.value, SYMBOLS[verdict], LABELS[verdict]) for verdict in LOUDEST_FIRST]
    return _template().render(documents=views, title=title, spec=spec, legend=legend)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("codegen"),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _finalized(value: object) -> object:
    """Make a text visible on its way to the page; what is no markup of ours goes through here."""
    return "\n".join(map(visible, value.split("\n"))) if type(value) is str else value


class _Writer:
    """Brings one report into the form of the page."""

    def __init__(self, name: str, report: Report, lines: Sequence[Page]) -> None:
        self.name = name
        self.report = report
        self.lines = lines
        self.roots = roots(report.findings)
        self.heirs: dict[int, list[int]] = {}
        for heir, root in self.roots.items():
            self.heirs.setdefault(root, []).append(heir)
        self.wrong = [n for n, finding in enumerate(report.findings) if finding.verdict is Verdict.WRONG]
        self.order = {number: position for position, number in enumerate(self.wrong)}

    def view(self) -> DocumentView:
        """Return the document."""
        report = self.report
        by_cell: dict[int | None, dict[int, Finding]] = {}
        for number, finding in enumerate(report.findings):
            by_cell.setdefault(finding.place.cell, {})[number] = finding
        known = {page.cell for page in self.lines}
        lost = [n for n, finding in enumerate(report.findings) if finding.place.cell not in known]
        return DocumentView(
            id=self.name,
            path=report.path,
            summary=summed_up(report.summary),
            counts=tuple(
                (verdict.value, SYMBOLS[verdict], report.summary[verdict.value]) for verdict in LOUDEST_FIRST
            ),
            inferences=report.inferences,
            notes=report.notes,
            wrong=tuple((self.link(number), self.heading(number)) for number in self.wrong),
            pages=tuple(self.page(page, by_cell.get(page.cell, {})) for page in self.lines),
            elsewhere=tuple(map(self.card, lost)),
        )

    def page(self, page: Page, findings: Mapping[int, Finding]) -> PageView:
        """Return a file or a cell; long stretches without claims are left out."""
        marks = marks_of(page, findings)
        last = {
            number: line for line, found in sorted(marks.items()) for number in (m.finding for m in found)
        }
        below: dict[int, list[int]] = {}
        for number, line in last.items():
            below.setdefault(line, []).append(number)
        title = "" if page.cell is None else f"Cell {page.cell}"
        return PageView(title, tuple(self.rows(page, marks, below)))

    def rows(
        self, page: Page, marks: Mapping[int, list[Mark]], below: Mapping[int, list[int]]
    ) -> Iterator[Row]:
        """Yield the lines that are shown."""
        number = 1
        for first, last in _gaps(len(page.lines), sorted(marks)):
            yield from (self.row(page, line, marks, below) for line in range(number, first))
            left_out = f"lines {first} to {last}, without claims, are left out"
            yield Row(None, "gap", (Stretch(left_out, "", ()),), ())
            number = last + 1
        yield from (self.row(page, line, marks, below) for line in range(number, len(page.lines) + 1))

    def row(
        self, page: Page, number: int, marks: Mapping[int, list[Mark]], below: Mapping[int, list[int]]
    ) -> Row:
        """Return a line with its marks and cards."""
        line = page.lines[number - 1]
        cut = pieces(line.text, marks.get(number, ()), self.report.findings)
        cards = tuple(map(self.card, sorted(below.get(number, ()))))
        return Row(number, line.kind, tuple(map(self.stretch, cut)), cards)

    def stretch(self, piece: Piece) -> Stretch:
        """Return a piece with the symbols of the claims that begin in it."""
        verdict = "" if piece.finding is None else self.report.findings[piece.finding].verdict.value
        tags = tuple((f"{self.name}-m{number}", self.link(number)) for number in piece.begins)
        return Stretch(_shortened(piece.text, LONGEST_PIECE), verdict, tags)

    def link(self, number: int) -> Link:
        """Return a link to the card of a finding; right claims have a symbol and no number."""
        verdict = self.report.findings[number].verdict
        text = SYMBOLS[verdict] if verdict is Verdict.RIGHT else f"{SYMBOLS[verdict]}{number + 1}"
        return Link(f"{self.name}-f{number}", text, verdict.value)

    def heading(self, number: int) -> str:
        """Return the place of a finding and what it is, for a list."""
        finding = self.report.findings[number]
        return f"{_place(finding)}: {_title(finding)}"

    def card(self, number: int) -> Card:
        """Return a finding."""
        finding = self.report.findings[number]
        cause = self.link(self.roots[number]) if number in self.roots else None
        position = self.order.get(number)
        return Card(
            id=f"{self.name}-f{number}",
            mark=Link(f"{self.name}-m{number}", self.link(number).text, finding.verdict.value),
            label=LABELS[finding.verdict],
            code=finding.code or "",
            title=_title(finding),
            place=_place(finding),
            claim=_shortened(finding.claim, LONGEST_PART),
            parts=tuple(
                (label, _shortened(text, LONGEST_PART))
                for attribute, label in _PARTS
                if (text := getattr(finding, attribute))
            ),
            cause=cause,
            heirs=tuple(map(self.link, self.heirs.get(number, ()))),
            before=self.link(self.wrong[position - 1]) if position else None,
            after=self.link(self.wrong[position + 1])
            if position is not None and position + 1 < len(self.wrong)
            else None,
        )


def _gaps(count: int, marked: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each stretch that is left out."""
    for before, after in zip([0, *marked], [*marked, count + 1], strict=True):
        if after - before > LONGEST_GAP:
            yield before + AROUND + 1, after - AROUND - 1


def _shortened(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} ... {len(text) - 2 * half} characters left out ... {text[-half:]}"


def _place(finding: Finding) -> str:
    cell = "" if finding.place.cell is None else f"cell {finding.place.cell}, "
    return f"{cell}line {finding.place.line}"


def _title(finding: Finding) -> str:
    code = finding.code or ""
    return MISTAKES[code].title if code in MISTAKES else code
