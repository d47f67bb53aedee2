"""Reports made by hand and documents, for the tests of what is shown of them."""

import unicodedata
from pathlib import Path

from codegen.cli import run
from derive.check.findings import Finding, Inference, Place, Report, Verdict
from derive.read.pages import Line, Page

RIGHT, WRONG, FOLLOWS, UNDECIDED = Verdict.RIGHT, Verdict.WRONG, Verdict.FOLLOWS, Verdict.UNDECIDED
HOSTILE = '<script>alert("1")</script>\'&{{ 7 * 7 }}\x1b[31m\x07\x9b\u202e\u2066\u200b\ud800'


def page(*lines: str, cell: int | None = None) -> Page:
    return Page(cell, tuple(map(Line, lines)))


def at(line: int, start: int, end: int, *, to: int | None = None, cell: int | None = None) -> Place:
    return Place(line, start, to or line, end, cell)


NOTES = page(
    "The output is $a = 0.5$.",
    "  $dz = -(t - y) = -t - y$",
    "so that $dz = 0.7$",
    "and $db = 0.7$, $q(3) = 1$.",
)
REPORT = Report(
    "notes.md",
    (
        Finding(RIGHT, at(1, 16, 23), "a = 0.5", evidence="the derivation"),
        Finding(
            WRONG,
            at(2, 20, 26),
            "-(t - y) = -t - y",
            code="sign",
            expected="-t + y",
            given="-t - y",
            hint="this term should be added",
            counterexample="at the example: -0.5 against -1.5",
        ),
        Finding(FOLLOWS, at(3, 10, 18), "dz = 0.7", hint="right given line 2", because_of=1),
        Finding(FOLLOWS, at(4, 6, 14), "db = 0.7", hint="right given line 3", because_of=2),
        Finding(UNDECIDED, at(4, 18, 26), "q(3) = 1", hint="q is not known"),
    ),
    (Inference("delta", "negative-gradient", "2 of 2 deltas"),),
    ("line 9: a picture",),
)


def hidden(text: str) -> set[str]:
    """Characters that act on a terminal or show as something else; line ends are no such thing."""
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {character for character in text if unicodedata.category(character) in categories} - {"\n"}


def hostile_report() -> tuple[Report, list[Page]]:
    """Return a report in which every text is hostile."""
    findings = [
        Finding(
            verdict,
            at(1, 1, 9, cell=2),
            HOSTILE,
            code=HOSTILE if verdict is WRONG else None,
            expected=HOSTILE,
            given=HOSTILE,
            hint=HOSTILE,
            counterexample=HOSTILE,
            evidence=HOSTILE,
            because_of=0 if verdict is FOLLOWS else None,
        )
        for verdict in (WRONG, RIGHT, FOLLOWS, UNDECIDED)
    ]
    report = Report(
        f"{HOSTILE}.md", tuple(findings), (Inference(HOSTILE, HOSTILE, HOSTILE),), (HOSTILE, f"{HOSTILE}\r")
    )
    return report, [page(HOSTILE, HOSTILE, cell=2)]


GOOD = "With $\\frac{\\partial L}{\\partial a^{(2)}_i} = a^{(2)}_i - y_i$ we go on.\n"
BAD = "First.\n\n$\\frac{\\partial L}{\\partial a^{(2)}_i} = a^{(2)}_i + y_i$\n"


def write_notes(folder: Path) -> None:
    """Write a document that is right, one that is wrong, and one that claims nothing."""
    (folder / "good.md").write_text(GOOD)
    (folder / "bad.md").write_text(BAD)
    (folder / "none.md").write_text("There is nothing to judge here.\n")


def verify(*arguments: str) -> int:
    """Run the command and return its status."""
    return run(["verify", *arguments, "--net", "lecture6"])
