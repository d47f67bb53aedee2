"""The five seed documents as a whole: what is wrong in them is found, at its line, and nothing else."""

import re
from functools import cache
from pathlib import Path

import pytest

from derive.check.document import check_document
from derive.check.findings import Finding, Report, Verdict
from derive.read.document import read_document
from derive.spec import load

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
NETWORKS = {
    "000": "lecture6",
    "001": "single-instance",
    "002": "linear-output",
    "003": "row-vectors",
    "004": "no-bias",
}


@cache
def judged(number: str) -> tuple[Report, tuple[str, ...]]:
    """Return the report of a seed, and its lines."""
    files = sorted(SEEDS.glob(f"{number}_*"))
    if not files:
        pytest.skip("the seed documents are not beside this checkout")
    report = check_document(read_document(files[0]), load(NETWORKS[number]))
    return report, tuple(files[0].read_text(encoding="utf-8").split("\n"))


def wrong(number: str) -> list[tuple[str, str | None]]:
    """Return, for each mistake, the marked piece of its first line and the code."""
    report, lines = judged(number)
    return [(marked(f, lines), f.code) for f in report.findings if f.verdict is Verdict.WRONG]


def marked(finding: Finding, lines: tuple[str, ...]) -> str:
    line = lines[finding.place.line - 1]
    end = finding.place.end_column - 1 if finding.place.end_line == finding.place.line else len(line)
    return line[finding.place.column - 1 : end]


def places(number: str, text: str) -> list[int]:
    """Return the lines in which a text stands."""
    return [n for n, line in enumerate(judged(number)[1], 1) if text in line]


def test_000_numbers_of_an_earlier_version() -> None:
    report, lines = judged("000")
    assert wrong("000") == [("0.07511425", "stale-number")]
    (undecided,) = (f for f in report.findings if f.verdict is Verdict.UNDECIDED)
    assert r"a^{[2]} - y" in lines[undecided.place.line - 1]
    assert "=" in undecided.hint


def test_001_has_no_mistake() -> None:
    report, _ = judged("001")
    assert {f.verdict for f in report.findings} == {Verdict.RIGHT}
    assert len(report.findings) > 80


def test_002_formulas() -> None:
    report, lines = judged("002")
    found = [(f.place.line, f.code) for f in report.findings if f.verdict is Verdict.WRONG]
    signs = [n for t in ("&= -y_i + t_i", "&= -y_0 + t_0", "&= -y_1 + t_1") for n in places("002", t)]
    signs += places("002", r"&= (-y_i + t_i) \, 1")
    indices = places("002", r"\sum^{1}_{n=0}")
    indices += places("002", r"\partial z^{(L)}_{i}} = 1 \\")[1:]  # the first is that in general, and right
    indices += places("002", "a^{(1)}_{01}")[:1]
    indices += places("002", r"\sum^{len(l)}_{i=0} \sum")
    indices += [n for n, line in enumerate(lines, 1) if _BY_OWN_LAYER.search(line)]
    indices += [n for n, line in enumerate(lines, 1) if line.rstrip("\\ ").endswith(tuple(_INPUTS))]
    indices += [n for n, line in enumerate(lines, 1) if r"{\partial z^{(1)}_{2}}{\partial w^{(1)}_{1" in line]
    limits = [n for t in ("len(L)}", "len(l)}") for n in places("002", r"    \sum^{" + t + r"_{i=0} \delta")]
    code = places("002", "z_l2 = W_l2 @ z_l1") + places("002", "z[1] = W[1] @ z[0]")
    assert sorted(found) == sorted(
        [
            *((n, "sign") for n in signs),
            *((n, "index") for n in {*indices, *limits}),
            *((n, "wrong-variable") for n in code),
            *((n, "sign") for n in places("002", "delta_L2[i] = -y[i] + t[i]")),
            *((n, "sign") for n in places("002", "delta[0][i] = -a[1][i] + t[i]")),
            *((n, "update-sign") for n in places("002", "[[0.82105233")),
        ]
    )


_BY_OWN_LAYER = re.compile(r"partial z\^\{\(1\)\}_\{\d\}\}\{\\partial a\^\{\(1\)\}")
_INPUTS = (r"_{0} = x_{0}", r"_{1} = x_{1}")


def test_002_numbers_after_a_wrong_formula_follow() -> None:
    report, _ = judged("002")
    for text in ("[[7.34608685]", "[21.18238321]", "[[6.9980903 ]", "[17.18395987]"):
        lines = places("002", text)
        found = [f for f in report.findings if f.place.line in lines]
        assert found
        for finding in found:
            assert finding.verdict is Verdict.FOLLOWS
            assert finding.because_of is not None
            assert report.findings[finding.because_of].verdict is Verdict.WRONG


def test_003_roundings() -> None:
    assert wrong("003") == [("0.0775", "rounding"), ("0.1999", "rounding"), ("0.499995", "rounding")]
    assert {f.verdict for f in judged("003")[0].findings} == {Verdict.RIGHT, Verdict.WRONG}


def test_004_a_negated_gradient_is_reported_once() -> None:
    report, _ = judged("004")
    assert wrong("004") == [("grad_W2 = delta2 @ self.a1.T", "negated-gradient")]
    heirs = {f.place.line for f in report.findings if f.verdict is Verdict.FOLLOWS}
    assert heirs >= {n for t in ("[[-0.02030851", "[[-0.00095466") for n in places("004", t)}
    assert heirs >= {n for t in ("grad_b2 = delta2", "grad_b1 = delta1") for n in places("004", t)}
    assert heirs >= {places("004", t)[-1] for t in ("[[-0.03677027]]", "[[-0.00272759]")}
    assert any(i.convention == "delta" and i.value == "negative-gradient" for i in report.inferences)
    assert any("no bias is updated" in note for note in report.notes)
