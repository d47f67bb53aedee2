"""Values that are used more than once, each computed once, under a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace

import sympy as sp

from codegen.modules.heads import ExpHeld, ExpMinus, ExpMinusAbs, Log1p
from derive.building import rebuilt
from derive.functions import IndexMax, NormalCdf, OneWhereZero
from derive.nodes import contains, elements_by_name, elements_in, is_negated
from derive.program import Program, Role, Rule, Step, Tensor, element, name_of

_SHARED = "shared value"

_CHEAP = (sp.Abs, sp.sign, sp.Max, sp.Min, OneWhereZero)
"""Not worth a name of their own."""

_STEMS: dict[type, str] = {
    ExpHeld: "e",
    ExpMinus: "e",
    ExpMinusAbs: "q",
    NormalCdf: "p",
    Log1p: "l",
    sp.Add: "r",
}
"""How names begin; failing that, with the name of the function."""

Key = tuple[type, Hashable]
"""The head of an expression and what is in it, without the names of indices."""


def is_shared(step: Step) -> bool:
    """Whether a step is no step of the derivation, but a value that others share."""
    return step.rule.name == _SHARED


def shared_step(tensor: Tensor, indices: tuple[sp.Symbol, ...], expr: sp.Expr, remark: str = "") -> Step:
    """Return the step of a value that is no step of the derivation; the remark goes into its comment."""
    return Step(tensor, indices, expr, Rule(_SHARED, remark))


class Table:
    """The values that have a name, found again whatever their indices are called.

    A value qualifies if all its elements have the same indices, up to a shorter run of the first of them
    (one number for each sample).
    """

    def __init__(self, program: Program) -> None:
        self._shapes = {name: tensor.shape for name, tensor in program.tensors.items()}
        self._roles = {name: tensor.role for name, tensor in program.tensors.items()}
        self._known: dict[Key, str] = {}
        self._keys: dict[sp.Expr, Key | None] = {}
        self._new: list[Step] = []

    def taken(self) -> list[Step]:
        """Return the steps made since the last call; they go before the step that is being lowered."""
        new, self._new = self._new, []
        return new

    def _indices(self, expr: sp.Expr) -> tuple[sp.Symbol, ...] | None:
        if contains(expr, sp.Sum, IndexMax):
            return None
        runs = {node.indices for node in elements_in(expr) if self._shapes[name_of(node)]}
        longest: tuple[sp.Symbol, ...] = max(runs, key=len, default=())
        same = all(run == longest[: len(run)] for run in runs)
        plain = all(k.is_Symbol for k in longest) and len(set(longest)) == len(longest)
        return longest if longest and same and plain else None

    def key(self, expr: sp.Expr) -> Key | None:
        """Return the expression with places for its indices, or None if it cannot have a name."""
        if expr not in self._keys:
            where = self._indices(expr)
            self._keys[expr] = where and _structure(expr, dict(zip(where, range(4), strict=False)))
        return self._keys[expr]

    def record(self, step: Step) -> None:
        """Let later steps find the value of a step by its definition."""
        key = self.key(step.expr)
        if key is not None and not step.expr.is_Indexed and self._indices(step.expr) == step.indices:
            self._known.setdefault(key, step.tensor.name)

    def found(self, expr: sp.Expr) -> sp.Expr | None:
        """Return the element that holds the value of an expression, if there is one."""
        key = self.key(expr)
        name = self._known.get(key) if key is not None else None
        return None if name is None else sp.Indexed(name, *(self._indices(expr) or ()))

    def named(self, stem: str, expr: sp.Expr, remark: str = "", definition: sp.Expr | None = None) -> sp.Expr:
        """Return the element that holds the value of an expression, from a new step if need be.

        The expression itself is returned if its elements do not share their indices. The new step has
        `definition` for its right-hand side, where that is given, and `remark` goes into its comment.
        """
        element = self.found(expr)
        if element is not None:
            return element
        where, key = self._indices(expr), self.key(expr)
        if where is None or key is None:
            return expr
        source = next(n for n in elements_by_name(expr) if n.indices == where)
        name = self._free_name(stem, name_of(source))
        self._shapes[name], self._roles[name], self._known[key] = (
            self._shapes[name_of(source)],
            Role.HIDDEN,
            name,
        )
        tensor = Tensor(name, Role.HIDDEN, self._shapes[name])
        value = expr if definition is None else definition
        self._new.append(shared_step(tensor, where, value, remark))
        return sp.Indexed(name, *where)

    def _free_name(self, stem: str, source: str) -> str:
        number = re.search(r"\d*$", source)
        wanted = f"{stem}{number.group() if number else ''}"
        name, again = wanted, 1
        while name in self._shapes:
            again += 1
            name = f"{wanted}_{'abcdefghijklmnopqrstuvwxyz'[again % 26]}{again // 26 or ''}"
        return name


def _structure(expr: sp.Expr, places: Mapping[sp.Symbol, int]) -> Key:
    """Say what an expression is but for the names of its indices; that costs less than to write it anew."""
    if not expr.args:
        return type(expr), places.get(expr, expr)
    inside = (_structure(arg, places) for arg in expr.args)
    return expr.func, frozenset(inside) if isinstance(expr, sp.Add | sp.Mul) else tuple(inside)


def share(program: Program, sums_from: int, square_counts: int) -> Program:
    """Return the program in which every call that occurs twice has a step of its own.

    Parameters
    ----------
    program : Program
    sums_from : int
        How often a sum of elements has to occur to get one.
    square_counts : int
        How often the base of a square counts.
    """
    table = Table(program)
    counts = Counter(table.key(node) for step in program.steps for node in _candidates(step, square_counts))
    often = {
        key
        for key, count in counts.items()
        if key is not None and count >= (sums_from if key[0] is sp.Add else 2)
    }
    steps: list[Step] = []
    for step in program.steps:
        expr = step.expr
        if step.tensor.role is not Role.UPDATED:
            expr = _with_names(expr, often, table, whole=True)
        steps += table.taken()
        steps.append(step.with_expr(expr))
        table.record(step)
    return Program(program.inputs, tuple(steps))


def _candidates(step: Step, square_counts: int) -> Iterator[sp.Expr]:
    """Yield each call and each sum of elements in a step."""
    if step.tensor.role is Role.UPDATED:
        return
    stack = [step.expr]
    while stack:
        node = stack.pop()
        if _is_call(node):
            yield node
        elif isinstance(node, sp.Add) and len(elements_in(node)) > 1:
            yield -node if is_negated(node) else node
        if isinstance(node, sp.Pow) and node.exp == 2:
            stack.extend([node.base] * (square_counts - 1))
        stack.extend(node.args if not isinstance(node, sp.Indexed) else ())


def _is_call(node: sp.Basic) -> bool:
    return isinstance(node, sp.Function) and not isinstance(node, _CHEAP)


def _with_names(expr: sp.Expr, often: set[Key], table: Table, whole: bool = False) -> sp.Expr:
    """Replace, from the outside in, what has a name or deserves one."""
    if not expr.args or isinstance(expr, sp.Indexed) or type(expr) is sp.Tuple:
        return expr
    if _is_call(expr) or isinstance(expr, sp.Add):
        turned = isinstance(expr, sp.Add) and is_negated(expr)
        value = -expr if turned else expr
        element = table.found(value)
        if element is None and table.key(value) in often and not whole:
            inner = value.func(*(_with_names(arg, often, table) for arg in value.args))
            element = table.named(_STEMS.get(value.func, str(value.func).lower()), value, "", inner)
        if element is not None:
            return -element if turned else element
    return rebuilt(expr, [_with_names(arg, often, table) for arg in expr.args])


def totals_apart(program: Program) -> Program:
    """Return the program in which a sum that is the same for all elements of a step has a step of its own."""
    steps: list[Step] = []
    taken = set(program.tensors)
    for step in program.steps:
        expr = step.expr
        sums = [s for s in expr.atoms(sp.Sum) if s != expr and not s.free_symbols & set(step.indices)]
        for number, inner in enumerate(sorted(sums, key=str) if step.indices else []):
            name = f"total_{step.tensor.name}{'abcdefgh'[number] if number else ''}"
            while name in taken:
                name += "_"
            taken.add(name)
            steps.append(shared_step(Tensor(name, Role.HIDDEN, ()), (), inner))
            expr = expr.xreplace({inner: element(name, ())})
        steps.append(replace(step, expr=expr))
    return Program(program.inputs, tuple(steps))
