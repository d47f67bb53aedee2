"""The derivative of the activation is missing.

From `a = f(z)` back to `z` the chain rule multiplies by `f'(z)`. It is forgotten where the error is
passed back through a layer, or `f` itself stands in its place.

Multiply by `f'(z)` of the layer whose `z` the derivative is by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, sites
from derive.check.formula.build import element_name, slope_call
from derive.read.tree import Add, BigOperator, Call, Neg, Node, Product


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for site in sites(side):
        if isinstance(site.node, Call) and site.node.function.primes == 0:
            function = replace(site.node.function, primes=1)
            words = "the derivative of the activation belongs here, not the activation"
            yield Edit(site.put(replace(site.node, function=function)), site.node.span, words)
    for layer in work.layers:
        for symbol in (None, *work.symbols) if not work.elementwise else work.symbols:
            z = element_name("z", layer, (symbol,) if symbol else (), work.reading, side)
            if z is None:
                continue
            factor = slope_call(z, layer)
            where = "".join(f", unit {symbol}" if symbol else "")
            words = f"the derivative of the activation of layer {layer}{where} is missing"
            for new in _times(side, factor):
                yield Edit(new, side.span, words)


def _times(side: Node, factor: Node) -> Iterator[Node]:
    op = "odot"
    yield Product((side, factor), (op,), span=side.span)
    inner = side.operand if isinstance(side, Neg) else side
    if isinstance(inner, BigOperator):
        yield replace(inner, body=Product((inner.body, factor), (op,), span=side.span))
    for site in sites(side):
        if isinstance(site.node, (Product, Add)) and site.node is not side:
            yield site.put(Product((site.node, factor), (op,), span=side.span))


MISTAKE = entry(
    "missing-activation-derivative",
    "no derivative of the activation",
    r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)}",
    r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot \sigma'(z^{(1)})",
    _edits,
)
