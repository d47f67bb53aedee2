"""A displayed number that is the true value to the last digit is exact; any other may be rounded."""

import numpy as np
import pytest
from formula_claims import judged, two_layers, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.check.world import world
from derive.network import Dense, Network

Z = r"z^{(1)}_1 = 0.1 \cdot 0.25 + 0.2 \cdot 0.5 + 0.1 = "
"""0.225, exactly."""


def sigmoid(z: float) -> float:
    return float(1 / (1 + np.exp(-z)))


@pytest.mark.parametrize(
    "claim",
    [
        r"a^{(1)}_1 = \sigma(z^{(1)}_1) = 0.55601",
        r"a^{(1)}_1 = \sigma(z^{(1)}_1) = \sigma(0.225) = 0.55601",
        r"a^{(1)}_1 = \sigma(0.225) = 0.55601",
        r"\sigma'(z^{(1)}_1) = 0.24686",
    ],
)
def test_what_follows_from_an_exact_number_is_known_to_all_its_digits(claim: str) -> None:
    found = judged(Z + "0.225", claim)
    assert set(verdicts(found)) == {"right"}
    result = claim[-7:]
    for slip in (-3, 3, 40):
        wrong = f"{float(result) + slip * 1e-5:.5f}"
        told = verdicts(judged(Z + "0.225", claim.replace(result, wrong)))
        assert told[:-1] == ["right"] * (len(told) - 1)
        assert told[-1] in ("arithmetic", "rounding")


def test_a_number_with_fewer_digits_than_the_true_one_may_be_gone_on_with_or_not() -> None:
    """0.225 shown as 0.22 or 0.23 is rounded: both what its digits give and the true value are right."""
    for shown in ("0.22", "0.23"):
        by_digits, true = sigmoid(float(shown)), sigmoid(0.225)
        for value in (by_digits, true):
            claim = rf"a^{{(1)}}_1 = \sigma(z^{{(1)}}_1) = \sigma({shown}) = {value:.5f}"
            assert "arithmetic" not in verdicts(judged(Z + shown, claim)), claim


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.booleans())
def test_going_on_with_the_digits_or_with_the_true_value_is_right(
    first: int, second: int, with_digits: bool
) -> None:
    """However many digits z and a are shown with, whether or not they are all of them (0.2 is a given)."""
    values = two_layers().points[0].values
    z, a = float(values["z1"][0]), float(values["a1"][0])
    shown_z = f"{z:.{first}f}"
    used_z = float(shown_z) if with_digits else z
    shown_a = f"{sigmoid(used_z):.{second}f}"
    used_a = float(shown_a) if with_digits else a
    told = verdicts(
        judged(
            rf"z^{{(1)}}_1 = {shown_z}",
            rf"a^{{(1)}}_1 = \sigma(z^{{(1)}}_1) = \sigma({shown_z}) = {shown_a}",
            rf"a^{{(1)}}_1 (1 - a^{{(1)}}_1) = {shown_a} (1 - {shown_a}) = {used_a * (1 - used_a):.6f}",
        )
    )
    assert set(told) == {"right"}


def test_a_last_zero_behind_many_decimals_shows_that_a_number_was_rounded() -> None:
    """0.200 is no given 0.2 here, but the output 0.2003."""
    assert verdicts(judged(r"-\ln(0.200) = 1.608")) == ["right"]
    assert verdicts(judged(r"-\ln(0.200) = 1.618")) == ["arithmetic"]


@pytest.mark.parametrize(
    ("function", "value", "slope"), [(r"\sigma", "0.5", "0.25"), (r"\operatorname{SiLU}", "0", "0.5")]
)
def test_a_function_of_a_number_without_decimals_is_one_of_the_example(
    function: str, value: str, slope: str
) -> None:
    name = "sigmoid" if function == r"\sigma" else "silu"
    network = Network([Dense(1, name)], inputs=1, loss="half-squared-error")
    at = world(network, {"x": [0.0], "y": [1.0], "eta": 0.1, "W1": [[0.5]], "b1": [0.0]})
    claims = [
        rf"a_1 = {function}(z_1) = {function}(0) = {value}",
        rf"{function}'(z_1) = {function}'(0) = {slope}",
    ]
    assert set(verdicts(judged(*claims, at=at))) == {"right"}
    for claim in claims:
        assert set(verdicts(judged(claim.replace("(0)", "(1)"), at=at))) != {"right"}
        assert set(verdicts(judged(claim.replace(f"= {value}", "= 0.7").replace(slope, "0.7"), at=at))) != {
            "right"
        }
