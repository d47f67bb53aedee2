"""Handouts of random small networks with one sample are right throughout; with one slip they are not.

Few networks are drawn, so that the suite stays quick; beside them stand those that were called wrong, or not
read, before.
"""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from round_trip import complaints

from codegen.handout import handout
from derive.activations import ACTIVATIONS
from derive.check.document import check_document
from derive.check.findings import Report, Verdict
from derive.losses import LOSSES
from derive.notation import PROFILES
from derive.read.document import read_text
from derive.spec import Spec, parse

OUTPUTS = {"cross-entropy": ("sigmoid", "softmax"), "binary-cross-entropy": ("sigmoid",)}
"""The activations whose values a loss can take the logarithm of."""


def network(
    loss: str = "half-squared-error",
    layers: tuple[tuple[int, str], ...] = ((1, "linear"),),
    seed: int = 0,
    *,
    inputs: int = 1,
    bias: str = "none",
    layout: str = "column",
    reduction: str = "sum",
    scale: float = 1.0,
    profile: str = "superscript",
) -> Spec:
    """Return a network with numbers of one or two decimals, drawn by `seed` and multiplied by `scale`."""
    chance = random.Random(seed)  # noqa: S311  numbers of an example

    def drawn(*shape: int) -> object:
        if shape:
            return [drawn(*shape[1:]) for _ in range(shape[0])]
        return round(chance.uniform(-1, 1), chance.choice((1, 2))) * scale

    sizes = (inputs, *(units for units, _ in layers))
    target = [0] * sizes[-1]
    target[chance.randrange(sizes[-1])] = 1
    lines = [f'[network]\ninputs = {inputs}\nloss = "{loss}"\nbias = "{bias}"\nlayout = "{layout}"']
    lines += [f'reduction = "{reduction}"']
    lines += [f'[[network.layers]]\nunits = {units}\nactivation = "{name}"' for units, name in layers]
    lines += [f"[example]\nx = {drawn(inputs)}\ny = {target}\nlearning_rate = 0.5\n[example.parameters]"]
    for number, (before, units) in enumerate(pairwise(sizes), 1):
        shape = (units, before + (bias == "folded"))
        lines.append(f"W{number} = {drawn(*(shape if layout == 'column' else shape[::-1]))}")
        lines += [f"b{number} = {drawn(units)}"] if bias == "separate" else []
    return replace(parse("\n".join(lines) + "\n", "net.toml"), notation=PROFILES[profile])


@st.composite
def networks(draw: st.DrawFn) -> Spec:
    """Draw a network with one or two layers of up to three units."""
    loss = draw(st.sampled_from(sorted(LOSSES)))
    hidden = [name for name in sorted(ACTIVATIONS) if name != "softmax"]
    layers = [(draw(st.integers(1, 3)), draw(st.sampled_from(hidden)))] * draw(st.integers(0, 1))
    last = draw(st.sampled_from(OUTPUTS.get(loss, (*hidden, "softmax"))))
    layers.append((draw(st.integers(2 if last == "softmax" else 1, 3)), last))
    return network(
        loss,
        tuple(layers),
        draw(st.integers(0, 2**32 - 1)),
        inputs=draw(st.integers(1, 3)),
        bias=draw(st.sampled_from(("separate", "folded", "none"))),
        layout=draw(st.sampled_from(("column", "row"))),
        reduction=draw(st.sampled_from(("sum", "mean"))),
        profile=draw(st.sampled_from(sorted(PROFILES))),
    )


def judged(spec: Spec, text: str, suffix: str) -> Report:
    return check_document(read_text(text, kind=suffix[1:]), spec)


# A failing network is shown as it is: to make it smaller would take minutes.
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(networks(), st.sampled_from(((".md", "full"), (".tex", "full"), (".tex", "brief"))))
def test_the_handout_of_a_random_network_is_right(spec: Spec, form: tuple[str, str]) -> None:
    suffix, detail = form
    report = judged(spec, handout(spec, suffix, detail=detail), suffix)
    assert complaints(report) == []
    assert len(report.findings) > 10


