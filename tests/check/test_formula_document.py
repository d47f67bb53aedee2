"""Whole documents: formulas and code joined in one report, in the document's order."""

import pytest
from formula_claims import RIGHT_CLAIM, TWO_LAYERS, judged, verdicts

from derive.check.document import check_document, joined
from derive.check.findings import Finding, Place, Verdict
from derive.check.world import world
from derive.network import Dense, Network
from derive.read.document import read_text
from derive.spec import load

TEXT = r"""# Notes

The error of the output is $\frac{\partial J}{\partial a_2} = a_2 - y$, and

$$\delta_2 = (y - a_2) \odot f'(z_2)$$

```python
import numpy as np
x = np.array([[1, 4, 5]])
W1 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
b1 = np.array([[0.5, 0.5]])
z1 = x @ W1 + b1
```

Then $\frac{\partial J}{\partial W_2} = a_1^T \delta_2$ and $\delta_1 = \delta_2 W_2^T \odot f'(z_1)$.
"""


def test_formulas_and_code_stand_in_one_report_in_order() -> None:
    report = check_document(read_text(TEXT, kind="md"), load("row-vectors"))
    lines = [finding.place.line for finding in report.findings]
    assert lines == sorted(lines)
    assert {3, 5, 12, 15} <= set(lines)
    wrong = [f for f in report.findings if f.verdict is Verdict.WRONG]
    assert [(f.place.line, f.code) for f in wrong] == [(5, "sign")]
    assert report.faulty


def test_what_is_assumed_reaches_the_formulas() -> None:
    document = read_text(TEXT, kind="md")
    report = check_document(document, load("row-vectors"), {"delta": "negative-gradient"})
    on_line_5 = [f.verdict for f in report.findings if f.place.line == 5]
    assert on_line_5 == [Verdict.RIGHT]
    with pytest.raises(ValueError, match="colour"):
        check_document(document, load("row-vectors"), {"colour": "red"})


def test_joining_renumbers_what_findings_stem_from() -> None:
    def finding(line: int, because_of: int | None = None) -> Finding:
        verdict = Verdict.FOLLOWS if because_of is not None else Verdict.WRONG
        return Finding(verdict, Place(line, 1, line, 2), "", because_of=because_of)

    found = joined([finding(1), finding(5, because_of=0)], [finding(3), finding(4, because_of=0)])
    assert [f.place.line for f in found] == [1, 3, 4, 5]
    assert [f.because_of for f in found] == [None, None, 1, 0]


def test_a_broken_derivation_is_noticed() -> None:
    """The judge judges by the derivation: against another network the same claim is wrong."""
    other = Network(TWO_LAYERS.layers, inputs=2, loss="squared-error")
    linear = Network([Dense(3), Dense(2)], inputs=2, loss="half-squared-error")
    assert verdicts(judged(RIGHT_CLAIM, assume={"loss": "as in the network file"})) == ["right"]
    for network in (other, linear):
        found = judged(RIGHT_CLAIM, at=world(network, None), assume={"loss": "as in the network file"})
        assert found.findings[0].verdict is Verdict.WRONG
