"""What an expression is made of: as SymPy's ``atoms``, in a fraction of its time and in a fixed order."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp


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
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, kinds):
            return True
        stack.extend(node.args)
    return False


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
    return str(node)


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
