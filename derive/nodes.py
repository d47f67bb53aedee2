"""What an expression is made of: as SymPy's ``atoms``, in a fraction of its time and in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.functions import Call


def nodes(expr: sp.Basic, *kinds: type) -> list[sp.Expr]:
    """Return the distinct nodes of the given classes, the expression included."""
    found: dict[sp.Expr, None] = {}
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, kinds):
            found[node] = None
        stack.extend(node.args)
    return list(found)


def contains(expr: sp.Basic, *kinds: type) -> bool:
    """Whether there is a node of the given classes, the expression included: as SymPy's ``has``."""
    return not _classes_in(expr).isdisjoint(kinds)


@lru_cache(maxsize=4096)
def _classes_in(expr: sp.Basic) -> frozenset[type]:
    """Return the classes of all nodes, with those that they are made from."""
    classes: set[type] = set()
    stack = [expr]
    while stack:
        node = stack.pop()
        classes.add(node.__class__)
        stack.extend(node.args)
    return frozenset(base for kind in classes for base in kind.__mro__)


@lru_cache(maxsize=4096)
def elements_in(expr: sp.Basic) -> tuple[sp.Indexed, ...]:
    """Return the distinct elements of tensors in an expression."""
    return tuple(nodes(expr, sp.Indexed))


def elements_by_name(expr: sp.Basic) -> list[sp.Indexed]:
    """Return the distinct elements of tensors in an expression, sorted by their text."""
    return sorted(elements_in(expr), key=spelled)


@lru_cache(maxsize=4096)
def spelled(node: sp.Basic) -> str:
    """Return the text of a node, to sort by: SymPy's printer takes long to write it."""
    if isinstance(node, sp.Symbol):
        return str(node.name)
    if isinstance(node, sp.Indexed):
        return f"{node.base.label.name}[{', '.join(map(spelled, node.indices))}]"
    if isinstance(node, Call):
        return f"{node.func.__name__}({', '.join(map(spelled, node.args))})"
    return str(node)


@lru_cache(maxsize=4096)
def is_negated(expr: sp.Expr) -> bool:
    """Whether an expression is better written as the negative of another; for ``a - b``, that takes long."""
    return bool(expr.could_extract_minus_sign())


def in_order(exprs: Iterable[sp.Expr], rank: Callable[[sp.Expr], Any]) -> list[sp.Expr]:
    """Return expressions by their rank, and those of one rank by their text, which takes long to write."""
    ranked = [(rank(expr), expr) for expr in exprs]
    if len({place for place, _ in ranked}) < len(ranked):
        ranked = [((place, spelled(expr)), expr) for place, expr in ranked]
    return [expr for _, expr in sorted(ranked, key=lambda pair: pair[0])]


@lru_cache(maxsize=4096)
def size_of(expr: sp.Basic) -> int:
    """Return the number of nodes of an expression, those within elements included."""
    return 1 + sum(map(size_of, expr.args))


def symbol_names(*exprs: sp.Basic) -> set[str]:
    """Return the names of all symbols in some expressions, bound ones and names of tensors included."""
    names: set[str] = set()
    stack = list(exprs)
    while stack:
        node = stack.pop()
        if isinstance(node, sp.Symbol):
            names.add(node.name)
        stack.extend(node.args)
    return names
