"""What a page shows of a report: lines with their marks, and the findings below them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen.report_marks import LOUDEST_FIRST, Mark, Piece, marks_of, pieces
from codegen.report_text import roots, summed_up
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
"""Lines around a claim that are kept where a long stretch without claims is left out."""
LONGEST_GAP = 200
_CODE_PARTS = (
    ("claim", "claim"),
    ("given", "given"),
    ("expected", "expected"),
    ("counterexample", "numbers"),
)
_REMEDY, _REASON, _EVIDENCE = "help", "why", "it follows from"


@dataclass(frozen=True)
class Link:
    """Where a link leads, and what it shows; the verdict is the class of its style."""

    target: str
    text: str
    verdict: str


@dataclass(frozen=True)
class Part:
    """A labelled text of a finding."""

    label: str
    text: str
    code: bool = False


@dataclass(frozen=True)
class Card:
    """A finding beside its mark."""

    id: str
    mark: Link
    label: str
    code: str
    title: str
    place: str
    parts: tuple[Part, ...]
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


def document_view(name: str, report: Report, pages: Sequence[Page]) -> DocumentView:
    """Return a document in the form of the page; `name` begins its anchors."""
    return _Writer(name, report, pages).view()


class _Writer:
    """Brings one report into the form of the page."""

    def __init__(self, name: str, report: Report, pages: Sequence[Page]) -> None:
        self.name = name
        self.report = report
        self.pages = pages
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
        known = {page.cell for page in self.pages}
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
            pages=tuple(self.page(page, by_cell.get(page.cell, {})) for page in self.pages),
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
        numbers = sorted(below.get(number, ()))
        near = page.lines[max(0, number - 1 - AROUND) : number + AROUND] if numbers else ()
        beside = _joined(" ".join(other.text for other in near))
        cards = tuple(self.card(finding, beside) for finding in numbers)
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

    def card(self, number: int, beside: str = "") -> Card:
        """Return a finding; what stands in the lines beside it is not repeated."""
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
            parts=tuple(_parts(finding, beside)),
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


def _parts(finding: Finding, beside: str) -> Iterator[Part]:
    """Yield what there is to say of a finding."""
    for attribute, label in _CODE_PARTS:
        text = getattr(finding, attribute)
        if text and _joined(text[:LONGEST_PIECE]) not in beside:
            yield Part(label, _shortened(text, LONGEST_PART), code=True)
    remedy = _REMEDY if finding.verdict is Verdict.WRONG else _REASON
    for label, text in ((remedy, finding.hint), (_EVIDENCE, finding.evidence)):
        if text:
            yield Part(label, _shortened(text, LONGEST_PART))


def _joined(text: str) -> str:
    return " ".join(text.split())


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
