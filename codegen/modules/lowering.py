"""From safe functions to the calls of a backend: each exponential once, and named.

The steps that come in hold `derive.functions` and activations; those that go out hold functions that a
backend has, and a step of its own for every value that is used more than once. What is lowered is still
a program in index notation, which every style of module reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from codegen.modules.cases import joined_cases
from codegen.modules.heads import ExpMinus, ExpMinusAbs, Log1p
from codegen.modules.sharing import Table, share
from derive.activations import Activated, stable_formula
from derive.functions import Sigmoid, Softplus, Z
from derive.program import Program, Role, Step, name_of


@dataclass(frozen=True)
class Taste:
    """What pays in a style.

    Attributes
    ----------
    sums_from : int
        How often a sum of elements has to occur to get a name (a call: twice).
    square_counts : int
        How often the base of a square counts in this: twice where a square is written as a product.
    branchless : bool
        Whether cases that meet without a step are better written as a sum or one formula.
    """

    sums_from: int
    square_counts: int
    branchless: bool


def lowered(program: Program, taste: Taste) -> Program:
    """Return the program in terms of calls that a backend has, with shared values named.

    Parameters
    ----------
    program : Program
        Of `Derivation.numeric`.
    taste : Taste
    """
    table = Table(program)
    opened = [
        replace(step, expr=joined_cases(_opened(step.expr), taste.branchless)) for step in program.steps
    ]
    plain = _needed_alone(opened, table)
    steps: list[Step] = []
    for step in opened:
        if step.tensor.role is Role.UPDATED:
            steps.append(step)
            continue
        if isinstance(step.expr, Sigmoid) and table.key(step.expr) is not None:
            expr = _sigmoid(step.expr.args[0], table, plain, whole=True)
        else:
            expr = _lower(step.expr, table, plain)
        steps += table.taken()
        steps.append(replace(step, expr=expr))
        table.record(steps[-1])
    return share(Program(program.inputs, tuple(steps)), taste.sums_from, taste.square_counts)


def _opened(expr: sp.Expr) -> sp.Expr:
    """Replace every activation and derivative of one by its stable formula."""
    calls = expr.atoms(Activated)
    return expr.xreplace({c: stable_formula(c.activation, c.order).xreplace({Z: c.args[0]}) for c in calls})


def _sigmoid_powers(expr: sp.Expr) -> tuple[dict[sp.Expr, list[int]], list[sp.Expr]]:
    """Split a product into powers of sigmoids, by their argument up to its sign, and the rest.

    The two powers are those of ``Sigmoid(u)`` and ``Sigmoid(-u)``.
    """
    powers: dict[sp.Expr, list[int]] = {}
    rest: list[sp.Expr] = []
    for factor in sp.Mul.make_args(expr):
        base, power = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.Integer(1))
        if not isinstance(base, Sigmoid) or not (power.is_Integer and power > 0):
            rest.append(factor)
            continue
        turned = bool(base.args[0].could_extract_minus_sign())
        u = -base.args[0] if turned else base.args[0]
        powers.setdefault(u, [0, 0])[turned] += int(power)
    return powers, rest


def _needed_alone(steps: list[Step], table: Table) -> set[sp.Expr | None]:
    """Return the arguments at which a sigmoid occurs other than as ``Sigmoid(u) Sigmoid(-u)``."""
    alone: set[sp.Expr | None] = set()
    for step in steps:
        for product in _products(step.expr):
            powers, _ = _sigmoid_powers(product)
            alone |= {table.key(u) for u, (p, q) in powers.items() if p != q}
    return alone


def _products(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Yield every product, and every factor that stands alone, in which sigmoids can be collected."""
    stack = [expr]
    while stack:
        node = stack.pop()
        powers, rest = _sigmoid_powers(node)
        if powers:
            yield node
            stack.extend(powers)
            stack.extend(rest)
        else:
            stack.extend(node.args)


def _lower(expr: sp.Expr, table: Table, plain: set[sp.Expr | None]) -> sp.Expr:
    if not expr.has(Sigmoid, Softplus) or type(expr) is sp.Tuple:
        return expr
    if isinstance(expr, Softplus):
        u = _lower(expr.args[0], table, plain)
        e = table.named("q", ExpMinusAbs(-u if u.could_extract_minus_sign() else u))
        return sp.Max(u, 0) + Log1p(e)
    powers, rest = _sigmoid_powers(expr)
    if not powers:
        return expr.func(*(_lower(arg, table, plain) for arg in expr.args))
    factors = [_lower(factor, table, plain) for factor in rest]
    for u, (p, q) in powers.items():
        if p == q and table.key(u) not in plain:
            e = table.named("q", ExpMinusAbs(_lower(u, table, plain)))
            factors.append((e / (1 + e) ** 2) ** p)
            continue
        s = _sigmoid(u, table, plain)
        complement = _exp_minus(u, table, plain) * s
        c = table.named("c", complement, f"which is 1 - {_name(s)}") if q else sp.Integer(1)
        factors.append(s**p * c**q)
    return sp.Mul(*factors)


def _sigmoid(u: sp.Expr, table: Table, plain: set[sp.Expr | None], whole: bool = False) -> sp.Expr:
    if whole and u.could_extract_minus_sign():
        s = _sigmoid(-u, table, plain)
        return _exp_minus(-u, table, plain) * s
    value = 1 / (1 + _exp_minus(u, table, plain))
    return value if whole else table.named("s", value, f"the sigmoid of {_name(u)}")


def _exp_minus(u: sp.Expr, table: Table, plain: set[sp.Expr | None]) -> sp.Expr:
    return table.named("e", ExpMinus(_lower(u, table, plain)), "held below overflow")


def _name(expr: sp.Expr) -> str:
    return name_of(expr) if isinstance(expr, sp.Indexed) else "its argument"
