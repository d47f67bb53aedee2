"""Biases as a last row of the weights: narrow layers save the passes that add them and sum for them.

``z = W.T a + b`` is the product of ``W`` over a row ``b`` with ``a`` over a row of ones, the augmented
vector of pattern recognition, and the product of the same array with the deltas holds the derivatives by
both. That pays where arrays have a row for each unit: a row of ones beside those of ``a`` costs nothing
then, and the derivatives are rows of one array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from codegen.modules.array_forms import symbol
from codegen.modules.array_instructions import Definition
from codegen.modules.array_turned import Layout, Vectors
from codegen.modules.heads import AsColumn, Augmented, AugmentedWeights, Dot, SumAcross, Turned
from derive.adjoint import adjoint_name


def augmented(
    definitions: Sequence[Definition], layout: Layout, gradient: Sequence[str]
) -> tuple[list[Definition], dict[str, str]]:
    """Return a computation in which biases are the last row of the weights, wherever arrays lie for that.

    Parameters
    ----------
    definitions : sequence of Definition
    layout : Layout
    gradient : sequence of str
        The names of the derivatives by the parameters.

    Returns
    -------
    list of Definition
    dict of str to str
        For the derivatives by weights that are rows of one array with that by the biases: its name.
    """
    found = {d.name: d for d in definitions}
    wholes: dict[str, str] = {}
    if isinstance(layout, Vectors):
        return list(definitions), wholes
    for definition in definitions:
        parts = _affine(definition.expr, layout)
        if parts is None:
            continue
        weights, inputs, biases = parts
        by_weights, by_biases = adjoint_name(str(weights)), adjoint_name(str(biases))
        if not _joined(found, by_weights, by_biases, inputs) or not {by_weights, by_biases} <= set(gradient):
            continue
        product = Dot(Turned(AugmentedWeights(weights, biases)), Augmented(inputs))
        found[definition.name] = Definition(definition.name, product, definition.comment)
        wholes[by_weights] = f"augmented_{by_weights}"
        deltas = found[by_weights].expr.args[1]
        comment = f"{found[by_weights].comment}, {found.pop(by_biases).comment}"
        found[by_weights] = Definition(wholes[by_weights], Dot(Augmented(inputs), deltas), comment)
    return list(found.values()), wholes


def _affine(expr: sp.Expr, layout: Layout) -> tuple[sp.Symbol, sp.Symbol, sp.Symbol] | None:
    """Return the weights, inputs and biases of ``W.T a + b``, where ``a`` has a row for each unit."""
    if not isinstance(expr, sp.Add) or len(expr.args) != 2:
        return None
    product, column = sorted(expr.args, key=lambda term: isinstance(term, AsColumn))
    if not isinstance(product, Dot) or not isinstance(column, AsColumn):
        return None
    left, inputs = product.args
    if not isinstance(left, Turned) or not (left.args[0].is_Symbol and inputs.is_Symbol):
        return None
    weights, biases = left.args[0], column.args[0]
    if not biases.is_Symbol or any(layout.has_samples(str(s)) for s in (weights, biases)):
        return None
    return weights, inputs, biases


def _joined(found: Mapping[str, Definition], by_weights: str, by_biases: str, inputs: sp.Symbol) -> bool:
    """Whether the derivatives are products of the same deltas, and nothing reads them."""
    if by_weights not in found or by_biases not in found:
        return False
    product, total = found[by_weights].expr, found[by_biases].expr
    if not isinstance(product, Dot) or not isinstance(total, SumAcross):
        return False
    read = {s for d in found.values() for s in d.expr.free_symbols}
    return product.args == (inputs, Turned(total.args[0])) and not read & {
        symbol(by_weights),
        symbol(by_biases),
    }
