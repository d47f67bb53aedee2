"""Handouts verified by the verifier: the two share no printer and no parser, so each tests the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codegen.handout import handout
from derive.check.document import check_document
from derive.check.findings import Report, Verdict
from derive.examples import names
from derive.notation import PROFILES
from derive.read.document import read_text
from derive.spec import Spec, load


def complaints(report: Report) -> list[str]:
    """Return every finding that is not ``right``, with what is said of it."""
    return [
        f"{finding.place.line}: {finding.verdict.value}: {finding.claim[:120]} ({finding.hint})"
        for finding in report.findings
        if finding.verdict is not Verdict.RIGHT
    ]


def verified(spec: Spec, suffix: str, detail: str) -> Report:
    text = handout(spec, suffix, detail=detail)
    assert isinstance(text, str)
    return check_document(read_text(text, kind=suffix[1:]), spec)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(("suffix", "detail"), [(".md", "full"), (".tex", "brief")])
def test_every_claim_of_a_handout_is_right(name: str, suffix: str, detail: str) -> None:
    report = verified(load(name), suffix, detail)
    assert complaints(report) == []
    assert report.summary["right"] > (100 if detail == "full" else 20)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_notation_is_read_as_it_is_written(profile: str) -> None:
    spec = replace(load("row-vectors"), notation=PROFILES[profile])
    assert complaints(verified(spec, ".md", "brief")) == []


def test_a_handout_with_one_sign_turned_is_noticed() -> None:
    spec = load("lecture6")
    text = handout(spec, ".md", detail="brief")
    assert isinstance(text, str)
    broken = text.replace("= -0.0337747", "= 0.0337747", 1).replace("-0.033774", "0.033774", 1)
    assert broken != text
    report = check_document(read_text(broken, kind="md"), spec)
    assert report.faulty
