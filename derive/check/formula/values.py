"""The true values that formulas are judged by: tensors and partial derivatives at every point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import sympy as sp

from derive.arithmetic import FLOAT, Array
from derive.calculus import partials
from derive.check.formula.errors import MissingLayerError, Undecided
from derive.check.formula.shares import SHARES, share_step
from derive.check.world import World, world
from derive.evaluate import evaluate_step
from derive.index_arrays import Scope, aligned, value_of
from derive.program import Role, Step

LARGEST = 4_000_000
"""The most numbers that a table of partial derivatives may hold."""


A_FEW = 3
"""Samples, for formulas that number them where the network file has one."""


@dataclass
class Truth:
    """Values at every point, along the first axis; tables of partials are made when they are asked for.

    Attributes
    ----------
    world : World
    draws : tuple of mappings, optional
        Values that take the place of the true ones: draws from what the document stated at the example.
    variants : dict
        The same with labels for targets.
    """

    world: World
    draws: tuple[Mapping[str, Array], ...] | None = None
    variants: dict[tuple[int, ...], Truth] = field(default_factory=dict, repr=False)
    _tensors: dict[str, Array] = field(default_factory=dict, repr=False)
    _jacobians: dict[tuple[str, str], Array] = field(default_factory=dict, repr=False)
    _locals: dict[tuple[str, str], Array] = field(default_factory=dict, repr=False)

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.world.network.layers)

    @property
    def batched(self) -> bool:
        """Whether every tensor but the parameters has the samples as its first axis."""
        return self.world.derivation.samples is not None

    @cached_property
    def alone(self) -> Truth | None:
        """The truth of the first sample by itself; None where there are no batches."""
        if not self.batched:
            return None
        example = None
        if self.world.example is not None:
            given = self.world.inputs[0]
            example = {**given, "x": np.asarray(given["x"])[0], "y": np.asarray(given["y"])[0]}
        return Truth(world(self.world.network, example))

    @cached_property
    def batch(self) -> Truth:
        """The truth of a few samples, at random points."""
        return Truth(world(self.world.network, None, A_FEW))

    @property
    def count(self) -> int:
        """The number of points."""
        return len(self._sources)

    @property
    def _sources(self) -> Sequence[Mapping[str, Array]]:
        return self.draws if self.draws is not None else [point.values for point in self.world.points]

    @cached_property
    def losses(self) -> Array:
        """The loss of each sample by itself, for every point."""
        single = self.alone
        if single is None:
            raise Undecided("the loss of each of several samples, where there is one")
        program = single.world.derivation.program
        found = []
        for values in self._sources:
            by_sample = []
            for x, y in zip(values["x"], values["y"], strict=True):
                scope = Scope(FLOAT, {**values, "x": x, "y": y}, {})
                for step in program.steps:
                    scope.tensors[step.tensor.name] = evaluate_step(step, scope)
                by_sample.append(float(scope.tensors["L"]))
            found.append(by_sample)
        return np.asarray(found)

    @property
    def samples(self) -> int:
        """The number of samples."""
        return int(self.world.points[0].values["x"].shape[0]) if self.batched else 1

    def has(self, name: str) -> bool:
        """Tell whether there is a tensor of that name."""
        if name == SHARES:
            return self._shares is not None
        return name in self.world.points[0].values or name.startswith("X")

    @cached_property
    def _shares(self) -> Step | None:
        return None if self.batched else share_step(self.world.derivation.program)

    def tensor(self, name: str) -> Array:
        """Return a tensor, the points along its first axis.

        ``X2`` is the input of layer 2 with a constant 1 before it.
        """
        if name not in self._tensors:
            if name.startswith("X"):
                inner = self.tensor(self._source(name))
                ones = np.ones((*inner.shape[:-1], 1))
                self._tensors[name] = np.concatenate([ones, inner], axis=-1)
            elif name == SHARES and self._shares is not None:
                scopes = [Scope(FLOAT, dict(values), {}) for values in self._sources]
                self._tensors[name] = np.stack([evaluate_step(self._shares, scope) for scope in scopes])
            else:
                self._tensors[name] = np.stack([np.asarray(v[name], dtype=float) for v in self._sources])
        return self._tensors[name]

    def _source(self, name: str) -> str:
        layer = int(name[1:])
        if not 1 <= layer <= self.layers + 1:
            raise Undecided(f"there is no layer {layer}")
        return "x" if layer == 1 else f"a{layer - 1}"

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor without the axis of points."""
        return self.tensor(name).shape[1:]

    def jacobian(self, of: str, wrt: str) -> Array:
        """Return all partial derivatives of a tensor by another, through everything in between.

        Returns
        -------
        numpy.ndarray of shape (points, *shape of `of`, *shape of `wrt`)
        """
        key = (of, wrt)
        if of == "L" and not wrt.startswith("X") and self.has(f"d{wrt}"):
            return self.tensor(f"d{wrt}")
        if key not in self._jacobians:
            self._jacobians[key] = self._total(of, wrt)
        return self._jacobians[key]

    def _total(self, of: str, wrt: str) -> Array:
        own, other = self.shape(of), self.shape(wrt)
        if np.prod(own) * np.prod(other) * self.count > LARGEST:
            raise Undecided(f"the partial derivatives of {of} by {wrt} are too many")
        if of == wrt:
            unit = np.eye(int(np.prod(own, dtype=int))).reshape(*own, *own)
            return np.broadcast_to(unit, (self.count, *unit.shape))
        if wrt.startswith("X"):
            return self._by_folded(of, int(wrt[1:]))
        if of.startswith("X"):
            inner = self.jacobian(self._source(of), wrt)
            first = np.zeros_like(inner.take([0], axis=len(own)))
            return np.concatenate([first, inner], axis=len(own))
        return self._backwards(of, wrt)

    def _by_folded(self, of: str, layer: int) -> Array:
        """Partials by the folded input of a layer: it acts through ``z`` alone, and there by the weights."""
        if layer > self.layers:
            raise MissingLayerError  # the output with a 1 before it, which feeds nothing
        z, weights = f"z{layer}", self.tensor(f"W{layer}")
        if self.world.network.bias_of(layer) != "folded":
            raise Undecided("the folded input is not part of this network")
        by_z = self.jacobian(of, z)
        column = weights if self.world.network.layout == "column" else weights.swapaxes(-1, -2)
        return np.einsum("p...i,pij->p...j", by_z, column)

    def _backwards(self, of: str, wrt: str) -> Array:
        own, other = self.shape(of), self.shape(wrt)
        size = int(np.prod(own, dtype=int))
        program = self.world.derivation.program
        steps = [s for s in program.steps if s.tensor.role in (Role.HIDDEN, Role.LOSS)]
        steps += [self._shares] if of == SHARES and self._shares is not None else []
        adjoint: dict[str, Array] = {of: np.broadcast_to(np.eye(size), (self.count, size, size))}
        for step in reversed(steps):
            reached = adjoint.pop(step.tensor.name, None) if step.tensor.name != wrt else None
            if reached is None:
                continue
            for used in step.uses:
                length = int(np.prod(self.shape(used), dtype=int))
                if length * size * self.count > LARGEST:
                    if used == wrt:
                        raise Undecided(f"the partial derivatives of {of} by {wrt} are too many")
                    continue
                local = self._local(step, used).reshape(self.count, reached.shape[-1], length)
                adjoint[used] = adjoint.get(used, 0.0) + reached @ local
        found = adjoint.get(wrt)
        if found is None:
            return np.zeros((self.count, *own, *other))
        return found.reshape(self.count, *own, *other)

    def _local(self, step: Step, used: str) -> Array:
        key = (step.tensor.name, used)
        if key not in self._locals:
            names = [step.tensor.name, *step.uses]
            tensors = {name: self.tensor(name) for name in names}
            tables = [
                local_partials(step, used, {name: value[p] for name, value in tensors.items()})
                for p in range(self.count)
            ]
            self._locals[key] = np.stack(tables)
        return self._locals[key]


