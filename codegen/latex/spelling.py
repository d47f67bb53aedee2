"""The spelling of one canonical name, as a whole tensor and as the frame around the indices of an element."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.latex.facts import Facts
from codegen.latex.names import Name, letter, parse_name, small, subscript, superscript
from codegen.latex.text import Level
from derive.notation import Notation


@dataclass(frozen=True)
class Spelled:
    """One name: the whole tensor, and an element as the text before and after its indices."""

    whole: str
    head: str
    tail: str
    level: Level


def spell(name: str, notation: Notation, facts: Facts, delta: bool, sample: str = "") -> Spelled:
    """Return the spelling of a name.

    Parameters
    ----------
    name : str
        Canonical.
    notation : Notation
    facts : Facts
    delta : bool
        Whether the adjoint of a pre-activation has the name delta; it has it only where the adjoint is what
        the notation means by delta, the derivative or its negative.
    sample : str
        The sample of whose loss the name speaks; empty for the loss of all.
    """
    parsed = parse_name(name)
    loss = letter(notation.loss) + (f"_{{{sample}}}" if sample else "")
    if name == "L":
        return Spelled(loss, loss, "", Level.ATOM)
    if not parsed.adjoint:
        return _value(name, parsed, notation, facts)
    sign = facts.signs.get(name)
    meant = -1 if notation.delta == "negative-gradient" else 1
    if parsed.stem == "z" and delta and sign in (None, meant):
        return _layered(notation.delta_name, notation.delta_name, parsed, notation)
    inner = spell(name.removeprefix("d"), notation, facts, delta, sample)
    minus = "-" if sign == -1 else ""
    head = rf"{minus}\frac{{\partial {loss}}}{{\partial "
    level = Level.SUM if minus else Level.POWER
    return Spelled(f"{head}{inner.whole}}}", head + inner.head, inner.tail + "}", level)


_FIELDS = {
    "W": "weight",
    "b": "bias",
    "x": "input",
    "y": "target",
    "z": "preactivation",
    "a": "activation",
    "X": "folded_input",
    "L": "loss",
    "eta": "learning_rate",
}
"""The field of a notation that spells a stem."""


def _value(name: str, parsed: Name, notation: Notation, facts: Facts) -> Spelled:
    if parsed.stem == "a" and notation.output and parsed.layer == facts.last:
        return _layered(notation.output, notation.output, Name("a"), notation)
    field = _FIELDS.get(parsed.stem)
    word = parsed.stem if field is None else str(getattr(notation, field))
    if facts.is_scalar(name):
        return Spelled(letter(word), letter(word), "", Level.ATOM)
    return _layered(word, small(word, notation) if parsed.stem == "W" else word, parsed, notation)


def _layered(word: str, of_elements: str, parsed: Name, notation: Notation) -> Spelled:
    above, below = superscript(parsed.layer, notation), subscript(parsed.layer, notation)
    new = [r"\mathrm{new}"] if parsed.updated else []
    under = ",".join([*([below] if below else []), *new])
    whole = letter(word) + above + (f"_{{{under}}}" if under else "")
    head = letter(of_elements) + above + "_{" + (f"{below}," if below else "")
    return Spelled(
        whole, head, "".join(f",{mark}" for mark in new) + "}", Level.POWER if above else Level.ATOM
    )
