"""What the marks on a name say: its layer, its indices, its sample, whether it is updated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from derive.check.formula.errors import Undecided
from derive.read.tree import Name, Script

if TYPE_CHECKING:
    from derive.check.names import Reading

LAYERED = frozenset({"z", "a", "W", "b", "delta", "X", "size"})
"""Roles that exist once for each layer."""


AXES: Mapping[str, int] = MappingProxyType({"W": 2, "L": 0, "eta": 0, "m": 0, "size": 0})
"""The number of indices of one element, where it is not 1."""


_NEW_WORDS = frozenset(["new", "neu", "updated", "next", "nuevo", "after", "nachher", "+"])


OF_SAMPLES = frozenset({"x", "y", "out", "z", "a", "X", "delta"})
"""Roles that exist once for each sample."""

_INDEX_LETTERS = frozenset("ijkmnpq")
_LAYER_LETTERS = frozenset({"l", "L", "ell"})


SOME_LAYER = "*"
"""The symbol for the layer of names that do not say theirs; within one claim it is the same for all."""


@dataclass(frozen=True)
class Index:
    """An index as written: a sum of symbols and a number, ``i``, ``l-1``, ``2``."""

    symbols: tuple[str, ...] = ()
    offset: int = 0
    text: str = ""


@dataclass(frozen=True)
class Ref:
    """What a name stands for.

    Attributes
    ----------
    role : str
        A key of `CUSTOMARY`.
    layer : Index or None
        As the document counts; None where none is written.
    at : tuple of Index or None
        The indices of one element; None for the whole tensor.
    updated : bool or None
        True and False where the name says that it is the value after or before the update.
    power : int
        A power that stands as a mark on the name.
    sample : Index or None
        The sample, where one is named.
    """

    role: str
    layer: Index | None = None
    at: tuple[Index, ...] | None = None
    updated: bool | None = None
    power: int = 1
    sample: Index | None = None

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices of the element, and the sample behind them, as far as there are any."""
        return (*(self.at or ()), *((self.sample,) if self.sample is not None else ()))


@dataclass
class Marks:
    """What has been read of the marks of one name; `entries` are the tokens of its indices."""

    layer: Index | None = None
    entries: list[tuple[str, ...]] = field(default_factory=list)
    updated: bool | None = None
    power: int = 1
    sample: Index | None = None


def is_sample(script: Script, role: str, marks: Marks, reading: Reading) -> bool:
    """Tell whether a superscript numbers samples: a second one, or what is no layer."""
    if script.kind == "()" and role in OF_SAMPLES and script.text == reading.sample_letter != "":
        return True
    if reading.samples is None or script.kind != "()" or role not in OF_SAMPLES:
        return False
    if role not in LAYERED or marks.layer is not None:
        return True
    return reading.parentheses == "sample" if script.text.isdigit() else script.roles[0] == "sample"


def is_doubtful(script: Script) -> bool:
    """Tell a superscript that may be a power and is not written as a layer is."""
    return "power" in script.roles and len(script.roles) > 1 and script.roles[0] != "layer"


def power_of(script: Script) -> int | None:
    """Return the exponent that is written as a sum of numbers, ``w^{(2-1)}``: no layer is written so."""
    signs, digits = script.tokens[1::2], script.tokens[::2]
    if not signs or not set(signs) <= {"+", "-"} or not all(word.isdigit() for word in digits):
        return None
    if len(signs) != len(digits) - 1:
        return None
    return index_of(script.tokens).offset


def superscript(script: Script, marks: Marks, role: str) -> None:
    """Add what a superscript says that is no doubtful one."""
    first = script.roles[0]
    if (exponent := power_of(script)) is not None:
        marks.power = exponent
    elif first == "update" and (set(script.tokens) & _NEW_WORDS or "+" in script.tokens):
        marks.updated = True
    elif first == "update" and any(len(word) > 1 for word in script.tokens):
        marks.updated = False
    elif first in ("layer", "sample", "update") and role in LAYERED and marks.layer is None:
        marks.layer = index_of(script.tokens)
    elif first == "label":
        marks.layer = _layer_word(script.text)


