"""The workspace of an array module: no new arrays, the same numbers, clear errors."""

import re
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modules_truth import imported, spec_of
from test_modules_gradients import networks, numbers

from codegen.modules import generate
from codegen.modules.array_layout import TILE
from derive.network import Dense, Network

NARROW = Network(
    [Dense(3, "sigmoid"), Dense(2, "softmax")], inputs=2, loss="cross-entropy", layout="row", reduction="mean"
)
WIDE = Network(
    [Dense(100, "sigmoid"), Dense(40, "tanh", "folded"), Dense(10, "softmax")], inputs=5, loss="cross-entropy"
)
SMALL_OBJECTS = 2500
"""Bytes that a call may hold at once in views of arrays, tuples and numbers."""


@pytest.fixture(scope="module")
def modules():
    with ExitStack() as stack:
        yield {
            network: stack.enter_context(imported(generate(spec_of(network), style="array")))
            for network in (NARROW, WIDE)
        }


def arguments(network, samples, dtype=np.float64):
    params, x, y = numbers(network, 4, samples)
    return [value.astype(dtype) for value in params.values()], x.astype(dtype), y.astype(dtype)


def most_held(run):
    """The bytes that are held at once during some calls, beyond those held before."""
    for _ in range(3):
        run()
    tracer = sys.gettrace()  # of coverage, which holds memory of its own
    sys.settrace(None)
    tracemalloc.start()
    try:
        run()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(5):
            run()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        sys.settrace(tracer)
    return peak - before, after - before


def calls(module, params, x, y, space):
    return {
        "loss": lambda: module.loss(params, x, y, workspace=space),
        "value_and_grad": lambda: module.value_and_grad(params, x, y, workspace=space),
        "sgd_step": lambda: module.sgd_step(params, x, y, 0.1, workspace=space),
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("network", "samples"), [(NARROW, 2000), (WIDE, 500), (WIDE, 4 * TILE + 300), (WIDE, 1), (WIDE, None)]
)
def test_no_new_arrays(modules, network, samples, dtype):
    module, given = modules[network], arguments(network, samples, dtype)
    space = module.workspace(samples, dtype)
    for name, run in calls(module, *given, space).items():
        held, growth = most_held(run)
        assert held < SMALL_OBJECTS, name
        assert growth < 300, name
    without, _ = most_held(lambda: module.value_and_grad(*given))
    assert without > 2 * SMALL_OBJECTS


@pytest.mark.parametrize(
    ("call", "other"),
    [
        ("np.exp(e1, out=e1)", "e1 = np.exp(e1)"),
        ("dz1 = np.multiply(da1, a1, out=z1)", "dz1 = np.multiply(da1, a1)"),
        ("dz2 -= y", "dz2 = dz2 - y"),
        ("z2, spread_max_a2, out", "z2, max_a2, out"),  # NumPy makes a buffer for operands of two shapes
    ],
)
def test_a_new_array_is_noticed(call, other):
    source = generate(spec_of(NARROW), style="array")
    assert source.count(call) >= 1
    with imported(source.replace(call, other)) as module:
        held, _ = most_held(calls(module, *arguments(NARROW, 2000), module.workspace(2000))["value_and_grad"])
    assert held > 2 * SMALL_OBJECTS


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.sampled_from([None, 1, 2, 5]), st.sampled_from([np.float64, np.float32]))
def test_the_same_numbers_as_without(network, samples, dtype):
    given = arguments(network, samples, dtype)
    with imported(generate(spec_of(network), style="array")) as module, np.errstate(all="ignore"):
        space = module.workspace(samples, dtype)
        expected, gradient = module.value_and_grad(*given)
        for _ in range(2):
            loss, found = module.value_and_grad(*given, workspace=space)
            np.testing.assert_equal(loss, expected)
            np.testing.assert_equal(found, gradient)
            np.testing.assert_equal(module.loss(*given, workspace=space), expected)
            before, new = module.sgd_step(*given, 0.25, workspace=space)
            np.testing.assert_equal(before, expected)
            np.testing.assert_equal(new, module.sgd_step(*given, 0.25)[1])


@pytest.mark.parametrize("samples", [3 * TILE, 2 * TILE + 1, TILE + 300, TILE, TILE - 1])
def test_pieces_add_up(modules, samples):
    module, (params, x, y) = modules[WIDE], arguments(WIDE, samples)
    assert "in pieces of as many" in " ".join(module.__doc__.split())
    halves = [module.value_and_grad(params, x[rows], y[rows]) for rows in (slice(250), slice(250, None))]
    for space in (None, module.workspace(samples)):
        loss, gradient = module.value_and_grad(params, x, y, workspace=space)
        assert loss == pytest.approx(sum(value for value, _ in halves), rel=1e-12)
        assert module.loss(params, x, y, workspace=space) == loss
        for found, *parts in zip(gradient, *(part for _, part in halves), strict=True):
            np.testing.assert_allclose(found, sum(parts), rtol=0, atol=1e-12 * np.max(np.abs(found)))


