"""Evaluate a program with numbers: whole tensors at a time, in any arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from derive.arithmetic import FLOAT, Arithmetic, Array
from derive.index_arrays import Scope, aligned, value_of
from derive.program import Program, Step, Tensor


def evaluate(program: Program, values: Mapping[str, Any], arithmetic: Arithmetic = FLOAT) -> dict[str, Array]:
    """Return the value of every tensor of a program.

    Parameters
    ----------
    program : Program
    values : mapping of str to array_like
        The inputs, by name. Symbols in the shapes (the number of samples) are read off these arrays.
    arithmetic : Arithmetic
        Floats by default; ``precise(40)`` for the truth to 40 digits.

    Returns
    -------
    dict of str to numpy.ndarray
        Inputs and steps; scalars are arrays of shape ``()``.

    Raises
    ------
    ValueError
        If an input is missing, or its shape does not fit.
    """
    sizes: dict[sp.Symbol, int] = {}
    tensors: dict[str, Array] = {}
    for tensor in program.inputs:
        if tensor.name not in values:
            raise ValueError(f"there is no value for the {tensor.role.value} {tensor.name}")
        tensors[tensor.name] = arithmetic.array(values[tensor.name])
        _fit(tensor, tensors[tensor.name], sizes)
    scope = Scope(arithmetic, tensors, sizes)
    # A value beyond the range of floats is inf, which says so itself; NaN is still warned of.
    with np.errstate(over="ignore", divide="ignore"):
        for step in program.steps:
            tensors[step.tensor.name] = evaluate_step(step, scope)
    return tensors


def _fit(tensor: Tensor, data: Array, sizes: dict[sp.Symbol, int]) -> None:
    expected = tuple(sizes.get(extent, extent) for extent in tensor.shape)
    fits = data.ndim == len(expected) and all(
        isinstance(e, sp.Symbol) or int(e) == given for e, given in zip(expected, data.shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "") + ")"
        raise ValueError(f"{tensor.name} has the shape {data.shape}; expected {wanted}")
    sizes.update({e: n for e, n in zip(expected, data.shape, strict=True) if isinstance(e, sp.Symbol)})


def evaluate_step(step: Step, scope: Scope) -> Array:
    """Return the value of one step, with the axes in the order of its indices."""
    for k, extent in zip(step.indices, step.tensor.shape, strict=True):
        scope = scope.inside(k, 0, _size(extent, scope) - 1)
    value = value_of(step.expr, scope)
    shape = tuple(_size(extent, scope) for extent in step.tensor.shape)
    data = np.broadcast_to(aligned(value, step.indices), shape)
    return np.array(data, dtype=scope.arithmetic.dtype)


def _size(extent: sp.Expr, scope: Scope) -> int:
    return int(extent.xreplace(scope.sizes)) if extent.free_symbols else int(extent)
