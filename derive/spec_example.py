"""The worked example of a network file: its numbers, checked against the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from derive.network import Network
from derive.spec_table import Value
from derive.suggest import nearest, shown

Numbers: TypeAlias = "tuple[float, ...] | tuple[tuple[float, ...], ...]"


@dataclass(frozen=True)
class Example:
    """The numbers of a worked example.

    Attributes
    ----------
    x : tuple
        ``inputs`` numbers, or one such tuple for each sample.
    y : tuple
        As many numbers as the last layer has units, or one such tuple for each sample.
    learning_rate : float or None
        None where the file has none; there is no update then.
    parameters : mapping of str to tuple
        By canonical name, in the order W1, b1, W2, ..., in the shapes of `Network.parameter_shapes`.
    samples : int or None
        The number of samples; None for one sample without an axis for it.
    """

    x: Numbers
    y: Numbers
    learning_rate: float | None
    parameters: Mapping[str, Numbers] = field(hash=False)
    samples: int | None


def read_example(value: Value, network: Network) -> Example:
    """Return the example in the table ``[example]``.

    Raises
    ------
    SpecError
        If a key is unknown or missing, a number is not finite, or a shape does not fit the network.
    """
    known = ("x", "y", "learning_rate", "parameters")
    inputs, outputs = network.sizes[0], network.sizes[-1]
    required = {
        "x": f"x = [...] with {_numbers(inputs)}",
        "y": f"y = [...] with {_numbers(outputs)}",
        "parameters": "a table [example.parameters] with " + ", ".join(network.parameter_shapes),
    }
    table = value.table(known, required)
    x = _samples(table["x"], inputs, f"one for each of the {inputs} inputs")
    y = _samples(table["y"], outputs, f"one for each of the {outputs} units of the last layer")
    samples = len(x) if isinstance(x[0], tuple) else None
    if samples != (len(y) if isinstance(y[0], tuple) else None):
        found = f"{len(y)} targets" if isinstance(y[0], tuple) else "one target"
        wanted = "one sample" if samples is None else f"{samples} samples"
        raise table["y"].error(
            f"x is {wanted}, y is {found}: give a target for each sample, in the same form"
        )
    rate = table["learning_rate"].number() if "learning_rate" in table else None
    if rate is not None and rate <= 0:
        raise table["learning_rate"].error(f"expected a number above 0, found {shown(rate)}")
    return Example(x, y, rate, _parameters(table["parameters"], network), samples)


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def _samples(value: Value, length: int, why: str) -> Numbers:
    """Return one sample, or a tuple of samples."""
    remedy = f"write [{shown(value.data)}]" if kind_of_number(value.data) else ""
    entries = value.entries(f"a list of {_numbers(length)}", remedy)
    if not entries:
        raise value.error(f"the list is empty: expected {_numbers(length)}")
    if isinstance(value.data[0], list):
        return tuple(_vector(entry, length, why) for entry in entries)
    return _vector(value, length, why)


def kind_of_number(data: object) -> bool:
    """Return whether a value is a number, and neither true nor false."""
    return isinstance(data, (int, float)) and not isinstance(data, bool)


def _vector(value: Value, length: int, why: str) -> tuple[float, ...]:
    entries = value.entries(f"a list of {_numbers(length)}")
    if len(entries) != length:
        raise value.error(f"expected {_numbers(length)}, {why}; found {len(entries)}")
    return tuple(entry.number() for entry in entries)


def _parameters(value: Value, network: Network) -> dict[str, Numbers]:
    shapes = network.parameter_shapes
    if isinstance(value.data, dict):
        for key in value.data:
            if key not in shapes:
                raise value.at(key).error(_surplus(key, network))
    table = value.table(tuple(shapes), {})
    missing = [name for name in shapes if name not in table]
    if missing:
        name = missing[0]
        raise value.error(f"{', '.join(missing)} missing: add {name} = [...] of the shape {shapes[name]}")
    return {name: _parameter(table[name], shape, network) for name, shape in shapes.items()}


def _surplus(key: str, network: Network) -> str:
    shapes = network.parameter_shapes
    if key[:1] == "b" and f"W{key[1:]}" in shapes:
        if network.bias_of(int(key[1:])) == "folded":
            return f'the bias is folded into W{key[1:]}: remove {key}, or set bias = "separate"'
        return f'layer {key[1:]} has no bias: remove {key}, or set bias = "separate"'
    near = nearest(key, shapes)
    guess = f"did you mean {near!r}?" if near else "remove it."
    return f"the network has no such parameter: {guess} It has {', '.join(shapes)}"


def _parameter(value: Value, shape: tuple[int, ...], network: Network) -> Numbers:
    form = f"a list of {_numbers(shape[0])}"
    if len(shape) == 1:
        return _vector(value, shape[0], "one for each unit of the layer")
    form = f"a matrix of the shape {shape}, a list of its {shape[0]} rows"
    rows = [row.entries(form) for row in value.entries(form)]
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        odd = next(position for position, length in enumerate(lengths) if length != lengths[0])
        raise value.at(odd).error(
            f"the row has {_numbers(lengths[odd])}, the first has {lengths[0]}: make all rows equally long"
        )
    given = (len(rows), lengths[0] if lengths else 0)
    if given != shape:
        raise value.error(
            f"expected the shape {shape}, found {given}: {_hint(given, shape, value.path[-1], network)}"
        )
    return tuple(tuple(entry.number() for entry in row) for row in rows)


def _hint(given: tuple[int, int], shape: tuple[int, ...], name: str | int, network: Network) -> str:
    """Say what the rows and columns are, and what may have gone wrong."""
    column = network.layout == "column"
    axes = "(units, inputs)" if column else "(inputs, units)"
    if network.bias_of(int(str(name)[1:])) == "folded":
        part = "column" if column else "row"
        axes = axes.replace("inputs", "1 + inputs")
        if given == ((shape[0], shape[1] - 1) if column else (shape[0] - 1, shape[1])):
            return (
                f'the bias is folded, so the first {part} holds the biases; add it, or set bias = "separate"'
            )
    if given == shape[::-1]:
        return f"in the layout {network.layout} it is {axes}; transpose it, or change the layout"
    return f"in the layout {network.layout} it is {axes}"
