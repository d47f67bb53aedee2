"""Rewrite the steps of a program so that values stay finite and keep their digits at any input."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import sympy as sp

from derive.activations import Activated, formula
from derive.adjoint import PREFIX, adjoint_name, differentiate
from derive.calculus import substitute, tidied
from derive.functions import OneWhereZero, Z
from derive.fusion import fused, inserted, through_outputs
from derive.nodes import contains, elements_by_name, elements_in
from derive.program import Program, Role, Rule, Step, name_of, names_in
from derive.safe_softmax import (
    complement,
    complement_steps,
    is_softmax,
    log_complement,
    log_softmax,
    safe_softmax,
    shifted_gradient,
    through_complement,
)
from derive.stable import stabilise


def stabilised(program: Program, assume: Collection[str] = (), precise: bool = True) -> Program:
    """Return a program with the same tensors, safe at any finite input.

    - A softmax subtracts the largest input first; its numerator and sum get names.
    - A logarithm of an activation is taken from the input of the activation (log-sum-exp, softplus).
    - The complement of an output, ``1 - a``, is taken from the inputs likewise.
    - An adjoint that divides by a vanishing output is replaced by its cancelled form.

    What remains: ``a - y`` after a softmax, and the cross-entropy of a tanh, keep an absolute error of one
    rounding of ``a``, and so a relative one where they vanish. A loss is not a number where it takes the
    logarithm of a negative output (cross-entropy of a tanh below 0), and an adjoint such as ``-y / a`` is
    infinite where it is beyond the range of floats.

    Parameters
    ----------
    program : Program
        A forward program, with or without adjoint steps.
    assume : collection of str
        Assumptions that cancelled forms may use.
    precise : bool
        Whether the derivatives of activations keep their digits where an output is near a limit, too. If not,
        they have their textbook forms, such as ``a (1 - a)``; nothing overflows for that.
    """
    softmaxes = {step.tensor.name: step for step in program.steps if is_softmax(step)}
    forward: list[Step] = []
    for step in program.steps:
        if step.tensor.role in (Role.ADJOINT, Role.UPDATED):
            continue
        if step.tensor.name in softmaxes:
            forward += safe_softmax(step)
        elif step.tensor.role is Role.LOSS:
            loss = _safe_loss(step, program, softmaxes)
            forward += [
                s for name in sorted(_complements(loss, softmaxes)) for s in complement_steps(softmaxes[name])
            ]
            forward.append(loss)
        else:
            forward.append(step)
    shorter = {name: [step] for name, step in fused(program, assume).items()}
    base = Program(program.inputs, tuple(forward))
    rewritten = _through_loss(base, program, softmaxes)
    shorter |= {name: [_signed(step, program) for step in steps] for name, steps in rewritten.items()}
    adjoints: list[Step] = []
    for step in program.steps:
        if step.tensor.role is Role.ADJOINT:
            chosen = shorter.get(step.tensor.name, [step])
            adjoints += [safe for s in chosen for safe in _safe_adjoint(s, program, base, precise)]
    updates = [step for step in program.steps if step.tensor.role is Role.UPDATED]
    return Program(program.inputs, (*forward, *adjoints, *updates))


def _signed(step: Step, program: Program) -> Step:
    """Return a derivative with the sign that the program gives it: delta may be the negative one."""
    tensor = program.tensors.get(step.tensor.name)
    if tensor is None or tensor.sign == step.tensor.sign:
        return step
    return replace(step, tensor=tensor, expr=tidied(-step.expr))


def _safe_adjoint(step: Step, program: Program, base: Program, precise: bool) -> list[Step]:
    if step.tensor.role is not Role.ADJOINT:
        return [step]
    step = _guarded(_with_safe_divisors(step, program, base), program)
    if not precise:
        return [step.with_expr(through_outputs(step.expr, program))]
    softmaxes = [s for s in map(program.defining, sorted(step.uses)) if s is not None and is_softmax(s)]
    return shifted_gradient(step, softmaxes[0]) if len(softmaxes) == 1 else [step]


def _complements(loss: Step, softmaxes: Mapping[str, Step]) -> set[str]:
    return {name for name in softmaxes if f"tails_{name}" in loss.uses}


def _safe_loss(step: Step, program: Program, softmaxes: Mapping[str, Step]) -> Step:
    """Take every logarithm of an output from what the output was computed from."""

    def safer(log: sp.Expr) -> sp.Expr:
        (inside,) = log.args
        for node in elements_in(inside):
            softmax = softmaxes.get(name_of(node))
            if softmax is not None and inside == node:
                return log_softmax(node, softmax)
            if softmax is not None and inside == 1 - node and softmax.tensor.shape[-1] != 1:
                return log_complement(node, softmax)
        found = _from_inputs(log, program)
        return log if found is None else found

    rewritten = step.expr
    if contains(rewritten, sp.log):
        rewritten = rewritten.replace(lambda e: isinstance(e, sp.log), safer)
    result = step.with_expr(tidied(_without_log_of_zero(rewritten, program)))
    if result.expr == step.expr:
        return step
    return replace(result, rule=Rule("loss from the inputs", f"{step.rule.statement}, from the last inputs"))


def _from_inputs(expr: sp.Expr, program: Program) -> sp.Expr | None:
    """Return an expression in outputs of activations as safe functions of their inputs, if it is one."""
    opened = expr
    for node in elements_in(expr):
        source = program.defining(name_of(node))
        if source is not None and isinstance(source.expr, Activated):
            call = substitute(source.expr, dict(zip(source.indices, node.indices, strict=True)))
            opened = opened.xreplace({node: formula(call.activation).xreplace({Z: call.args[0]})})
    if opened == expr:
        return None
    elements = enumerate(elements_by_name(opened))
    leaves = {leaf: sp.Symbol(f"element {number}", real=True) for number, leaf in elements}
    back = {symbol: leaf for leaf, symbol in leaves.items()}
    found = stabilise(opened.xreplace(leaves))
    if any(call.free_symbols for call in found.atoms(sp.log, sp.exp)):
        return None
    return found.xreplace(back)


def _with_safe_divisors(step: Step, program: Program, base: Program) -> Step:
    """Take a divisor such as ``1 - a`` from the input of the activation: near 1, its digits cancel."""

    def safer(power: sp.Pow) -> sp.Expr:
        for node in elements_in(power.base):
            softmax = program.defining(name_of(node))
            if power.base == 1 - node and softmax is not None and is_softmax(softmax):
                return _named(complement(node, softmax), base, power.base) ** power.exp
        found = _from_inputs(power.base, program) if isinstance(power.base, sp.Add) else None
        return power if found is None or isinstance(found, sp.Add) else found**power.exp

    if not contains(step.expr, sp.Pow):
        return step
    return step.with_expr(step.expr.replace(lambda e: isinstance(e, sp.Pow) and e.exp.is_negative, safer))


def _named(node: sp.Indexed, base: Program, otherwise: sp.Expr) -> sp.Expr:
    return node if name_of(node) in base.tensors else otherwise


def without_log_of_zero(program: Program) -> Program:
    """Return a program whose loss takes ``0 log 0`` as 0, as its convention says; the rest stays as it is."""
    guarded = [
        replace(s, expr=_without_log_of_zero(s.expr, program)) if s.tensor.role is Role.LOSS else s
        for s in program.steps
    ]
    return replace(program, steps=tuple(guarded))


def _without_log_of_zero(expr: sp.Expr, program: Program) -> sp.Expr:
    """Make ``y log(u)`` 0 where ``y`` is 0, whatever ``u`` is."""
    targets = {t.name for t in program.with_role(Role.TARGET)}

    def guard(product: sp.Mul) -> sp.Expr:
        for log in product.args:
            if isinstance(log, sp.log) and isinstance(log.args[0], (sp.Indexed, sp.Add)):
                rest = product / log
                names = names_in(rest)
                if names and names <= targets:
                    return rest * sp.log(OneWhereZero(rest, log.args[0]))
        return product

    if not contains(expr, sp.log):
        return expr
    return expr.replace(lambda e: isinstance(e, sp.Mul) and any(isinstance(a, sp.log) for a in e.args), guard)


def _through_loss(base: Program, program: Program, softmaxes: Mapping[str, Step]) -> dict[str, list[Step]]:
    """Differentiate a loss that was rewritten in the inputs of the last activation by these inputs."""
    loss = next(iter(base.with_role(Role.LOSS)), None)
    if loss is None or base.step(loss.name).expr == program.step(loss.name).expr:
        return {}
    step = base.step(loss.name)
    plain = replace(step, expr=step.expr.replace(OneWhereZero, lambda _, u: u))
    base = replace(base, steps=tuple(plain if s is step else s for s in base.steps))
    new = step.uses - program.step(loss.name).uses
    for name in _complements(step, softmaxes):
        made = through_complement(base, loss.name, softmaxes[name])
        return {made[-1].tensor.name: made} if made[-1].tensor.name in program.tensors else {}
    if len(new) != 1 or adjoint_name(min(new)) not in program.tensors:
        return {}
    (gradient,) = map(adjoint_name, new)
    found = differentiate(base, loss.name, wrt=new)
    expr = found.step(gradient).expr
    for source in (found.step(n) for n in names_in(expr) if n.startswith(PREFIX) and n not in base.tensors):
        expr = inserted(expr, source)
    return {gradient: [replace(found.step(gradient), expr=expr)]}


def _guarded(step: Step, program: Program) -> Step:
    """Make ``y / u`` 0 where ``y`` is 0, as the convention for ``y log u`` implies."""
    targets = {t.name for t in program.with_role(Role.TARGET)}

    def guard(product: sp.Mul) -> sp.Expr:
        tops = [f for f in product.args if names_in(f) & targets]
        for f in product.args:
            base, power = f.as_base_exp()
            if power == -1 and base.has(sp.Indexed) and len(tops) == 1 and tops[0] is not f:
                return product / f / OneWhereZero(tops[0], base)
        return product

    if step.uses.isdisjoint(targets) or not contains(step.expr, sp.Pow):
        return step
    return replace(step, expr=step.expr.replace(lambda e: isinstance(e, sp.Mul), guard))
