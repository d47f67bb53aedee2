"""Find, in an expression, what an earlier step of the program already names."""

from __future__ import annotations

from itertools import product

import sympy as sp

from derive.building import replaced
from derive.calculus import substitute
from derive.nodes import contains, elements_by_name, elements_in, nodes, size_of
from derive.program import Program, Step, name_of


def recognise(expr: sp.Expr, program: Program) -> sp.Expr:
    """Return an equal expression in which values that a step names stand by that name.

    ``exp(z[i]) / Sum(exp(z[k]), k)`` becomes ``a[i]``. A step ``v[i] = E`` is used where dividing a product
    by ``E`` makes it shorter: ``f = (f / E) v`` holds by construction.
    """
    if not contains(expr, sp.Sum, sp.Pow):
        return expr
    candidates = [step for step in program.steps if _worth_a_name(step)]
    if not candidates:
        return expr
    if isinstance(expr, sp.Add):
        return sp.Add(*(recognise(term, program) for term in expr.args))
    for step in reversed(candidates):
        expr = _divide_out(expr, step)
    return expr


def _worth_a_name(step: Step) -> bool:
    """Only a quotient with a sum in it is worth finding again; simple names would hide the rule."""
    expr = step.expr
    return isinstance(expr, sp.Mul) and contains(expr, sp.Sum) and any(_is_inverse(f) for f in expr.args)


def _is_inverse(factor: sp.Expr) -> bool:
    inverse = isinstance(factor, sp.Pow) and factor.exp.is_number and factor.exp.is_negative
    return bool(inverse and elements_in(factor))


def _divide_out(expr: sp.Expr, step: Step) -> sp.Expr:
    again = True
    while again:
        again = False
        for where in _places(expr, step):
            known = substitute(step.expr, dict(zip(step.indices, where, strict=True)))
            rest = _divided(expr, known)
            if size_of(rest) < size_of(expr) - 1 and len(nodes(rest, sp.Sum)) <= len(nodes(expr, sp.Sum)):
                expr, again = rest * step.tensor[where], True
                break
    return expr


def _divided(expr: sp.Expr, known: sp.Expr) -> sp.Expr:
    """Return a quotient; SymPy cancels by itself, but ``exp(u + v) exp(-v)``."""
    left = _powers(expr)
    for base, power in _powers(known).items():
        if base not in left:
            break
        left[base] -= power
    else:  # what is left of the factors, without SymPy's search in products of exponentials
        return sp.Mul(*(base**power for base, power in left.items() if power))
    rest = expr / known
    exponentials = [factor for factor in sp.Mul.make_args(rest) if isinstance(factor, sp.exp)]
    return sp.powsimp(rest) if len(exponentials) > 1 else rest


def _powers(product: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    """Return the exponent of each factor of a product, the number in front as a factor of its own."""
    pairs = (f.args if isinstance(f, sp.Pow) else (f, sp.Integer(1)) for f in sp.Mul.make_args(product))
    return dict(pairs)


def _places(expr: sp.Expr, step: Step) -> list[tuple[sp.Expr, ...]]:
    """Return the indices at which the step may stand: those with which its tensors occur."""
    options: list[list[sp.Expr]] = [[] for _ in step.indices]
    own = {name_of(n): n.indices for n in elements_in(step.expr) if set(step.indices) <= set(n.indices)}
    outside = replaced(expr, {inner: sp.Integer(1) for inner in nodes(expr, sp.Sum)})
    for node in elements_by_name(outside):
        pattern = own.get(name_of(node))
        if pattern is None:
            continue
        for axis, k in enumerate(step.indices):
            found = node.indices[pattern.index(k)]
            if found not in options[axis]:
                options[axis].append(found)
    return list(product(*options)) if all(options) else []
