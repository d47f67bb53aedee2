"""The products of array modules whose operands are laid out anew: one column, two transposes, biases."""

import math
import re

import numpy as np
import pytest
from modules_truth import imported, spec_of
from test_modules_workspace import arguments

from codegen.modules import generate
from codegen.modules.array_layout import FEW_SAMPLES, MANY_WEIGHTS, NARROW, PADDED_FROM, THIN, TURNED_FROM
from derive.network import Dense, Network

MANY = TURNED_FROM // 128
"""Samples from which the weights behind 128 units are copied."""


def network(inputs, wide, narrow):
    return Network(
        [Dense(wide, "sigmoid"), Dense(narrow, "softmax")], inputs=inputs, loss="cross-entropy", layout="row"
    )


def source_of(*sizes):
    return generate(spec_of(network(*sizes)), style="array")


@pytest.mark.parametrize(("inputs", "padded"), [(PADDED_FROM // 128, True), (PADDED_FROM // 128 - 1, False)])
def test_many_weights_of_one_sample_take_two_columns(inputs, padded):
    source = source_of(inputs, 128, 10)
    assert ("padded_x" in source) is padded
    assert "padded_a1" not in source
    with imported(source) as module:
        params, x, y = arguments(network(inputs, 128, 10), None)
        space = module.workspace()
        module.value_and_grad(params, 2 * x, y, workspace=space)
        loss, gradient = module.value_and_grad(params, x, y, workspace=space)
        twice, sums = module.value_and_grad(params, np.stack([x, x]), np.stack([y, y]))
    assert twice == pytest.approx(2 * loss, rel=1e-14)
    for found, expected in zip(gradient, sums, strict=True):
        np.testing.assert_allclose(2 * found, expected, rtol=0, atol=1e-14 * np.max(np.abs(expected)))


@pytest.mark.parametrize("narrow", [THIN, THIN + 1])
def test_weights_are_copied_for_many_samples(narrow):
    source = source_of(6, 128, narrow)
    assert (f"if N >= {MANY} else None,  # turned_W2" in source) is (narrow == THIN)
    with imported(source) as module:
        params, x, y = arguments(network(6, 128, narrow), MANY)
        halves = [module.value_and_grad(params, x[rows], y[rows])[1] for rows in (slice(50), slice(50, None))]
        for space in (None, module.workspace(MANY)):
            _, gradient = module.value_and_grad(params, x, y, workspace=space)
            for found, *parts in zip(gradient, *halves, strict=True):
                np.testing.assert_allclose(found, sum(parts), rtol=0, atol=1e-13 * np.max(np.abs(found)))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("padded_dz1[0] = dz1", "padded_dz1[:] = dz1; padded_x[:, 1] = 1"),
        ("out[...] = W", "out[...] = 1"),
    ],
)
def test_a_wrong_layout_is_noticed(statement, broken):
    source = source_of(64, 128, 10)
    assert source.count(statement) == 1
    samples = MANY if "out" in statement else None
    given = arguments(network(64, 128, 10), samples)
    with imported(source) as module, imported(source.replace(statement, broken)) as other:
        _, expected = module.value_and_grad(*given)
        _, found = other.value_and_grad(*given)
    assert not all(np.allclose(a, b) for a, b in zip(found, expected, strict=True))


AUGMENTED = [Dense(4, "tanh"), Dense(3, "sigmoid"), Dense(2, "softmax")]


@pytest.mark.parametrize(
    ("first", "layout", "joined"),
    [
        (Dense(4, "tanh"), "row", ["W1", "W2", "W3"]),
        (Dense(NARROW + 1, "tanh"), "row", ["W1", "W3"]),
        (Dense(4, "tanh", "folded"), "row", ["W2", "W3"]),
        (Dense(4, "tanh", "none"), "row", ["W2", "W3"]),
        (Dense(4, "tanh"), "column", []),
    ],
)
def test_biases_are_rows_of_the_weights(first, layout, joined):
    layers = [first, *AUGMENTED[1:]]
    made = Network(layers, inputs=2, loss="cross-entropy", layout=layout)
    source = generate(spec_of(made), style="array")
    assert re.findall(r"augmented_d(W\d) = dW\d\.base", source) == joined
    with imported(source) as module:
        params, x, y = arguments(made, 7)
        single = [module.value_and_grad(params, *sample) for sample in zip(x, y, strict=True)]
        for space in (None, module.workspace(7)):
            for _ in range(2):
                loss, gradient = module.value_and_grad(params, x, y, workspace=space)
            assert loss == pytest.approx(sum(one for one, _ in single), rel=1e-13)
            for found, *parts in zip(gradient, *(part for _, part in single), strict=True):
                np.testing.assert_allclose(found, sum(parts), rtol=0, atol=1e-13)
    for name in joined:
        weights, biases = (getattr(gradient, f"{letter}{name[1:]}") for letter in "Wb")
        assert biases.base is weights.base
        assert weights.flags.c_contiguous


@pytest.mark.parametrize(("inputs", "copied"), [(60, True), (61, False)])
def test_many_inputs_are_not_copied(inputs, copied):
    assert ("augmented_x[:, :-1] = x" in source_of(inputs, 60, 3)) is copied


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("rows[-1] = 1", "rows[-1] = 2"),
        ("columns[:, -1] = 1", "columns[:, -1] = 2"),
        ("augmented_W3[-1] = b3", "augmented_W3[-1] = 0"),
    ],
)
def test_a_wrong_row_is_noticed(statement, broken):
    layers = [Dense(NARROW + 1, "sigmoid"), *AUGMENTED[1:]]
    made = Network(layers, inputs=2, loss="cross-entropy", layout="row")
    source = generate(spec_of(made), style="array")
    assert source.count(statement) == 1
    given = arguments(made, 5)
    with imported(source) as module, imported(source.replace(statement, broken)) as other:
        assert module.loss(*given) != pytest.approx(other.loss(*given), rel=1e-3)


SIDE = math.isqrt(MANY_WEIGHTS)


def deep(units):
    layers = [Dense(units, "tanh"), Dense(SIDE, "tanh"), Dense(2, "softmax")]
    return Network(layers, inputs=3, loss="cross-entropy", layout="row")


@pytest.mark.parametrize(("units", "turned"), [(SIDE, True), (SIDE - 1, False)])
@pytest.mark.parametrize("samples", [FEW_SAMPLES, FEW_SAMPLES + 1])
def test_many_weights_and_few_samples_are_multiplied_turned(units, turned, samples):
    source = generate(spec_of(deep(units)), style="array")
    assert ("da1 = _times_turned(dz2, W2, turned_da1, out=" in source) is turned
    header = " ".join(source.split('"""')[1].split())
    assert ("For few samples in float32, the product of deltas" in header) is turned
    assert ("For many samples, weights are copied" in header) is ("= _turned(" in source)
    params, x, y = arguments(deep(units), samples)
    single = [value.astype(np.float32) for value in params]
    with imported(source) as module:
        _, expected = module.value_and_grad(params, x, y)
        for space in (None, module.workspace(samples, np.float32)):
            given = single, x.astype(np.float32), y.astype(np.float32)
            _, found = module.value_and_grad(*given, workspace=space)
            for a, b in zip(found, expected, strict=True):
                assert a.dtype == np.float32
                np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 * np.max(np.abs(b)))
    if turned and samples == FEW_SAMPLES:
        with imported(source.replace("out[...] = turned.T", "out[...] = 0 * turned.T")) as broken:
            assert not np.any(broken.value_and_grad(*given)[1].W1)
