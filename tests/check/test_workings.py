"""Workings in numbers: which number is off, and by what slip; the sides around it are not blamed."""

import pytest
from formula_claims import judged, verdicts

from derive.check.findings import Verdict
from derive.notation import PROFILES

RIGHT = r"z^{(2)}_{2} = -0.45 \cdot 1 + 0.75 \cdot 0.425557 + (-0.65) \cdot 0.574443 = -0.504220"
SLIPS = {
    "0.75": {
        "0.57": "arithmetic",
        "0.71": "arithmetic",
        "0.0274207": "stale-number",
        "0.113562": "stale-number",
    },
    "0.425557": {"0.435557": "arithmetic", "0.425575": "arithmetic", "0.574443": "stale-number"},
    "(-0.65)": {r"(-0.56)": "arithmetic"},
}


@pytest.mark.parametrize(
    ("number", "other", "code"),
    [(n, other, code) for n, named in SLIPS.items() for other, code in named.items()],
)
def test_the_number_that_is_off_is_marked(number: str, other: str, code: str) -> None:
    broken = RIGHT.replace(number, other, 1)
    found = judged(broken, example="lecture6")
    assert verdicts(found) == [code, "right"]
    place = found.findings[0].place
    assert broken[place.column - 1 : place.end_column - 1].strip("-()") == other.strip("-()")


def test_the_right_working_is_right() -> None:
    assert verdicts(judged(RIGHT, example="lecture6")) == ["right", "right"]


@pytest.mark.parametrize("number", ["-0.45", "(-0.65)"])
def test_a_sign_in_a_working_is_named(number: str) -> None:
    found = judged(RIGHT.replace(number, number.strip("(-)"), 1), example="lecture6")
    assert verdicts(found) == ["sign", "right"]


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"\frac{\partial L}{\partial b^{(2)}_i} = a^{(2)}_i (1 - a^{(2)}_i)", "missing-factor"),
        (r"\frac{\partial L}{\partial b^{(2)}_i} = (a^{(2)}_i - y_i) a^{(2)}_i (-a^{(2)}_i)", "missing-term"),
        (r"\frac{\partial L}{\partial b^{(2)}_i} = (-y_i) a^{(2)}_i (1 - a^{(2)}_i)", "missing-term"),
        (r"\frac{\partial z^{(2)}_i}{\partial w^{(2)}_{ij}} = y_j", "wrong-variable"),
        (r"z^{(1)}_1 = w^{(1)}_{11} x_1 + w^{(1)}_{12} x_2 + b^{(1)}_1 + b^{(1)}_1", "other"),
    ],
)
def test_what_is_left_of_a_difference_is_named(formula: str, code: str) -> None:
    assert verdicts(judged(formula, assume={"loss": "as in the network file"})) == [code]


def test_the_left_side_is_not_blamed_where_the_chain_goes_on_from_it() -> None:
    """The working is the other weight's; the result after it is that of the left side."""
    chain = r"\frac{\partial L}{\partial w^{(2)}_{10}} = 0.0483272 \cdot 1 = 0.113562"
    found = judged(chain, example="lecture6")
    assert [f.verdict.value for f in found.findings] == ["wrong", "right"]
    assert found.findings[0].place.column > chain.index("=")


@pytest.mark.parametrize(
    ("working", "bias"),
    [
        (r"z^{(1)}_1 = 0.1 \cdot 0.25 + 0.2 \cdot 0.5", "0.1"),
        (r"z^{(1)}_2 = 0.3 \cdot 0.25 + 0.4 \cdot 0.5 = 0.275", "0.2"),
    ],
)
def test_a_bias_that_was_not_added_is_the_term_that_is_missing(working: str, bias: str) -> None:
    wrong = next(f for f in judged(working).findings if f.verdict is Verdict.WRONG)
    assert wrong.code == "missing-term"
    assert f": {bias}, a bias of layer 1" in wrong.hint


