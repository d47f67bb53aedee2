"""Single numbers that code writes out, as elements of the network's inputs: ``w1, w2 = 0.15, 0.2``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.perturb import GivenKey
from derive.check.code.shapes import Array, as_array
from derive.check.world import World, all_values
from derive.optimizers import LEARNING_RATE
from derive.read.code import Assigned, Event, Run

Element: TypeAlias = tuple[str, tuple[int, ...]]
RUNS = 3
"""At the example's numbers, and at two others."""
_UNIT = re.compile(r"_?[hoi]?_?\d+(?:_\d+)*(?=$|_new$)|_[hoi](?=$|_new$)")
"""What says which unit or which weight is meant: ``net_h1``, ``w5``, ``dw_1_2``."""
_LETTERS: Mapping[str, str] = {"x": "x", "y": "y", "W": "W", "b": "b", "eta": LEARNING_RATE.name}


@dataclass(frozen=True)
class ScalarGivens:
    """Which statement gives which elements their value, and the values in every run.

    A bias that the units of a layer share stands for all of its elements.
    """

    elements: Mapping[GivenKey, tuple[Element, ...]]
    values: Mapping[GivenKey, tuple[float, ...]]


def recognise_scalars(run: Run, world: World) -> ScalarGivens | None:
    """Return what the code writes out of the example's numbers, by value, kind of name and order.

    None where fewer than two weights are among it.
    """
    left = elements_of({name: np.asarray(v, float) for name, v in world.example_inputs.items()})
    found: dict[GivenKey, tuple[Element, ...]] = {}
    for event in run.events:
        number = number_of(event)
        if number is None or not isinstance(event, Assigned) or not event.given or event.loops:
            continue
        letter = _LETTERS.get(kind_of(event.resolved) or "i", "x" if event.resolved[:1] == "i" else "?")
        fitting = [e for e, v in left.items() if v == number and e[0].startswith(letter)]
        same = [e for e in fitting if e[0] == fitting[0][0]] if letter == "b" else fitting[:1]
        for element in same:
            del left[element]
        if same:
            found[event.span, event.resolved, event.count] = tuple(same)
    chance = np.random.default_rng(3)
    values: dict[GivenKey, tuple[float, ...]] = {}
    for key, elements in found.items():
        name, index = elements[0]
        example = float(np.asarray(world.example_inputs[name])[index])
        others = chance.uniform(0.2, 0.9, RUNS - 1) * chance.choice([-1, 1], RUNS - 1)
        values[key] = (example, *(float(v) for v in others))
    weights = [key for key, elements in found.items() if elements[0][0].startswith("W")]
    return ScalarGivens(found, values) if len(weights) > 1 else None


def true_values(givens: ScalarGivens, world: World) -> dict[Element, Array]:
    """Return the value of every element of every computed quantity, in all runs."""
    found: list[dict[Element, float]] = []
    for run in range(RUNS):
        inputs = {name: np.array(v, dtype=float) for name, v in world.example_inputs.items()}
        for key, elements in givens.elements.items():
            for name, index in elements:
                inputs[name][index] = givens.values[key][run]
        values = all_values(world.derivation, inputs)
        shown = {step.tensor.name for step in world.derivation.program.steps}
        found.append(elements_of({name: v for name, v in values.items() if name in shown}))
    return {element: np.array([values[element] for values in found]) for element in found[0]}


def elements_of(values: Mapping[str, Array]) -> dict[Element, float]:
    """Return every element of some arrays by name and index."""
    return {(name, index): float(v[index]) for name, v in values.items() for index in np.ndindex(v.shape)}


def number_of(event: Event) -> float | None:
    """Return the single number that an assignment gives, None for anything else."""
    if not isinstance(event, Assigned) or event.kind not in ("assign", "augmented", "part"):
        return None
    array = as_array(event.value)
    return float(array.ravel()[0]) if array is not None and array.size == 1 else None


def kind_of(name: str) -> str | None:
    """Return the kind of quantity that a name without its numbers suggests: ``delta_o1`` is a ``dz``."""
    hint = hint_of(_UNIT.sub("", name)) or hint_of(name)
    return hint.kind if hint is not None else None
