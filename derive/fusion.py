"""Cancel a division that the next step multiplies away: softmax with cross-entropy is ``a - y``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import sympy as sp

from derive.activations import A, Activated, through_output
from derive.building import rebuilt, replaced
from derive.calculus import factored, substitute, tidied
from derive.functions import Z
from derive.laurent import in_lowest_terms
from derive.losses import SUM_OF_TARGETS
from derive.nodes import elements_in, nodes
from derive.program import Program, Role, Rule, Step, Tensor, name_of, names_in, sum_over


def fused(program: Program, assume: Collection[str] = ()) -> dict[str, Step]:
    """Return shorter forms of adjoint steps, by the name of the adjoint.

    The adjoint of an input ``z`` of an activation is the adjoint of its output times the local
    derivative. Where the first divides by what the second multiplies with, the quotient cancels.

    Parameters
    ----------
    program : Program
        A program with adjoint steps.
    assume : collection of str
        Assumptions that may be used, from `derive.losses`; each is recorded in the steps that use it.

    Returns
    -------
    dict of str to Step
        A step is in it only if the division is gone.
    """
    found: dict[str, Step] = {}
    adjoints = {step.tensor.name: step for step in program.steps if step.tensor.role is Role.ADJOINT}
    for step in adjoints.values():
        divided = [adjoints[n] for n in sorted(step.uses) if n in adjoints and _divides(adjoints[n].expr)]
        if len(divided) != 1:
            continue
        expr = _cancelled(_inserted(step.expr, divided[0], program))
        if _divides(expr):
            continue
        expr = tidied(expr)
        notes = step.assumptions
        shorter = _with_sum_of_targets(expr, program)
        if shorter != expr and SUM_OF_TARGETS in assume:
            expr, notes = shorter, (*notes, SUM_OF_TARGETS)
        rule = Rule("cancellation", f"{step.rule.statement}, the division cancelled")
        found[step.tensor.name] = replace(step, expr=expr, rule=rule, assumptions=notes)
    return found


def delta_form(step: Step, program: Program) -> Step:
    """Return the adjoint of a pre-activation with the adjoint of its activation put in.

    The recursion of lecture notes, ``dz1[j] = Sum(W2[i, j] dz2[i], i) f'(z1[j])``, in one step. A step that
    reads no other adjoint of an activation is returned as it is.
    """
    outputs = {t.name for t in program.with_role(Role.ADJOINT) if (t.of or "").startswith(("a", "X"))}
    expr, rules = step.expr, [step.rule.statement]
    while names := sorted(n for n in names_in(expr) if n in outputs):
        source = program.step(names[0])
        if expr.has(sp.Sum) and any(names[0] in names_in(s) for s in nodes(expr, sp.Sum)):
            break
        expr = inserted(expr, source)
        rules.append(source.rule.statement)
    if expr == step.expr:
        return step
    return replace(step, expr=tidied(expr), rule=Rule("delta recursion", "; ".join(rules)))


def inserted(expr: sp.Expr, source: Step) -> sp.Expr:
    """Replace every element that a step defines by its definition."""
    found = [n for n in elements_in(expr) if name_of(n) == source.tensor.name]
    return replaced(
        expr, {n: substitute(source.expr, dict(zip(source.indices, n.indices, strict=True))) for n in found}
    )


def _divides(expr: sp.Expr) -> bool:
    """Whether the expression divides by an element of a tensor."""
    return any(
        node.exp.is_number and node.exp.is_negative and elements_in(node.base) for node in nodes(expr, sp.Pow)
    )


def _inserted(expr: sp.Expr, adjoint: Step, program: Program) -> sp.Expr:
    """Replace an adjoint by its definition and each local derivative by its form through the output."""
    if isinstance(expr, sp.Indexed) and name_of(expr) == adjoint.tensor.name:
        where = expr.indices if adjoint.indices else ()
        return substitute(adjoint.expr, dict(zip(adjoint.indices, where, strict=True)))
    if isinstance(expr, Activated) and expr.order == 1:
        return _through_output(expr, program)
    if isinstance(expr, (sp.Indexed, sp.Symbol)) or not elements_in(expr):
        return expr
    return rebuilt(expr, [_inserted(arg, adjoint, program) for arg in expr.args])


def _through_output(call: Activated, program: Program) -> sp.Expr:
    """Return ``a (1 - a)`` for ``sigmoid'(z)``, with the tensor that holds ``a``."""
    form = through_output(call.activation)
    z = call.args[0]
    if form is None or not isinstance(z, sp.Indexed):
        return call
    for step in program.steps:
        if (
            isinstance(step.expr, Activated)
            and step.expr.order == 0
            and name_of(step.expr.args[0]) == name_of(z)
        ):
            return replaced(form, {A: step.tensor[z.indices], Z: z})
    return call


def through_outputs(expr: sp.Expr, program: Program) -> sp.Expr:
    """Return the expression with every local derivative in its form through the output, where it has one."""
    calls = [call for call in nodes(expr, Activated) if call.order == 1]
    return replaced(expr, {call: _through_output(call, program) for call in calls})


def _cancelled(expr: sp.Expr) -> sp.Expr:
    """Cancel common factors of numerator and denominator, sums taken as symbols."""
    sums = {s: sum_over(_cancelled(s.function), s.limits) for s in nodes(expr, sp.Sum)}
    expr = replaced(expr, sums)
    if not _divides(expr):
        return expr
    at_once = in_lowest_terms(expr)
    if at_once is not None:
        return at_once
    leaves = {leaf: sp.Dummy() for leaf in nodes(expr, sp.Sum, sp.Indexed)}
    back = {dummy: leaf for leaf, dummy in leaves.items()}
    return sp.cancel(sp.together(expr.xreplace(leaves))).xreplace(back)


def _with_sum_of_targets(expr: sp.Expr, program: Program) -> sp.Expr:
    targets = {t.name: t for t in program.with_role(Role.TARGET)}
    ones = {s: sp.Integer(1) for s in nodes(expr, sp.Sum) if _is_sum_of_a_sample(s, targets)}
    return factored(replaced(expr, ones)) if ones else expr


def _is_sum_of_a_sample(expr: sp.Sum, targets: Mapping[str, Tensor]) -> bool:
    """Whether all targets of one sample are summed, which lie along the last axis."""
    node = expr.function
    if not isinstance(node, sp.Indexed) or name_of(node) not in targets or len(expr.limits) != 1:
        return False
    ((k, low, high),) = expr.limits
    whole = low == 0 and high == targets[name_of(node)].shape[-1] - 1
    return bool(whole and node.indices[-1] == k and not any(at.has(k) for at in node.indices[:-1]))
