"""What the head of a module says about its network, in plain words."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sympy as sp

from codegen.modules.lines import broken
from derive.activations import ACTIVATIONS, A, Activation, through_output
from derive.functions import IndexMax
from derive.network import Network
from derive.nodes import elements_in
from derive.program import Step

if TYPE_CHECKING:
    from derive.spec import Spec

_BIAS = {
    "separate": "with a bias",
    "folded": "with the bias folded into W{0}: its first {1} multiplies a constant 1",
    "none": "without a bias",
}
_WIDTH = 100


def version() -> str:
    """Return the version of the installed distribution."""
    from importlib.metadata import version as installed

    return installed("chainrule")


def plain(text: str) -> str:
    """Return a text of a user as it may stand in a docstring: one printable line, no quotes or escapes."""
    line = " ".join(text.split()).replace("\\", "/").replace('"', "'")
    return "".join(c for c in line if c.isprintable())


def title(spec: Spec) -> str:
    """Return the title of the network file, or its name without folders."""
    return plain(spec.title)


def network_lines(network: Network) -> list[str]:
    """Return the network in words, a line for each layer."""
    lines = [f"{_count(network.inputs, 'input')}; {_layout(network)}."]
    for number, layer in enumerate(network.layers, start=1):
        side = "column" if network.layout == "column" else "row"
        bias = _BIAS[network.bias_of(number)].format(number, side)
        text = f"Layer {number}: {_count(layer.units, 'unit')}, {plain(layer.activation)}, {bias}."
        lines += broken(text, _WIDTH)
    lines.append(f"Loss: {network.loss}, the {network.reduction} over the samples of a batch.")
    return lines


def conventions(network: Network, fast_math: bool) -> list[str]:
    """Return what a derivative is where there is none, what targets have to be, and what fast math does."""
    activations = [network.activation_of(n) for n in range(1, len(network.layers) + 1)]
    loss = network.loss_function
    fast = [_fast_math(activations)] if fast_math else []
    found = dict.fromkeys([*(a.convention for a in activations), loss.convention, loss.targets, *fast])
    lines: list[str] = []
    for text in (plain(text) for text in found if text):
        lines += broken(f"{text[0].upper()}{text[1:]}.", _WIDTH)
    return lines


def _fast_math(activations: Sequence[Activation]) -> str:
    slopes = {a: through_output(a) for a in activations if a.elementwise}
    names = [a.name for a, form in slopes.items() if form is not None and form.has(A)]
    names += ["softmax"] * any(a.normalised for a in activations)
    if not names:
        return "fast math changes nothing here: no slope has a form through the output"
    return (
        f"fast math: the slopes of {' and '.join(names)} are taken from the outputs. They lose digits as an"
        " output nears a limit of its range, and are 0 where it rounds to the limit: for a sigmoid from"
        " z = 37 on, in float32 17; for tanh from |z| = 19, in float32 9. All values stay finite"
    )


def has_expressions(network: Network) -> bool:
    """Whether an activation is an expression of the user's."""
    return any(layer.activation not in ACTIVATIONS for layer in network.layers)


def _layout(network: Network) -> str:
    if network.layout == "column":
        return "z = W a + b, with W of shape (units, inputs)"
    return "z = a W + b, with W of shape (inputs, units)"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def operations(steps: Sequence[Step], samples: Mapping[sp.Symbol, sp.Integer]) -> tuple[int, int]:
    """Return how many additions and multiplications, and how many calls of functions, some steps need.

    Parameters
    ----------
    steps : sequence of Step
    samples : mapping of sympy.Symbol to sympy.Integer
        The number of samples, where that is a symbol.
    """
    arithmetic, calls = 0, 0
    for step in steps:
        own = math.prod(int(extent.xreplace(samples)) for extent in step.tensor.shape)
        one, functions = _operations(step.expr, samples)
        arithmetic, calls = arithmetic + own * one, calls + own * functions
    return arithmetic, calls


