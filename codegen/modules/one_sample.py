"""Steps for a batch as steps for one sample: the axis of the samples goes, and with it the sums over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from derive.building import rebuilt
from derive.functions import IndexMax
from derive.program import Step, Tensor, element, name_of


def of_one_sample(step: Step, tensors: Mapping[str, Tensor], samples: sp.Symbol) -> Step:
    """Return a step of a batch for a batch of one, written without the samples.

    Parameters
    ----------
    step : Step
    tensors : mapping of str to Tensor
        Those of its program.
    samples : sympy.Symbol
        Their number.
    """
    tensor = tensors.get(step.tensor.name, step.tensor)
    has_samples = tensor.shape[:1] == (samples,)
    return replace(
        step,
        tensor=replace(step.tensor, shape=step.tensor.shape[has_samples:]),
        indices=step.indices[has_samples:],
        expr=_without(step.expr, tensors, samples),
    )


def _without(expr: sp.Expr, tensors: Mapping[str, Tensor], samples: sp.Symbol) -> sp.Expr:
    if expr == samples:
        return sp.Integer(1)
    if isinstance(expr, sp.Indexed):
        name = name_of(expr)
        has_samples = tensors[name].shape[:1] == (samples,)
        return element(name, expr.indices[has_samples:]) if has_samples else expr
    if not expr.args:
        return expr
    if isinstance(expr, sp.Sum | IndexMax):
        body = _without(expr.args[0], tensors, samples)
        kept = [limit for limit in expr.args[1:] if not limit.has(samples)]
        return rebuilt(expr, [body, *kept]) if kept else body
    return rebuilt(expr, [_without(arg, tensors, samples) for arg in expr.args])
