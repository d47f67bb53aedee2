r"""Derivatives of whole vectors by whole matrices: read as the factor that they contribute to a gradient."""

import pytest
from formula_claims import judged, verdicts

from derive.check.findings import Verdict
from derive.check.world import world
from derive.network import Dense, Network
from derive.notation import Notation

ROWS = Network([Dense(3, "tanh"), Dense(2)], inputs=4, loss="half-squared-error", layout="row")
BATCH = Network([Dense(3, "tanh"), Dense(1, "sigmoid")], inputs=2, loss="binary-cross-entropy")


def d(above: str, below: str) -> str:
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


LAST = d("L", "a^{(2)}") + d("a^{(2)}", "z^{(2)}")
DOWN = d("z^{(2)}", "a^{(1)}") + d("a^{(1)}", "z^{(1)}")

LAYERS = {"layers": "W(l) leads to layer l"}
RIGHT = (
    d("z^{(2)}", "W^{(2)}") + " = (a^{(1)})^T",
    d("z^{(2)}", "W^{(2)}") + " = a^{(1)}",
    d("z^{(1)}", "W^{(1)}") + " = x^T",
    d("z", "W") + " = x",
    d("z^{(2)}", "b^{(2)}") + " = 1",
    d("a^{(2)}", "z^{(2)}") + " = a^{(2)} (1 - a^{(2)})",
    d("L", "W^{(2)}") + " = " + LAST + d("z^{(2)}", "W^{(2)}"),
    d("L", "b^{(2)}") + " = " + LAST + d("z^{(2)}", "b^{(2)}"),
    d("L", "W^{(1)}") + " = " + LAST + DOWN + d("z^{(1)}", "W^{(1)}"),
    d("L", "W^{(1)}") + " = " + d("L", "z^{(1)}") + d("z^{(1)}", "W^{(1)}") + r" = \delta^{(1)} x^T",
)
WRONG = {
    d("z^{(2)}", "W^{(2)}") + " = (z^{(1)})^T": "wrong-variable",
    d("z^{(2)}", "W^{(2)}") + " = a^{(2)}": "index",
    d("z^{(2)}", "W^{(2)}") + " = x": "wrong-variable",
    d("L", "W^{(1)}") + " = " + d("L", "z^{(2)}") + d("z^{(1)}", "W^{(1)}"): "index",
    d("L", "W^{(2)}") + " = " + LAST + d("z^{(2)}", "W^{(2)}") + d("a^{(2)}", "z^{(2)}"): "surplus-factor",
}


@pytest.mark.parametrize("formula", RIGHT)
def test_the_customary_factor_is_right(formula: str) -> None:
    assert set(verdicts(judged(formula))) == {"right"}


@pytest.mark.parametrize("formula", WRONG)
def test_another_factor_is_wrong(formula: str) -> None:
    (finding,) = judged(formula, assume=LAYERS).findings
    assert (finding.verdict, finding.code) == (Verdict.WRONG, WRONG[formula])


def test_where_vectors_are_rows_the_input_stands_before_the_error() -> None:
    found = judged(
        d("L", "W^{(2)}")
        + " = "
        + d("L", "z^{(2)}")
        + d("z^{(2)}", "W^{(2)}")
        + " = (a^{(1)})^T "
        + d("L", "z^{(2)}"),
        d("L", "W^{(1)}") + " = " + d("L", "a^{(1)}") + d("a^{(1)}", "z^{(1)}") + d("z^{(1)}", "W^{(1)}"),
        at=world(ROWS, None),
    )
    assert set(verdicts(found)) == {"right"}


def test_in_a_batch_the_input_is_that_of_all_samples() -> None:
    found = judged(
        d("Z^{(2)}", "W^{(2)}") + " = (A^{(1)})^T",
        d("A^{(1)}", "Z^{(1)}") + " = 1 - (A^{(1)})^2",
        d("L", "W^{(2)}") + " = " + d("L", "A^{(2)}") + d("A^{(2)}", "Z^{(2)}") + d("Z^{(2)}", "W^{(2)}"),
        d("L", "W^{(2)}") + " = " + d("L", "Z^{(2)}") + d("Z^{(1)}", "W^{(1)}"),
        at=world(BATCH, None, samples=5),
        notation=Notation(),
    )
    assert verdicts(found)[:3] == ["right"] * 3
    assert verdicts(found)[3] != "right"


def test_another_layer_has_no_shorthand() -> None:
    (finding,) = judged(d("z^{(2)}", "W^{(1)}") + " = a^{(1)}", assume=LAYERS).findings
    assert finding.verdict is Verdict.UNDECIDED
    assert "three indices" in finding.hint
