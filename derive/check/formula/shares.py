"""The share of each output in the loss: ``E_{o1}`` of notes that add up one error for each output."""

from __future__ import annotations

import sympy as sp

from derive.program import Program, Role, Rule, Step, Tensor

SHARES = "E"
"""The name of the vector of shares among the tensors of a derivation."""

_RULE = Rule("share of the loss", "the loss is a sum over the outputs; this is the term of one of them")


def share_step(program: Program) -> Step | None:
    """Return the step that gives each output's term of the loss; None where the loss is no single sum."""
    loss = next(step for step in program.steps if step.tensor.role is Role.LOSS)
    sums = loss.expr.atoms(sp.Sum)
    if len(sums) != 1:
        return None
    (total,) = sums
    if len(total.limits) != 1:
        return None
    whole = sp.Dummy("total")
    expr = loss.expr.xreplace({total: whole})
    factor = expr.diff(whole)
    if factor.has(whole) or expr.xreplace({whole: sp.S.Zero}) != 0:
        return None
    index, low, high = total.limits[0]
    tensor = Tensor(SHARES, Role.HIDDEN, (high - low + 1,))
    return Step(tensor, (index,), factor * total.function, _RULE)
