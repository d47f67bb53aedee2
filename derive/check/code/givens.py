"""Which statements of the code write out, draw or reserve the inputs of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.check.code.naming import Hint, hint_of
from derive.check.code.perturb import GivenKey
from derive.check.code.shapes import Array, as_array
from derive.check.world import World
from derive.read.code import Assigned, Run


@dataclass(frozen=True)
class _Start:
    """An array that may be an input: with what its name suggests."""

    key: GivenKey
    value: Array
    hint: Hint | None


_KINDS = ("assign", "part", "appended", "parameter")


def recognise(run: Run, world: World) -> dict[GivenKey, str]:
    """Return the statements that give x, y, the parameters and the learning rate their values.

    An array is recognised by the example's numbers; where it has others (its own, random ones, zeros), by
    its name and size; and a parameter with neither by its shape, in the order of the layers.
    """
    starts = list(_starts(run))
    found = dict(_by_numbers(starts, world))
    found |= {key: LABELS for key in _labels(starts, world) if key not in found}
    taken = set(found.values())
    for start in starts:
        name = next((n for n in _by_name(start, world) if n not in taken), None)
        if start.key not in found and name is not None:
            found[start.key] = name
            taken.add(name)
    for start in starts:
        if start.key not in found and start.value.ndim == 2 and start.value.any() and _nameless(start.hint):
            name = next((n for n in _shaped(start.value.shape, world) if n not in taken), None)
            if name is not None:
                found[start.key] = name
                taken.add(name)
    return found


LABELS = "labels"
"""What an array of classes is called that stands for the targets: ``y = np.array([0, 2, 1])``."""


def _labels(starts: list[_Start], world: World) -> Iterator[GivenKey]:
    """Yield the arrays that give the class of each sample by its number, for a network of several outputs."""
    outputs, samples = world.network.sizes[-1], world.derivation.samples
    for start in starts:
        named = start.hint is not None and start.hint.kind == "y"
        if (
            named
            and outputs > 1
            and start.value.size == samples
            and np.isin(start.value, range(outputs)).all()
        ):
            yield start.key


def one_hot(labels: Array, outputs: int) -> Array:
    """Return targets with a 1 at the place of each label."""
    return np.asarray(np.eye(outputs)[labels.ravel().astype(int)])


def _nameless(hint: Hint | None) -> bool:
    return hint is None or hint.kind in ("W", "none", "z", "a")


def _starts(run: Run) -> Iterator[_Start]:
    """Yield what is given, drawn or filled with zeros, where it is not part of a pass of a training."""
    for event in run.events:
        if not isinstance(event, Assigned) or event.kind not in _KINDS:
            continue
        array = as_array(event.value)
        if array is None or is_shape(event):
            continue
        if event.given or event.drawn or not array.any():
            yield _Start((event.span, event.resolved, event.count), array, hint_of(event.resolved))


def is_shape(event: Assigned) -> bool:
    """Whether an entry of a dictionary is a shape, as in ``{"W1": (2, 3)}``."""
    numbers = event.value if isinstance(event.value, tuple) else ()
    return event.kind == "part" and bool(numbers) and all(isinstance(n, int) and n > 0 for n in numbers)


def with_folded(world: World, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs with the first layer's, a 1 before x, where its bias is folded."""
    if world.network.bias_of(1) != "folded" or "x" not in inputs:
        return inputs
    x = np.asarray(inputs["x"], dtype=float)
    return {**inputs, "X1": np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)}


def _by_numbers(starts: list[_Start], world: World) -> Iterator[tuple[GivenKey, str]]:
    inputs = with_folded(world, world.example_inputs)
    example = {name: np.asarray(v, dtype=float) for name, v in inputs.items()}
    for start in starts:
        if (not start.value.any() and start.hint is None) or _is_constant(start):
            continue
        fitting = [name for name, value in example.items() if _same_numbers(value, start.value)]
        hint = start.hint
        if len(fitting) > 1 and hint is not None:
            named = [n for n in fitting if n == f"{hint.kind}{hint.layer or ''}"]
            fitting = named or [n for n in fitting if n[0] == hint.kind[0]] or fitting
        if len(fitting) == 1 and _may_be(fitting[0], hint):
            yield start.key, fitting[0]


def _is_constant(start: _Start) -> bool:
    """Whether a number is the 1 beside a bias, as in ``X1[0] = 1``, and no rate or target of 1."""
    named = start.hint is not None and start.hint.kind in ("y", "W", "b", "eta")
    element = "[" in start.key[1] and not set(start.key[1]) & set("'\"")
    return start.value.size == 1 and bool(np.all(start.value == 1)) and element and not named


def _by_name(start: _Start, world: World) -> Sequence[str]:
    """Return the inputs that a name and a size point at, the likeliest first."""
    hint = start.hint
    if hint is None or hint.kind not in ("x", "y", "W", "b"):
        return ()
    kind, size = hint.kind, start.value.size
    sizes = {name: int(np.size(value)) for name, value in world.inputs[-1].items()}
    if kind in ("x", "y"):
        # A target of zeros is a placeholder; one of numbers is what the document uses.
        return (kind,) if sizes[kind] == size and start.value.any() else ()
    names = [n for n in world.network.parameter_shapes if n.startswith(kind) and sizes[n] == size]
    named = f"{kind}{hint.layer}"
    if named in names:
        return (named,)
    return names if len(names) == 1 or hint.layer is None else ()


def _shaped(shape: tuple[int, ...], world: World) -> Iterator[str]:
    """Yield the weights that have a shape, either way round."""
    for name, known in world.network.parameter_shapes.items():
        if name.startswith("W") and shape in (tuple(known), tuple(known)[::-1]):
            yield name


def _may_be(name: str, hint: Hint | None) -> bool:
    """Whether a name does not speak against what the numbers are."""
    return (
        hint is None
        or hint.kind not in ("x", "y", "W", "b", "eta")
        or name.lower().startswith(hint.kind.lower())
    )


def _same_numbers(value: Array, array: Array) -> bool:
    if value.size != array.size:
        return False
    close = np.allclose(value.ravel(), array.ravel(), rtol=1e-7, atol=1e-12)
    turned = value.ndim == 2 and array.shape == value.T.shape
    return bool(close or (turned and np.allclose(value.T, array, rtol=1e-7, atol=1e-12)))
