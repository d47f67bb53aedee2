"""Where a formula is evaluated: the values of its free indices, of layers, and what is ambiguous in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.label_names import counting, sample_of_label
from derive.check.formula.marks import AXES, LAYERED, Index, Ref
from derive.check.names import Reading
from derive.read.formula_walk import children, walk
from derive.read.tree import BigOperator, Call, Name, Node, Number, Script

MOST_COMBINATIONS = 240
"""Of the values of free indices; beyond that a seeded sample is taken."""


@dataclass(frozen=True)
class Mode:
    """How the doubtful constructs are meant.

    Attributes
    ----------
    vectors : {"hadamard", "dot"}
        The product of two vectors that lie alike.
    bare_sum : {"all", "samples"}
        A sum without an index.
    partials : {"plain", "rows", "columns", "diagonal"}
        The derivative of a whole vector by another: the Jacobian, beside vectors as they lie
        elsewhere; beside gradients that are rows; its transpose; or the diagonal as a vector.
    updated : {"no", "left", "all"}
        Whether the name of a parameter means its value after the update.
    function : {"first", "second", "third"}
        Which activation of the network a letter means that says nothing of its layer.
    model : {"output", "activation"}
        What ``f(x)`` is of the input: the output of the network, or an activation.
    """

    vectors: str = "hadamard"
    bare_sum: str = "all"
    partials: str = "plain"
    updated: str = "no"
    function: str = "first"
    model: str = "output"


@dataclass
class Frame:
    """The values of the free symbols: one combination for each place along the second axis of values.

    Attributes
    ----------
    layers : dict of str to int
        Symbols that number layers, as the document counts.
    units : dict of str to numpy.ndarray
        Symbols that number units, as the document counts.
    mask : numpy.ndarray of bool
        False for combinations that run out of a tensor; filled during the evaluation.
    bound : frozenset of str
        Symbols that a sum runs over.
    """

    layers: dict[str, int]
    units: dict[str, Array]
    mask: Array
    bound: frozenset[str] = frozenset()

    @cached_property
    def key(self) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, bytes], ...]]:
        """What distinguishes the frame from others."""
        units = tuple((symbol, values.tobytes()) for symbol, values in self.units.items())
        return tuple(self.layers.items()), units

    @property
    def size(self) -> int:
        """The number of combinations."""
        return int(self.mask.shape[0])


@dataclass(frozen=True)
class Symbols:
    """Free symbols of a formula, by what they number."""

    layers: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


def bound_symbols(node: BigOperator) -> tuple[str, ...]:
    """Return the names that a sum runs over."""
    return tuple(index.base for index in node.indices if isinstance(index, Name))


def free_symbols(node: Node, reading: Reading) -> Symbols:
    """Return the free symbols of a formula; names that nothing is known of have none."""
    return reading.remembered("symbols", node, _symbols)


def symbols_of(nodes: tuple[Node, ...], reading: Reading) -> Symbols:
    """Return the free symbols of several formulas."""
    found = [free_symbols(node, reading) for node in nodes]
    layers = frozenset[str]().union(*(symbols.layers for symbols in found))
    return Symbols(layers, frozenset().union(*(symbols.units for symbols in found)))


def _symbols(node: Node, reading: Reading) -> Symbols:
    if isinstance(node, Name):
        return _symbols_of_name(node, reading)
    if isinstance(node, Script):
        return Symbols()
    if isinstance(node, Call) and node.function.base == "len":
        return Symbols(frozenset(n.base for argument in node.arguments for n in names_of(argument)) - {"L"})
    found = symbols_of(tuple(children(node)), reading)
    if isinstance(node, BigOperator):
        bound = set(bound_symbols(node))
        return Symbols(found.layers - bound, found.units - bound)
    return found


def _symbols_of_name(name: Name, reading: Reading) -> Symbols:
    if sample_of_label(name.base, reading) is not None and not name.subscripts:
        return Symbols(units=frozenset(counting(name.base, reading)))
    ref = quiet(name, reading)
    if ref is None:
        scripts = (*name.subscripts, *name.superscripts)
        layered = name.base in ("f", "g", "phi", "sigma") and any("l" in s.tokens for s in scripts)
        return Symbols(frozenset("l")) if layered else Symbols()
    layers = set(ref.layer.symbols) - {"L"} if ref.layer is not None else set()
    units = frozenset(s for entry in ref.indices for word in entry.symbols for s in counting(word, reading))
    return Symbols(frozenset(layers), units)


def names_of(node: Node) -> Iterator[Name]:
    """Yield the names of a formula, but those inside scripts."""
    return (inner for inner in walk(node) if isinstance(inner, Name))


def quiet(name: Name, reading: Reading) -> Ref | None:
    """Resolve a name; None also where it cannot be."""
    try:
        return reading.resolve(name)
    except (MistakeError, Undecided):
        return None


def layer_number(index: Index, role: str, reading: Reading, layers: dict[str, int]) -> int:
    """Return the canonical number of a layer, 0 for the input.

    Raises
    ------
    MissingLayerError
        If a free symbol takes it out of the network.
    """
    shift = reading.weights_from if role in ("W", "b") else reading.units_from
    number = index.offset - shift
    for symbol in index.symbols:
        if symbol == "L":
            number += reading.layers + shift
        elif symbol in layers:
            number += layers[symbol]
        else:
            raise Undecided(f"{symbol} is not known to number a layer")
    named_zero = role == "z" and not index.symbols and index.offset == 0  # notes that call the input z_0
    lowest = 0 if role in ("a", "size") or named_zero else 1
    highest = reading.layers + (1 if role == "X" else 0)
    if not lowest <= number <= highest:
        if set(index.symbols) - {"L"}:
            raise MissingLayerError
        raise MistakeError("index", f"there is no layer {index.text or number}")
    return number


class Extent(NamedTuple):
    """The values that an index can take: from which number on, and how many."""

    first: int
    length: int


def extents(ref: Ref, reading: Reading, layers: dict[str, int]) -> tuple[Extent, ...]:
    """Return the values that each index of a name can take.

    Where the bias is folded into the weights, it has the number 0 in documents of every kind.
    """
    sizes = reading.network.sizes
    if ref.role in ("x", "y", "out", "share"):
        return (Extent(reading.base, sizes[0] if ref.role == "x" else sizes[-1]),)
    if AXES.get(ref.role, 1) == 0:
        return ()
    if ref.layer is None:
        raise Undecided("a name without its layer")
    number = layer_number(ref.layer, ref.role, reading, layers)
    if ref.role == "W":
        folded = reading.network.bias_of(number) == "folded"
        source = Extent(0, sizes[number - 1] + 1) if folded else Extent(reading.base, sizes[number - 1])
        pair = (Extent(reading.base, sizes[number]), source)
        return pair[::-1] if reading.from_to else pair
    if ref.role == "X":
        return (Extent(0, sizes[number - 1] + 1),)
    return (Extent(reading.base, sizes[number]),)


def sample_extent(reading: Reading) -> Extent:
    """Return the numbers of the samples."""
    return Extent(reading.samples_from, reading.samples or 1)


def _indexed(node: Node, reading: Reading) -> frozenset[Ref]:
    """Return what the names with symbols for indices stand for."""
    if isinstance(node, Name):
        ref = quiet(node, reading)
        if ref is None or (ref.role in LAYERED and ref.layer is None):
            return frozenset()
        return frozenset([ref]) if any(entry.symbols for entry in ref.indices) else frozenset()
    if isinstance(node, (Script, Number)):
        return frozenset()
    return frozenset().union(*(reading.remembered("indexed", child, _indexed) for child in children(node)))


def ranges(nodes: tuple[Node, ...], reading: Reading, layers: dict[str, int]) -> dict[str, list[Extent]]:
    """Return, for each symbol that indexes units, the values it could take at each of its uses."""
    found: dict[str, list[Extent]] = {}
    for node in nodes:
        for ref in reading.remembered("indexed", node, _indexed):
            try:
                lengths = extents(ref, reading, layers)
            except (MissingLayerError, MistakeError, Undecided):
                continue
            own = lengths if ref.sample is None else (*lengths[: len(ref.at or ())], sample_extent(reading))
            for entry, length in zip(ref.indices, own, strict=False):
                for word in entry.symbols:
                    # Only the index itself tells where it starts: k - 1 may start anywhere.
                    extent = Extent(length.first if entry.offset == 0 else reading.base, length.length)
                    if sample_of_label(word, reading) is None:
                        found.setdefault(word, []).append(extent)
                        continue
                    for sample in counting(word, reading):
                        found.setdefault(sample, []).append(sample_extent(reading))
    return found


def runs_out(node: Node, symbol: str, reading: Reading, layers: dict[str, int]) -> bool:
    """Tell whether an index stands at a tensor of a layer that the network does not have."""
    for ref in reading.remembered("indexed", node, _indexed):
        if any(symbol in entry.symbols for entry in ref.at or ()):
            try:
                extents(ref, reading, layers)
            except MissingLayerError:
                return True
            except (MistakeError, Undecided):
                continue
    return False


def frames(nodes: tuple[Node, ...], reading: Reading, fixed: dict[str, int] | None = None) -> Iterator[Frame]:
    """Yield a frame for every assignment of the layers, with all combinations of the unit indices.

    Parameters
    ----------
    nodes : tuple of Node
        The sides of a claim.
    fixed : dict, optional
        Layers that the text has fixed (``l = 2``).
    """
    symbols = symbols_of(nodes, reading)
    names = sorted(symbols.layers)
    last = reading.layers + max(reading.units_from, reading.weights_from, 0)
    choices = [[fixed[name]] if fixed and name in fixed else list(range(last + 2)) for name in names]
    if len(names) > 2:
        raise Undecided("more than two symbols number layers")
    for numbers in product(*choices):
        layers = dict(zip(names, numbers, strict=True))
        units = sorted(symbols.units - symbols.layers)
        spans = ranges(nodes, reading, layers) if units else {}
        whole = [_whole(spans.get(symbol, [Extent(reading.base, 1)])) for symbol in units]
        yield Frame(layers, *_grid(units, whole))


def _whole(parts: list[Extent]) -> Extent:
    """Return all values that an index takes at any of its uses."""
    first = min(part.first for part in parts)
    return Extent(first, max(part.first + part.length for part in parts) - first)


def _grid(units: list[str], whole: list[Extent]) -> tuple[dict[str, Array], Array]:
    lengths = [extent.length for extent in whole]
    count = int(np.prod(lengths, dtype=float)) if lengths else 1
    if count <= MOST_COMBINATIONS:
        places = np.indices(lengths).reshape(len(lengths), -1) if lengths else np.zeros((0, 1), dtype=int)
    else:
        chance = np.random.default_rng(11)
        places = np.stack([chance.integers(0, n, MOST_COMBINATIONS) for n in lengths])
    grid = {symbol: places[k] + whole[k].first for k, symbol in enumerate(units)}
    return grid, np.ones(places.shape[1] if lengths else 1, dtype=bool)
