"""One quantity stands where another belongs: `z` for `a`, the target for the output.

The next layer is fed by `a = f(z)`, not by `z`; the derivative of the activation is taken at `z`; the
loss compares the output with the target.

Ask of each name which step of the forward pass it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.check.catalogue.entry import Edit, Workspace, entry, names
from derive.check.formula.build import element_name, letter_of
from derive.check.formula.frame import quiet
from derive.check.formula.marks import Ref
from derive.read.tree import Name, Node

_SWAPS = {
    "z": ("a", "delta"),
    "a": ("z", "y", "delta", "x"),
    "delta": ("z", "a"),
    "y": ("out", "a", "x"),
    "out": ("y", "z", "a"),
    "W": (),
    "x": ("y", "a", "z"),
}
_WITHOUT_LAYER = ("x", "y", "out")


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for site in names(side):
        name = site.node
        assert isinstance(name, Name)  # noqa: S101  `names` yields nothing else
        ref = quiet(name, work.reading)
        if ref is None:
            continue
        for role in _SWAPS.get(ref.role, ()):
            for new, shown in _others(name, ref, role, work):
                yield Edit(site.put(new), name.span, f"{shown} belongs here, not {name.base}")


def _others(name: Name, ref: Ref, role: str, work: Workspace) -> Iterator[tuple[Name, str]]:
    """Yield the name of another quantity in the place of one; without a layer, in each of the claim."""
    letter, accents = letter_of(role, work.reading)
    if role not in _WITHOUT_LAYER and ref.role not in _WITHOUT_LAYER:
        yield replace(name, base=letter, accents=accents), letter
        return
    last = str(work.reading.layers + work.reading.units_from)
    at = tuple(entry.text for entry in ref.at or ())
    for layer in (last,) if role in _WITHOUT_LAYER else dict.fromkeys((*work.layers, last)):
        if (new := element_name(role, layer, at, work.reading, name)) is not None:
            yield new, f"{letter} of layer {layer}" if new.superscripts else letter


MISTAKE = entry(
    "wrong-variable",
    "a quantity in the place of another",
    r"z^{(2)}_i = \sum_j w^{(2)}_{ij} z^{(1)}_j + b^{(2)}_i",
    r"z^{(2)}_i = \sum_j w^{(2)}_{ij} a^{(1)}_j + b^{(2)}_i",
    _edits,
)
