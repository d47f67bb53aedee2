"""Which steps and elements of a derivation a reader asks for: all of them, or those of one weight."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import sympy as sp

from derive.adjoint import adjoint_name
from derive.derivation import Derivation
from derive.optimizers import updated_name
from derive.program import Program, Role, Step, names_in
from derive.suggest import nearest, shown
from derive.views import (
    MAX_ELEMENTS,
    MAX_PATHS,
    Cell,
    PathView,
    TooLargeError,
    count_paths,
    edges,
    elements,
)

_WEIGHT = re.compile(r"\s*(?P<name>[A-Za-z]+[0-9]*)\s*\[(?P<at>[^\[\]]*)\]\s*")
_NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
FORWARD = (Role.HIDDEN, Role.LOSS)


class WeightError(ValueError):
    """A weight that is written wrongly or does not exist; the message shows what there is."""


@dataclass(frozen=True)
class Item:
    """A step, for all its elements at once or for some of them one by one.

    Attributes
    ----------
    step : Step
    shorter : bool
        Whether it says again, with a division cancelled, what the item before it says.
    places : iterable of tuple of int, optional
        The elements; None for all at once.
    """

    step: Step
    shorter: bool = False
    places: Iterable[tuple[int, ...]] | None = None


def parse_weight(text: str, derivation: Derivation) -> Cell:
    """Return the weight that a user names, such as ``W1[0,1]``; indices count from 0.

    Raises
    ------
    WeightError
        If the text has another form, or there is no such weight.
    """
    shapes = derivation.network.parameter_shapes
    there_are = ", ".join(
        f"{name}[{','.join(f'0..{extent - 1}' for extent in shape)}]" for name, shape in shapes.items()
    )
    found = _WEIGHT.fullmatch(text) if len(text) <= 200 else None
    if found is None:
        raise WeightError(
            f"weight {shown(text)}: expected a name and indices from 0, as in W1[0,1]; there are {there_are}"
        )
    name, given = found["name"], found["at"].split(",")
    if name not in shapes:
        near = nearest(name, shapes)
        guess = f"; did you mean {near}?" if near else ""
        raise WeightError(f"weight {shown(text)}: there is no parameter {name}; there are {there_are}{guess}")
    extents = shapes[name]
    fits = len(given) == len(extents) and all(map(_NUMBER.fullmatch, given))
    if not fits or any(int(k) >= extent for k, extent in zip(given, extents, strict=True)):
        wanted = ",".join(f"0..{extent - 1}" for extent in extents)
        raise WeightError(f"weight {shown(text)} does not exist: expected {name}[{wanted}]")
    return name, tuple(map(int, given))


def steps(derivation: Derivation, weight: Cell | None) -> Iterator[Item]:
    """Yield the steps of a derivation, or those that lead to one weight, each with its shorter form."""
    for step in _chosen(derivation, weight):
        yield Item(step)
        if step.tensor.name in derivation.shortened:
            yield Item(derivation.shortened[step.tensor.name], shorter=True)


def _chosen(derivation: Derivation, weight: Cell | None) -> Iterable[Step]:
    if weight is None:
        return derivation.program.steps
    wanted = updated_name(weight[0])
    found = derivation.program.needed_for([wanted]).steps
    return [step for step in found if step.tensor.role not in FORWARD]


def all_elements(derivation: Derivation, weight: Cell | None, force: bool) -> Iterator[Item]:
    """Yield every element of every step, or the elements that the gradient of one weight needs.

    Raises
    ------
    TooLargeError
        If more than `MAX_ELEMENTS` would be written, without `force`; at once, not on the way.
    """
    limit = sys.maxsize if force else MAX_ELEMENTS
    if weight is not None:
        needed = _needed(derivation.program, weight, limit)
        cells = {
            step.tensor.name: sorted(needed.get(step.tensor.name, ())) for step in _chosen(derivation, weight)
        }
        count = sum(map(len, cells.values()))
    else:
        count = sum(_count(step) for step in derivation.program.steps)
        cells = {}
    if count > limit:
        raise _too_many(count)
    return _elements(derivation, weight, cells)


def _elements(
    derivation: Derivation, weight: Cell | None, cells: dict[str, list[tuple[int, ...]]]
) -> Iterator[Item]:
    for item in steps(derivation, weight):
        every = cells[item.step.tensor.name] if weight is not None else elements(item.step, sys.maxsize)
        yield replace(item, places=every)


def _count(step: Step) -> int:
    count = 1
    for extent in step.tensor.shape:
        count *= int(extent)
    return count


def _too_many(count: int) -> TooLargeError:
    return TooLargeError(
        f"{count:,} elements; more than {MAX_ELEMENTS:,} are written with --force only. --weight shows one,"
        " and --view index says the same for all at once"
    )


def _needed(program: Program, weight: Cell, limit: int) -> dict[str, set[tuple[int, ...]]]:
    """Return the elements of adjoints that the gradient of a weight is made of, and its update."""
    name, at = weight
    backward = {step.tensor.name: step for step in program.steps if step.tensor.role is Role.ADJOINT}
    needed: dict[str, set[tuple[int, ...]]] = {updated_name(name): {at}, adjoint_name(name): {at}}
    for step in reversed(backward.values()):
        for where in sorted(needed.get(step.tensor.name, ())):
            for used, place in _used(step, where, names_in(step.expr) & backward.keys()):
                needed.setdefault(used, set()).add(place)
            if sum(map(len, needed.values())) > limit:
                raise _too_many(sum(map(len, needed.values())))
    return needed


def _used(step: Step, where: tuple[int, ...], names: Iterable[str]) -> Iterator[Cell]:
    """Yield the elements of the named tensors that one element of a step reads."""
    fixed = dict(zip(step.indices, map(sp.Integer, where), strict=True))
    limits = {k: (low, high) for inner in step.expr.atoms(sp.Sum) for k, low, high in inner.limits}
    for node in step.expr.atoms(sp.Indexed):
        if str(node.base.label) not in names:
            continue
        bound = [k for k in limits if any(place.has(k) for place in node.indices)]
        ends = ([end.xreplace(fixed) for end in limits[k]] for k in bound)
        for values in product(*(range(int(low), int(high) + 1) for low, high in ends)):
            put = {**fixed, **dict(zip(bound, map(sp.Integer, values), strict=True))}
            yield str(node.base.label), tuple(int(place.xreplace(put)) for place in node.indices)


def all_paths(derivation: Derivation, weight: Cell | None, force: bool) -> Iterator[PathView]:
    """Yield the sum over paths of one weight, or of every weight.

    Raises
    ------
    TooLargeError
        If there are more than `MAX_PATHS` in all, without `force`; at once, not on the way.
    """
    limit = sys.maxsize if force else MAX_PATHS
    if weight is not None:
        return iter([derivation.paths(weight[0], *weight[1], limit=limit)])
    if not force:
        count = derivation.network.weights  # there is a path to each
        if count <= MAX_PATHS:
            count = _paths(derivation)
        if count > MAX_PATHS:
            raise TooLargeError(
                f"at least {count:,} paths; more than {MAX_PATHS:,} are written with --force only. --weight"
                " shows those of one weight, and --view index says the same in one product each"
            )
    return (derivation.paths(name, *at, limit=limit) for name, at in _weights(derivation))


def _weights(derivation: Derivation) -> Iterator[Cell]:
    for name, shape in derivation.network.parameter_shapes.items():
        yield from ((name, at) for at in product(*map(range, shape)))


def _paths(derivation: Derivation) -> int:
    kept = tuple(step for step in derivation.program.steps if step.tensor.role in FORWARD)
    forward = Program(derivation.program.inputs, kept)
    graph = edges(forward, frozenset(forward.tensors))
    return sum(count_paths(graph, ("L", (0,)), weight) for weight in _weights(derivation))