CASES = {
    "a loss over two rows": (
        network("binary-cross-entropy", ((2, "sigmoid"),), profile="zero-based"),
        ".tex",
        (r" + (1 - 1) \cdot \log(1 - 0.475320)", r" + (1 - 0) \cdot \log(1 - 0.475320)"),
        (r"= -0.4784 \\", r"= 0.4784 \\"),
        (r"= \sigma(z^{(1)}_{0})", r"= \sigma(z^{(1)}_{1})"),
    ),
    "a matrix form over two rows": (
        network("huber", ((2, "softmax"),), 3, inputs=2, layout="row", profile="subscript"),
        ".md",
        (
            r"\mathbf{1}\Bigr) \odot \begin{bmatrix} 0.496700",
            r"\mathbf{1}\Bigr) \odot \begin{bmatrix} 0.496900",
        ),
        ("-a_{1,1} a_{1,2} = -0.249989", "-a_{1,1} a_{1,2} = 0.249989"),
        ("w_{1,21} x_{2} = 0.3", "w_{1,21} x_{1} = 0.3"),
    ),
    "a working over two rows": (
        network("squared-error", ((3, "softmax"),), 4, profile="negative-delta"),
        ".tex",
        (r"&\quad{} + 0.571499", r"&\quad{} + 0.578499"),
        (r"w^{1}_{31} x_{1} = 0.1", r"w^{1}_{31} x_{1} = -0.1"),
        (r"= w^{1}_{21} x_{1}", r"= w^{1}_{31} x_{1}"),
    ),
    "a dead unit": (
        network("squared-error", ((1, "relu"), (2, "elu")), 1, layout="row", profile="subscript"),
        ".md",
        (r"\operatorname{ELU}(0)", r"\operatorname{ELU}(1)"),
        (r"= -0.049", r"= 0.049"),
        (r"= \operatorname{ELU}(z_{2,2})", r"= \operatorname{ELU}(z_{2,1})"),
    ),
    "whole numbers": (
        network("hinge", ((2, "leaky-relu"),), 2, scale=100.0, profile="in-out"),
        ".md",
        (r"\operatorname{LeakyReLU}(-5494)", r"\operatorname{LeakyReLU}(-5495)"),
        (r"= -5494", r"= 5494"),
        (r"= \operatorname{LeakyReLU}(\mathrm{in}_{1,2})", r"= \operatorname{LeakyReLU}(\mathrm{in}_{1,1})"),
    ),
    "powers of ten": (
        network("half-squared-error", ((3, "softmax"),), 5, scale=0.003, profile="bracket"),
        ".md",
        (r"e^{-2.646 \cdot 10^{-6}}", r"e^{-2.646 \cdot 10^{-1}}"),
        (r"= -2.646 \cdot 10^{-6}", r"= 2.646 \cdot 10^{-6}"),
        (r"= w^{[1]}_{31} x_{1}", r"= w^{[1]}_{21} x_{1}"),
    ),
    "matrices with dots": (
        network(layers=((2, "linear"),), seed=6, inputs=3, bias="folded", scale=1 / 128, profile="bracket"),
        ".md",
        (r"\cdots & -0.00255930", r"\cdots & -0.00255390"),
        (r"- 0.5 \begin{bmatrix} -0.992697", r"- 0.5 \begin{bmatrix} 0.992697"),
        (r"= \delta^{[1]}_{1} X^{[1]}_{2}", r"= \delta^{[1]}_{1} X^{[1]}_{3}"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_misread_before_is_right_and_slips_in_it_are_found(name: str) -> None:
    """A digit, a sign and an index that are changed, each in a line of its own."""
    spec, suffix, *slips = CASES[name]
    text = handout(spec, suffix)
    assert complaints(judged(spec, text, suffix)) == []
    lines = set()
    for right, wrong in slips:
        assert right in text, "the handout is written otherwise: choose another slip"
        lines.add(text[: text.index(right)].count("\n") + 1)
        text = text.replace(right, wrong, 1)
    found = {
        finding.place.line
        for finding in judged(spec, text, suffix).findings
        if finding.verdict in (Verdict.WRONG, Verdict.FOLLOWS)
    }
    # Where a formula is broken over two rows, its place is that of the first.
    assert all({line, line - 1} & found for line in lines), (lines, found)
