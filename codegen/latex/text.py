"""Pieces of a formula: text together with how strongly it holds together."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple


class Level(IntEnum):
    """What a piece is to its surroundings, from the loosest to the tightest."""

    SUM = 0
    PRODUCT = 1
    POWER = 2
    ATOM = 3


class Text(NamedTuple):
    """A piece of a formula.

    Attributes
    ----------
    text : str
    level : Level
    open : bool
        Whether it runs on to the right without an end of its own, as a sum with a sigma does.
    bare : str
        What it becomes where no operator stands before it: a negative number without its brackets.
    """

    text: str
    level: Level = Level.ATOM
    open: bool = False
    bare: str = ""

    @property
    def first(self) -> str:
        """The text where nothing stands before it."""
        return self.bare or self.text


_TALL = re.compile(r"\\(?:frac|sum|max_|begin|sqrt)")


def bracketed(inner: str) -> str:
    """Return the text in round brackets that grow with it."""
    return rf"\left({inner}\right)" if _TALL.search(inner) else f"({inner})"


def held(piece: Text, level: Level) -> str:
    """Return the piece in brackets unless it holds together at least as strongly as `level`."""
    return piece.text if piece.level >= level else bracketed(piece.first)


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "-": r"{-}",
}
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def escape_tex(text: str) -> str:
    """Return text that TeX prints as it stands, in text mode.

    Control characters and line ends become spaces; a hyphen stays one, also beside another.
    """
    shown = _BLANKS.sub(" ", text)
    return "".join(_SPECIAL.get(character, character) for character in shown)
