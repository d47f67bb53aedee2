"""Generated C under the address and the undefined-behaviour sanitizer, on memory of the right size."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from c_compiled import compiled, compiler
from modules_truth import spec_of

from codegen.modules import generate
from codegen.modules.c_style import prefix
from derive.activations import ACTIVATIONS
from derive.network import Dense, Network

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1", "-std=c99")

# Every array is allocated by itself, so that one number too many is an error of its own.
DRIVER = """
#define CHAINRULE_API static
#include "net.c"
#include <stdio.h>
#include <stdlib.h>

static real *filled(size_t count, real start)
{
    real *numbers = malloc(count * sizeof(real));
    if (!numbers) abort();
    for (size_t k = 0; k < count; k++) numbers[k] = start + (real)(k % 7) / 8;
    return numbers;
}

int main(void)
{
    for (int scale = 1; scale <= 10000; scale *= 100) {
        NET_params *params = (NET_params *)filled(sizeof(NET_params) / sizeof(real), -scale);
        NET_params *gradient = malloc(sizeof(NET_params));
        NET_values *values = malloc(sizeof(NET_values));
        real *x = filled(INPUTS, (real)0.5), *y = filled(OUTPUTS, 0);
        if (!gradient || !values) abort();
        NET_forward(params, x, values);
        real before = NET_loss(params, x, y), loss = NET_sgd_step(params, x, y, (real)0.25, gradient);
        real after = NET_value_and_grad(params, x, y, gradient);
        printf("%d %d\\n", before == loss, after == NET_loss(params, x, y));
        real *xs = filled(3 * INPUTS, (real)0.25), *ys = filled(3 * OUTPUTS, 0);
        real mean = NET_batch_value_and_grad(params, xs, ys, 3, gradient);
        printf("%d %d\\n", mean == NET_batch_loss(params, xs, ys, 3),
               mean == NET_batch_sgd_step(params, xs, ys, 3, 0, gradient));
        NET_epoch(params, xs, ys, 3, (real)0.25, gradient);
        free(xs); free(ys);
        free(params); free(gradient); free(values); free(x); free(y);
    }
    return 0;
}
"""


def run(network, folder: Path, change=str, *options: str):
    """Compile the driver around a network and run it."""
    spec = spec_of(network)
    (folder / "net.c").write_text(change(generate(spec, style="c")), encoding="utf-8")
    driver = DRIVER.replace("NET", prefix(spec)).replace("INPUTS", str(network.sizes[0]))
    (folder / "driver.c").write_text(driver.replace("OUTPUTS", str(network.sizes[-1])), encoding="utf-8")
    done = compiled([folder / "driver.c"], folder / "driver", *SANITIZERS, *options)
    assert done.returncode == 0, done.stderr
    return subprocess.run([folder / "driver"], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", autouse=True)
def _sanitizers(tmp_path_factory):
    """Skip where the compiler has no sanitizers."""
    compiler()
    folder = tmp_path_factory.mktemp("sanitizers")
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    done = compiled([folder / "empty.c"], folder / "empty", *SANITIZERS)
    if done.returncode:
        pytest.skip(f"the compiler has no sanitizers: {done.stderr.strip()[:200]}")
    shutil.rmtree(folder)


def networks():
    """Together: every activation, bias, layout, and a loss of each kind."""
    names = list(ACTIVATIONS)
    hidden = [Dense(2 + number % 3, name, bias) for number, (name, bias) in enumerate(
        zip(names, np.resize(["separate", "folded", "none"], len(names)), strict=True)
    )]  # fmt: skip
    yield Network([*hidden[:5], Dense(3, "softmax")], inputs=4, loss="cross-entropy")
    yield Network([*hidden[5:], Dense(2, "sigmoid")], inputs=3, loss="binary-cross-entropy", layout="row")
    yield Network([Dense(1, "(1 + z**2)**3"), Dense(1)], inputs=1, loss="huber", bias="folded")
    yield Network([Dense(17, "tanh"), Dense(9, "softplus")], inputs=33, loss="hinge", layout="row")
    yield Network([Dense(17, "tanh"), Dense(9, "silu")], inputs=33, loss="squared-error", layout="column")


@pytest.mark.parametrize("network", list(networks()), ids=lambda n: f"{n.loss}-{len(n.layers)}")
@pytest.mark.parametrize("real", ["double", "float"])
def test_no_error_and_no_undefined_behaviour(network, real, tmp_path):
    done = run(network, tmp_path, str, *(("-DCHAINRULE_FLOAT",) if real == "float" else ()))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if network.loss != "huber":  # powers of 10^4 overflow there, in the forward pass itself
        assert done.stdout == "1 1\n" * 6


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("k < 3; k++) X1[k] =", "k < 4; k++) X1[k] =", "out of bounds|overflow"),
        ("da1[k] = dX2[k + 1]", "da1[k] = dX2[k + 2]", "out of bounds|overflow"),
        ("x + n * 2, y + n * 2, gradient", "x + n * 3, y + n * 2, gradient", "overflow"),
    ],
)
def test_a_step_beyond_the_end_is_noticed(right, wrong, name, tmp_path):
    layers = [Dense(2, "sigmoid"), Dense(2, "sigmoid")]
    network = Network(layers, inputs=2, loss="half-squared-error", bias="folded")
    assert right in generate(spec_of(network), style="c")
    done = run(network, tmp_path, lambda source: source.replace(right, wrong))
    assert done.returncode != 0
    assert any(word in done.stderr for word in name.split("|")), done.stderr
