"""The network as a drawing: where units stand, which lines join them, what is written on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from codegen.handout.tree import Caption, Drawing, Edge, Node
from derive.network import Network

MOST_UNITS = 6
"""A layer with more units is drawn with its first three, dots, and its last."""

MOST_LABELLED_TARGETS = 4
MOST_LABELLED_SOURCES = 5
"""Beyond so many lines between two layers, labels would lie on each other."""

MOST_LAYERS = 6
"""A deeper network is drawn with its first layers, dots, and its last one."""

WIDTH = 13.5
"""The drawing is at most so wide, in centimetres."""

UNIT_GAP = 1.9
LAYER_GAP = 4.4

Label = Callable[[str, tuple[int, ...]], str]
"""From a canonical name and indices to LaTeX."""


@dataclass(frozen=True)
class _Column:
    """The units of one layer that are drawn.

    Attributes
    ----------
    layer : int or None
        0 for the input; None for the dots that stand for several layers.
    units : tuple of (int or None)
        Their numbers from 0, `ONE` for the constant of a bias, None for dots.
    """

    layer: int | None
    units: tuple[int | None, ...]

    @property
    def height(self) -> float:
        return (len(self.units) - 1) * UNIT_GAP


ONE = -1


def draw(network: Network, label: Label) -> Drawing:
    """Return the drawing of a network; large layers are abbreviated with dots.

    Parameters
    ----------
    network : Network
    label : callable
        Writes an element of a tensor as LaTeX.
    """
    columns = _columns(network)
    gap = min(LAYER_GAP, WIDTH / max(1, len(columns) - 1))
    bottom = -(max(column.height for column in columns) / 2 + 0.8)
    nodes: list[Node] = []
    places: dict[tuple[int, int], int] = {}
    captions: list[Caption] = []
    for number, column in enumerate(columns):
        for place, unit in enumerate(column.units):
            if column.layer is not None and unit is not None:
                places[column.layer, unit] = len(nodes)
            nodes.append(_node(column, unit, number * gap, column.height / 2 - place * UNIT_GAP, label))
        if column.layer is not None:
            captions.append(Caption(number * gap, bottom, _caption(network, column.layer)))
    edges = [
        edge
        for before, after in pairwise(columns)
        for edge in _edges(network, before, after, places, label, roomy=gap > LAYER_GAP - 1.5)
    ]
    return Drawing(tuple(nodes), tuple(edges), tuple(captions), _description(network))


def _columns(network: Network) -> list[_Column]:
    depth = len(network.layers)
    layers: list[int | None] = list(range(depth + 1))
    if depth > MOST_LAYERS:
        layers = [*range(MOST_LAYERS - 2), None, depth]
    return [_column(network, layer) for layer in layers]


def _column(network: Network, layer: int | None) -> _Column:
    if layer is None:
        return _Column(None, (None,))
    count = network.sizes[layer]
    units: tuple[int | None, ...] = tuple(range(count)) if count <= MOST_UNITS else (0, 1, 2, None, count - 1)
    one = layer < len(network.layers) and network.bias_of(layer + 1) != "none"
    return _Column(layer, (ONE, *units) if one else units)


def _node(column: _Column, unit: int | None, x: float, y: float, label: Label) -> Node:
    if column.layer is None:
        return Node(x, y, "", "skip")
    if unit is None:
        return Node(x, y, "", "dots")
    if unit == ONE:
        return Node(x, y, "1", "one")
    if column.layer == 0:
        return Node(x, y, label("x", (unit,)), "input")
    return Node(x, y, label(f"a{column.layer}", (unit,)), "unit")


def _edges(
    network: Network,
    before: _Column,
    after: _Column,
    places: Mapping[tuple[int, int], int],
    label: Label,
    *,
    roomy: bool,
) -> list[Edge]:
    if before.layer is None or after.layer is None:
        return []
    targets = [unit for unit in after.units if unit not in (None, ONE)]
    written = (
        roomy
        and len(targets) <= MOST_LABELLED_TARGETS
        and len(before.units) <= MOST_LABELLED_SOURCES
        and None not in (*before.units, *after.units)
    )
    # At this fraction of the way, the labels of all lines stand at equal distances above each other.
    at = 1 / (len(targets) + 1)
    return [
        Edge(
            places[before.layer, source],
            places[after.layer, target],
            label(*_weight(network, after.layer, source, target)) if written else "",
            at,
        )
        for source in before.units
        for target in targets
        if source is not None and target is not None
    ]


def _weight(network: Network, number: int, source: int, target: int) -> tuple[str, tuple[int, ...]]:
    """Return the weight on a line, as the canonical name and its indices."""
    bias = network.bias_of(number)
    if source == ONE and bias == "separate":
        return f"b{number}", (target,)
    place = source + 1 if bias == "folded" else source
    return f"W{number}", (target, place) if network.layout == "column" else (place, target)


def _caption(network: Network, layer: int) -> tuple[str, str]:
    if layer == 0:
        return "input", f"{network.inputs} {'value' if network.inputs == 1 else 'values'}"
    units = network.sizes[layer]
    name = network.activation_of(layer).name
    place = "output" if layer == len(network.layers) else f"layer {layer}"
    return place, f"{units} {name}" if len(name) <= 10 else f"{units} {'unit' if units == 1 else 'units'}"


def _description(network: Network) -> str:
    sizes = " - ".join(map(str, network.sizes))
    return f"Drawing of the network, from the inputs on the left to the outputs on the right: {sizes}."
