"""Formulas that are meant to break the judge: each gets an answer, and the other claims are still judged."""

import itertools

import pytest
from formula_claims import judged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.check.findings import Verdict
from derive.check.formula import patience
from derive.check.formula.patience import Allowance, Patience

SOUND = r"\frac{\partial L}{\partial a^{(2)}_i} = a^{(2)}_i - y_i"

HOSTILE = {
    "a tower": "9^{9^{9^{9}}} = 1",
    "a factorial": "99999999! = 1",
    "fractions": r"\frac{1}{" * 10_000 + "x" + "}" * 10_000 + " = 1",
    "a megabyte": "x = " + "1+" * 500_000 + "1",
    "a long sum": r"\sum_{i=0}^{999999999} x_i = 1",
    "sums in sums": r"\sum_{i=1}^{99999} \sum_{j=1}^{99999} x_i = 1",
    "a long product": r"\prod_{i=1}^{99999999} 2 = 1",
    "an index beyond reason": r"x_{99999999999999999999} = 1",
    "a layer beyond reason": r"z^{(99999999999999999999)}_1 = 1",
    "overflow": r"e^{e^{e^{100}}} = 1",
    "division by zero": r"x_1 / 0 = 1",
    "a circle of definitions": r"q = r + 1, \quad r = q + 1, \quad x_1 = q",
    "code": r"\_\_import\_\_('os').system('true') = 1",
    "a wide matrix": r"a^{(1)} = [" + ",".join(["1"] * 30_000) + "]",
    "many layers": "W^{(k)} W^{(l)} W^{(m)} W^{(p)} = 1",
}


@pytest.mark.parametrize("formula", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_formula_is_not_decided_and_stops_nothing(formula: str) -> None:
    *hostile, sound = judged(formula, SOUND).findings
    assert sound.verdict is Verdict.RIGHT
    assert hostile
    assert hostile[-1].verdict is Verdict.UNDECIDED
    assert hostile[-1].hint


PIECES = st.sampled_from(
    [
        r"x",
        r"_1",
        r"_i",
        r"^{(1)}",
        r"^T",
        r"=",
        r"+",
        r"-",
        r"\odot",
        r"\cdot",
        r"a",
        r"W",
        r"\delta",
        r"(",
        r")",
        r"2",
        r"0.5",
        r"\frac{",
        r"}{",
        r"}",
        r"\sum_i",
        r"\sum_{j=1}^{n}",
        r"\sigma'",
        r"\partial",
        r"L",
        r"^{-1}",
        r"\|",
        r"[",
        r"]",
        r",",
        r"\begin{bmatrix}",
        r"\end{bmatrix}",
        r"&",
        r"\\",
        r"L",
        r"y",
        r":=",
        r"\nabla_W",
        r"q",
        r"/",
        r"!",
        r"d",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, min_size=3, max_size=18))
def test_no_formula_raises(pieces: list[str]) -> None:
    found = judged(" ".join(pieces))
    for finding in found.findings:
        assert finding.evidence or finding.hint or finding.code or finding.because_of is not None


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Allowance]:
    """Return the list that each search for a cause is added to."""
    found: list[Allowance] = []
    allowance = Patience.allowance

    def kept(self: Patience) -> Allowance:
        found.append(allowance(self))
        return found[-1]

    monkeypatch.setattr(Patience, "allowance", kept)
    return found


def test_a_document_in_which_all_is_wrong_gets_no_endless_search(
    monkeypatch: pytest.MonkeyPatch, searches: list[Allowance]
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 300)
    claims = [rf"a^{{(2)}}_i = \tanh(z^{{(2)}}_i)^{{{n}}} + {n}" for n in range(2, 42)]
    findings = judged(*claims, SOUND).findings
    assert [f.verdict for f in findings] == [Verdict.WRONG] * len(claims) + [Verdict.RIGHT]
    assert "no time" in findings[len(claims) - 1].hint
    assert not findings[0].hint
    assert 300 <= sum(search.tried for search in searches) <= 300 + patience.LEAST * len(claims)


def test_a_search_of_slow_edits_ends_by_the_clock(
    monkeypatch: pytest.MonkeyPatch, searches: list[Allowance]
) -> None:
    """Each look at the clock takes a tenth of a second here."""
    ticks = itertools.count()
    monkeypatch.setattr("time.process_time", lambda: next(ticks) / 10)
    claims = [rf"a^{{(2)}}_i = \tanh(z^{{(2)}}_i)^{{{n}}} + {n}" for n in range(2, 22)]
    findings = judged(*claims, SOUND).findings
    assert [f.verdict for f in findings] == [Verdict.WRONG] * len(claims) + [Verdict.RIGHT]
    assert "no time" in findings[len(claims) - 1].hint
    assert max(search.tried for search in searches) <= patience.LONGEST_SEARCH * 10 * patience.EDITS_A_LOOK
    assert sum(search.tried for search in searches) <= patience.LONGEST * 10 * patience.EDITS_A_LOOK


def test_what_is_found_does_not_depend_on_the_load_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = (r"\frac{\partial L}{\partial a^{(2)}_i} = y_i - a^{(2)}_i", r"a^{(2)}_i = 2 z^{(2)}_i", SOUND)
    at_ease = judged(*claims).findings
    ticks = itertools.count()
    monkeypatch.setattr("time.process_time", lambda: next(ticks) / 500)
    assert judged(*claims).findings == at_ease
