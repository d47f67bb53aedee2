"""What the marks on a name say: its layer, its indices, whether it is updated.

`resolve` turns a name of the tree into a `Ref`, by the conventions of a `derive.check.names.Reading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from derive.check.formula.errors import MistakeError, Undecided
from derive.read.tree import Name, Script

if TYPE_CHECKING:
    from derive.check.names import Reading

LAYERED = frozenset({"z", "a", "W", "b", "delta", "X", "size"})
"""Roles that exist once for each layer."""


AXES: Mapping[str, int] = MappingProxyType({"W": 2, "L": 0, "eta": 0, "m": 0, "size": 0})
"""The number of indices of one element, where it is not 1."""


_NEW_WORDS = frozenset(["new", "neu", "updated", "next", "nuevo", "after", "nachher", "+"])


_OF_SAMPLES = frozenset({"x", "y", "out", "z", "a", "X", "delta"})
_OF_HIDDEN = frozenset({"h", "H", "hidden"})
_OF_OUTPUT = frozenset({"o", "O", "output"})
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


def resolve(name: Name, reading: Reading) -> Ref | None:
    """Return what a name stands for; see `Reading.resolve`."""
    role = reading.roles.get(spelled(name))
    if role is None or name.primes:
        return None
    marks = _Marks()
    bare = role in LAYERED and reading.superscripts == "layer"
    above = [script for script in name.superscripts if bare or not _is_doubtful(script)]
    for script in above:
        if marks.sample is None and _is_sample(script, role, marks, reading):
            marks.sample = index_of(script.tokens)
        elif bare and _is_doubtful(script) and marks.layer is None:
            marks.layer = index_of(script.tokens)
        else:
            _superscript(script, marks, role)
    for script in name.subscripts:
        _subscript(script, marks, role, reading)
    for script in name.superscripts:
        if script not in above:
            _doubtful(script, marks, role)
    need = AXES.get(role, 1)
    at: tuple[Index, ...] | None = None
    if marks.entries:
        entries = _split(marks.entries, need)
        if role in LAYERED and marks.layer is None and need == len(entries) == 2:
            entries = _three_in_two(entries, reading)
        if role in LAYERED and marks.layer is None and len(entries) == need + 1:
            marks.layer, entries = entries[0], entries[1:]
        if role == "W" and len(entries) == 1 and marks.layer is not None:
            entries = _of_vector(entries[0], marks.layer, reading)
        if len(entries) != need or any(_two_digits(e, need) for e in entries):
            shown = "".join(e.text for e in entries)
            raise MistakeError("index", f"{shown!r} is no index of {name.base}, which has {need}", name.span)
        at = tuple(entries)
    if role in LAYERED and marks.layer is None and role != "size":
        marks.layer = _only_layer(name.base, role, reading) or Index((SOME_LAYER,))
    return Ref(role, marks.layer, at, marks.updated, marks.power, marks.sample)


def _only_layer(letter: str, role: str, reading: Reading) -> Index | None:
    """Return the layer of a name that does not say it: the only one, the only hidden one, the last one."""
    hidden = letter in _OF_HIDDEN and reading.layers == 2
    if reading.layers == 1 or (hidden and role == "a"):
        return Index((), 1 + _shift(role, reading))
    return Index(("L",)) if letter in _OF_OUTPUT and role == "a" else None


def _of_vector(entry: Index, layer: Index, reading: Reading) -> list[Index]:
    """Complete the index of weights that are a vector: the layer has, or is fed by, a single unit."""
    number = layer.offset - reading.weights_from
    if layer.symbols == ("L",):
        number = layer.offset + reading.layers
    elif layer.symbols:
        return [entry]
    if not 1 <= number <= reading.layers:
        return [entry]
    before, units = reading.network.sizes[number - 1 : number + 1]
    if 1 not in (before, units):
        return [entry]
    only = Index((), reading.base, str(reading.base))
    folded = reading.network.bias_of(number) == "folded"
    if units != 1 and folded:
        return [entry]
    pair = [only, entry] if units == 1 else [entry, only]
    return pair[::-1] if reading.from_to else pair


@dataclass
class _Marks:
    layer: Index | None = None
    entries: list[tuple[str, ...]] = field(default_factory=list)
    updated: bool | None = None
    power: int = 1
    sample: Index | None = None


def _is_sample(script: Script, role: str, marks: _Marks, reading: Reading) -> bool:
    """Tell whether a superscript numbers samples: a second one, or what is no layer."""
    if reading.samples is None or script.kind != "()" or role not in _OF_SAMPLES:
        return False
    if role not in LAYERED or marks.layer is not None:
        return True
    return reading.parentheses == "sample" if script.text.isdigit() else script.roles[0] == "sample"


def _is_doubtful(script: Script) -> bool:
    return "power" in script.roles and len(script.roles) > 1


def power_of(script: Script) -> int | None:
    """Return the exponent that is written as a sum of numbers, ``w^{(2-1)}``: no layer is written so."""
    signs, digits = script.tokens[1::2], script.tokens[::2]
    if not signs or not set(signs) <= {"+", "-"} or not all(word.isdigit() for word in digits):
        return None
    if len(signs) != len(digits) - 1:
        return None
    return index_of(script.tokens).offset


def _superscript(script: Script, marks: _Marks, role: str) -> None:
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


def _doubtful(script: Script, marks: _Marks, role: str) -> None:
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


def _subscript(script: Script, marks: _Marks, role: str, reading: Reading) -> None:
    first, tokens = script.roles[0], script.tokens
    if first == "update" and set(tokens) & _NEW_WORDS:
        marks.updated = True
        rest = tuple(word for word in tokens if word not in _NEW_WORDS)
        while rest and rest[-1] in (",", ";"):
            rest = rest[:-1]
        if rest:  # W_{1,new}
            _subscript(replace(script, tokens=rest, roles=("index",)), marks, role, reading)
        return
    if first == "update" and any(len(word) > 1 for word in tokens):
        marks.updated = False
        return
    if tokens and tokens[0] in ("h", "o") and len(tokens) == 2 and tokens[1].isdigit():
        marks.layer = marks.layer or (Index((), 1) if tokens[0] == "h" else Index(("L",)))
        marks.entries.append(tokens[1:])
        return
    if role in LAYERED and marks.layer is None and not marks.entries and _is_layer(script, reading):
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
    if script.kind == "[]" or script.kind == "attached":
        return True
    if script.kind == "index" or "," in script.tokens:
        return False
    letters = {word for word in script.tokens if word.isalpha()}
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
        elif word.isidentifier() and sign == 1:
            symbols.append("L" if word == "L" else "l" if word == "ell" else word)
        else:
            raise Undecided(f"the index {''.join(tokens)} is not understood")
    return Index(tuple(symbols), offset, "".join(tokens))


def _split(groups: list[tuple[str, ...]], need: int) -> list[Index]:
    """Split what stands in the subscripts into single indices."""
    entries: list[Index] = []
    for tokens in groups:
        parts: list[list[str]] = [[]]
        for word in tokens:
            if word in (",", ":", ";"):
                parts.append([])
            else:
                parts[-1].append(word)
        whole = len(parts) > 1 or len(groups) > 1 or need == 1 or set(tokens) & {"+", "-"}
        for part in parts:
            text = "".join(part)
            if whole and not (text.isalpha() and len(text) > 1 and text != "ell"):
                entries.append(index_of(tuple(part)))
            else:
                entries.extend(index_of((letter,)) for letter in text)
    return entries


def _three_in_two(entries: list[Index], reading: Reading) -> list[Index]:
    """Split ``1,12`` into a layer and two units, where there are no twelve units."""
    first, second = entries
    digits = second.text
    if first.symbols or len(digits) != 2 or not digits.isdigit():
        return entries
    if digits[0] != "0" and int(digits) < max(reading.network.sizes) + 2:
        return entries
    return [first, *(index_of((digit,)) for digit in digits)]


def _two_digits(entry: Index, need: int) -> bool:
    """Tell ``01`` on a vector from a number: it is two indices where there is one."""
    return need == 1 and len(entry.text) > 1 and entry.text.isdigit() and entry.text[0] == "0"


def _shift(role: str, reading: Reading) -> int:
    return reading.weights_from if role in ("W", "b") else reading.units_from


def spelled(name: Name) -> str:
    """Return the letter of a name with its accents: ``hat-y``."""
    return "-".join((*name.accents, name.base))
