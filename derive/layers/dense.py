"""The fully connected layer: ``z = W a + b``, then the activation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.activations import Activation, apply
from derive.building import replaced
from derive.program import Role, Rule, Step, Tensor, index, total

if TYPE_CHECKING:
    from derive.network import Network


def dense(network: Network, number: int, previous: Tensor) -> list[Step]:
    """Return the steps of one layer: ``X`` where the bias is folded, then ``z`` and ``a``.

    Parameters
    ----------
    network : Network
    number : int
        The number of the layer, from 1.
    previous : Tensor
        The input of the layer, of shape ``(inputs,)`` or ``(samples, inputs)``.
    """
    from derive.network import SAMPLE

    bias, activation = network.bias_of(number), network.activation_of(number)
    batch = previous.shape[:-1]
    n = tuple(SAMPLE for _ in batch)
    steps = [_with_one(number, previous, n)] if bias == "folded" else []
    source = steps[-1].tensor if steps else previous
    inputs, units = source.shape[-1], sp.Integer(network.layers[number - 1].units)
    i, j = index("i"), index("j")
    if network.layout == "column":
        weights = Tensor(f"W{number}", Role.PARAMETER, (units, inputs))
        out, product = i, total(weights[i, j] * source[(*n, j)], (j, inputs))
    else:
        weights = Tensor(f"W{number}", Role.PARAMETER, (inputs, units))
        out, product = j, total(source[(*n, i)] * weights[i, j], (i, inputs))
    if bias == "separate":
        product += Tensor(f"b{number}", Role.PARAMETER, (units,))[out]
    z = Tensor(f"z{number}", Role.HIDDEN, (*batch, units))
    steps.append(Step(z, (*n, out), product, Rule("weighted sum", f"the weighted sums of layer {number}")))
    steps.append(_activate(number, z, activation, n))
    return steps


def _with_one(number: int, previous: Tensor, n: tuple[sp.Symbol, ...]) -> Step:
    k = index("k")
    extended = Tensor(f"X{number}", Role.HIDDEN, (*previous.shape[:-1], previous.shape[-1] + 1))
    value = sp.Piecewise((1, sp.Eq(k, 0)), (previous[(*n, k - 1)], True))
    return Step(extended, (*n, k), value, Rule("folded bias", f"a constant 1 before {previous.name}"))


def _activate(number: int, z: Tensor, activation: Activation, n: tuple[sp.Symbol, ...]) -> Step:
    i, k = index("i"), index("k")
    a = Tensor(f"a{number}", Role.HIDDEN, z.shape)
    if activation.normalised:
        from derive.functions import Z

        numerator = replaced(activation.formula, {Z: z[(*n, i)]})
        value = numerator / total(replaced(activation.formula, {Z: z[(*n, k)]}), (k, z.shape[-1]))
    else:
        value = apply(activation, z[(*n, i)])
    return Step(a, (*n, i), value, Rule("activation", f"the activation of layer {number}, {activation.name}"))
