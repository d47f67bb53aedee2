"""The data structure that every reader shares: a program in index notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property, lru_cache
from itertools import chain, count
from typing import Any

import sympy as sp

from derive import building
from derive.nodes import contains, elements_in, nodes


class Role(Enum):
    """What a tensor is for."""

    INPUT = "input"
    TARGET = "target"
    PARAMETER = "parameter"
    HIDDEN = "hidden"
    LOSS = "loss"
    ADJOINT = "adjoint"
    UPDATED = "updated"


@dataclass(frozen=True)
class Tensor:
    """A named array.

    Attributes
    ----------
    name : str
        Canonical name (``x``, ``W1``, ``z1``, ``dW1``, ``L``), unique in its program.
    role : Role
    shape : tuple of sympy.Expr
        One extent for each axis, an integer or a symbol; ``()`` for a scalar.
    of : str, optional
        For an adjoint, the tensor that the loss is differentiated by; for an updated
        parameter, the parameter.
    sign : int
        For an adjoint, 1, or -1 where the tensor holds the negative of the derivative.
    """

    name: str
    role: Role
    shape: tuple[sp.Expr, ...]
    of: str | None = None
    sign: int = 1

    def __getitem__(self, indices: sp.Expr | tuple[sp.Expr, ...]) -> sp.Expr:
        """Return one element of the tensor as a SymPy ``Indexed``."""
        where = indices if isinstance(indices, tuple) else (indices,)
        if len(where) != len(self.shape):
            raise IndexError(f"{self.name} has {len(self.shape)} axes, but {len(where)} indices were given")
        return element(self.name, where)


@dataclass(frozen=True)
class Rule:
    """Why a step holds: a short name and the statement that a handout shows beside it."""

    name: str
    statement: str


@dataclass(frozen=True)
class Step:
    """The definition of one tensor, element by element, from tensors defined before it.

    Attributes
    ----------
    tensor : Tensor
    indices : tuple of sympy.Symbol
        One index for each axis of `tensor`; index ``k`` runs over ``0 <= k < shape[k]``.
    expr : sympy.Expr
        The element ``tensor[indices]``, in ``Indexed``, ``Sum`` and functions.
    rule : Rule
    assumptions : tuple of str
        What must hold for the step to be true, in words.

    Raises
    ------
    ValueError
        If the number of indices does not fit the tensor, or one index is bound twice.
    """

    tensor: Tensor
    indices: tuple[sp.Symbol, ...]
    expr: sp.Expr
    rule: Rule
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        name = self.tensor.name
        if len(self.indices) != len(self.tensor.shape):
            raise ValueError(f"{name} has {len(self.tensor.shape)} axes, but {len(self.indices)} indices")
        for bound in (self.indices, *_bound_in(self.expr)):
            if len(set(bound)) < len(bound):
                twice = sorted({str(k) for k in bound if bound.count(k) > 1})
                raise ValueError(f"the step for {name} binds {', '.join(twice)} twice: rename one of the two")

    def with_expr(self, expr: sp.Expr) -> Step:
        """Return the step with another right-hand side; itself if that is its own."""
        return self if expr is self.expr else replace(self, expr=expr)

    @cached_property
    def uses(self) -> frozenset[str]:
        """Names of the tensors that the step reads."""
        return names_in(self.expr)


@lru_cache(maxsize=4096)
def _bound_in(expr: sp.Expr) -> tuple[tuple[sp.Symbol, ...], ...]:
    """Return the indices that each sum binds."""
    return tuple(tuple(k for k, _, _ in inner.limits) for inner in nodes(expr, sp.Sum))


@dataclass(frozen=True)
class Program:
    """An ordered sequence of steps; every name is defined once, before its use.

    Raises
    ------
    ValueError
        If a name is defined twice or used before its definition.
    """

    inputs: tuple[Tensor, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        seen = {tensor.name: tensor for tensor in self.inputs}
        if len(seen) != len(self.inputs):
            raise ValueError("two inputs of the program have the same name")
        for step in self.steps:
            name = step.tensor.name
            missing = [used for used in sorted(step.uses) if used not in seen]
            if missing:
                raise ValueError(f"the step for {name} uses {', '.join(missing)} before a definition")
            if name in seen:
                raise ValueError(f"{name} is defined twice")
            seen[name] = step.tensor

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by its name, in the order of definition."""
        return {t.name: t for t in (*self.inputs, *(step.tensor for step in self.steps))}

    def step(self, name: str) -> Step:
        """Return the step that defines `name`; ``KeyError`` if no step does."""
        return self._by_name[name]

    def defining(self, name: str) -> Step | None:
        """Return the step that defines `name`, or None for an input."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Step]:
        return {step.tensor.name: step for step in self.steps}

    def with_role(self, role: Role) -> tuple[Tensor, ...]:
        """Return the tensors of one role, in the order of definition."""
        return self._by_role.get(role, ())

    @cached_property
    def _by_role(self) -> dict[Role, tuple[Tensor, ...]]:
        found: dict[Role, list[Tensor]] = {}
        for tensor in self.tensors.values():
            found.setdefault(tensor.role, []).append(tensor)
        return {role: tuple(tensors) for role, tensors in found.items()}

    def needed_for(self, names: Iterable[str]) -> Program:
        """Return the program without the steps that none of `names` depends on."""
        wanted = set(names)
        kept: list[Step] = []
        for step in reversed(self.steps):
            if step.tensor.name in wanted:
                kept.append(step)
                wanted |= step.uses
        return replace(self, steps=tuple(reversed(kept)))


def element(name: str, indices: Iterable[sp.Expr]) -> sp.Expr:
    """Return ``name[indices]``; a scalar tensor is an ``Indexed`` of one axis at 0."""
    return building.element(name, tuple(indices) or (sp.Integer(0),))


def name_of(node: sp.Indexed) -> str:
    """Return the name of the tensor that an ``Indexed`` belongs to."""
    return str(node.base.label.name)


@lru_cache(maxsize=4096)
def names_in(expr: sp.Expr) -> frozenset[str]:
    """Return the names of the tensors in an expression."""
    return frozenset(map(name_of, elements_in(expr)))


def index(name: str) -> sp.Symbol:
    """Return an index: a symbol that is a non-negative integer."""
    return sp.Symbol(name, integer=True, nonnegative=True)


def indices(names: str) -> tuple[sp.Symbol, ...]:
    """Return an index for each word of `names`."""
    return tuple(index(name) for name in names.split())


def total(body: sp.Expr, *ranges: tuple[sp.Symbol, sp.Expr | int]) -> sp.Expr:
    """Return ``Sum(body)`` over each ``0 <= k < extent``, given as pairs ``(k, extent)``."""
    limits = [(k, 0, extent - 1) for k, extent in ranges]
    return sum_over(body, limits) if limits else body


def sum_over(body: sp.Expr, limits: Iterable[Any]) -> sp.Expr:
    """Return ``Sum(body, *limits)``, where SymPy keeps its value.

    Raises
    ------
    ValueError
        If a sum in `body` has cases that depend on its own index: SymPy takes the cases out of both sums,
        where that index means nothing.
    """
    if contains(body, sp.Piecewise) and contains(body, sp.Sum):
        for inner in nodes(body, sp.Sum):
            conditions = [branch.cond for cases in nodes(inner, sp.Piecewise) for branch in cases.args]
            if any(condition.free_symbols & set(inner.bound_symbols) for condition in conditions):
                raise ValueError(
                    f"{inner} stands in a sum and has cases by its own index: give it a step of its own"
                )
    return building.plain_sum(body, limits)


def fresh_letters(taken: Iterable[str]) -> Iterator[sp.Symbol]:
    """Yield indices with names that `taken` does not hold, the customary letters first."""
    used = set(taken)
    marks = chain([""], map(str, count(1)))
    for letter in (f"{letter}{mark}" for mark in marks for letter in "kmpqrstuvlijn"):
        if letter not in used:
            used.add(letter)
            yield index(letter)