def _operations(expr: sp.Expr, samples: Mapping[sp.Symbol, sp.Integer]) -> tuple[int, int]:
    if isinstance(expr, sp.Indexed) or not elements_in(expr):
        return 0, 0
    if isinstance(expr, sp.Sum | IndexMax):
        body = expr.function if isinstance(expr, sp.Sum) else expr.body
        terms = math.prod(int((high - low + 1).xreplace(samples)) for _, low, high in expr.limits)
        one, functions = _operations(body, samples)
        return terms * one + terms - 1, terms * functions
    inside = expr.args
    if isinstance(expr, sp.Mul):  # a sign is part of a sum, and a quotient is one operation
        inside = tuple(f.base if isinstance(f, sp.Pow) and f.exp == -1 else f for f in expr.args if f != -1)
    parts = [_operations(arg, samples) for arg in inside]
    arithmetic, calls = sum(a for a, _ in parts), sum(f for _, f in parts)
    if isinstance(expr, sp.Add | sp.Mul):
        arithmetic += len(inside) - 1
    elif isinstance(expr, sp.Pow):
        arithmetic += 1
    elif isinstance(expr, sp.Function):
        calls += 1
    return arithmetic, calls


def operation_lines(steps: Sequence[Step], samples: sp.Symbol | None) -> list[str]:
    """Return the operation count of a loss with its gradient, in words."""
    given = [{} if samples is None else {samples: sp.Integer(n)} for n in (0, 1)]
    # No step sums over samples for each sample, so that what none and one need says what any number needs.
    arithmetic, calls = zip(*(operations(steps, at) for at in given), strict=True)

    def shown(none: int, one: int) -> str:
        if none == one:
            return f"{one:,}"
        rest = f" {'-' if none < 0 else '+'} {abs(none):,}" if none else ""
        return f"{one - none:,} N{rest}"

    of = "" if samples is None else " for N samples"
    text = (
        f"Loss and gradient{of} take {shown(*arithmetic)} additions, multiplications and divisions"
        f" and {shown(*calls)} calls of elementary functions."
    )
    return textwrap.wrap(text, _WIDTH)


def layout_lines(network: Network, narrow: int, vectors: bool, tile: int | None, code: str) -> list[str]:
    """Return how arrays lie while a batch is computed, and why, in words.

    Parameters
    ----------
    network : Network
    narrow : int
        Units up to which a layer has a row for each unit.
    vectors : bool
        Whether one sample has a computation of its own.
    tile : int, optional
        Samples in a piece of a large batch, if it is cut.
    code : str
        The statements, which tell what is copied for the products.
    """
    layers = range(1, len(network.layers) + 1)
    turned = [n for n in layers if network.sizes[n] <= narrow]
    rows = [n for n in layers if network.sizes[n] > narrow]
    parts = [f"a row for each unit in {_layers(turned, rows)}"] * bool(turned)
    parts += [f"a row for each sample in {_layers(rows, turned)}"] * bool(rows)
    text = (
        f"While a batch is computed, arrays have {' and '.join(parts)}, since up to {narrow} units long"
        " rows of samples are faster than short ones of units; the formulas hold either way."
    )
    if vectors:
        text += " One sample is computed by vectors."
    if tile:
        text += (
            f" A batch of more than {tile} samples is computed in pieces of as many,"
            " for what is kept of it would not stay in the processor's cache; the results of pieces add up."
        )
    text += "".join(reason for name, reason in _COPIES.items() if name in code)
    return textwrap.wrap(text, _WIDTH)


_COPIES = {
    "augmented_": " Where it pays, biases are computed as a last row of the weights, with ones beside the"
    " inputs: that saves the passes that add them and sum for their derivatives.",
    "padded_": " For one sample, the derivative by many weights is a product of two columns, the second of"
    " zeros, since products of one column are slow.",
    "= _turned(": " For many samples, weights are copied as they are read, since products of two transposes"
    " are slow.",
    "_times_turned(": " For few samples in float32, the product of deltas with the transpose of many weights"
    " is computed as its transpose, which takes less time.",
}


def _layers(numbers: Sequence[int], others: Sequence[int]) -> str:
    if not others:
        return "every layer"
    return f"layer{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
