"""From safe functions to the calls of a backend: each exponential once, and named.

The steps that come in hold `derive.functions` and activations; those that go out hold functions that a
backend has, and a step of its own for every value that is used more than once. What is lowered is still
a program in index notation, which every style of module reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from codegen.modules.cases import joined_cases
from codegen.modules.heads import ExpHeld, ExpMinus, ExpMinusAbs, Log1p
from codegen.modules.sharing import Key, Table, share
from derive.activations import Activated, stable_formula
from derive.building import rebuilt, replaced
from derive.functions import Sigmoid, Softplus, Z
from derive.nodes import contains, nodes
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
    growing : bool
        Whether a sigmoid is ``e / (1 + e)`` with ``e = exp(u)``, and what it lacks to 1 is ``1 / (1 + e)``,
        which saves passes over arrays; else it is ``1 / (1 + e)`` with ``e = exp(-u)``: fewer divisions.
    """

    sums_from: int
    square_counts: int
    branchless: bool
    growing: bool = False


def lowered(program: Program, taste: Taste) -> Program:
    """Return the program in terms of calls that a backend has, with shared values named.

    Parameters
    ----------
    program : Program
        Of `Derivation.numeric`.
    taste : Taste
    """
    table = Table(program)
    opened = [step.with_expr(joined_cases(_opened(step.expr), taste.branchless)) for step in program.steps]
    plain = _needed_alone(opened, table)
    steps: list[Step] = []
    for step in opened:
        if step.tensor.role is Role.UPDATED:
            steps.append(step)
            continue
        if isinstance(step.expr, Sigmoid) and table.key(step.expr) is not None:
            expr = _sigmoid(step.expr.args[0], table, plain, taste.growing, whole=True)
        else:
            expr = _lower(step.expr, table, plain, taste.growing)
        steps += table.taken()
        steps.append(step.with_expr(expr))
        table.record(steps[-1])
    return share(Program(program.inputs, tuple(steps)), taste.sums_from, taste.square_counts)


def _opened(expr: sp.Expr) -> sp.Expr:
    """Replace every activation and derivative of one by its stable formula."""
    calls = nodes(expr, Activated)
    formulas = {c: replaced(stable_formula(c.activation, c.order), {Z: c.args[0]}) for c in calls}
    return replaced(expr, formulas) if calls else expr


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


def _needed_alone(steps: list[Step], table: Table) -> set[Key | None]:
    """Return the arguments at which a sigmoid occurs other than as ``Sigmoid(u) Sigmoid(-u)``."""
    alone: set[Key | None] = set()
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


def _lower(expr: sp.Expr, table: Table, plain: set[Key | None], growing: bool) -> sp.Expr:
    if not contains(expr, Sigmoid, Softplus) or type(expr) is sp.Tuple:
        return expr
    if isinstance(expr, Softplus):
        u = _lower(expr.args[0], table, plain, growing)
        e = table.named("q", ExpMinusAbs(-u if u.could_extract_minus_sign() else u))
        return sp.Max(u, 0) + Log1p(e)
    powers, rest = _sigmoid_powers(expr)
    if not powers:
        return rebuilt(expr, [_lower(arg, table, plain, growing) for arg in expr.args])
    factors = [_lower(factor, table, plain, growing) for factor in rest]
    for u, (p, q) in powers.items():
        if p == q and table.key(u) not in plain:
            e = table.named("q", ExpMinusAbs(_lower(u, table, plain, growing)))
            factors.append((e / (1 + e) ** 2) ** p)
            continue
        s = _sigmoid(u, table, plain, growing)
        factors.append(s**p * _complement(u, s, q, table, plain, growing))
    return sp.Mul(*factors)


def _sigmoid(u: sp.Expr, table: Table, plain: set[Key | None], growing: bool, whole: bool = False) -> sp.Expr:
    if whole and u.could_extract_minus_sign():
        if growing:
            return 1 / _exponential(-u, table, plain, growing)[1]
        s = _sigmoid(-u, table, plain, growing)
        return _exponential(-u, table, plain, growing)[0] * s
    e, more = _exponential(u, table, plain, growing)
    value = e / more if growing else 1 / more
    return value if whole else table.named("s", value, f"the sigmoid of {_name(u)}")


def _complement(
    u: sp.Expr, s: sp.Expr, power: int, table: Table, plain: set[Key | None], growing: bool
) -> sp.Expr:
    """Return a power of what a sigmoid lacks to 1, to all its digits."""
    if power == 0:
        return sp.Integer(1)
    e, more = _exponential(u, table, plain, growing)
    if growing and power == 1:
        return 1 / more
    return table.named("c", 1 / more if growing else e * s, f"which is 1 - {_name(s)}") ** power


def _exponential(u: sp.Expr, table: Table, plain: set[Key | None], growing: bool) -> tuple[sp.Expr, sp.Expr]:
    """Return the exponential that a sigmoid is computed from, and 1 more."""
    held = "held below overflow"
    inner = _lower(u, table, plain, growing)
    if not growing:
        e = table.named("e", ExpMinus(inner), held)
        return e, 1 + e
    e = table.named("e", ExpHeld(inner), held)
    return e, table.named("q", 1 + e)


def _name(expr: sp.Expr) -> str:
    return name_of(expr) if isinstance(expr, sp.Indexed) else "its argument"