def local_partials(step: Step, used: str, tensors: Mapping[str, Array]) -> Array:
    """Return the partials of one step by a tensor that it uses directly, as a dense table.

    Parameters
    ----------
    step : Step
    used : str
        The tensor to differentiate by.
    tensors : mapping
        The values of the step's tensor and of all that it uses, at one point.
    """
    own = tensors[step.tensor.name].shape
    table = np.zeros((*own, *tensors[used].shape))
    for use in partials(step.expr, used, taken=step.indices):
        scope = Scope(FLOAT, dict(tensors), {})
        for k, extent in zip(step.indices, own, strict=True):
            scope = scope.inside(k, 0, extent - 1)
        for k, low, high in use.bound:
            scope = scope.inside(k, int(low), int(high))
        axes = (*step.indices, *(k for k, _, _ in use.bound))
        full = tuple(scope.ranges[k][1] - scope.ranges[k][0] + 1 for k in axes)

        own_places = np.indices(full)[: len(own)] if full else np.zeros((0,), dtype=int)
        at = use.at if tensors[used].ndim else ()
        places = (*own_places, *(_spread(expr, scope, axes, full).astype(int) for expr in at))
        if places:
            np.add.at(table, places, _spread(use.value, scope, axes, full))
        else:
            table += float(_spread(use.value, scope, axes, full))
    return table


def _spread(expr: sp.Expr, scope: Scope, axes: tuple[sp.Symbol, ...], full: tuple[int, ...]) -> Array:
    """Return the values of an expression over the full grid of its axes."""
    return np.broadcast_to(aligned(value_of(expr, scope), axes), full)
