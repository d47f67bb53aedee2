"""A generated module with one operation of its computation changed is refused by the test of gradients."""

import re

import numpy as np
import pytest
from modules_truth import differences, imported, relative_error, spec_of

from codegen.modules import generate
from derive.network import Dense, Network

CHANGES = [
    (r"\.T\b", ""),
    (r" - ", " + "),
    (r" \+ ", " - "),
    (r" \* ", " + "),
    (r" -= ", " += "),
    (r" \+= ", " -= "),
    (r" \*= ", " /= "),
    (r" /= ", " *= "),
    (r"np\.subtract", "np.add"),
    (r"np\.add", "np.subtract"),
    (r"np\.multiply", "np.add"),
    (r"np\.divide", "np.multiply"),
    (r"dz(\d)\.", r"da\1."),
    (r"\[1:\]", "[:-1]"),
    (r"\[0\] = 1", "[0] = 2"),
    (r"(ones)\b(?=\.dot|, out)", r"(2 * \1)"),
]


def mutations(source, function):
    """The module with one operation of a function changed, and what was changed."""
    start = source.index(f"def {function}(")
    end = source.index("\n\n\n", start)
    head, body, tail = source[:start], source[start:end], source[end:]
    for pattern, new in CHANGES:
        for found in re.finditer(pattern, body):
            line = body[body.rfind("\n", 0, found.start()) + 1 : body.find("\n", found.end())]
            code = line.split("#")[0]
            inside = found.start() - body.rfind("\n", 0, found.start()) <= len(code)
            if inside and '"""' not in code and "def " not in code and not code.strip().startswith("L ="):
                changed = body[: found.start()] + found.expand(new) + body[found.end() :]
                yield f"{code.strip()}: {found.group()!r} -> {new!r}", head + changed + tail


def is_right(source, params, x, y, truth, values=()):
    """What a test of gradients and of the forward pass would say of a module."""
    try:
        with imported(source) as module, np.errstate(all="ignore"):
            _, found = module.value_and_grad(list(params.values()), x, y)
            pairs = [(got, truth[name]) for name, got in zip(params, found, strict=True)]
            pairs += zip(module.forward(list(params.values()), x), values, strict=False)
            return all(np.shape(a) == np.shape(b) and relative_error(a, b) < 1e-12 for a, b in pairs)
    except (ValueError, NameError, SyntaxError, TypeError):
        return False


@pytest.mark.parametrize(
    ("function", "samples", "least"), [("_forward", 3, 8), ("_batch", 3, 30), ("_one_sample", None, 20)]
)
def test_a_broken_line_is_noticed(function, samples, least):
    # Layers of one width, so that a lost transpose does not show by its shape.
    layers = [Dense(3, "sigmoid"), Dense(3, "silu", "folded"), Dense(3, "sigmoid")]
    network = Network(layers, inputs=3, loss="squared-error")
    rng = np.random.default_rng(2)
    params = {name: rng.normal(size=shape) for name, shape in network.parameter_shapes.items()}
    outer = () if samples is None else (samples,)
    x, y = rng.normal(size=(*outer, 3)), rng.uniform(size=(*outer, 3))
    source = generate(spec_of(network), style="array")
    truth = differences(network, params, x, y)
    with imported(source) as module:
        values = module.forward(list(params.values()), x)
    assert is_right(source, params, x, y, truth, values)
    mutants = list(mutations(source, function))
    assert len(mutants) > least
    survivors = [what for what, broken in mutants if is_right(broken, params, x, y, truth, values)]
    assert survivors == []
