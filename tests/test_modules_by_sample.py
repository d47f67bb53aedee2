"""Values that are one number for a sample, combined first: the same results, in fewer passes over units."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from test_modules_gradients import networks, numbers

from codegen.modules.array_style import SAMPLES
from codegen.modules.by_sample import by_sample
from derive.derivation import derive
from derive.evaluate import evaluate
from derive.network import Dense, Network
from derive.nodes import nodes

SOFTMAX = Network([Dense(3, "tanh"), Dense(4, "softmax")], inputs=2, loss="cross-entropy", reduction="mean")


def programs(network):
    results = ["L", *(f"d{name}" for name in network.parameter_shapes)]
    program = derive(network, SAMPLES).numeric.needed_for(results)
    return program, by_sample(program, SAMPLES), results


def shapes(program):
    return {step.tensor.name: step.tensor.shape for step in program.steps}


def test_a_softmax_before_a_cross_entropy_has_one_factor_for_a_sample():
    program, combined, _ = programs(SOFTMAX)
    before, after = shapes(program), shapes(combined)
    assert before.keys() - after.keys() == {"a2"}
    assert {name: after[name] for name in after.keys() - before.keys()} == {
        "sum_y": (SAMPLES,),
        "scale_a2": (SAMPLES,),
    }
    delta = next(step for step in combined.steps if step.tensor.name == "dz2")
    assert {"exp_a2", "scale_a2", "y"} == set(delta.uses)
    loss = next(step for step in combined.steps if step.tensor.name == "L")
    over = {len(node.limits): node for node in nodes(loss.expr, sp.Sum)}
    assert not over[2].has(sp.log)
    assert over[1].has(sp.log)


@pytest.mark.parametrize(
    ("loss", "last"),
    [("half-squared-error", "sigmoid"), ("cross-entropy", "sigmoid"), ("half-squared-error", "softmax")],
)
def test_what_has_no_such_numbers_stays(loss, last):
    program, combined, _ = programs(Network([Dense(3, last)], inputs=2, loss=loss))
    assert combined.steps == program.steps


@settings(max_examples=25, deadline=None)
@given(networks(), st.integers(0, 2**32), st.sampled_from([1, 3]))
def test_the_same_results(network, seed, batch):
    params, x, y = numbers(network, seed, batch)
    values = {**params, "x": x, "y": y, "eta": 0.1}
    program, combined, results = programs(network)
    with np.errstate(all="ignore"):
        expected, found = evaluate(program, values), evaluate(combined, values)
    for name in results:
        size = np.max(np.abs(expected[name]))
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-12 * size)


def test_the_same_results_whatever_the_targets_sum_to():
    params, x, y = numbers(SOFTMAX, 3, 5)
    program, combined, results = programs(SOFTMAX)
    for targets in (y, 3 * y + 0.5):
        values = {**params, "x": x, "y": targets, "eta": 0.1}
        expected, found = evaluate(program, values), evaluate(combined, values)
        for name in results:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-15)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found["L"], 2 * expected["L"], rtol=1e-12)
