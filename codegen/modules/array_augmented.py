"""Biases as a last row of the weights: that saves the passes that add them and sum for their derivatives.

``z = W.T a + b`` is the product of ``W`` over a row ``b`` with ``a`` over a row of ones, the augmented
vector of pattern recognition, and the product of the same array with the deltas holds the derivatives by
both, as rows of one array. Which arrays lie so that this pays: `_NARROW` and `_WIDE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from operator import attrgetter

import sympy as sp

from codegen.modules.array_forms import symbol
from codegen.modules.array_instructions import Definition
from codegen.modules.array_turned import Layout, Vectors
from codegen.modules.heads import (
    AsColumn,
    Augmented,
    AugmentedRows,
    AugmentedWeights,
    Dot,
    SumAcross,
    SumRows,
    Turned,
)
from derive.adjoint import adjoint_name
from derive.building import replaced


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
        for lying in (_NARROW, _WIDE):
            parts = lying.parts(definition.expr, layout)
            if parts is None:
                continue
            weights, inputs, biases = parts
            by_weights, by_biases = adjoint_name(str(weights)), adjoint_name(str(biases))
            if not {by_weights, by_biases} <= {*gradient} & found.keys():
                continue
            deltas = lying.deltas(found[by_weights].expr, found[by_biases].expr, inputs)
            if deltas is None or _is_read(found, by_weights, by_biases):
                continue
            product = lying.product(inputs, AugmentedWeights(weights, biases))
            found[definition.name] = Definition(definition.name, product, definition.comment)
            wholes[by_weights] = f"augmented_{by_weights}"
            comment = f"{found[by_weights].comment}, {found.pop(by_biases).comment}"
            found[by_weights] = Definition(wholes[by_weights], lying.slope(inputs, deltas), comment)
    return list(found.values()), wholes


@dataclass(frozen=True)
class _Lying:
    """How ``z = W.T a + b`` and its derivatives are written where arrays lie in one way.

    Attributes
    ----------
    forward, by_weights, by_biases : sympy.Expr
        With the symbols `_W`, `_A`, `_B` and `_D` (the deltas).
    head : type
        What stands for ``a`` with ones.
    pays : callable
        Whether it pays, from the layout, ``a`` and ``W``.
    """

    forward: sp.Expr
    by_weights: sp.Expr
    by_biases: sp.Expr
    head: type[sp.Expr]
    pays: Callable[[Layout, str, str], bool]

    def parts(self, expr: sp.Expr, layout: Layout) -> tuple[sp.Symbol, sp.Symbol, sp.Symbol] | None:
        """Return the weights, inputs and biases of an expression of this form, if that pays."""
        if not isinstance(expr, sp.Add):
            return None
        symbols = sorted(expr.free_symbols, key=attrgetter("name"))
        given = [s for s in symbols if layout.has_samples(s.name)]
        if len(symbols) != 3 or len(given) != 1:
            return None
        (inputs,) = given
        for weights, biases in permutations([s for s in symbols if s != inputs]):
            if expr == replaced(self.forward, {_W: weights, _A: inputs, _B: biases}):
                return (weights, inputs, biases) if self.pays(layout, inputs.name, weights.name) else None
        return None

    def deltas(self, by_weights: sp.Expr, by_biases: sp.Expr, inputs: sp.Symbol) -> sp.Expr | None:
        """Return the deltas that both derivatives are computed from, if they are the same."""
        if type(by_biases) is not type(self.by_biases):
            return None
        deltas = by_biases.args[0]
        return deltas if by_weights == self.by_weights.xreplace({_A: inputs, _D: deltas}) else None

    def product(self, inputs: sp.Symbol, weights: sp.Expr) -> sp.Expr:
        """Return ``z`` from the inputs with ones and the weights with biases."""
        (product,) = (term for term in self.forward.args if isinstance(term, Dot))
        return product.xreplace({_A: self.head(inputs), _W: weights})

    def slope(self, inputs: sp.Symbol, deltas: sp.Expr) -> sp.Expr:
        """Return the derivatives by the weights with biases."""
        return self.by_weights.xreplace({_A: self.head(inputs), _D: deltas})


_W, _A, _B, _D = sp.symbols("W A B D", cls=sp.Dummy)

_NARROW = _Lying(
    forward=Dot(Turned(_W), _A) + AsColumn(_B),
    by_weights=Dot(_A, Turned(_D)),
    by_biases=SumAcross(_D),
    head=Augmented,
    pays=lambda layout, inputs, _: inputs in layout.turned,
)
"""A row for each unit: the row of ones costs nothing."""

_WIDE = _Lying(
    forward=Dot(_A, _W) + _B,
    by_weights=Dot(Turned(_A), _D),
    by_biases=SumRows(_D),
    head=AugmentedRows,
    pays=lambda layout, inputs, weights: inputs == "x" and bool(sp.Le(*layout.tensors[weights].shape)),
)
"""A row for each sample: the inputs have to be copied, which pays where they are not more than the units."""


def _is_read(found: Mapping[str, Definition], *names: str) -> bool:
    return any(symbol(name) in d.expr.free_symbols for d in found.values() for name in names)
