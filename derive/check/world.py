"""The true values of everything in a derivation, at the example and at random points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from derive.arithmetic import Array
from derive.derivation import Derivation, derive
from derive.evaluate import evaluate
from derive.network import Network
from derive.optimizers import LEARNING_RATE, updated_name
from derive.program import Role

EXAMPLE = "the example"


@dataclass(frozen=True)
class Point:
    """One assignment of numbers to the inputs, with everything that follows from it.

    Attributes
    ----------
    name : str
        "the example", or "random point 1" and so on.
    values : dict of str to numpy.ndarray
        By canonical name: inputs, hidden tensors, the loss ``L``, adjoints (``dW1``, ``dz1``),
        updated parameters (``W1_new``) and, under ``NAME@after``, the values after the update.
    """

    name: str
    values: Mapping[str, Array]


@dataclass(frozen=True)
class World:
    """A derivation with its values at several points.

    Attributes
    ----------
    derivation : Derivation
    inputs : tuple of dict
        The inputs of each point (x, y, parameters, eta), the example first where there is one.
    names : tuple of str
    """

    derivation: Derivation
    inputs: tuple[Mapping[str, Any], ...]
    names: tuple[str, ...]

    @property
    def network(self) -> Network:
        """The network that the document is about."""
        return self.derivation.network

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The values of every tensor at every point."""
        return tuple(
            Point(name, all_values(self.derivation, given))
            for name, given in zip(self.names, self.inputs, strict=True)
        )

    @property
    def example_inputs(self) -> Mapping[str, Any]:
        """The inputs of the worked example; nothing where there is none."""
        return self.inputs[0] if self.names[0] == EXAMPLE else {}

    @property
    def example(self) -> Point | None:
        """The point of the worked example, if the network file has one."""
        return self.points[0] if self.names[0] == EXAMPLE else None


def all_values(derivation: Derivation, given: Mapping[str, Any]) -> dict[str, Array]:
    """Return every tensor of a derivation, and the forward values after the update as ``NAME@after``."""
    with np.errstate(all="ignore"):
        values = evaluate(derivation.numeric, given)
        parameters = [t.name for t in derivation.program.with_role(Role.PARAMETER)]
        moved = {**given, **{name: values[updated_name(name)] for name in parameters}}
        after = evaluate(derivation.network.program(derivation.samples), moved)
    return {**values, **{f"{name}@after": value for name, value in after.items()}}


def world(
    network: Network, example: Mapping[str, Any] | None, samples: int | None = None, seed: int = 7
) -> World:
    """Return the world of a document.

    Parameters
    ----------
    network : Network
    example : mapping, optional
        ``x``, ``y``, ``eta`` and the parameters by canonical name.
    samples : int, optional
        The number of samples of the example; None for one sample.
    seed : int
        For the three random points.
    """
    chance = np.random.default_rng(seed)
    inputs: list[Mapping[str, Any]] = [example] if example is not None else []
    names = [EXAMPLE] if example is not None else []
    batch = () if samples is None else (samples,)
    for number in range(1, 4):
        shapes = {"x": (*batch, network.inputs), **network.parameter_shapes}
        drawn = {
            name: chance.uniform(0.3, 1.7, shape) * chance.choice([-1, 1], shape)
            for name, shape in shapes.items()
        }
        drawn["y"] = _targets(network, (*batch, network.sizes[-1]), chance)
        drawn[LEARNING_RATE.name] = np.asarray(chance.uniform(0.1, 0.9))
        inputs.append(drawn)
        names.append(f"random point {number}")
    return World(derive(network, samples), tuple(inputs), tuple(names))


def _targets(network: Network, shape: tuple[int, ...], chance: np.random.Generator) -> Array:
    """Targets for which the loss is defined and in general position."""
    if network.loss == "hinge":
        return chance.choice([-1.0, 1.0], shape)
    if network.loss in ("cross-entropy", "binary-cross-entropy"):
        drawn = chance.uniform(0.1, 0.9, shape)
        return drawn / drawn.sum(axis=-1, keepdims=True) if network.loss == "cross-entropy" else drawn
    return chance.uniform(-1.5, 1.5, shape)
