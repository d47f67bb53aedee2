"""What is one number for a sample is combined first, for the sample rather than for each of its units.

Two rewrites of a program in index notation, for samples ``n`` and units ``i``:

- ``u[n, i] p[n] q[n] = u[n, i] (p[n] q[n])``: factors that are the same for all units are one factor.
- ``sum_{i, n} y[n, i] (t[n, i] - log(s[n])) = sum_{i, n} y[n, i] t[n, i] - sum_n (sum_i y[n, i]) log(s[n])``.
  After a softmax ``t <= 0 <= log(s)``, so no digits are lost where no target is negative.

With them, a softmax before a cross-entropy saves three passes over the outputs of a batch.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import sympy as sp

from codegen.modules.comments import index_form
from codegen.modules.sharing import shared_step
from derive.calculus import substitute
from derive.nodes import nodes
from derive.program import Program, Role, Step, Tensor, element, name_of


def by_sample(program: Program, samples: sp.Symbol) -> Program:
    """Return a program that computes the same results.

    Parameters
    ----------
    program : Program
        Whose results are the loss and the derivatives by the parameters.
    samples : sympy.Symbol
        The number of samples.
    """
    return _scales_together(_logs_apart(program, samples), samples)


# Logarithms of a sum for each sample


def _logs_apart(program: Program, samples: sp.Symbol) -> Program:
    """Sum the logarithms of a log-softmax over the samples, apart from what has units."""
    loss = next(step for step in program.steps if step.tensor.role is Role.LOSS)
    for whole in nodes(loss.expr, sp.Sum):
        parts = _logs_in(whole, samples)
        if parts is None:
            continue
        weights, logs, rest = parts
        units, of_samples = sorted(whole.limits, key=lambda limit: limit[2] == samples - 1)
        total = Tensor(f"sum_{name_of(weights)}", Role.HIDDEN, (samples,))
        if total.name in program.tensors:
            continue
        n = of_samples[0]
        apart = sp.Sum(rest * weights, *whole.limits) - sp.Sum(logs * element(total.name, (n,)), of_samples)
        first = shared_step(total, (n,), sp.Sum(weights, units))
        steps: list[Step] = []
        for step in program.steps:
            steps += [first] * (step is loss)
            expr = step.expr.xreplace({whole: apart}) if step is loss else _with_total(step.expr, first)
            steps.append(step if expr is step.expr else replace(step, expr=expr))
        return Program(program.inputs, tuple(steps))
    return program


def _logs_in(whole: sp.Sum, samples: sp.Symbol) -> tuple[sp.Indexed, sp.Expr, sp.Expr] | None:
    """Split ``sum y (t - log(s))`` into ``y``, ``log(s)`` and ``t``, if it is one over units and samples."""
    over = [k for k, _, high in whole.limits if high != samples - 1]
    if len(whole.limits) != 2 or len(over) != 1 or not isinstance(whole.function, sp.Mul):
        return None
    weights = [f for f in whole.function.args if isinstance(f, sp.Indexed)]
    sums = [f for f in whole.function.args if isinstance(f, sp.Add)]
    if len(whole.function.args) != 2 or not weights or not sums or over[0] not in weights[0].indices:
        return None
    logs = [t for t in sums[0].args if isinstance(-t, sp.log) and over[0] not in t.free_symbols]
    rest = [t for t in sums[0].args if t not in logs]
    return (weights[0], -sp.Add(*logs), sp.Add(*rest)) if logs and rest else None


def _with_total(expr: sp.Expr, total: Step) -> sp.Expr:
    """Replace sums that a step computes already."""
    found = {}
    for node in nodes(expr, sp.Sum):
        summand, bound = node.function, [k for k, _, _ in node.limits]
        if not isinstance(summand, sp.Indexed) or name_of(summand) != name_of(total.expr.function):
            continue
        if bound == [summand.indices[-1]]:
            found[node] = element(total.tensor.name, summand.indices[:-1])
    return expr.xreplace(found)


# Factors for each sample


def _scales_together(program: Program, samples: sp.Symbol) -> Program:
    """Combine the factors of a product that are the same for all units."""
    uses = Counter(name for step in program.steps for name in step.uses)
    steps, taken = list(program.steps), set(program.tensors)
    for used in program.steps:
        if used.tensor.role is not Role.HIDDEN or uses[used.tensor.name] != 1:
            continue
        if used.tensor.shape[:1] != (samples,) or not _of_sample(used.expr, used.indices):
            continue
        reader = next(step for step in steps if used.tensor.name in step.uses)
        product = _product_with(reader, used.tensor.name)
        if product is None or reader.tensor.shape != used.tensor.shape:
            continue
        node = next(f for f in product.args if isinstance(f, sp.Indexed) and name_of(f) == used.tensor.name)
        opened = product / node * substitute(used.expr, dict(zip(used.indices, node.indices, strict=True)))
        factors = _of_sample(opened, reader.indices)
        scale = Tensor(f"scale_{used.tensor.name}", Role.HIDDEN, (samples,))
        if not _of_sample(product, reader.indices) or scale.name in taken:
            continue
        n = reader.indices[:1]
        remark = f"where {index_form(used, program.tensors)}"
        scaled = opened / sp.Mul(*factors) * element(scale.name, n)
        place = steps.index(reader)
        steps[place] = replace(reader, expr=reader.expr.xreplace({product: scaled}))
        steps.insert(place, shared_step(scale, n, sp.Mul(*factors), remark))
        steps.remove(used)
        taken.add(scale.name)
    return Program(program.inputs, tuple(steps))


def _of_sample(expr: sp.Expr, indices: tuple[sp.Symbol, ...]) -> list[sp.Expr]:
    """Return the factors of a product that are the same for all units of a sample, if others are not."""
    factors = sp.Mul.make_args(expr)
    free = [f.free_symbols & set(indices) for f in factors]
    same = [f for f, symbols in zip(factors, free, strict=True) if symbols == set(indices[:1])]
    return same if any(symbols == set(indices) for symbols in free) else []


def _product_with(step: Step, name: str) -> sp.Expr | None:
    """Return the product in which a value is a factor, if it occurs once and so."""
    found = [node for node in nodes(step.expr, sp.Indexed) if name_of(node) == name]
    if len(found) != 1 or step.expr.count(found[0]) != 1:
        return None
    return next((node for node in nodes(step.expr, sp.Mul) if found[0] in node.args), None)
