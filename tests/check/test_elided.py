r"""Matrices that leave entries out with dots: what they show is judged, and the place of a slip is named."""

import numpy as np
import pytest
from formula_claims import judged, verdicts

from derive.check.world import World, world
from derive.network import Dense, Network

WEIGHTS = np.arange(1, 11) * np.array([[0.01], [-0.02], [0.03]])
INPUTS = np.round(np.linspace(-0.9, 0.9, 10), 1)


def here() -> World:
    network = Network([Dense(3, "linear")], inputs=10, loss="half-squared-error", bias="none")
    example = {"x": INPUTS.tolist(), "y": [0.5, 0.0, 1.0], "eta": 0.5, "W1": WEIGHTS.tolist()}
    return world(network, example)


def bmatrix(rows: list[list[str]]) -> str:
    return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"


def shown(values: np.ndarray) -> str:
    """Return a matrix with dots for all but its first two columns and its last."""
    return bmatrix([[f"{v:.6f}" for v in row[:2]] + [r"\cdots", f"{row[-1]:.6f}"] for row in values])


DELTA = WEIGHTS @ INPUTS - np.array([0.5, 0.0, 1.0])
GRADIENT = np.outer(DELTA, INPUTS)
CLAIMS = {
    "a result": r"\frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x^T = " + shown(GRADIENT),
    "a product": bmatrix([[f"{v:.6f}"] for v in DELTA])
    + " "
    + bmatrix([[str(v) for v in INPUTS]])
    + " = "
    + shown(GRADIENT),
    "a term": r"W^{(1)} - \eta \frac{\partial L}{\partial W^{(1)}} = W^{(1)} - 0.5 " + shown(GRADIENT),
    "rows": r"x = " + bmatrix([[str(v)] for v in INPUTS[:3]] + [[r"\vdots"], [str(INPUTS[-1])]]),
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_what_is_shown_is_judged(claim: str) -> None:
    at = here()
    assert set(verdicts(judged(claim, at=at))) == {"right"}
    digits = "0.9" if claim.startswith("x") else f"{abs(GRADIENT[0, -1]):.6f}"
    head, _, tail = claim.rpartition(digits)
    turned = head[:-1] if head.endswith("-") else f"{head}-"
    slipped = f"{digits[:-1]}{(int(digits[-1]) + 5) % 10}"
    for broken in (f"{turned}{digits}{tail}", f"{head}{slipped}{tail}"):
        found = verdicts(judged(broken, at=at))
        assert found[-1] not in ("right", "undecided"), broken


def test_the_entry_that_is_wrong_is_named() -> None:
    wrong = GRADIENT.copy()
    wrong[1, -1] *= -1
    claim = r"\frac{\partial L}{\partial W^{(1)}} = " + shown(wrong)
    (finding,) = judged(claim, at=here()).findings
    assert (finding.code, finding.expected) == ("sign", f"{GRADIENT[1, -1]:.6f}")


def test_a_matrix_that_shows_more_than_there_is_is_not_right() -> None:
    more = bmatrix([[*(f"{v:.6f}" for v in [*row, 0, 0]), r"\cdots", "0.5"] for row in GRADIENT])
    assert verdicts(judged(r"\frac{\partial L}{\partial W^{(1)}} = " + more, at=here())) != ["right"]
