"""Canonical names taken apart, and letters, words and layer marks in LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.notation import Notation

_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho"
    " sigma tau upsilon phi varphi chi psi omega"
    " Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
)
GREEK = frozenset(_GREEK.split())

OF_SAMPLES = frozenset("xyzaX")
"""Stems of what exists once for each sample."""

_CANONICAL = re.compile(r"(?P<adjoint>d(?=[A-Za-z]))?(?P<stem>[A-Za-z]+?)(?P<layer>[0-9]*)(?P<updated>_new)?")


@dataclass(frozen=True)
class Name:
    """A canonical name: ``dW1`` is the adjoint of the stem ``W`` in layer 1."""

    stem: str
    layer: int | None = None
    adjoint: bool = False
    updated: bool = False


def parse_name(name: str) -> Name:
    """Take a canonical name apart; what has another form is all stem."""
    found = _CANONICAL.fullmatch(name)
    if found is None:
        return Name(name)
    layer = int(found["layer"]) if found["layer"] else None
    return Name(found["stem"], layer, bool(found["adjoint"]), bool(found["updated"]))


def letter(word: str) -> str:
    r"""Return a letter or a word in LaTeX: ``\sigma``, ``\hat{y}``, ``\mathrm{net}``.

    Anything but letters and digits is left out, so that no name can carry a command.
    """
    if word.startswith("hat-"):
        inner = letter(word.removeprefix("hat-"))
        return rf"\widehat{{{inner}}}" if inner.startswith(r"\mathrm") else rf"\hat{{{inner}}}"
    if word in GREEK:
        return "\\" + word
    plain = re.sub(r"[^A-Za-z0-9]", "", word)
    return plain if len(plain) == 1 else rf"\mathrm{{{plain}}}"


def small(word: str, notation: Notation) -> str:
    """Return the word for the elements of what `word` names: in lower case, where that is free."""
    lower = word.lower()
    single = len(word) == 1 or word in GREEK
    taken = {notation.input, notation.target, notation.preactivation, notation.activation, notation.output}
    taken |= {notation.learning_rate, notation.delta_name, notation.function, notation.loss}
    return lower if single and lower not in taken and (len(lower) == 1 or lower in GREEK) else word


_MARKS = {
    "parenthesis": "^{{({})}}",
    "bracket": "^{{[{}]}}",
    "superscript": "^{{{}}}",
}


def superscript(layer: int | None, notation: Notation) -> str:
    """Return the mark of a layer above the line, or nothing where it stands below or there is none."""
    if layer is None or notation.layer == "subscript":
        return ""
    return _MARKS[notation.layer].format(layer)


def subscript(layer: int | None, notation: Notation) -> str:
    """Return the mark of a layer below the line, without the underscore, or nothing."""
    return str(layer) if layer is not None and notation.layer == "subscript" else ""
