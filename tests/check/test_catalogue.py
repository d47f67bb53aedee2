"""The catalogue of mistakes: every entry finds what it states, and its corrected pair is right."""

import pytest
from formula_claims import judged, two_layers

from derive.check.catalogue import MISTAKES, Mistake, Workspace
from derive.check.catalogue.entry import sites
from derive.check.findings import Verdict
from derive.check.names import first_reading
from derive.notation import Notation
from derive.read.formula import read_formula

# The codes that the contract promises.
CODES = {
    "sign",
    "index",
    "transpose",
    "missing-factor",
    "surplus-factor",
    "missing-activation-derivative",
    "wrong-variable",
    "stale-number",
    "arithmetic",
    "rounding",
    "missing-term",
    "loss-factor",
    "update-sign",
    "shape",
    "negated-gradient",
    "other",
}

_PLAIN = {"loss": "as in the network file", "delta": "gradient"}
ASSUMED = {"negated-gradient": {"delta": "negative-gradient"}}


def test_every_code_has_its_entry() -> None:
    assert set(MISTAKES) == CODES
    assert all(code == mistake.code for code, mistake in MISTAKES.items())


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_wrong_one_of_the_pair_is_found_and_named(mistake: Mistake) -> None:
    findings = judged(mistake.wrong, assume=ASSUMED.get(mistake.code, _PLAIN)).findings
    wrong = [f for f in findings if f.verdict is Verdict.WRONG]
    assert [f.code for f in wrong] == [mistake.code]
    assert all(f.hint for f in wrong)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_right_one_of_the_pair_is_right(mistake: Mistake) -> None:
    findings = judged(mistake.right, assume=ASSUMED.get(mistake.code, _PLAIN)).findings
    assert findings
    assert {f.verdict for f in findings} == {Verdict.RIGHT}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_statement_says_what_and_why_and_what_to_do(mistake: Mistake) -> None:
    assert mistake.title
    assert len(mistake.statement.split("\n\n")) >= 3
    assert mistake.statement.endswith(".")


def test_edits_change_the_side_and_stay_inside_it() -> None:
    reading = first_reading(two_layers().network, Notation())
    (statement,) = read_formula(r"z^{(2)}_1 = -w^{(2)}_{11} a^{(1)}_1 + b^{(2)}_1").statements
    side = statement.terms[1]
    work = Workspace(reading, ("1",), ("2", "1"), 3, of_loss=True)
    seen = 0
    for mistake in MISTAKES.values():
        for edit in mistake.edits(side, work):
            seen += 1
            assert edit.side != side
            assert edit.words
            assert side.span.start <= edit.span.start <= edit.span.end <= side.span.end
    assert seen > 50


def test_sites_put_a_node_back_where_it_was() -> None:
    (statement,) = read_formula(
        r"a = \begin{bmatrix} x_1 & f(-y) \\ \sum_i w_i & 2^{z} \end{bmatrix}"
    ).statements
    side = statement.terms[1]
    found = list(sites(side))
    assert len(found) > 8
    assert all(site.put(site.node) == side for site in found)
