"""What judging a formula depends on: the truth, the reading, and what the document has said so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

import derive.check.formula.arrays
import derive.check.formula.conditions
import derive.check.formula.derivatives
import derive.check.formula.functions
import derive.check.formula.sums  # noqa: F401  the five register their rules
from derive.arithmetic import FLOAT, Array
from derive.check.formula.definition import Definition
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import Mode
from derive.check.formula.patience import Patience
from derive.check.formula.values import Truth
from derive.check.intervals import Value
from derive.check.ledger import Ledger
from derive.check.names import Reading
from derive.check.world import Point, World, world
from derive.evaluate import evaluate_step
from derive.index_arrays import Scope
from derive.read.tree import Node

DRAWS = 7


@dataclass
class Context:
    """The state of a document while its claims are judged in order.

    Attributes
    ----------
    truth : Truth
    reading : Reading
    ledger : Ledger
    definitions : dict
        Names of the document's own.
    fixed : dict of str to int
        Layers that the text has fixed, such as ``l = 2``.
    free : dict
        Values for names that are mere arguments in the claim at hand.
    last : Node or None
        The last side of the statement before, which a formula without a left side goes on from.
    seen : dict
        Displayed decimals and what they were, for numbers that turn up in a wrong place.
    patience : Patience
    """

    truth: Truth
    reading: Reading
    ledger: Ledger = field(default_factory=Ledger)
    definitions: dict[str, Definition] = field(default_factory=dict)
    fixed: dict[str, int] = field(default_factory=dict)
    free: dict[str, Value] = field(default_factory=dict)
    last: Node | None = None
    seen: dict[Fraction, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)

    def with_reading(self, reading: Reading) -> Context:
        """Return a context of the same truth under another reading, with nothing said so far."""
        return Context(self.truth, reading)

    @property
    def has_example(self) -> bool:
        """Whether there are numbers of an example to judge by."""
        return self.truth.world.example is not None

    @cached_property
    def givens(self) -> frozenset[Fraction]:
        """The numbers of the example that are exact although they have few digits."""
        if not self.has_example:
            return frozenset()
        found: set[Fraction] = set()
        for value in self.truth.world.inputs[0].values():
            for number in np.asarray(value, dtype=float).reshape(-1)[:10_000]:
                found |= {Fraction(str(number)), Fraction(str(-number))}
        return frozenset(found)

    def evaluator(
        self, mode: Mode, *, displayed: bool = False, loosened: float = 0.5, clipped: bool = False
    ) -> Evaluator:
        """Return an evaluator of the true values."""
        return Evaluator(
            self.truth,
            self.reading,
            mode,
            displayed=displayed,
            loosened=loosened,
            exact=self.givens,
            definitions=self.definitions,
            free={name: value[:1] if displayed else value for name, value in self.free.items()},
            clipped=clipped,
        )

    def alone(self) -> Context:
        """Return the context in which there is but one sample."""
        truth = self.truth.alone
        if truth is None:
            return self
        return replace(self, truth=truth, reading=self.reading.changed(samples=None, each_sample=False))

    def of_batch(self) -> Context:
        """Return the context in which there are several samples."""
        truth = self.truth.batch
        return replace(self, truth=truth, reading=self.reading.changed(samples=truth.samples))

    @cached_property
    def _alternatives(self) -> dict[str, Truth]:
        return {}

    def uniform(self, activation: str) -> Truth:
        """Return the truth of the network in which every layer has one activation, at random points."""
        if activation not in self._alternatives:
            network = self.truth.world.network
            layers = tuple(replace(layer, activation=activation) for layer in network.layers)
            samples = self.truth.world.derivation.samples
            self._alternatives[activation] = Truth(world(replace(network, layers=layers), None, samples))
        return self._alternatives[activation]

    def heirs(self, ledger: Ledger) -> Truth | None:
        """Return the truth as it would be if what the document stated were so; None without an example."""
        if not self.has_example or not ledger.entries:
            return None
        example = self.truth.world.points[0]
        draws = tuple(recomputed(self.truth.world, example, stated) for stated in ledger.draws(DRAWS))
        return Truth(self.truth.world, draws)


def recomputed(world_: World, point: Point, stated: Mapping[str, Array]) -> dict[str, Any]:
    """Evaluate the program at a point, with stated values in the place of what they are the values of."""
    program = world_.derivation.numeric
    tensors: dict[str, Array] = {}
    for tensor in program.inputs:
        given = np.asarray(point.values[tensor.name], dtype=float)
        tensors[tensor.name] = _put(given, stated.get(tensor.name))
    scope = Scope(FLOAT, tensors, {})
    with np.errstate(all="ignore"):
        for step in program.steps:
            name = step.tensor.name
            tensors[name] = _put(evaluate_step(step, scope), stated.get(name))
    return {**{k: v for k, v in point.values.items() if k not in tensors}, **tensors}


def _put(value: Array, stated: Array | None) -> Array:
    """Return the stated value where there is one; entries that are not stated are NaN there."""
    if stated is None:
        return value
    shaped = np.asarray(stated, dtype=float).reshape(value.shape)
    return np.where(np.isnan(shaped), value, shaped)
