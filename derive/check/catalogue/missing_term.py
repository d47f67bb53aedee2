"""A term of a sum is missing.

A bias is forgotten, or one of the units that a sum written out runs over; in backpropagation, one of the
paths.

Count the terms: one for each unit of the layer that is summed over, and one for the bias.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from derive.check.catalogue.entry import Edit, Site, Workspace, entry, sites
from derive.check.formula.build import element_name, plain_name
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.frame import layer_number, quiet
from derive.check.names import Reading
from derive.read.formula_walk import transform, walk
from derive.read.tree import Add, Derivative, Name, Neg, Node, Number, Product, Script, Transpose


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for layer in work.layers:
        for symbol in (None, *work.symbols):
            bias = element_name("b", layer, (symbol,) if symbol else (), work.reading, side)
            if bias is None:
                continue
            for term in (bias, Transpose(bias, span=side.span)) if symbol is None else (bias,):
                terms = (*side.terms, term) if isinstance(side, Add) else (side, term)
                words = f"the bias of layer {layer} is missing"
                yield Edit(Add(terms, span=side.span), side.span, words)
    yield from _steps(side, work)
    yield from _first_terms(side, work)
    yield from _other_units(side, work)
    yield from _other_paths(side, work)


def _steps(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield an update with its step, where it only says that a parameter is what it was."""
    ref = quiet(side, work.reading) if work.update and isinstance(side, Name) else None
    if ref is not None and ref.role in ("W", "b"):
        gradient = Derivative(plain_name("L", work.reading, side), (side,), 1, "∂", span=side.span)
        step = Product((plain_name("eta", work.reading, side), gradient), ("",), span=side.span)
        words = "the step against the gradient is missing"
        yield Edit(Add((side, Neg(step, span=side.span)), span=side.span), side.span, words)


