r"""Letters that say the layer, as in textbooks: ``\delta_j = o_j (1 - o_j) \sum_k w_{kj} \delta_k``.

Where names say no layer, the letter of their index may do so: ``i`` for the inputs, ``j`` for the hidden
units, ``k`` for the outputs. What each stands for is read off the document: the letters of ``x`` and of the
targets are those of the first and the last layer, and a weight leads from one layer to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from derive.check.formula.errors import MistakeError
from derive.check.formula.marks import LAYERED, SOME_LAYER, Index
from derive.read.tree import Name

if TYPE_CHECKING:
    from derive.check.formula.marks import Ref

MOST_LETTERS = 5
MOST_LAYERS = 5
MOST_MEANINGS = 4
"""Of each kind: more are no help to a document that says so little."""

MOST_SLIPS = 0.2
"""The share of what a document says of its letters that may contradict their meaning, as slips do."""

MOST_TURNED = 0.3
"""The same where there are but weights to go by."""

_NEVER_INPUT = frozenset({"z", "delta", "b"})
"""Roles that the inputs have not."""


@dataclass(frozen=True)
class Letters:
    r"""What layer each letter stands for.

    Attributes
    ----------
    layers : tuple of (str, int)
        The canonical number of the layer, 0 for the inputs; or, if `relative`, how far it is from some layer.
    from_to : bool
        Whether the first letter of a weight is the one that it leads from.
    relative : bool
        Whether the letters say but which layer comes before which, as in ``net_j = \sum_i w_{ij} o_i``.
    """

    layers: tuple[tuple[str, int], ...]
    from_to: bool
    relative: bool = False

    def of(self, entry: Index) -> int | None:
        """Return the layer of an index; None where it does not say any."""
        return (
            dict(self.layers).get(entry.symbols[0]) if len(entry.symbols) == 1 and not entry.offset else None
        )

    def layer(self, number: int, shift: int) -> Index:
        """Return a layer as the document counts it."""
        return Index((SOME_LAYER,), number + shift) if self.relative else Index((), number + shift)

    def said(self, last: int) -> str:
        """Return the meaning of the letters in words; `last` is the number of layers."""
        order = "w(from, to)" if self.from_to else "w(to, from)"
        if self.relative:
            words = {-1: "the layer before", 0: "any layer", 1: "the layer behind"}
        else:
            words = {**{n: f"layer {n}" for n in range(last)}, 0: "inputs", last: "outputs"}
        shown = ", ".join(f"{letter} {words[number]}" for letter, number in self.layers)
        return f"{shown}, {order}"


def of_other_layers(letters: Letters) -> Letters:
    """Return the same letters as those of any layers that follow each other so."""
    return replace(letters, layers=tuple((a, n - 1) for a, n in letters.layers), relative=True)


def layer_of_unit(letters: Letters, entries: tuple[Index, ...], shift: int) -> Index | None:
    """Return the layer that the one index of a unit says; None where it says none."""
    number = letters.of(entries[0]) if len(entries) == 1 else None
    return None if number is None else letters.layer(number, shift)


def layer_of_weight(letters: Letters, entries: tuple[Index, ...], name: Name, shift: int) -> Index | None:
    """Return the layer that a weight leads to by its two letters; None where they say none.

    Raises
    ------
    MistakeError
        If no weight leads from the one to the other.
    """
    if len(entries) != 2:
        return None
    source, target = map(letters.of, entries if letters.from_to else entries[::-1])
    if source is None and target is None:
        return None
    if source is not None and target is not None and target != source + 1:
        shown = "".join(entry.text for entry in entries)
        raise MistakeError("index", f"no weight has the indices {shown}: they are of other layers", name.span)
    return letters.layer(target if target is not None else (source or 0) + 1, shift)


def suggested(refs: Iterable[tuple[Name, Ref]], layers: int, default: bool) -> tuple[Letters, ...]:
    """Return what the letters of a document may mean, the likeliest first; nothing where they say no layers.

    Parameters
    ----------
    refs : iterable of (Name, Ref)
        The names of the document and what they stand for.
    layers : int
        The number of layers of the network.
    default : bool
        Whether weights are indexed "from to" where the document does not show it.
    """
    if not 2 <= layers <= MOST_LAYERS:
        return ()
    said = _Said()
    for _, ref in refs:
        symbols = [entry.symbols[0] for entry in ref.at or () if len(entry.symbols) == 1 and not entry.offset]
        if ref.role == "W" and len(symbols) == 2 and ref.layer == Index((SOME_LAYER,)):
            said.pairs[symbols[0], symbols[1]] += 1
        elif ref.role in ("x", "y") and len(symbols) == 1:
            said.ends[symbols[0], 0 if ref.role == "x" else layers] += 1
        elif ref.role in _NEVER_INPUT and len(symbols) == 1:
            said.units[symbols[0]] += 1
    found = sorted({letter for pair in said.pairs for letter in pair})
    if not 2 <= len(found) <= MOST_LETTERS:
        return ()
    absolute = _fitting(found, range(layers + 1), said, MOST_SLIPS) if said.ends else []
    relative = _fitting(found, range(-1, 2), _Said(pairs=said.pairs), MOST_TURNED) if not absolute else []
    fitting = absolute or [numbers for numbers in relative if 0 in numbers.values()]
    return tuple(_with_order(n, said.pairs, default, not absolute) for n in fitting[:MOST_MEANINGS])


Numbers = dict[str, int]


@dataclass
class _Said:
    """How often a document says something of its letters.

    Attributes
    ----------
    pairs : Counter
        The letters of a weight, which are of neighbouring layers.
    ends : Counter
        A letter of an input or of a target, with the number of that layer.
    units : Counter
        Letters of what the inputs have not.
    """

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    ends: Counter[tuple[str, int]] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)

    def against(self, numbers: Numbers) -> int:
        """Return how often the document contradicts a meaning of its letters."""
        pairs = sum(n for (a, b), n in self.pairs.items() if abs(numbers[a] - numbers[b]) != 1)
        ends = sum(n for (a, number), n in self.ends.items() if numbers.get(a, number) != number)
        inputs = sum(n for a, n in self.units.items() if numbers.get(a) == 0) if self.ends else 0
        orders = Counter({True: 0, False: 0})
        for (a, b), n in self.pairs.items():
            orders[numbers[a] < numbers[b]] += n
        return pairs + ends + inputs + 2 * min(orders.values())

    @property
    def total(self) -> int:
        """How often it says anything."""
        return self.pairs.total() + self.ends.total() + self.units.total()


def _fitting(found: list[str], choices: range, said: _Said, slips: float) -> list[Numbers]:
    """Return the meanings that the document contradicts least, of those the ones with the most layers."""
    tried = [dict(zip(found, numbers, strict=True)) for numbers in product(choices, repeat=len(found))]
    least = min(map(said.against, tried))
    if least > slips * said.total:
        return []
    fitting = [numbers for numbers in tried if said.against(numbers) == least]
    most = max(len(set(numbers.values())) for numbers in fitting)
    return [numbers for numbers in fitting if len(set(numbers.values())) == most]


def _with_order(numbers: Numbers, pairs: Counter[tuple[str, str]], default: bool, relative: bool) -> Letters:
    forward = sum(n for (one, other), n in pairs.items() if numbers[one] < numbers[other])
    backward = sum(pairs.values()) - forward
    from_to = forward > backward if forward != backward else default
    return Letters(tuple(sorted(numbers.items())), from_to, relative)


def unresolved(refs: Iterable[Ref]) -> tuple[str, ...]:
    """Return the letters of weights and units of which a claim does not say the layers, if there are any."""
    kept = [ref for ref in refs if ref.layer == Index((SOME_LAYER,)) and ref.role in LAYERED and ref.at]
    weights = [ref for ref in kept if ref.role == "W"]
    if not weights or len(kept) == len(weights):
        return ()
    found = {symbol for ref in kept for entry in ref.at or () for symbol in entry.symbols}
    return tuple(sorted(found)) if len(found) > 1 else ()
