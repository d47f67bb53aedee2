"""Whether a batch can be computed in pieces: whether its loss and derivatives are sums over the samples."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from derive.nodes import elements_in
from derive.program import Program, Step, name_of


def additive(program: Program, samples: sp.Symbol, results: Iterable[str]) -> bool:
    """Whether some results for a batch are the sums of those for its pieces.

    That holds if every value without an axis for the samples is linear in sums over the samples, and none but
    such values depends on it. The number of samples is that of the whole batch throughout.

    Parameters
    ----------
    program : Program
    samples : sympy.Symbol
        The number of samples.
    results : iterable of str
        Names of values without an axis for the samples.
    """
    whole: set[str] = set()
    needed = program.needed_for(list(results))
    for step in needed.steps:
        reads_whole = not step.uses.isdisjoint(whole)
        if step.tensor.shape[:1] == (samples,):
            if reads_whole:
                return False
        elif not _is_linear(step, samples, whole):
            return False
        else:
            whole.add(step.tensor.name)
    return True


def _is_linear(step: Step, samples: sp.Symbol, whole: set[str]) -> bool:
    factors = [f for f in sp.Mul.make_args(step.expr) if elements_in(f)]
    if len(factors) == 1 and isinstance(factors[0], sp.Sum) and _is_over(factors[0], samples):
        return True
    factor = sp.Dummy(positive=True)

    def scaled(expr: sp.Expr) -> sp.Expr:
        over_samples = isinstance(expr, sp.Sum) and _is_over(expr, samples)
        if over_samples or (isinstance(expr, sp.Indexed) and name_of(expr) in whole):
            return factor * sp.Dummy()
        if not expr.args or isinstance(expr, sp.Indexed):
            return expr
        return expr.func(*(scaled(arg) for arg in expr.args))

    form = scaled(step.expr)
    return form.has(factor) and not sp.expand(form / factor).has(factor)


def _is_over(total: sp.Sum, samples: sp.Symbol) -> bool:
    """Whether a sum runs over the samples."""
    return any(high == samples - 1 for _, _, high in total.limits)
