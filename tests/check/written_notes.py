"""Judge documents of the folder `notes`, as they are and with a mistake planted in them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from derive.check.document import check_document
from derive.check.findings import Report, Verdict
from derive.read.document import read_text
from derive.spec import load

NOTES = Path(__file__).parent / "notes"


@cache
def written(name: str) -> str:
    """Return the text of a document."""
    return (NOTES / name).read_text(encoding="utf-8")


def judged(name: str, network: str, text: str) -> Report:
    """Judge a text as the document of that name."""
    return check_document(read_text(text, kind=Path(name).suffix[1:]), load(NOTES / f"{network}.toml"))


def judged_document(name: str, network: str) -> Report:
    """Judge a document as it is."""
    return judged(name, network, written(name))


def is_without_alarm(name: str, network: str) -> Mapping[str, int]:
    """Return the summary of a document that has no mistake in it, which nothing may be called."""
    report = judged_document(name, network)
    assert [(f.place.line, f.claim, f.code) for f in report.findings if f.verdict is Verdict.WRONG] == []
    assert report.summary["follows"] == 0
    return report.summary


def codes_at(name: str, network: str, right: str, wrong: str) -> list[str | None]:
    """Return the codes of what is called wrong in the line of a planted mistake; none may be elsewhere."""
    text = written(name)
    assert text.count(right) == 1
    first = text.count("\n", 0, text.index(right)) + 1
    last = first + wrong.count("\n")
    found = [
        f for f in judged(name, network, text.replace(right, wrong)).findings if f.verdict is Verdict.WRONG
    ]
    assert all(f.place.line <= last and f.place.end_line >= first for f in found)
    return [f.code for f in found]