def _first_terms(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield the side with the rest of ``1 - a`` or ``a - y``, of which one term is left as a factor."""
    one = Number("1", Fraction(1), Fraction(1), span=side.span)
    last = str(work.reading.layers + work.reading.units_from)
    for node, put in _alone(side):
        inner = node.operand if isinstance(node, Neg) else node
        ref = quiet(inner, work.reading) if isinstance(inner, Name) else None
        if ref is None:
            continue
        at = tuple(entry.text for entry in ref.at or ())
        names = (element_name(role, last, at, work.reading, inner) for role in ("out", "a", "y"))
        others: list[tuple[Node, str]] = [(name, name.base) for name in names if name and name != inner]
        for other, shown in (*([(one, "1")] if node is not side else []), *others):
            words = f"the term {shown} is missing"
            for terms in ((other, node), (node, Neg(other, span=side.span))):
                yield Edit(put(Add(terms, span=node.span)), node.span, words)


def _alone(side: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    """Yield what may be left of a difference: the side, and the factors of its products."""
    yield side, lambda new: new
    for site in sites(side):
        if isinstance(site.node, Product):
            for k, factor in enumerate(site.node.factors):

                def into(new: Node, k: int = k, site: Site = site, node: Product = site.node) -> Node:
                    return site.put(replace(node, factors=(*node.factors[:k], new, *node.factors[k + 1 :])))

                yield factor, into


def _other_units(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield the side with one more term like those that are there, for another unit."""
    numbers = [str(n) for n in range(work.largest + 1)]
    for site in sites(side):
        if site.node is not side and not isinstance(site.node, Add):
            continue
        terms = site.node.terms if isinstance(site.node, Add) else (site.node,)
        for model, old, new, which in _renumberings(terms, numbers):
            term = _renumbered(model, old, new, which)
            if term != model:
                changed = Add((*terms, term), span=site.node.span)
                yield Edit(site.put(changed), site.node.span, f"the term of unit {new} is missing")


_WHICH = (slice(None), slice(-1, None), slice(0, 1))
"""Which digits of an index are changed: all, the last, the first."""


def _renumberings(terms: Sequence[Node], numbers: Sequence[str]) -> Iterator[tuple[Node, str, str, slice]]:
    """Yield each term with a digit that stands in its indices, another one, and the places to change."""
    for model in terms:
        scripts = (s for node in walk(model) if isinstance(node, Name) for s in node.subscripts)
        digits = {letter for script in scripts for word in script.tokens for letter in word}
        for old, new, which in product(numbers, numbers, _WHICH):
            if old in digits and old != new:
                yield model, old, new, which


def _renumbered(term: Node, old: str, new: str, which: slice) -> Node:
    def change(node: Node) -> Node:
        if not isinstance(node, Name) or not node.subscripts:
            return node
        return replace(node, subscripts=tuple(_script(script, old, new, which) for script in node.subscripts))

    return transform(term, change)


def _script(script: Script, old: str, new: str, which: slice) -> Script:
    letters = [letter for word in script.tokens for letter in (word if word.isdigit() else [word])]
    places = [k for k, letter in enumerate(letters) if letter != ","][which]  # 21 is one word for two indices
    changed = [new if k in places and letter == old else letter for k, letter in enumerate(letters)]
    return replace(script, tokens=_together(changed, script))


def _together(letters: Sequence[str], like: Script) -> tuple[str, ...]:
    """Return digits as the words that they were written as."""
    left = iter(letters)
    return tuple(
        "".join(next(left) for _ in range(len(word) if word.isdigit() else 1)) for word in like.tokens
    )


def _other_paths(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield the side with the paths through the other units of a layer that a term goes through."""
    for site in sites(side):
        if site.node is not side and not isinstance(site.node, Add):
            continue
        terms = site.node.terms if isinstance(site.node, Add) else (site.node,)
        for layer, model in product(range(1, work.reading.layers + 1), terms):
            passed = {unit for _, unit in _units(model, layer, work.reading)}
            first, count = work.reading.base, work.reading.network.sizes[layer]
            every = [str(k) for k in range(first, first + count)]
            if len(passed) != 1 or count > _MOST_UNITS or not passed < set(every):
                continue
            units = [unit for unit in every if unit not in passed]
            others = [_through(model, layer, new, work.reading) for new in units]
            if len(others) > 1:
                changed = Add((*terms, *others), span=site.node.span)
                words = f"the paths through the other units of layer {layer} are missing"
                yield Edit(site.put(changed), site.node.span, words)
            for new, term in zip(units, others, strict=True):
                changed = Add((*terms, term), span=site.node.span)
                words = f"the path through unit {new} of layer {layer} is missing"
                yield Edit(site.put(changed), site.node.span, words)


_MOST_UNITS = 12


def _units(term: Node, layer: int, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield for each name which of its digits is a unit of a layer, and what it says."""
    for node in walk(term):
        if isinstance(node, Name) and (place := _place(node, layer, reading)) is not None:
            ref = quiet(node, reading)
            if ref is not None and ref.at is not None:
                yield place, ref.at[place].text


def _place(name: Name, layer: int, reading: Reading) -> int | None:
    """Return which index of a name is the unit of a layer; None where none is."""
    ref = quiet(name, reading)
    if ref is None or not ref.at or ref.role not in _OF_UNITS:
        return None
    try:
        number = reading.layers if ref.layer is None else layer_number(ref.layer, ref.role, reading, {})
    except (MistakeError, MissingLayerError, Undecided):
        return None
    if ref.role != "W":
        return 0 if number == layer else None
    if number not in (layer, layer + 1):
        return None
    return int((number == layer) == reading.from_to)


_OF_UNITS = frozenset({"z", "a", "delta", "out", "y", "W"})


def _through(term: Node, layer: int, unit: str, reading: Reading) -> Node:
    """Return a term that goes through another unit of a layer."""

    def change(node: Node) -> Node:
        place = _place(node, layer, reading) if isinstance(node, Name) else None
        ref = quiet(node, reading) if isinstance(node, Name) else None
        if place is None or not isinstance(node, Name) or ref is None:
            return node
        behind = len(ref.at or ()) - place  # before the indices there may be a layer
        return replace(node, subscripts=tuple(_with_unit(script, behind, unit) for script in node.subscripts))

    return transform(term, change)


def _with_unit(script: Script, behind: int, unit: str) -> Script:
    """Return a script with another unit at an index, which is counted from the last."""
    letters = [letter for word in script.tokens for letter in (word if word.isdigit() else [word])]
    places = [k for k, letter in enumerate(letters) if letter != ","]
    if behind <= len(places) and letters[places[-behind]].isdigit():
        letters[places[-behind]] = unit
    return replace(script, tokens=_together(letters, script))


MISTAKE = entry(
    "missing-term",
    "a term is missing",
    r"z^{(1)} = W^{(1)} x",
    r"z^{(1)} = W^{(1)} x + b^{(1)}",
    _edits,
)
