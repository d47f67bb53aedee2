"""Delta as the negative of the derivative: the same derivation with the sign moved."""

from __future__ import annotations

from dataclasses import replace

from derive.calculus import tidied
from derive.nodes import elements_in
from derive.program import Program, Role, Step, name_of


def with_negative_deltas(program: Program) -> Program:
    """Return the program with ``delta = -dL/dz`` in place of every adjoint of a pre-activation.

    The tensors keep their names and carry ``sign = -1``; all other values are unchanged.

    Parameters
    ----------
    program : Program
        A program of a network, with its adjoint steps.
    """
    deltas = {t.name for t in program.with_role(Role.ADJOINT) if (t.of or "").startswith("z")}

    def moved(step: Step) -> Step:
        turned = {n: -n for n in elements_in(step.expr) if name_of(n) in deltas}
        expr = step.expr.xreplace(turned) if turned else step.expr
        if step.tensor.name in deltas:
            return replace(step, tensor=replace(step.tensor, sign=-1), expr=tidied(-expr))
        return replace(step, expr=tidied(expr)) if turned else step

    return replace(program, steps=tuple(map(moved, program.steps)))
