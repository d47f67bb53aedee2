"""The style ``c`` on wider layers: long sums in lanes, and loops compiled for registers of several widths."""

import numpy as np
import pytest
from c_compiled import with_headers
from modules_truth import spec_of
from test_build import imported
from test_modules_c import LIMITS, check
from test_modules_gradients import numbers

from codegen.modules import extension, generate
from codegen.modules.c_loops import LANES
from derive.network import Dense, Network


def network(inputs, layout="column", units=2):
    layers = [Dense(units, "tanh"), Dense(2, "softmax")]
    return Network(layers, inputs=inputs, loss="cross-entropy", layout=layout, reduction="mean")


@pytest.mark.parametrize("inputs", [15, 16, 17, 23, 24])
def test_sums_of_any_length(inputs):
    source = generate(spec_of(network(inputs)), style="c")
    assert ("part[lane]" in source) is (inputs >= 2 * LANES)
    check(network(inputs), inputs, LIMITS)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("for (ptrdiff_t j = 16; j < 17; j++)", "for (ptrdiff_t j = 17; j < 17; j++)"),
        ("j < 16; j += 8", "j < 8; j += 8"),
        ("acc += part[lane]", "acc = part[lane]"),
        ("W1[i][j + lane]", "W1[i][j]"),
    ],
)
def test_a_lane_that_is_left_out_is_noticed(right, wrong):
    assert right in generate(spec_of(network(17)), style="c")
    with pytest.raises(AssertionError):
        check(network(17), 3, change=lambda source: source.replace(right, wrong))


def test_rows_are_read_in_their_order():
    """With a row of weights for each input, units lie side by side: no sum runs along a row."""
    assert "part[" not in generate(spec_of(network(40, "row", 12)), style="c")


@pytest.mark.parametrize("layout", ["column", "row"])
@pytest.mark.parametrize("real", ["double", "float"])
def test_wider_registers_give_the_same_to_the_last_bit(layout, real, tmp_path, monkeypatch):
    with_headers()
    wide = network(19, layout, 21)
    params, x, y = numbers(wide, 29, 5)
    dtype = "f4" if real == "float" else "f8"
    flat, x, y = (v.astype(dtype) for v in (np.concatenate([np.ravel(v) for v in params.values()]), x, y))

    def results(folder):
        path = extension.build(spec_of(wide), folder, real)[-1]
        module = imported(path, path.name.partition(".")[0])
        values, gradient, state = np.empty((5, 46), dtype), np.empty_like(flat), flat.copy()
        module.forward(flat, x, values)
        losses = [module.loss(flat, x, y), module.value_and_grad(flat, x, y, gradient)]
        losses.append(module.sgd_step(state, x, y, 0.1, np.empty_like(flat)))
        return [*losses, *(array.tolist() for array in (values, gradient, state))]

    assert "target_clones" in extension.wrapper(spec_of(wide), real)
    assert "target_clones" not in extension.wrapper(spec_of(network(19)), real)
    chosen = results(tmp_path / "chosen")
    monkeypatch.setattr(extension, "WIDE", 10**9)
    assert "target_clones" not in extension.wrapper(spec_of(wide), real)
    assert results(tmp_path / "plain") == chosen
