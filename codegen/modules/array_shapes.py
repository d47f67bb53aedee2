"""The shapes of array expressions, as NumPy would find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from codegen.modules import heads

Shape = tuple[sp.Expr, ...]
"""An extent for each axis: a number, or a symbol."""

_SAME: dict[type, Callable[[Shape], Shape]] = {
    heads.Turned: lambda shape: shape[::-1],
    heads.AsColumn: lambda shape: (*shape, sp.Integer(1)),
    heads.SumRows: lambda shape: shape[1:],
    heads.SumAcross: lambda shape: shape[:-1],
    heads.SumColumns: lambda shape: (*shape[:-1], sp.Integer(1)),
    heads.LargestInRow: lambda shape: (*shape[:-1], sp.Integer(1)),
    heads.SumDown: lambda shape: shape[1:],
    heads.LargestDown: lambda shape: shape[1:],
    heads.WithOne: lambda shape: (*shape[:-1], shape[-1] + 1),
    heads.Tail: lambda shape: (*shape[:-1], shape[-1] - 1),
    heads.WithOneAbove: lambda shape: (shape[0] + 1, *shape[1:]),
    heads.Augmented: lambda shape: (shape[0] + 1, *shape[1:]),
    heads.AugmentedRows: lambda shape: (*shape[:-1], shape[-1] + 1),
    heads.TailBelow: lambda shape: (shape[0] - 1, *shape[1:]),
    heads.SumAll: lambda _: (),
}
"""For calls of one array, the shape of the result."""


def shape_of(expr: sp.Expr, shape: Callable[[str], Shape]) -> Shape:
    """Return the shape of an array expression.

    Parameters
    ----------
    expr : sympy.Expr
        Symbols, and the heads of `codegen.modules.heads`.
    shape : callable
        The shape of an array by its name; ``()`` for a number.
    """
    if expr.is_Symbol:
        return shape(expr.name)
    if not expr.args:
        return ()
    if isinstance(expr, heads.Einsum):
        return _einsum(expr, shape)
    arguments = [shape_of(arg, shape) for arg in expr.args]
    if isinstance(expr, heads.Dot):
        left, right = arguments
        return (*left[:-1], *right[1:])
    if isinstance(expr, heads.Outer):
        return (*arguments[0], *arguments[1])
    if isinstance(expr, heads.AugmentedWeights):
        (rows, columns), _ = arguments
        return (rows + 1, columns)
    if isinstance(expr, heads.Inner | heads.InnerOfVectors):
        return ()
    rule = _SAME.get(expr.func)
    return rule(arguments[0]) if rule else broadcast(arguments)


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of what is computed element by element from arrays of some shapes."""
    found: list[sp.Expr] = []
    for shape in shapes:
        found = [sp.Integer(1)] * (len(shape) - len(found)) + found
        for place, extent in enumerate(reversed(shape), start=1):
            if extent != 1:
                found[-place] = extent
    return tuple(found)


def _einsum(expr: sp.Expr, shape: Callable[[str], Shape]) -> Shape:
    spec, *operands = expr.args
    sources, _, result = str(spec).partition("->")
    extents: dict[str, sp.Expr] = {}
    for word, operand in zip(sources.split(","), operands, strict=True):
        extents |= dict(zip(word, shape(str(operand)), strict=True))
    return tuple(extents[letter] for letter in result)


def shape_text(shape: Shape) -> str:
    """Return a shape as Python writes it."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
