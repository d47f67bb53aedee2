"""Lines for each element: stamping indices into one line gives what printing each line gives."""

import itertools
import re
import tracemalloc
from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.latex import Speller, stamp, stamped
from codegen.plaintext import PlainSpeller
from derive.activations import ACTIVATIONS
from derive.derivation import derive
from derive.losses import LOSSES, SUM_OF_TARGETS
from derive.network import BIASES, LAYOUTS, REDUCTIONS, Dense, Network
from derive.notation import PROFILES, Notation
from derive.program import Role, Rule, Step, Tensor, element, indices
from derive.views import TooLargeError, elements

LAYERS = st.lists(
    st.builds(Dense, st.sampled_from([1, 2, 3, 11]), st.sampled_from(sorted(ACTIVATIONS))),
    min_size=1,
    max_size=2,
)
NETWORKS = st.builds(
    Network,
    LAYERS,
    inputs=st.sampled_from([1, 2, 10]),
    loss=st.sampled_from(sorted(LOSSES)),
    layout=st.sampled_from(LAYOUTS),
    bias=st.sampled_from(BIASES),
    reduction=st.sampled_from(REDUCTIONS),
)


@settings(max_examples=25, deadline=None)
@given(NETWORKS, st.sampled_from([None, 2]), st.sampled_from(sorted(PROFILES)), st.booleans())
def test_a_stamped_line_is_the_printed_line(network, samples, profile, plain):
    notation = PROFILES[profile]
    derivation = derive(network, samples, (SUM_OF_TARGETS,)).with_notation(notation)
    speller = PlainSpeller(derivation) if plain else Speller(derivation, notation)
    for step in (*derivation.program.steps, *derivation.shortened.values()):
        printed = [" = ".join(speller.equation(step, at)) for at in elements(step)]
        lines = list(stamped(step, speller).lines())
        assert lines == printed
        assert not re.search("[\ue000-\uf8ff]", "".join(lines)), "a mark was left over"


NET = Network([Dense(3, "sigmoid"), Dense(2, "softmax")], inputs=12, loss="cross-entropy")


def test_lines_of_elements():
    derivation = derive(NET)
    speller = Speller(derivation, Notation())
    lines = list(stamped(derivation.step("dW1"), speller).lines())
    assert len(lines) == 36
    assert lines[0] == r"\frac{\partial L}{\partial w^{(1)}_{11}} = \delta^{(1)}_{1} x_{1}"
    assert lines[-1] == r"\frac{\partial L}{\partial w^{(1)}_{3,12}} = \delta^{(1)}_{3} x_{12}"
    assert stamped(derivation.step("da1"), speller).at(2) == (
        r"\frac{\partial L}{\partial a^{(1)}_{3}} = "
        r"\delta^{(2)}_{1} w^{(2)}_{13} + \delta^{(2)}_{2} w^{(2)}_{23}"
    )


def test_a_mark_that_counts_as_low_would_be_noticed(monkeypatch):
    """A sum that is a mark while the line is prepared still decides how large the brackets around it are."""
    derivation = derive(NET)
    speller = Speller(derivation, Notation())
    i, k = indices("i k")
    expr = sp.Sum(element("y", (k,)) / element("x", (k,)), (k, 0, 1)) ** 2
    squared = Step(Tensor("z1", Role.HIDDEN, (sp.Integer(2),)), (i,), expr, Rule("", ""))
    assert stamped(squared, speller).at(0) == " = ".join(speller.equation(squared, (0,)))
    monkeypatch.setattr(stamp, "is_tall", lambda _: False)
    assert stamped(squared, speller).at(0) != " = ".join(speller.equation(squared, (0,)))


def test_clipped_sums_are_written_each_by_itself():
    p, i = indices("p i")
    body = element("dy", (i,)) * element("x", (p + i,))
    expr = sp.Sum(body, (i, sp.Max(0, 1 - p), sp.Min(2, 3 - p)))
    step = Step(Tensor("dw", Role.ADJOINT, (sp.Integer(4),), of="w"), (p,), expr, Rule("", ""))
    lines = list(stamped(step, PlainSpeller(step)).lines())
    assert lines == [
        "dw[0] = dy[1]*x[1] + dy[2]*x[2]",
        "dw[1] = dy[0]*x[1] + dy[1]*x[2] + dy[2]*x[3]",
        "dw[2] = dy[0]*x[2] + dy[1]*x[3]",
        "dw[3] = dy[0]*x[3]",
    ]


def test_lines_are_written_one_at_a_time_and_not_without_limit():
    derivation = derive(replace(NET, layers=[Dense(1000, "relu")], inputs=1000, loss="hinge"))
    made = stamped(derivation.step("dW1"), Speller(derivation, Notation()))
    with pytest.raises(TooLargeError, match="1,000,000 elements"):
        made.lines()
    tracemalloc.start()
    count = sum(1 for _ in itertools.islice(made.lines(limit=10**6), 20_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000, "the lines are kept, not handed out"


def test_an_element_costs_no_expression(monkeypatch):
    derivation = derive(replace(NET, layers=[Dense(50, "relu")], inputs=50, loss="hinge"))
    lines = stamped(derivation.step("z1"), Speller(derivation, Notation())).lines()
    first = next(lines)

    def forbidden(*_):
        raise AssertionError("an expression was built for an element")

    monkeypatch.setattr(sp.Basic, "xreplace", forbidden)
    monkeypatch.setattr(sp.Indexed, "__new__", forbidden)
    rest = list(lines)
    assert len(rest) == 49
    assert first.count("w^") == rest[-1].count("w^") == 50
