"""The formulas of the seed documents: every known mistake at its line, and nothing else called wrong."""

import re

import pytest
from formula_claims import seed, seed_findings

from derive.check.findings import Finding, Verdict


def line_of(number: str, text: str, after: str = "") -> int:
    """Return the line of a text in a seed, the first one behind another text."""
    whole = seed(number)
    start = whole.index(after) if after else 0
    return whole.count("\n", 0, whole.index(text, start)) + 1


def wrong(number: str, example: str) -> dict[int, str | None]:
    """Return the codes of the wrong findings by their lines."""
    findings = seed_findings(number, example)
    return {f.place.line: f.code for f in findings if f.verdict is Verdict.WRONG}


def test_numbers_left_from_an_earlier_version() -> None:
    assert wrong("000", "lecture6") == {line_of("000", "0.07511425"): "stale-number"}
    (open_one,) = (f for f in seed_findings("000", "lecture6") if f.verdict is Verdict.UNDECIDED)
    assert "= seems to be missing" in open_one.hint
    assert open_one.place.line == line_of("000", "a^{[2]} - y\n")


@pytest.mark.parametrize(("number", "example"), [("001", "single-instance"), ("004", "no-bias")])
def test_nothing_is_wrong_in_documents_without_wrong_formulas(number: str, example: str) -> None:
    assert wrong(number, example) == {}


def test_numbers_rounded_wrongly() -> None:
    found = {f.given: f for f in seed_findings("003", "row-vectors") if f.verdict is Verdict.WRONG}
    assert {(text, f.code) for text, f in found.items()} == {
        ("0.1999", "rounding"),
        ("0.499995", "rounding"),
        ("0.0775", "rounding"),
    }
    assert found["0.1999"].place.line == line_of("003", "& 0.1999\\\\")
    assert found["0.0775"].place.line == line_of("003", "0.0775", r"\sum \delta_2")
    assert found["0.499995"].place.line == line_of("003", "0.499995")
    assert not [f for f in seed_findings("003", "row-vectors") if f.verdict is Verdict.UNDECIDED]


def expected_of_002() -> dict[int, str]:
    """Return the lines of the known mistakes in the formulas of the third seed."""
    lines: dict[int, str] = {}
    for text in ("-y_i + t_i ", "-y_0 + t_0", "-y_1 + t_1", r"(-y_i + t_i) \, 1"):
        lines[line_of("002", text)] = "sign"
    for text in (
        r"\sum^{1}_{n=0} (t_i",
        r"\frac{\partial a^{(L)}_0}{\partial z^{(L)}_{i}} = 1",
        r"\frac{\partial a^{(L)}_1}{\partial z^{(L)}_{i}} = 1",
        "a^{(1)}_{01}",
        r"\sum^{len(l)}_{i=0} \sum^{len(l-1)}_{j=0}",
    ):
        lines[line_of("002", text)] = "index"
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)):
        a, w = rf"\partial a^{{(1)}}_{{{j}}}", rf"\partial w_{{{i}{j}}}^{{(1)}}"
        lines[line_of("002", rf"\frac{{\partial z^{{(1)}}_{{{i}}}}}{{{a}}} = ")] = "index"
        lines[line_of("002", rf"\frac{{\partial z^{{(1)}}_{{{i}}}}}{{{w}}} = ")] = "index"
    for chain, factor in (("20", "10"), ("21", "11")):
        start = rf"\frac{{\partial MSE}}{{\partial w^{{(1)}}_{{{chain}}}}} = "
        lines[line_of("002", rf"\partial w^{{(1)}}_{{{factor}}}}} +", start)] = "index"
    for match in re.finditer(r"&= *\n *(?=\\sum\^\{len\([lL]\)\}_\{i=0\})", seed("002")):
        lines[seed("002").count("\n", 0, match.end()) + 1] = "index"
    return lines


def test_signs_and_indices_of_the_long_derivation() -> None:
    assert wrong("002", "linear-output") == expected_of_002()


def test_what_stands_behind_a_wrong_side_follows_from_it() -> None:
    findings = seed_findings("002", "linear-output")
    heirs = [f for f in findings if f.verdict is Verdict.FOLLOWS]
    assert {f.place.line for f in heirs} == {
        line_of("002", "&= (-y_i + t_i)\n"),
        line_of("002", r"&= \sum^{len(L)}_{i=0}"),
    }
    for heir in heirs:
        assert heir.because_of is not None
        assert findings[heir.because_of].verdict is Verdict.WRONG


def test_only_a_layer_that_the_network_lacks_stays_open() -> None:
    open_ones = [f for f in seed_findings("002", "linear-output") if f.verdict is Verdict.UNDECIDED]
    assert [f.hint for f in open_ones] == ["there is no layer L-2"]


def _claims_are_the_documents_own(number: str, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        assert finding.claim in seed(number)


@pytest.mark.parametrize(
    ("number", "example"), [("000", "lecture6"), ("002", "linear-output"), ("003", "row-vectors")]
)
def test_a_finding_quotes_the_document(number: str, example: str) -> None:
    findings = seed_findings(number, example)
    assert len(findings) > 30
    _claims_are_the_documents_own(number, findings)
