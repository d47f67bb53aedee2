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


TALL_MARK = "\ue002"
"""Stands, while a line is prepared, for a piece that is higher than the line."""

_TALL = re.compile(rf"\\(?:frac|sum|max_|begin|sqrt)|{TALL_MARK}")


def is_tall(text: str) -> bool:
    """Whether the text is higher than the line."""
    return bool(_TALL.search(text))


def bracketed(inner: str) -> str:
    """Return the text in round brackets that grow with it."""
    return rf"\left({inner}\right)" if is_tall(inner) else f"({inner})"


def held(piece: Text, level: Level) -> str:
    """Return the piece in brackets unless it holds together at least as strongly as `level`."""
    return piece.text if piece.level >= level else bracketed(piece.first)


def outermost(text: str, mark: str) -> bool:
    """Whether the mark occurs outside of all brackets and braces."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "({[") - (character in ")}]")
        if not depth and text.startswith(mark, place):
            return True
    return False


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
