r"""Derivatives of whole vectors by whole matrices, as lectures write them: ``\partial z / \partial W = a^T``.

Such a derivative has three indices. What is meant is the factor that it contributes to a gradient: the
input of the layer, which stands transposed behind the error, or before it where vectors are rows.
"""

from __future__ import annotations

from derive.check.formula.evaluate import Evaluator, times
from derive.check.formula.frame import Frame, layer_number, quiet
from derive.check.formula.marks import Index, Ref
from derive.check.formula.quantities import value_of_ref
from derive.check.formula.shapes import is_matrix, size_of, transposed
from derive.check.intervals import Value
from derive.read.tree import Derivative, Name, Node, Product


def input_factor(ev: Evaluator, node: Node, frame: Frame) -> Value | None:
    """Return the input of the layer for a derivative of all its ``z`` by all its weights; None for others."""
    if not isinstance(node, Derivative) or node.order != 1 or len(node.wrt) != 1:
        return None
    above, below = node.of, node.wrt[0]
    if not isinstance(above, Name) or not isinstance(below, Name):
        return None
    of, wrt = quiet(above, ev.reading), quiet(below, ev.reading)
    if of is None or wrt is None or of.role != "z" or wrt.role != "W" or of.at or wrt.at:
        return None
    if of.layer is None or wrt.layer is None or of.sample is not None:
        return None
    layer = layer_number(of.layer, "z", ev.reading, frame.layers)
    if layer < 1 or layer_number(wrt.layer, "W", ev.reading, frame.layers) != layer:
        return None
    folded = ev.reading.network.bias_of(layer) == "folded"
    shift = ev.reading.units_from
    ref = Ref("X", Index((), layer + shift)) if folded else Ref("a", Index((), layer - 1 + shift))
    return value_of_ref(ev, ref, frame, node)


def chain_with_input(ev: Evaluator, node: Product, frame: Frame) -> Value | None:
    """Return a chain of partial derivatives that ends in weights; None for other products."""
    if not any(isinstance(factor, Derivative) for factor in node.factors):
        return None
    for k, factor in enumerate(node.factors):
        given = input_factor(ev, factor, frame)
        if given is None:
            continue
        ev.doubts.add("partials")
        rest = (*node.factors[:k], *node.factors[k + 1 :])
        ops = (*node.ops[: max(k - 1, 0)], *node.ops[max(k, 1) :])
        error = ev.value(Product(rest, ops, span=node.span) if len(rest) > 1 else rest[0], frame)
        return _gradient(ev, error, given, node)
    return None


def _gradient(ev: Evaluator, error: Value, given: Value, node: Node) -> Value:
    """Return the product of the error and the input, in the order in which vectors lie."""
    row = ev.reading.vectors == "row"
    if not is_matrix(error):
        error = error[:, :, None, None]
    if not ev.truth.batched and size_of(error)[1 if not row else 0] > 1:
        error = transposed(error)  # the chain before it was one of Jacobians, where gradients are rows
    factors = (transposed(given), error) if row else (error, transposed(given))
    found = times(ev, *factors, "at", node)
    turned = ev.reading.flipped != (ev.reading.network.layout != ev.reading.vectors)
    return transposed(found) if turned else found