def doubtful(script: Script, marks: Marks, role: str) -> None:
    """Read ``a^{2}`` as a power, ``a^{l}`` as the layer; see `Reading.superscripts` for the other way."""
    if script.text.isdigit():
        marks.power = int(script.text)
    elif role in LAYERED and marks.layer is None and "layer" in script.roles:
        marks.layer = index_of(script.tokens)
    elif script.roles[0] != "power" and role not in LAYERED:
        return
    else:
        raise Undecided(f"the exponent {script.text} may be a layer or a power")


def _layer_word(word: str) -> Index | None:
    return {"h": Index((), 1), "hidden": Index((), 1)}.get(word) or (
        Index(("L",)) if word in ("o", "out", "output") else Index(("L",), -1) if word == "hid" else None
    )


def subscript(script: Script, marks: Marks, role: str, reading: Reading) -> None:
    """Add what a subscript says: a layer, indices, or that the value is the updated one."""
    first, tokens = script.roles[0], script.tokens
    if first == "update" and set(tokens) & _NEW_WORDS:
        marks.updated = True
        rest = tuple(word for word in tokens if word not in _NEW_WORDS)
        while rest and rest[-1] in (",", ";"):
            rest = rest[:-1]
        if rest:  # W_{1,new}
            subscript(replace(script, tokens=rest, roles=("index",)), marks, role, reading)
        return
    if first == "update" and any(len(word) > 1 for word in tokens):
        marks.updated = False
        return
    if tokens and tokens[0] in ("h", "o") and len(tokens) == 2 and tokens[1].isdigit():
        marks.layer = marks.layer or (Index((), 1) if tokens[0] == "h" else Index(("L",)))
        marks.entries.append(tokens[1:])
        return
    of_unit = reading.subscripts == "unit" and role in ("z", "a", "delta") and script.text.isdigit()
    if (
        role in LAYERED
        and marks.layer is None
        and not marks.entries
        and not of_unit
        and _is_layer(script, reading)
    ):
        marks.layer = index_of(tokens)
        return
    if first == "label" and role == "L" and script.text in ("total", "tot", "all"):
        return
    if first == "label" and role in LAYERED and (found := _layer_word(script.text)):
        marks.layer = found
        return
    marks.entries.append(tokens)


def _is_layer(script: Script, reading: Reading) -> bool:
    """Tell whether a subscript is the layer, as in ``W_1``, ``z_{l-1}``."""
    if script.kind == "[]" or (script.kind == "attached" and not _INDEX_LETTERS.issuperset(script.text)):
        return True
    if script.kind == "index" or "," in script.tokens:
        return False
    letters = {word for word in script.tokens if word.isalpha()}
    if reading.letters is not None and letters & dict(reading.letters.layers).keys():
        return False
    if letters:
        return letters <= _LAYER_LETTERS
    digits = "".join(word for word in script.tokens if word.isdigit())
    return len(digits) == 1 or (bool(digits) and int(digits) <= reading.layers and digits[0] != "0")


def index_of(tokens: tuple[str, ...]) -> Index:
    """Read the tokens of one index.

    Raises
    ------
    Undecided
        If it is no sum of names and numbers.
    """
    symbols: list[str] = []
    offset, sign = 0, 1
    for word in tokens:
        if word in "+-":
            sign = -1 if word == "-" else 1
        elif word.isdigit():
            offset += sign * int(word)
        elif word.isidentifier() and word.strip("_") and sign == 1:
            symbols.append("L" if word == "L" else "l" if word == "ell" else word)
        else:
            raise Undecided(f"the index {''.join(tokens)} is not understood")
    return Index(tuple(symbols), offset, "".join(tokens))


def spelled(name: Name) -> str:
    """Return the letter of a name with its accents: ``hat-y``."""
    return "-".join((*name.accents, name.base))
