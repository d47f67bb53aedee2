"""Matrices together with the indices that run along their axes, and their products and sums."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derive.matrix.tree import Broadcast, Form, Hadamard, Plus, Product, SumOver, transposed

Axes = tuple[sp.Symbol | None, sp.Symbol | None]


class NoFormError(Exception):
    """The expression has no matrix form of the kinds known here."""


@dataclass(frozen=True)
class Placed:
    """A form together with the indices that run along its rows and columns (None: length 1)."""

    form: Form
    axes: Axes

    @property
    def indices(self) -> frozenset[sp.Symbol]:
        """The indices along axes that are not of length 1."""
        return frozenset(k for k in self.axes if k is not None)

    def turned(self, axes: Axes) -> Placed:
        """Return the same matrix with the given axes, transposed if needed."""
        if self.axes == axes:
            return self
        if self.axes == axes[::-1]:
            return Placed(transposed(self.form), axes)
        raise NoFormError


def settled(placed: Placed, target: Axes) -> Placed:
    """Turn a matrix so that an index of the target lies along its own axis, if it can."""
    row, column = target
    wrong_row = row is not None and placed.axes[1] == row
    wrong_column = column is not None and placed.axes[0] == column
    return placed.turned(placed.axes[::-1]) if wrong_row or wrong_column else placed


def spread(placed: Placed, target: Axes) -> Placed:
    """Repeat along every axis of the target that the matrix lacks."""
    placed = settled(placed, target)
    form = placed.form
    for axis in (0, 1):
        if placed.axes[axis] is None and target[axis] is not None:
            form = Broadcast(form, axis)
        elif placed.axes[axis] != target[axis]:
            raise NoFormError
    return Placed(form, target)


def union(parts: list[Placed]) -> Axes:
    """Return the axes that matrices have together; each has some of them, or length 1."""
    axes: list[sp.Symbol | None] = [None, None]
    for part in parts:
        for axis in (0, 1):
            k = part.axes[axis]
            if k is not None and axes[axis] not in (None, k):
                raise NoFormError
            axes[axis] = axes[axis] if k is None else k
    return axes[0], axes[1]


def sum_of(terms: list[Placed], target: Axes) -> Placed:
    """Add matrices, each repeated along the axes that only others have."""
    turned = [settled(term, target) for term in terms]
    axes = union(turned)
    repeated = (term.form if not term.indices else spread(term, axes).form for term in turned)
    return Placed(Plus(tuple(repeated)), axes)


def product_of(factors: list[Placed], target: Axes) -> Placed:
    """Multiply factors that share no summed index: Hadamard where axes agree, outer product where not."""
    scalars = [f for f in factors if not f.indices]
    rest = [settled(f, target) for f in factors if f.indices]
    groups: dict[frozenset[sp.Symbol], list[Placed]] = {}
    for factor in rest:
        groups.setdefault(factor.indices, []).append(factor)
    merged = [hadamard(group) for group in groups.values()]
    if len(merged) == 2 and all(len(m.indices) == 1 for m in merged):
        merged = [_outer(merged[0], merged[1], target)]
    if not merged:
        return Placed(_times([s.form for s in scalars], ()), (None, None))
    axes = union(merged)
    return Placed(_times([s.form for s in scalars], tuple(m.form for m in merged)), axes)


def hadamard(group: list[Placed]) -> Placed:
    """Multiply matrices with the same indices element by element."""
    axes = group[0].axes
    return Placed(_times([], tuple(f.turned(axes).form for f in group)), axes)


def _times(scalars: list[Form], factors: tuple[Form, ...]) -> Form:
    flat = [*scalars]
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Hadamard) else (factor,))
    return flat[0] if len(flat) == 1 else Hadamard(tuple(flat))


def _outer(left: Placed, right: Placed, target: Axes) -> Placed:
    (a,), (b,) = left.indices, right.indices
    if (b, a) == target:
        left, right, a, b = right, left, b, a
    return Placed(Product(left.turned((a, None)).form, right.turned((None, b)).form), (a, b))


def contract_one(factors: list[Placed], k: sp.Symbol, target: Axes) -> list[Placed]:
    """Sum a product over one index: a matrix product where two factors have it, a row sum where one has."""
    groups: dict[frozenset[sp.Symbol], list[Placed]] = {}
    for factor in factors:
        groups.setdefault(factor.indices, []).append(factor)
    merged = [hadamard(group) for group in groups.values()]
    having = [m for m in merged if k in m.indices]
    others = [m for m in merged if k not in m.indices]
    if len(having) == 1:
        only = having[0]
        axis = only.axes.index(k)
        left: Axes = (None, only.axes[1]) if axis == 0 else (only.axes[0], None)
        return [*others, settled(Placed(SumOver(only.form, axis), left), target)]
    if len(having) != 2:
        raise NoFormError
    first, second = having
    a, b = (next((i for i in m.indices if i != k), None) for m in having)
    if a is not None and a == b:
        both = hadamard([first, second])
        return contract_one([*others, both], k, target)
    backwards = (b is not None and b == target[0]) or (a is not None and a == target[1])
    if backwards or (a is None and target == (None, None)):
        first, second, a, b = second, first, b, a
    product = Product(first.turned((a, k)).form, second.turned((k, b)).form)
    return [*others, settled(Placed(product, (a, b)), target)]
