"""Mere variables: letters that stand for any number, whatever quantity of the network goes by them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from derive.arithmetic import Array
from derive.check.names import Reading
from derive.read.formula import Formula, Statement
from derive.read.formula_walk import children
from derive.read.tree import Call, Name, Node

MERE = "argument "
"""What the names of mere variables begin with; no name that is read holds a blank."""

STEP = 1e-30
"""The imaginary step by which expressions are differentiated; it has no rounding error."""


def is_mere(item: Statement) -> bool:
    """Tell whether a statement is about a mere variable."""
    return any(is_mere_name(node) for term in item.terms for node in names_in(term))


def is_of_mere(side: Node, reading: Reading) -> bool:
    """Tell whether a side is a function of a mere variable, which the example has no value of."""
    return reading.remembered("mere", side, lambda node, _: any(map(is_mere_name, names_in(node))))


def ends_mere(formula: Formula) -> bool:
    """Tell whether the last statement of a formula is about a mere variable."""
    return bool(formula.statements) and is_mere(formula.statements[-1])


def is_of_mere_variable(node: Call) -> bool:
    """Tell whether a function is called with a mere variable, or an expression in one."""
    return any(is_mere_name(name) for name in names_in(node))


def values_of(name: str, count: int) -> Array:
    """Return random numbers of either sign for a mere variable, one for each point.

    Returns
    -------
    numpy.ndarray of shape (count, 1)
    """
    chance = np.random.default_rng(sum(map(ord, name)))
    signs = np.where(np.arange(count) % 2, -1.0, 1.0)
    return (chance.uniform(0.2, 1.5, count) * signs)[:, None]


def names_in(node: Node) -> Iterator[Name]:
    """Yield the names of a side, but those of the functions that are called."""
    if isinstance(node, Name):
        yield node
        return
    for child in node.arguments if isinstance(node, Call) else children(node):
        yield from names_in(child)


def is_mere_name(name: Name) -> bool:
    """Tell whether a name is that of a mere variable."""
    return name.base.startswith(MERE)
