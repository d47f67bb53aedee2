"""Names as the document would write them, for the formulas that a corrected claim needs."""

from __future__ import annotations

from derive.check.formula.errors import MistakeError, Undecided
from derive.check.formula.marks import LAYERED
from derive.check.names import Reading
from derive.read.tree import Call, Name, Node, Script, Span

_FIELDS = {
    "z": "preactivation",
    "a": "activation",
    "W": "weight",
    "b": "bias",
    "x": "input",
    "y": "target",
    "out": "output",
    "delta": "delta_name",
}


def letter_of(role: str, reading: Reading) -> tuple[str, tuple[str, ...]]:
    """Return the letter and the accents that the notation gives a role."""
    spelling = str(getattr(reading.notation, _FIELDS[role])) or "hat-y"
    if reading.roles.get(spelling) != role:
        spelling = next((letter for letter, r in reading.roles.items() if r == role), spelling)
    *accents, letter = spelling.split("-")
    return letter, tuple(accents)


def plain_name(role: str, reading: Reading, near: Node) -> Name:
    """Return the name of a number without layers: the loss, the learning rate, the number of samples."""
    return Name(next(letter for letter, meant in reading.roles.items() if meant == role), span=near.span)


def element_name(role: str, layer: str, at: tuple[str, ...], reading: Reading, near: Node) -> Name | None:
    """Return the name of an element, or of a whole tensor; None where the network has no such thing.

    Parameters
    ----------
    role : str
    layer : str
        As the document counts: ``2``, ``l-1``.
    at : tuple of str
        Its indices; none for the whole tensor.
    reading : Reading
    near : Node
        Whose place in the text the name takes.
    """
    letter, accents = letter_of(role, reading)
    above = (_script("()", _tokens(layer), near.span, "layer"),) if role in LAYERED else ()
    tokens = tuple(token for k, entry in enumerate(at) for token in ((",",) if k else ()) + (entry,))
    below = (_script("braces", tokens, near.span, "index"),) if at else ()
    name = Name(letter, accents, 0, below, above, span=near.span)
    try:
        return name if reading.resolve(name) is not None else None
    except (MistakeError, Undecided):
        return None


def slope_call(z: Name, layer: str) -> Call:
    """Return ``f'(z)`` for the activation of a layer."""
    above = (_script("()", _tokens(layer), z.span, "layer"),)
    return Call(Name("f", (), 1, (), above, span=z.span), (z,), span=z.span)


def _tokens(text: str) -> tuple[str, ...]:
    for sign in "+-":
        if sign in text:
            head, tail = text.split(sign, 1)
            return (head, sign, tail)
    return (text,)


def _script(kind: str, tokens: tuple[str, ...], span: Span, role: str) -> Script:
    return Script(kind, tokens, (), (role,), span=span)  # type: ignore[arg-type]  # two literals of the tree
