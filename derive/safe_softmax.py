"""The softmax, its logarithm, its complement and its gradient, for inputs of any size."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from derive.adjoint import adjoint_name, differentiate
from derive.building import exponential, replaced
from derive.calculus import substitute
from derive.functions import IndexMax
from derive.nodes import elements_in, symbol_names
from derive.program import Program, Role, Rule, Step, Tensor, element, fresh_letters, name_of, total

_SHIFT = Rule("shift of a softmax", "the largest input is subtracted from each, which changes nothing")
_REST = Rule("complement of a softmax", "1 - a is the sum of the other exponentials over the sum of all")


def is_softmax(step: Step) -> bool:
    """Whether a step is ``exp(z[i]) / Sum(exp(z[k]), k)`` along its last axis."""
    expr, k = step.expr, step.indices[-1] if step.indices else None
    if k is None or not isinstance(expr, sp.Mul) or len(expr.args) != 2:
        return False
    top = [f for f in expr.args if isinstance(f, sp.exp) and isinstance(f.args[0], sp.Indexed)]
    bottom = _divisors(expr)
    if len(top) != 1 or len(bottom) != 1 or len(bottom[0].limits) != 1:
        return False
    ((j, low, high),) = bottom[0].limits
    whole = low == 0 and high == step.tensor.shape[-1] - 1
    return bool(whole and substitute(top[0], {k: j}) == bottom[0].function)


def _divisors(expr: sp.Expr) -> list[sp.Sum]:
    """Return the sums that a product divides by."""
    powers = [f for f in expr.args if isinstance(f, sp.Pow) and f.exp == -1]
    return [power.base for power in powers if isinstance(power.base, sp.Sum)]


def _input(softmax: Step) -> sp.Indexed:
    return next(f for f in softmax.expr.args if isinstance(f, sp.exp)).args[0]


def _part(softmax: Step, part: str, whole: bool = False) -> Tensor:
    """Return a tensor of the safe form: one number for each softmax, or (`whole`) for each output."""
    shape = softmax.tensor.shape if whole else softmax.tensor.shape[:-1]
    return Tensor(f"{part}_{softmax.tensor.name}", Role.HIDDEN, shape)


def _at(part: Tensor, where: tuple[sp.Expr, ...]) -> sp.Expr:
    return element(part.name, where[: len(part.shape)])


def _other(softmax: Step) -> sp.Symbol:
    return next(fresh_letters(symbol_names(softmax.expr, *softmax.indices)))


def safe_softmax(step: Step) -> list[Step]:
    """Theorem: a softmax does not change when the same number is subtracted from each input."""
    (norm_sum,) = _divisors(step.expr)
    ((k, low, high),) = norm_sum.limits
    outer = step.indices[:-1]
    largest, norm = _part(step, "max"), _part(step, "sum")
    numerator = _part(step, "exp", whole=True)
    shifted = exponential(_input(step) - _at(largest, step.indices))
    return [
        Step(largest, outer, IndexMax(norm_sum.function.args[0], (k, low, high)), _SHIFT),
        Step(numerator, step.indices, shifted, _SHIFT),
        Step(norm, outer, sp.Sum(numerator[(*outer, k)], (k, low, high)), _SHIFT),
        replace(step, expr=numerator[step.indices] / _at(norm, outer)),
    ]


def log_softmax(node: sp.Indexed, softmax: Step) -> sp.Expr:
    """Theorem: ``log softmax(z)[i] = (z[i] - m) - log Sum(exp(z[k] - m), k)``, for any ``m``."""
    where = node.indices
    z = substitute(_input(softmax), dict(zip(softmax.indices, where, strict=True)))
    return z - _at(_part(softmax, "max"), where) - sp.log(_at(_part(softmax, "sum"), where))


def complement_steps(softmax: Step) -> list[Step]:
    """Name what ``1 - a`` needs where one output is near 1.

    Without the largest input, the next one is the shift of what is left. ``top`` counts the largest: only
    where there is one is its complement small, and ``exp == top`` holds for that one alone. Both branches of
    a case are evaluated, so that each is kept from overflowing where it is not taken.
    """
    z, here, extent = _input(softmax), softmax.indices, softmax.tensor.shape[-1]
    k, outer = _other(softmax), here[:-1]
    there, limits = (*outer, k), (k, sp.Integer(0), extent - 1)
    z_k = substitute(z, {here[-1]: k})
    top, low, after, tails = (_part(softmax, part) for part in ("top", "low", "next", "tails"))
    exps, tail, rest, comp = (_part(softmax, part, whole=True) for part in ("exp", "tail", "rest", "comp"))
    every, largest = _at(_part(softmax, "sum"), outer), _at(_part(softmax, "max"), outer)
    following, others = _at(after, outer), _at(tails, outer)
    count = total(sp.Piecewise((1, sp.Eq(exps[there], 1)), (0, True)), (k, extent))
    without = sp.Piecewise((-_at(low, outer), _is_alone(softmax, there)), (z_k, True))
    alone = _is_alone(softmax, here)
    of_tail = sp.Piecewise((0, alone), (sp.exp(sp.Min(z - following, 0)), True))
    of_one = sp.Piecewise((sp.exp(following - largest) * others, alone), (rest[here], True))
    return [
        Step(top, outer, count, _REST),
        Step(low, outer, IndexMax(-z_k, limits), _REST),
        Step(after, outer, IndexMax(without, limits), _REST),
        Step(tail, here, of_tail, _REST),
        Step(tails, outer, total(tail[there], (k, extent)), _REST),
        Step(rest, here, sp.Max(every - exps[here], 1), _REST),
        Step(comp, here, of_one / every, _REST),
    ]


def _is_alone(softmax: Step, where: tuple[sp.Expr, ...]) -> sp.Basic:
    return sp.Eq(_part(softmax, "exp", whole=True)[where], _at(_part(softmax, "top"), where))


def complement(node: sp.Indexed, softmax: Step) -> sp.Expr:
    """Return the element of `complement_steps` that is ``1 - softmax(z)[i]`` without cancellation."""
    return _part(softmax, "comp", whole=True)[node.indices]


def log_complement(node: sp.Indexed, softmax: Step) -> sp.Expr:
    """Theorem: ``1 - softmax(z)[i]`` is ``Sum(exp(z[k]), k != i)`` over ``Sum(exp(z[k]), k)``."""
    where = node.indices
    shift = _at(_part(softmax, "next"), where) - _at(_part(softmax, "max"), where)
    of_one = shift + sp.log(_at(_part(softmax, "tails"), where))
    of_any = sp.log(_part(softmax, "rest", whole=True)[where])
    inside = sp.Piecewise((of_one, _is_alone(softmax, where)), (of_any, True))
    return inside - sp.log(_at(_part(softmax, "sum"), where))


def through_complement(base: Program, loss: str, softmax: Step) -> list[Step]:
    """Differentiate a safe loss by the inputs of a softmax, with every shift held fixed.

    Theorem: ``m + log Sum(exp(z[k] - m), k)`` does not depend on ``m``; so its derivative is that with ``m``
    constant.
    """
    name, z = softmax.tensor.name, name_of(_input(softmax))
    fixed = {f"{part}_{name}" for part in ("max", "top", "low", "next")}
    own = {f"{part}_{name}" for part in ("exp", "tail", "rest")}
    steps = [
        replace(s, expr=_without_bounds(s.expr)) if s.tensor.name in own else s
        for s in base.steps
        if s.tensor.name not in fixed
    ]
    shifts = tuple(s.tensor for s in base.steps if s.tensor.name in fixed)
    found = differentiate(Program((*base.inputs, *shifts), tuple(steps)), loss, wrt=[z])
    made: list[Step] = []
    for step in found.steps[len(steps) :]:
        names = dict(zip(softmax.indices, step.indices, strict=False))
        known = {
            substitute(s.expr, names): s.tensor[step.indices]
            for s in steps
            if s.tensor.name in own and step.tensor.name == adjoint_name(z)
        }
        hidden = replace(step.tensor, role=Role.HIDDEN, of=None)
        own_step = replace(step, expr=replaced(step.expr, known))
        made.append(own_step if known else replace(own_step, tensor=hidden, rule=_REST))
    return made


def _without_bounds(expr: sp.Expr) -> sp.Expr:
    """Take away the bounds of `complement_steps`, which never bind where a value is used."""
    return expr.replace(lambda e: isinstance(e, (sp.Min, sp.Max)), lambda e: sp.Add(*_unbounded(e)))


def _unbounded(expr: sp.Expr) -> list[sp.Expr]:
    return [arg for arg in expr.args if not arg.is_number]


def shifted_gradient(step: Step, softmax: Step) -> list[Step]:
    """Theorem: ``da - Sum(a da)`` does not change when the same number is subtracted from each ``da``.

    With the ``da`` of the largest output subtracted, its own difference is made of small terms only, and
    no digits cancel where one output is near 1.
    """
    name, gradient = softmax.tensor.name, adjoint_name(softmax.tensor.name)
    if step.uses != {name, gradient}:
        return [step]
    k, outer = _other(replace(softmax, expr=softmax.expr + step.expr)), step.indices[:-1]
    reference, moved = _part(softmax, "ref"), _part(softmax, "shift", whole=True)
    at_largest = sp.Eq(_part(softmax, "exp", whole=True)[(*outer, k)], 1)
    value = sp.Piecewise((element(gradient, (*outer, k)), at_largest), (0, True))
    rule = Rule("shift of a gradient", "the same number is subtracted from each, which changes nothing")
    difference = element(gradient, step.indices) - _at(reference, outer)
    moving = {n for n in elements_in(step.expr) if name_of(n) == gradient}
    return [
        Step(reference, outer, total(value, (k, step.tensor.shape[-1])), rule),
        Step(moved, step.indices, difference, rule),
        replace(step, expr=replaced(step.expr, {n: moved[n.indices] for n in moving})),
    ]
