"""What a program says about its tensors, as far as their spelling needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from codegen.latex.names import parse_name
from derive.activations import ACTIVATIONS, Activated, Activation
from derive.derivation import Derivation
from derive.network import Network
from derive.program import Program, Step, Tensor, name_of

Source = Network | Derivation | Program | Step

SCALARS = frozenset({"L", "eta"})
"""Canonical names without an index, for a step that comes without its program."""


@dataclass(frozen=True)
class Facts:
    """What spelling needs to know of a program.

    Attributes
    ----------
    ranks : mapping of str to int
        The number of axes of each tensor.
    signs : mapping of str to int
        For each adjoint, whether it is the derivative or its negative.
    last : int or None
        The number of the output layer.
    folded : mapping of str to int
        The axis, counted from the last (-1), along which coordinate 0 belongs to a folded bias.
    activations : mapping of int to Activation
    vectors : {"column", "row"}
        How the weights multiply: ``W a`` or ``a W``.
    """

    ranks: Mapping[str, int]
    signs: Mapping[str, int]
    last: int | None
    folded: Mapping[str, int]
    activations: Mapping[int, Activation]
    vectors: str

    def rank(self, name: str) -> int:
        """Return the number of axes of a tensor; one that is not known is a vector, or a canonical scalar."""
        return self.ranks.get(name, 0 if name in SCALARS else 1)

    def is_scalar(self, name: str) -> bool:
        """Whether the tensor has no axes."""
        return self.rank(name) == 0

    def counts_from_bias(self, name: str, axis: int, rank: int) -> bool:
        """Whether coordinate 0 of the axis is the constant 1 of a folded bias."""
        parsed = parse_name(name)
        return self.folded.get(f"{parsed.stem}{parsed.layer or ''}") == axis - rank


def facts_of(source: Source) -> Facts:
    """Return the facts of a network, a derivation, a program, or of one step alone."""
    if isinstance(source, Step):
        return _facts((source.tensor,), (source,), complete=False)
    if isinstance(source, Network):
        source = source.program()
    program = source.program if isinstance(source, Derivation) else source
    return _facts(program.tensors.values(), program.steps, complete=True)


def _facts(tensors: Iterable[Tensor], steps: tuple[Step, ...], complete: bool) -> Facts:
    held = tuple(tensors)
    layers = [parse_name(step.tensor.name).layer or 0 for step in steps]
    folded: dict[str, int] = {}
    rows = False
    for step in steps:
        for weight, axis in _multiplied(step):
            folded |= {weight: axis} if step.uses & _extended(weight) else {}
            rows = rows or axis == -2
    for name in {t.name for t in held} | {name for step in steps for name in step.uses}:
        if parse_name(name).stem == "X" and not parse_name(name).adjoint:
            folded[name] = -1
    return Facts(
        {t.name: len(t.shape) for t in held},
        {t.name: t.sign for t in held if t.of is not None},
        max(layers, default=0) if complete else None,
        folded,
        {n: a for step in steps for n, a in _activation(step)},
        "row" if rows else "column",
    )


def _extended(weight: str) -> set[str]:
    return {f"X{parse_name(weight).layer}"}


def _multiplied(step: Step) -> list[tuple[str, int]]:
    """Return the weights that a weighted sum multiplies, each with the axis summed over."""
    if parse_name(step.tensor.name).stem != "z" or parse_name(step.tensor.name).adjoint:
        return []
    found = []
    for inner in step.expr.atoms(sp.Sum):
        bound = {k for k, _, _ in inner.limits}
        for node in inner.function.atoms(sp.Indexed):
            if parse_name(name_of(node)).stem == "W":
                found += [
                    (name_of(node), n - len(node.indices)) for n, k in enumerate(node.indices) if k in bound
                ]
    return found


def _activation(step: Step) -> list[tuple[int, Activation]]:
    parsed = parse_name(step.tensor.name)
    if parsed.stem != "a" or parsed.adjoint or parsed.layer is None:
        return []
    if isinstance(step.expr, Activated):
        return [(parsed.layer, step.expr.activation)]
    return [(parsed.layer, ACTIVATIONS["softmax" if step.expr.has(sp.exp) else "linear"])]
