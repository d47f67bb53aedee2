"""Handouts of random small networks, in every notation: all formats are made, and the derivation is right."""

import re
import shutil

import numpy as np
import pytest
from handout_reading import document
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from codegen.handout import handout
from codegen.tex_engine import ENGINES, compile_tex
from derive.losses import LOSSES
from derive.notation import PROFILES
from derive.spec import parse

ACTIVATIONS = (
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky-relu",
    "elu",
    "softplus",
    "silu",
    "gelu",
    "softmax",
)
# The outputs that a loss can take a logarithm of.
LAST = {"cross-entropy": ("sigmoid", "softmax"), "binary-cross-entropy": ("sigmoid", "softmax")}


@st.composite
def network_files(draw):
    loss = draw(st.sampled_from(sorted(LOSSES)))
    depth = draw(st.integers(1, 3))
    sizes = [draw(st.integers(1, 3)) for _ in range(depth + 1)]
    names = [draw(st.sampled_from((*ACTIVATIONS, "z/(1 + exp(-z))"))) for _ in range(depth - 1)]
    names.append(draw(st.sampled_from(LAST.get(loss, ACTIVATIONS))))
    bias = draw(st.sampled_from(("separate", "folded", "none")))
    layout = draw(st.sampled_from(("column", "row")))
    samples = draw(st.sampled_from((None, 1, 2)))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def numbers(*shape):
        return np.round(chance.uniform(0.1, 0.9, shape) * chance.choice([-1, 1], shape), 3).tolist()

    batch = () if samples is None else (samples,)
    targets = np.eye(sizes[-1])[np.zeros(batch, dtype=int)].tolist()
    lines = [
        f'[network]\ninputs = {sizes[0]}\nloss = "{loss}"\nbias = "{bias}"\nlayout = "{layout}"',
        f'reduction = "{draw(st.sampled_from(("sum", "mean")))}"',
        *(
            f'[[network.layers]]\nunits = {n}\nactivation = "{a}"'
            for n, a in zip(sizes[1:], names, strict=True)
        ),
        f'[notation]\nprofile = "{draw(st.sampled_from(sorted(PROFILES)))}"',
    ]
    if draw(st.booleans()):
        lines += [f"[example]\nx = {numbers(*batch, sizes[0])}\ny = {targets}"]
        lines += ["learning_rate = 0.1"] * draw(st.booleans())
        lines += ["[example.parameters]"]
        for number in range(1, depth + 1):
            shape = (sizes[number], sizes[number - 1] + (bias == "folded"))
            lines.append(f"W{number} = {numbers(*(shape if layout == 'column' else shape[::-1]))}")
            lines += [f"b{number} = {numbers(sizes[number])}"] if bias == "separate" else []
    return "\n".join(lines) + "\n"


def agrees(text):
    """Whether the derivatives in the table of a handout are the differences beside them."""
    tables = [
        block
        for section in document(text, digits=12).sections
        if section.title == ("Check by finite differences",)
        for block in section.blocks
        if block.kind == "table"
    ]
    for row in (row for table in tables for row in table.rows):
        derived, quotient = (as_float(cell[0].tex) for cell in row[1:3])
        if abs(derived - quotient) > 1e-9 * max(1.0, abs(derived)):
            return False
    return True


def as_float(tex):
    return float(re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", tex))


# Each takes a second or so: a failing one is shown as it is, and not made smaller.
@settings(
    max_examples=7,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(network_files(), st.sampled_from(("full", "brief")))
def test_a_random_network_has_a_handout_in_every_format(text, detail):
    spec = parse(text, "net.toml")
    made = {suffix: handout(spec, suffix, detail=detail) for suffix in (".tex", ".html", ".md", ".ipynb")}
    assert all(made.values())
    assert made[".tex"].count(r"\begin{align*}") == made[".tex"].count(r"\end{align*}")
    assert not re.search(r"<math[^>]*>[^<]*\\", made[".html"])
    assert agrees(text)


def test_a_wrong_derivative_would_be_noticed(monkeypatch):
    from codegen.handout import part_check

    text = (
        '[network]\ninputs = 1\nloss = "squared-error"\nbias = "none"\n[[network.layers]]\nunits = 1\n'
        "[example]\nx = [0.5]\ny = [1]\n[example.parameters]\nW1 = [[0.25]]\n"
    )
    assert agrees(text)
    monkeypatch.setattr(part_check, "_gradient", lambda *_: -0.874)
    assert not agrees(text)


CASES = [
    ("huber", "folded", "row", "elu", "negative-delta"),
    ("cross-entropy", "separate", "column", "softmax", "zero-based"),
    ("hinge", "folded", "row", "gelu", "in-out"),
]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(("loss", "bias", "layout", "activation", "profile"), CASES)
def test_unusual_networks_compile(loss, bias, layout, activation, profile):
    text = (
        f'[network]\ninputs = 2\nloss = "{loss}"\nbias = "{bias}"\nlayout = "{layout}"\n'
        f'[[network.layers]]\nunits = 2\nactivation = "silu"\n'
        f'[[network.layers]]\nunits = 2\nactivation = "{activation}"\n[notation]\nprofile = "{profile}"\n'
    )
    engine = next(engine for engine in ENGINES if engine.name == "pdflatex")
    made = compile_tex(handout(parse(text, "n.toml"), ".tex"), engine)
    assert [w for w in map(float, re.findall(r"Overfull \\hbox \(([0-9.]+)pt", made.log)) if w > 5] == []
