"""Rewrite the steps of a program so that no value overflows, and no digits cancel, at any input."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import sympy as sp

from derive.activations import Activated, formula
from derive.adjoint import adjoint_name, differentiate
from derive.calculus import substitute, tidied
from derive.functions import IndexMax, OneWhereZero, Z
from derive.fusion import fused
from derive.program import Program, Role, Rule, Step, Tensor, element, fresh_letters, name_of, total
from derive.stable import stabilise


def stabilised(program: Program, assume: Collection[str] = ()) -> Program:
    """Return a program with the same tensors, safe at any finite input.

    - A softmax subtracts the largest input first; its numerator and sum get names.
    - A logarithm of an activation is taken from the input of the activation (log-sum-exp, softplus).
    - An adjoint that divides by a vanishing output is replaced by its cancelled form.

    Parameters
    ----------
    program : Program
        A forward program, with or without adjoint steps.
    assume : collection of str
        Assumptions that cancelled forms may use.
    """
    normalised = {step.tensor.name: step for step in program.steps if _is_softmax(step)}
    forward: list[Step] = []
    for step in program.steps:
        if step.tensor.role in (Role.ADJOINT, Role.UPDATED):
            continue
        if step.tensor.name in normalised:
            forward += _safe_softmax(step)
        elif step.tensor.role is Role.LOSS:
            forward.append(_safe_loss(step, program, normalised))
        else:
            forward.append(step)
    base = Program(program.inputs, tuple(forward))
    shorter = fused(program, assume) | _through_loss(base, program)
    adjoints: list[Step] = []
    for step in program.steps:
        if step.tensor.role is Role.ADJOINT:
            chosen = shorter.get(step.tensor.name)
            adjoints += (
                [_guarded(chosen, program)] if chosen else _shifted(_guarded(step, program), normalised)
            )
    updates = [step for step in program.steps if step.tensor.role is Role.UPDATED]
    return Program(program.inputs, (*forward, *adjoints, *updates))


def _is_softmax(step: Step) -> bool:
    expr, k = step.expr, step.indices[-1] if step.indices else None
    if k is None or not isinstance(expr, sp.Mul) or len(expr.args) != 2:
        return False
    top = [f for f in expr.args if isinstance(f, sp.exp) and isinstance(f.args[0], sp.Indexed)]
    bottom = [1 / f for f in expr.args if isinstance(1 / f, sp.Sum)]
    if len(top) != 1 or len(bottom) != 1 or len(bottom[0].limits) != 1:
        return False
    ((j, low, _),) = bottom[0].limits
    return bool(low == 0 and substitute(top[0], {k: j}) == bottom[0].function)


def _safe_softmax(step: Step) -> list[Step]:
    """Theorem: a softmax does not change when the same number is subtracted from each input."""
    top = next(f for f in step.expr.args if isinstance(f, sp.exp))
    norm_sum = next(1 / f for f in step.expr.args if isinstance(1 / f, sp.Sum))
    ((k, low, high),) = norm_sum.limits
    outer, extents = step.indices[:-1], step.tensor.shape[:-1]
    largest, numerator, norm = (
        Tensor(f"{part}_{step.tensor.name}", Role.HIDDEN, shape)
        for part, shape in (("max", extents), ("exp", step.tensor.shape), ("sum", extents))
    )
    rule = Rule("shift of a softmax", "the largest input is subtracted from each, which changes nothing")
    z = top.args[0]
    shifted = sp.exp(z - element(largest.name, outer))
    return [
        Step(largest, outer, IndexMax(norm_sum.function.args[0], (k, low, high)), rule),
        Step(numerator, step.indices, shifted, rule),
        Step(norm, outer, sp.Sum(numerator[(*outer, k)], (k, low, high)), rule),
        replace(step, expr=numerator[step.indices] / element(norm.name, outer)),
    ]


def _shifted(step: Step, normalised: dict[str, Step]) -> list[Step]:
    """Theorem: ``da - Sum(a da)`` does not change when the same number is subtracted from each ``da``.

    With the ``da`` of the largest output subtracted, its own difference is made of small terms only, and
    no digits cancel where one output is near 1.
    """
    for name, softmax in normalised.items():
        gradient = adjoint_name(name)
        if step.uses != {name, gradient}:
            continue
        k = next(k for k in fresh_letters(str(s) for s in (*step.indices, *softmax.expr.atoms(sp.Symbol))))
        outer, extents = step.indices[:-1], step.tensor.shape[:-1]
        reference = Tensor(f"ref_{name}", Role.HIDDEN, extents)
        moved = Tensor(f"shift_{name}", Role.HIDDEN, step.tensor.shape)
        at_largest = sp.Eq(element(f"exp_{name}", (*outer, k)), 1)
        value = sp.Piecewise((element(gradient, (*outer, k)), at_largest), (0, True))
        rule = Rule("shift of a gradient", "the same number is subtracted from each, which changes nothing")
        difference = element(gradient, step.indices) - element(reference.name, outer)
        nodes = {n for n in step.expr.atoms(sp.Indexed) if name_of(n) == gradient}
        return [
            Step(reference, outer, total(value, (k, step.tensor.shape[-1])), rule),
            Step(moved, step.indices, difference, rule),
            replace(step, expr=step.expr.xreplace({n: moved[n.indices] for n in nodes})),
        ]
    return [step]


def _safe_loss(step: Step, program: Program, normalised: dict[str, Step]) -> Step:
    """Take every logarithm of an output from what the output was computed from."""
    definitions = {s.tensor.name: s for s in program.steps}

    def safer(log: sp.Expr) -> sp.Expr:
        inside = log.args[0]
        if isinstance(inside, sp.Indexed) and name_of(inside) in normalised:
            return _log_softmax(inside, normalised[name_of(inside)])
        opened = inside
        for node in inside.atoms(sp.Indexed):
            source = definitions.get(name_of(node))
            if source is not None and isinstance(source.expr, Activated):
                call = substitute(source.expr, dict(zip(source.indices, node.indices, strict=True)))
                opened = opened.xreplace({node: formula(call.activation).xreplace({Z: call.args[0]})})
        leaves = {leaf: sp.Dummy(real=True) for leaf in opened.atoms(sp.Indexed)}
        back = {dummy: leaf for leaf, dummy in leaves.items()}
        found = stabilise(sp.log(opened.xreplace(leaves))).xreplace(back)
        return log if found.has(sp.log, sp.exp) and opened.free_symbols else found

    rewritten = step.expr.replace(lambda e: isinstance(e, sp.log), safer)
    result = replace(step, expr=tidied(_without_log_of_zero(rewritten, program)))
    if result.expr == step.expr:
        return step
    return replace(result, rule=Rule("loss from the inputs", f"{step.rule.statement}, from the last inputs"))


def _log_softmax(node: sp.Indexed, softmax: Step) -> sp.Expr:
    """Theorem: ``log softmax(z)[i] = (z[i] - m) - log Sum(exp(z[k] - m), k)``, for any ``m``."""
    name, outer = softmax.tensor.name, node.indices[:-1]
    top = next(f for f in softmax.expr.args if isinstance(f, sp.exp))
    z = substitute(top.args[0], dict(zip(softmax.indices, node.indices, strict=True)))
    return z - element(f"max_{name}", outer) - sp.log(element(f"sum_{name}", outer))


def _without_log_of_zero(expr: sp.Expr, program: Program) -> sp.Expr:
    """Make ``y log(u)`` 0 where ``y`` is 0, whatever ``u`` is."""
    targets = {t.name for t in program.with_role(Role.TARGET)}

    def guard(product: sp.Mul) -> sp.Expr:
        for log in product.args:
            if isinstance(log, sp.log) and isinstance(log.args[0], (sp.Indexed, sp.Add)):
                rest = product / log
                names = {name_of(node) for node in rest.atoms(sp.Indexed)}
                if names and names <= targets:
                    return rest * sp.log(OneWhereZero(rest, log.args[0]))
        return product

    return expr.replace(lambda e: isinstance(e, sp.Mul) and any(isinstance(a, sp.log) for a in e.args), guard)


def _through_loss(base: Program, program: Program) -> dict[str, Step]:
    """Differentiate a loss that was rewritten in the inputs of the last activation by these inputs."""
    known = program.tensors
    loss = next(iter(base.with_role(Role.LOSS)), None)
    if loss is None or base.step(loss.name).expr == program.step(loss.name).expr:
        return {}
    step = base.step(loss.name)
    direct = [n for n in step.uses if known.get(n) is not None and adjoint_name(n) in known]
    if len(direct) != 1 or any(n not in known for n in step.uses):
        return {}
    found = differentiate(base, loss.name, wrt=direct).step(adjoint_name(direct[0]))
    return {found.tensor.name: found} if direct[0] not in program.step(loss.name).uses else {}


def _guarded(step: Step, program: Program) -> Step:
    """Make ``y / u`` 0 where ``y`` is 0, as the convention for ``y log u`` implies."""
    targets = {t.name for t in program.with_role(Role.TARGET)}

    def guard(product: sp.Mul) -> sp.Expr:
        tops = [f for f in product.args if {name_of(n) for n in f.atoms(sp.Indexed)} & targets]
        for f in product.args:
            base, power = f.as_base_exp()
            if power == -1 and base.has(sp.Indexed) and len(tops) == 1 and tops[0] is not f:
                return product / f / OneWhereZero(tops[0], base)
        return product

    if not any(name_of(n) in targets for n in step.expr.atoms(sp.Indexed)):
        return step
    return replace(step, expr=step.expr.replace(lambda e: isinstance(e, sp.Mul), guard))
