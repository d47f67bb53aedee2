"""What a name stands for, by its letter and its marks and by the conventions of a reading."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.check.formula.errors import MistakeError
from derive.check.formula.letters import layer_of_unit, layer_of_weight
from derive.check.formula.marks import (
    AXES,
    LAYERED,
    OF_SAMPLES,
    SOME_LAYER,
    Index,
    Marks,
    Ref,
    doubtful,
    index_of,
    is_doubtful,
    is_sample,
    power_of,
    spelled,
    subscript,
    superscript,
)
from derive.read.tree import Name

if TYPE_CHECKING:
    from derive.check.names import Reading

_OF_OUTPUT = frozenset({"o", "O", "output"})
_SCORES = frozenset({"f", "F", "logit", "logits", "score", "scores"})
_SAMPLE_LETTERS = frozenset({"n", "m", "s", "p"})
_OF_HIDDEN = frozenset({"h", "H", "hidden"})


def resolve(name: Name, reading: Reading) -> Ref | None:
    """Return what a name stands for; see `Reading.resolve`."""
    role = reading.roles.get(spelled(name))
    if role is None or name.primes > (role in ("W", "b")):
        return None
    marks = Marks(updated=True if name.primes else None)
    if (sampled := _of_sample(name, role, reading)) is not None:
        return sampled
    if (numbered := _by_number(name, role, marks, reading)) is not None:
        return numbered
    bare = role in LAYERED and reading.superscripts == "layer"
    above = [script for script in name.superscripts if bare or not is_doubtful(script)]
    for script in above:
        if marks.sample is None and is_sample(script, role, marks, reading):
            marks.sample = index_of(script.tokens)
        elif bare and is_doubtful(script) and marks.layer is None:
            marks.layer = index_of(script.tokens)
        else:
            superscript(script, marks, role)
    for script in name.subscripts:
        subscript(script, marks, role, reading)
    for script in name.superscripts:
        if script not in above:
            doubtful(script, marks, role)
    if role == "L" and (share := _share_of(name)) is not None:
        return Ref("share", at=(share,))
    need = AXES.get(role, 1)
    at: tuple[Index, ...] | None = None
    of_batch = reading.samples is not None and role in OF_SAMPLES and marks.sample is None
    if marks.entries:
        entries = _split(marks.entries, need + of_batch)
        if role == "L" and reading.samples is not None and _is_number_of_sample(entries):
            return Ref("L", sample=entries[0])
        if role in LAYERED and marks.layer is None and need + of_batch == len(entries) == 2:
            entries = _three_in_two(entries, reading)
        if of_batch and role in LAYERED and marks.layer is None and len(entries) == need + 2:
            marks.layer, entries = entries[0], entries[1:]
        if of_batch and len(entries) == need + 1:
            marks.sample, entries = _sample_among(entries)
        if role in OF_SAMPLES and len(entries) == need + 1 and _is_sample(entries[0], reading):
            marks.sample, entries = entries[0], entries[1:]
        if role in LAYERED and marks.layer is None and len(entries) == need + 1:
            marks.layer, entries = entries[0], entries[1:]
        if role == "W" and len(entries) == 1 and marks.layer is not None:
            entries = _of_vector(entries[0], marks.layer, reading)
        if role == "x" and (source := _input_by_letters(entries, name, reading)) is not None:
            return source
        if role in OF_SAMPLES and len(entries) == need + 1 and marks.sample is None:
            marks.sample, entries = _sample_among(entries)
        if of_batch and len(entries) == need + 1 and marks.sample is None:
            place = need if reading.sample_index == "last" else 0
            marks.sample, entries = entries[place], [*entries[:place], *entries[place + 1 :]]
        if len(entries) != need or any(_two_digits(e, need) for e in entries):
            shown = "".join(e.text for e in entries)
            raise MistakeError("index", f"{shown!r} is no index of {name.base}, which has {need}", name.span)
        at = tuple(entries)
    if role in LAYERED and marks.layer is None and role != "size":
        marks.layer = _of_letters(name, role, at, reading)
    if role in LAYERED and marks.layer is None and role != "size":
        marks.layer = _only_layer(name.base, role, reading) or Index((SOME_LAYER,))
    return Ref(role, marks.layer, at, marks.updated, marks.power, marks.sample)


def _of_sample(name: Name, role: str, reading: Reading) -> Ref | None:
    """Return what ``L_i``, ``x_i`` and ``y_i`` are of sample ``i``, where that letter counts samples."""
    scripts = (*name.subscripts, *name.superscripts)
    if role not in ("L", "x", "y") or len(scripts) != 1 or not reading.sample_letter:
        return None
    counted = scripts[0].text == reading.sample_letter
    return Ref(role, sample=index_of(scripts[0].tokens)) if counted else None


def _is_number_of_sample(entries: list[Index]) -> bool:
    """Tell the ``1`` and ``n`` of the losses ``L_1``, ``L_n`` of single samples from words below a loss."""
    return len(entries) == 1 and (entries[0].text.isdigit() or entries[0].text in _SAMPLE_LETTERS)


def _is_sample(entry: Index, reading: Reading) -> bool:
    r"""Tell whether the first of two indices of a unit counts samples, as the pattern in ``\delta_{pj}``."""
    if reading.sample_letter:
        return entry.text == reading.sample_letter
    return entry.text in _SAMPLE_LETTERS


def _of_letters(name: Name, role: str, at: tuple[Index, ...] | None, reading: Reading) -> Index | None:
    """Return the layer that the letters of the indices say; None where they say none."""
    if reading.letters is None or at is None:
        return None
    if role == "W":
        return layer_of_weight(reading.letters, at, name, _shift(role, reading))
    return layer_of_unit(reading.letters, at, _shift(role, reading))


def _input_by_letters(entries: list[Index], name: Name, reading: Reading) -> Ref | None:
    """Return what leads from one unit to another, ``x_{ji}``: the value of the unit that it comes from."""
    if reading.letters is None or len(entries) != 2:
        return None
    at = tuple(entries)
    layer = layer_of_weight(reading.letters, at, name, reading.units_from)
    source = at[0] if reading.letters.from_to else at[1]
    return Ref("a", replace(layer, offset=layer.offset - 1), (source,)) if layer is not None else None


def _sample_among(entries: list[Index]) -> tuple[Index | None, list[Index]]:
    """Take the letter that counts samples out of the indices, where there is one: ``z1[n, i]``."""
    found = [k for k, entry in enumerate(entries) if entry.text in _SAMPLE_LETTERS]
    if len(found) != 1:
        return None, entries
    return entries[found[0]], [*entries[: found[0]], *entries[found[0] + 1 :]]


def _share_of(name: Name) -> Index | None:
    """Return the output of whose error ``E_{o1}`` is the name; other indices may count anything."""
    scripts = (*name.subscripts, *name.superscripts)
    tokens = scripts[0].tokens if len(scripts) == 1 else ()
    return index_of(tokens[1:]) if tokens[:1] == ("o",) and len(tokens) == 2 and tokens[1].isdigit() else None


def _only_layer(letter: str, role: str, reading: Reading) -> Index | None:
    """Return the layer of a name that does not say it: the only one, the only hidden one, the last one."""
    hidden = letter in _OF_HIDDEN and reading.layers == 2
    if reading.layers == 1 or (hidden and role == "a"):
        return Index((), 1 + _shift(role, reading))
    last = letter in (_OF_OUTPUT if role == "a" else _SCORES if role == "z" else ())
    return Index(("L",)) if last else None


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


def _by_number(name: Name, role: str, marks: Marks, reading: Reading) -> Ref | None:
    """Return the weight that ``w_5`` is, where the weights are numbered through the network."""
    if role != "W" or reading.weight_numbers == "layer" or not name.subscripts or not name.base.islower():
        return None
    number, others = name.subscripts[0], (*name.subscripts[1:], *name.superscripts)
    known = all(script.roles[0] in ("update", "power") or power_of(script) is not None for script in others)
    if not number.text.isdigit() or not known:
        return None
    for script in others:
        if (exponent := power_of(script)) is not None:
            marks.power = exponent
        elif script.roles[0] == "power":
            marks.power = int(script.text) if script.text.isdigit() else 1
        else:
            superscript(script, marks, role)
    rest = int(number.text) - 1
    for layer, (before, units) in enumerate(pairwise(reading.network.sizes), 1):
        if 0 <= rest < before * units:
            place = (
                divmod(rest, before)
                if reading.weight_numbers == "unit by unit"
                else divmod(rest, units)[::-1]
            )
            at = tuple(Index((), k + reading.base, str(k + reading.base)) for k in place)
            at = at[::-1] if reading.from_to else at
            return Ref("W", Index((), layer + reading.weights_from), at, marks.updated, marks.power)
        rest -= before * units
    raise MistakeError("index", f"there is no weight number {number.text}", name.span)


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
