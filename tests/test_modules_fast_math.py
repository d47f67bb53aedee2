"""Fast math: what it changes in a module, what it gives up, and what it does not."""

import numpy as np
import pytest
from c_compiled import library
from click.testing import CliRunner
from modules_truth import imported, spec_of
from test_modules_gradients import check, numbers

from codegen.cli import cli
from codegen.modules import STYLES, generate
from derive.derivation import derive
from derive.network import Dense, Network


def network_of(activation, loss="half-squared-error"):
    return Network([Dense(2, activation), Dense(2)], inputs=1, loss=loss, bias="none")


def gradients(network, z, fast_math, dtype=float):
    """The derivative by W1 with activations of the inputs z and -0.9 z, by every style that has the dtype."""
    W1, W2 = np.array([[z], [-0.9 * z]], dtype), np.array([[0.5, -0.25], [1.5, 0.75]], dtype)
    x, y = np.array([1.0], dtype), np.array([0.3, -0.6], dtype)
    spec = spec_of(network)
    found = {}
    for style in ("array", "auto"):
        with imported(generate(spec, style=style, fast_math=fast_math)) as module:
            found[style] = module.value_and_grad([W1, W2], x, y)[1].W1
    if dtype is float:
        with imported(generate(spec, style="scalar", fast_math=fast_math)) as module:
            flat = module.value_and_grad(module.pack([W1, W2]), x, y)[1]
            found["scalar"] = module.unpack(flat).W1
    with library(spec, np.dtype(dtype).name, fast_math=fast_math) as made:
        found["c"] = made.value_and_grad({"W1": W1, "W2": W2}, x, y)[1]["W1"]
    return found


@pytest.mark.parametrize(("dtype", "z"), [(float, 40.0), (np.float32, 40.0), (np.float32, 20.0)])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax"])
def test_near_a_limit_the_slope_is_lost(activation, dtype, z):
    """Of the two units, the first rounds to 1; of a softmax, that is the only large one."""
    network = network_of(activation)
    precise, fast = gradients(network, z, False, dtype), gradients(network, z, True, dtype)
    for style, found in precise.items():
        assert 0 < abs(found[0, 0]) < 1e-5, style
        assert found[0, 0] == pytest.approx(precise["array"][0, 0], rel=1e-5)
        assert np.all(np.isfinite(fast[style])), style
        kept = style == "auto" and z < 37  # float32 is computed in float64 there
        assert (fast[style][0, 0] == 0) is not kept, style


@pytest.mark.parametrize(
    "activation",
    [
        "sigmoid",
        "tanh",
        "elu",
        "silu",
        "softmax",
        "gelu",
        "z/(1 + exp(-z))",
        "tanh(2*z)",
        "1 - 2/(1 + exp(3*z))",
    ],
)
def test_the_textbook_forms_are_right(activation):
    layers = [Dense(3, activation), Dense(2, "tanh")]
    network = Network(layers, inputs=2, loss="squared-error", layout="row")
    check(network, *numbers(network, 7, 2), fast_math=True)


@pytest.mark.parametrize("loss", ["cross-entropy", "binary-cross-entropy"])
def test_a_loss_is_taken_from_the_inputs_all_the_same(loss):
    """A logarithm of an output that vanished would be infinite: that is a guard, and stays."""
    network = Network([Dense(2, "softmax")], inputs=1, loss=loss, bias="none")
    for style in STYLES:
        with imported(generate(spec_of(network), style=style, fast_math=True)) as module:
            W1 = np.array([[800.0], [-800.0]])
            given = module.pack([W1]) if style == "scalar" else [W1]
            value = module.loss(given, np.array([1.0]), np.array([0.25, 0.75]))
            assert value == pytest.approx(1200.0 * (1 + (loss != "cross-entropy")), rel=1e-12)


@pytest.mark.parametrize("style", [*STYLES, "c"])
def test_the_head_says_it(style):
    spec = spec_of(network_of("tanh"))
    plain, fast = (" ".join(generate(spec, style=style, fast_math=f).split()) for f in (False, True))
    assert "ast math" not in plain
    assert "Fast math: the slopes of tanh are taken from the outputs." in fast
    assert "(1 - a1[i]**2)" in fast.replace("n, ", "")
    unchanged = spec_of(network_of("relu"))
    plain, fast = (generate(unchanged, style=style, fast_math=f) for f in (False, True))
    said = "Fast math changes nothing here: no slope has a form through the output."
    assert said in fast
    assert len(plain) < len(fast)
    computed = "return" if style in ("scalar", "c") else "def _forward"
    assert plain.partition(computed)[2].count("=") == fast.partition(computed)[2].count("=")


def test_the_default_is_precise():
    derivation = derive(network_of("sigmoid"))
    assert "sigmoid'" in str(derivation.numeric.step("dz1").expr)
    assert "sigmoid'" not in str(derivation.fast.step("dz1").expr)


@pytest.mark.parametrize("command", ["generate", "build"])
def test_the_option_of_both_commands(command, tmp_path):
    target = tmp_path / ("lecture6.py" if command == "generate" else "lecture6")
    for more in ([], ["--fast-math"]):
        result = CliRunner().invoke(cli, [command, "lecture6", "-o", str(target), *more])
        assert result.exit_code == 0, result.output
        written = target if command == "generate" else target / "lecture6.c"
        assert ("Fast math" in written.read_text(encoding="utf-8")) is bool(more)