def test_the_mean_over_pieces_is_that_over_the_batch():
    network = Network(WIDE.layers, inputs=5, loss="cross-entropy", reduction="mean")
    params, x, y = arguments(network, TILE + 300)
    with imported(generate(spec_of(network), style="array")) as mean:
        loss, gradient = mean.value_and_grad(params, x, y)
    with imported(generate(spec_of(WIDE), style="array")) as module:
        whole, slopes = module.value_and_grad(params, x, y)
    assert loss == pytest.approx(whole / len(x), rel=1e-12)
    for found, slope in zip(gradient, slopes, strict=True):
        np.testing.assert_allclose(found, slope / len(x), rtol=0, atol=1e-14)


def test_results_are_part_of_it_until_the_next_call(modules):
    module, (params, x, y) = modules[NARROW], arguments(NARROW, 6)
    space = module.workspace(6)
    _, first = module.value_and_grad(params, x, y, workspace=space)
    kept = first.W1.copy()
    _, second = module.value_and_grad(params, -x, y, workspace=space)
    assert second.W1 is first.W1
    assert np.any(kept != first.W1)
    _, pure = module.value_and_grad(params, x, y)
    assert not any(np.shares_memory(a, b) for a in pure for b in (*first, *space.arrays))


def test_steps_go_on_from_the_parameters_of_the_workspace(modules):
    module, (params, x, y) = modules[WIDE], arguments(WIDE, 7)
    space, ours, theirs = module.workspace(7), params, params
    given = [value.copy() for value in params]
    for _ in range(4):
        loss, ours = module.sgd_step(ours, x, y, 0.05, workspace=space)
        expected, theirs = module.sgd_step(theirs, x, y, 0.05)
        assert loss == expected
        np.testing.assert_equal(ours, theirs)
    np.testing.assert_equal(params, given)


def test_each_thread_has_its_own(modules):
    module, batches = modules[WIDE], [arguments(WIDE, 5 + number) for number in range(8)]
    expected = [module.value_and_grad(*batch) for batch in batches]

    def run(number):
        space = module.workspace(5 + number)
        for _ in range(30):
            found = module.value_and_grad(*batches[number], workspace=space)
        return found

    with ThreadPoolExecutor(8) as pool:
        for found, truth in zip(pool.map(run, range(8)), expected, strict=True):
            np.testing.assert_equal(found, truth)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ((4,), "expected what workspace(3, np.float64) returns, given one for 4 samples of float64"),
        ((None,), "expected what workspace(3, np.float64) returns, given one for 1 sample of float64"),
        (
            (3, np.float32),
            "expected what workspace(3, np.float64) returns, given one for 3 samples of float32",
        ),
    ],
)
def test_a_workspace_for_other_arguments(modules, made, message):
    module, given = modules[NARROW], arguments(NARROW, 3)
    for run in calls(module, *given, module.workspace(*made)).values():
        with pytest.raises(ValueError, match=f"^workspace: {re.escape(message)}$"):
            run()
    with pytest.raises(
        ValueError, match=r"^workspace: expected what workspace\(3\) returns, given <class 'list'>"
    ):
        module.loss(*given, workspace=[])


@pytest.mark.parametrize("samples", [0, -1, 2.0, "3", True])
def test_no_number_of_samples(modules, samples):
    with pytest.raises(ValueError, match=r"^N: expected a number of samples, at least 1, given "):
        modules[NARROW].workspace(samples)


@pytest.mark.parametrize("dtype", [np.float16, np.int64, complex, "no dtype", ">f8"])
def test_another_dtype(modules, dtype):
    with pytest.raises(ValueError, match=r"^dtype: expected float64 or float32, given "):
        modules[NARROW].workspace(3, dtype)


def test_one_sample_may_stand_alone_or_in_a_row(modules):
    module, (params, x, y) = modules[NARROW], arguments(NARROW, None)
    for space in (module.workspace(), module.workspace(1)):
        alone = module.value_and_grad(params, x, y, workspace=space)[0]
        assert module.value_and_grad(params, x[None], y[None], workspace=space)[0] == alone
        assert module.loss([p.tolist() for p in params], x.tolist(), y.tolist(), workspace=space) == alone


@pytest.mark.parametrize("samples", [None, 1, 4])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arrays_of_one_dtype_are_checked_once(modules, samples, dtype, monkeypatch):
    module, (params, x, y) = modules[NARROW], arguments(NARROW, samples, dtype)

    def slow(*_):
        raise AssertionError

    monkeypatch.setattr(module, "_arrays", slow)
    for same in (params, tuple(params), module.Params(*params)):
        module.value_and_grad(same, x, y)
    wrong = [params[:-1], [*params[:-1], params[-1].tolist()], [params[0].T, *params[1:]]]
    others = [(values, x, y) for values in wrong] + [
        (params, x[..., :1], y),
        (params, x, y.astype(np.float16)),
    ]
    for unusual in others:
        with pytest.raises(AssertionError):
            module.value_and_grad(*unusual)


@pytest.mark.parametrize(
    ("activation", "anew"), [("sigmoid", False), ("softplus", False), ("relu", True), ("gelu", True)]
)
def test_what_is_made_anew_is_said(activation, anew):
    network = Network([Dense(6, activation), Dense(4)], inputs=3, loss="half-squared-error")
    with imported(generate(spec_of(network), style="array")) as module:
        assert ("is made anew" in module.workspace.__doc__) is anew
        held, _ = most_held(
            calls(module, *arguments(network, 2000), module.workspace(2000))["value_and_grad"]
        )
    assert (held > SMALL_OBJECTS) is anew
