"""Mistakes in the programs of the benchmark: the first that is found is in its line, by its name."""

from __future__ import annotations

import pytest
from mutations.programs import PROGRAMS

from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.read.document import read_text
from derive.spec import load

# The style of the program, a text in it, what stands there instead, and the code of the mistake.
PLANTED = (
    ("a class", "(1 - self.a2)", "(1 - self.z2)", "wrong-variable"),
    ("lists of layers", "a[1] = sigma(z[1])", "a[1] = sigma(z[0])", "wrong-variable"),
    ("lists of layers", "(a[1] - y) * sigma_prime(z[1])", "(a[1] - y)", "missing-activation-derivative"),
    ("lists of layers", "(delta[1] @ W[1].T) *", "(delta[1] @ W[1].T) @", "shape"),
    ("a class", "self.a1 * (1 - self.a1)", "self.a1 @ (1 - self.a1)", "shape"),
    ("loops over units", "W2[j, i] * a1[j]", "W2[i, j] * a1[j]", "index"),
    ("loops over units", "W2[j, i] * a1[j]", "W2.T[j, i] * a1[j]", "transpose"),
    ("loops over units", "W2[j, i] * a1[j]", "W2[j, i]", "missing-factor"),
    ("loops over units", "W2[j, i] * delta2[i]", "W2[j, i] * delta2[i] * delta2[i]", "surplus-factor"),
    (
        "loops over units",
        "delta1[j] *= a1[j] * (1 - a1[j])",
        "delta1[j] *= a1[j]",
        "missing-activation-derivative",
    ),
    ("loops over units", "* a2[i] * (1 - a2[i])", "* z2[i] * (1 - a2[i])", "wrong-variable"),
    ("plain script", "* a1 * (1 - a1)", "* a1 @ (1 - a1)", "shape"),
)


@pytest.mark.parametrize(("style", "old", "new", "code"), PLANTED)
def test_a_mistake_is_found_first_in_its_line_and_named(style: str, old: str, new: str, code: str) -> None:
    network, text = PROGRAMS[style]
    assert text.count(old) == 1
    line = text.count("\n", 0, text.index(old)) + 1
    report = check_document(read_text(text.replace(old, new), kind="py"), load(network))
    wrong = [f for f in report.findings if f.verdict is Verdict.WRONG]
    assert [(f.place.line, f.code) for f in wrong][:1] == [(line, code)]
