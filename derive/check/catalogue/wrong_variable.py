"""One quantity stands where another belongs: `z` for `a`, the target for the output.

The next layer is fed by `a = f(z)`, not by `z`; the derivative of the activation is taken at `z`; the
loss compares the output with the target.

Ask of each name which step of the forward pass it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Site, Workspace, entry, names
from derive.check.formula.build import element_name, letter_of
from derive.check.formula.frame import quiet
from derive.check.formula.marks import Ref
from derive.read.tree import Name, Node

_SWAPS = {
    "z": ("a", "delta"),
    "a": ("z", "y", "delta"),
    "delta": ("z", "a"),
    "y": ("out",),
    "out": ("y",),
    "W": (),
    "x": ("y",),
}


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for site in names(side):
        name = site.node
        assert isinstance(name, Name)  # noqa: S101  `names` yields nothing else
        ref = quiet(name, work.reading)
        if ref is None:
            continue
        for role in _SWAPS.get(ref.role, ()):
            letter, accents = letter_of(role, work.reading)
            new: Name | None = replace(name, base=letter, accents=accents)
            if role in ("y", "out") or ref.role in ("y", "out"):
                at = tuple(entry.text for entry in ref.at or ())
                layer = str(work.reading.layers + work.reading.units_from)
                new = element_name(role, layer, at, work.reading, name)
            if new is not None:
                words = f"{letter} belongs here, not {name.base}"
                yield Edit(site.put(new), name.span, words)
        if ref.role == "x":
            yield from _hidden(site, name, ref, work)


def _hidden(site: Site, name: Name, ref: Ref, work: Workspace) -> Iterator[Edit]:
    """Yield the side with the output of a hidden layer in the place of the input."""
    at = tuple(entry.text for entry in ref.at or ())
    for layer in work.layers:
        new = element_name("a", layer, at, work.reading, name)
        if new is not None:
            yield Edit(site.put(new), name.span, f"{new.base} of layer {layer} belongs here, not {name.base}")


MISTAKE = entry(
    "wrong-variable",
    "a quantity in the place of another",
    r"z^{(2)}_i = \sum_j w^{(2)}_{ij} z^{(1)}_j + b^{(2)}_i",
    r"z^{(2)}_i = \sum_j w^{(2)}_{ij} a^{(1)}_j + b^{(2)}_i",
    _edits,
)
