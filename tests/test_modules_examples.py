"""Generated modules of the bundled examples, against what their sources print; and ``example()``."""

import subprocess
import sys

import pytest
from modules_truth import imported

from codegen.modules import STYLES, generate
from derive import examples
from derive.spec import load, parse


def quantities(name, style):
    """Everything that a module computes of an example, by the names of the record."""
    with imported(generate(load(name), style=style)) as module:
        params, x, y, rate = module.example()
        loss, gradient = module.value_and_grad(params, x, y)
        before, new = module.sgd_step(params, x, y, rate)
        assert loss == before == module.loss(params, x, y)
        found = {"loss": loss, "loss_after": module.loss(new, x, y)}
        values, after = module.forward(params, x), module.forward(new, x)
        if style == "scalar":
            values, after = module.unpack_forward(values), module.unpack_forward(after)
            gradient, new = module.unpack(gradient), module.unpack(new)
    parts = {"": values, "after:": after, "grad:": gradient, "updated:": new}
    return found | {f"{p}{key}": value for p, part in parts.items() for key, value in part._asdict().items()}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", examples.names())
def test_numbers_that_the_sources_print(name, style):
    found = quantities(name, style)
    compared = 0
    for entry in examples.record(name):
        if entry.quantity in found:
            compared += 1
            assert bool(entry.mismatches(found[entry.quantity])) is not entry.true, entry.where
    assert compared > 5 or not examples.record(name)


TEXT = """
[network]
inputs = 2
loss = "half-squared-error"
[[network.layers]]
units = 1
[example]
x = [[1, 2], [3, 4]]
y = [[5], [6]]
[example.parameters]
W1 = [[0.1, 1e-300]]
b1 = [-0.0]
"""


def test_an_example_that_is_a_batch_and_has_no_learning_rate():
    spec = parse(TEXT, "batch.toml")
    for style in ("array", "auto"):
        with imported(generate(spec, style=style)) as module:
            params, x, y, rate = module.example()
            assert (x.shape, y.shape, rate) == ((2, 2), (2, 1), None)
            assert params.W1.tolist() == [[0.1, 1e-300]]
            assert str(params.b1[0]) == "-0.0"
            module.value_and_grad(params, x, y)
    with imported(generate(spec, style="scalar")) as module:
        assert module.example() == ((0.1, 1e-300, -0.0), (1.0, 2.0), (5.0,), None)
        assert "Of its 2 samples, this is the first." in module.example.__doc__


def test_a_scalar_module_needs_numpy_for_arrays_only(tmp_path):
    (tmp_path / "alone.py").write_text(generate(load("lecture6"), style="scalar"), encoding="utf-8")
    code = "import sys, alone; alone.sgd_step(*alone.example()); print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