STEPS = r"z^{(2)}_{2} = -0.45 + 0.319168 + (-0.373388) = -0.504220"
CHAIN = r"\frac{\partial L}{\partial w^{(2)}_{22}} = -0.623450 \cdot 0.234760 \cdot 0.574443 = -0.0840761"
LOSS = r"L = \frac{1}{2} ((0.457547 - 0)^2 + (0.376550 - 1)^2) = 0.299020"
DELTA = r"\delta^{(1)}_{2} = 0.112169 \cdot 0.244458 = 0.0274207"


@pytest.mark.parametrize(
    ("right", "old", "new", "code", "words"),
    [
        (LOSS, "0.457547", "0.574443", "stale-number", "0.457547 belongs here"),
        (LOSS, "0.376550", "0.367550", "arithmetic", "a digit slipped: 0.376550"),
        (CHAIN, r"-0.623450 \cdot ", "", "missing-factor", "the factor -0.62345 is missing"),
        (CHAIN, "0.234760", "0.244458", "stale-number", "0.23476 belongs here"),
        (CHAIN, "0.234760", "0.574443", "stale-number", "0.23476 belongs here"),
        (STEPS, "0.319168", "0.391168", "arithmetic", "a digit slipped: 0.319168"),
        (STEPS, "(-0.373388)", "0.373388", "sign", "the other sign"),
        (STEPS, "+ 0.319168", "- 0.319168", "sign", "the other sign"),
        (DELTA, "0.112169", "0.75", "stale-number", "0.112169 belongs here"),
        (DELTA, "= 0.112169", r"= 0.837 \cdot 0.112169", "stale-number", "1 belongs here, or none"),
    ],
)
def test_what_is_off_is_named_by_what_belongs_there(
    right: str, old: str, new: str, code: str, words: str
) -> None:
    assume = {"loss": "as in the network file"}
    assert verdicts(judged(right, example="lecture6", assume=assume)) == ["right", "right"]
    found = judged(right.replace(old, new, 1), example="lecture6", assume=assume)
    assert verdicts(found)[0] == code
    assert words in found.findings[0].hint


def test_where_two_numbers_may_be_the_one_that_is_off_both_are_said() -> None:
    found = judged(CHAIN.replace("0.234760", "0.574443"), example="lecture6")
    assert found.findings[0].hint.count("0.23476 belongs here") == 1
    both = judged(r"\delta^{(1)}_{2} = 0.112169 \cdot 0.0274207 = 0.0274207", example="lecture6")
    assert "0.244458 belongs here" in both.findings[0].hint


def test_a_few_digits_in_the_place_of_a_small_number_are_not_called_rounded_wrongly() -> None:
    """The factor -0.00269027 is missing beside the input 0.1."""
    chain = r"\frac{\partial L}{\partial w^{(1)}_{22}} = 0.1 = -0.000269027"
    assert verdicts(judged(chain, example="single-instance")) == ["arithmetic", "right"]


FIRST = (
    r"(a_{2,1} - y_{1}) \cdot a_{2,1} (1 - a_{2,1}) \cdot w_{2,12} \cdot a_{1,2} (1 - a_{1,2}) \cdot x_{1}"
)
SECOND = (
    r"(a_{2,2} - y_{2}) \cdot a_{2,2} (1 - a_{2,2}) \cdot w_{2,22} \cdot a_{1,2} (1 - a_{1,2}) \cdot x_{1}"
)


@pytest.mark.parametrize("rest", [FIRST, SECOND])
def test_a_path_that_is_missing_is_named_where_the_layer_stands_before_the_indices(rest: str) -> None:
    head = r"\frac{\partial J}{\partial w_{1,21}} = "
    notation = PROFILES["subscript"]
    assert verdicts(judged(f"{head}{FIRST} + {SECOND}", notation=notation)) == ["right"]
    found = judged(head + rest, notation=notation)
    assert verdicts(found) == ["missing-term"]
    assert "path through unit" in found.findings[0].hint


@pytest.mark.parametrize("step", ["", r" - \eta \frac{\partial L}{\partial W^{(1)}}"])
def test_an_update_without_its_step_lacks_a_term(step: str) -> None:
    found = judged(r"W^{(1)}_{\mathrm{new}} = W^{(1)}" + step)
    assert verdicts(found) == ["right" if step else "missing-term"]
