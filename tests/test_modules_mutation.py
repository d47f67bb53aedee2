"""A generated module with one operation changed is refused by the test of gradients."""

import re

import numpy as np
from modules_truth import differences, imported, relative_error, spec_of

from codegen.modules import generate
from derive.network import Dense, Network


def mutations(source):
    """The module with one operation of the computation changed, and what was changed."""
    start, end = source.index("def _forward("), source.index("# The arguments.")
    head, body, tail = source[:start], source[start:end], source[end:]
    changes = [
        (r"\.T\b", ""),
        (r" - ", " + "),
        (r" \+ ", " - "),
        (r"\((1 \+ e\d)\)", r"\1"),
        (r"\((\w+ - y)\)", r"\1"),
        (r" \* ", " + "),
        (r"dz(\d)\b(?=[^\]]*#)", r"da\1"),
        (r"\[:, 1:\]", "[:, :-1]"),
        (r"a(\d) \* c\1", r"a\1"),
        (r"ones, dz", "ones, 2 * dz"),
    ]
    for pattern, new in changes:
        for found in re.finditer(pattern, body):
            line = body[body.rfind("\n", 0, found.start()) + 1 : body.find("\n", found.end())]
            code = line.split("#")[0]
            inside = found.start() - body.rfind("\n", 0, found.start()) <= len(code)
            if inside and " = " in code and '"""' not in code:
                changed = body[: found.start()] + found.expand(new) + body[found.end() :]
                yield f"{code.strip()}: {found.group()!r} -> {new!r}", head + changed + tail


def is_right(source, params, x, y, truth):
    """What a test of gradients would say of a module."""
    try:
        with imported(source) as module, np.errstate(all="ignore"):
            _, found = module.value_and_grad(list(params.values()), x, y)
            return all(
                np.shape(got) == truth[name].shape and relative_error(got, truth[name]) < 1e-12
                for name, got in zip(params, found, strict=True)
            )
    except (ValueError, NameError, SyntaxError):
        return False


def test_a_broken_line_is_noticed():
    # Layers of one width, so that a lost transpose does not show by its shape.
    layers = [Dense(3, "sigmoid"), Dense(3, "silu", "folded"), Dense(3, "sigmoid")]
    network = Network(layers, inputs=3, loss="squared-error")
    rng = np.random.default_rng(2)
    params = {name: rng.normal(size=shape) for name, shape in network.parameter_shapes.items()}
    x, y = rng.normal(size=(3, 3)), rng.uniform(size=(3, 3))
    source = generate(spec_of(network), style="array")
    truth = differences(network, params, x, y)
    assert is_right(source, params, x, y, truth)
    mutants = [m for m in mutations(source) if not m[0].startswith("L =")]
    assert len(mutants) > 25
    survivors = [what for what, broken in mutants if is_right(broken, params, x, y, truth)]
    assert survivors == []
