"""The conventions that a document may choose: what each of them can be, and which claims it can touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from derive.check.formula.marks import LAYERED, Ref
from derive.check.names import Reading

_ROLES = {"activation": "a", "pre-activation": "z", "output": "out", "target": "y"}
_MEANINGS = {
    "h": "activation, pre-activation, output",
    "o": "activation, output",
    "p": "output",
    "q": "output",
    "s": "pre-activation, activation, output",
    "u": "pre-activation, activation",
    "v": "pre-activation, activation",
    "f": "pre-activation, output",
    "d": "target",
}


@dataclass(frozen=True)
class Option:
    """One convention: the readings that differ from a given one in it alone, by the name of their value.

    Attributes
    ----------
    name : str
    values : mapping
        The changes to a reading for each value.
    matters : callable
        Tells of what a name in a claim stands for whether the convention can touch it.
    of_unknown : bool
        Whether it can touch names that nothing is known of, such as functions.
    of_letter : bool
        Whether it says what a letter is, which is seen whatever the sign of delta.
    even : bool
        Whether it is taken, too, where several claims speak for it and no more against it.
    several : bool
        Whether more than one of its values may hold at a time.
    """

    name: str
    values: Mapping[str, Mapping[str, object]]
    matters: Callable[[Ref], bool]
    of_unknown: bool = False
    of_letter: bool = False
    even: bool = False
    several: bool = False


def options(reading: Reading) -> tuple[Option, ...]:
    """Return the conventions that a document may choose, with their values."""
    outputs = reading.network.sizes[-1]
    scales = {"as in the network file": 1.0, "twice it": 2.0, "half of it": 0.5}
    if outputs not in (1, 2):
        scales |= {f"{outputs} times it": float(outputs), f"1/{outputs} of it": 1.0 / outputs}
    lies = {v: {"vectors": v, "biases": v} for v in ("column", "row")}
    turned = {"as in the network file": {"flipped": False}, "transposed": {"flipped": True}}
    exchanged = {"as the matrix": {"swapped": False}, "exchanged": {"swapped": True}}
    functions = {"of the layer": {"function": "layer"}, "sigmoid": {"function": "sigmoid"}}
    found = [
        Option("unit letters", _unit_letters(reading), _role(*LAYERED, "x"), of_letter=True),
        Option("base", {"0": {"base": 0}, "1": {"base": 1}}, lambda ref: ref.at is not None),
        Option(
            "delta", {v: {"delta": v} for v in ("gradient", "negative-gradient")}, _role("delta"), even=True
        ),
        Option("vectors", lies, lambda ref: ref.at is None and ref.role not in ("L", "eta", "m", "size")),
        Option("bias vectors", {v: {"biases": v} for v in ("column", "row")}, _role("b")),
        Option("weights", turned, _role("W")),
        Option("layout", _layouts(reading), lambda ref: ref.at is None or ref.role == "W"),
        Option("weight indices", exchanged, lambda ref: ref.role == "W" and ref.at is not None),
        Option("superscripts", {v: {"superscripts": v} for v in ("power", "layer")}, _numbered(reading)),
        Option("subscripts", {v: {"subscripts": v} for v in ("layer", "unit")}, _role("z", "a", "delta")),
        Option("weight numbers", _weight_numbers(reading), lambda ref: ref.role == "W" and ref.at is None),
        Option("layers", _shifts(), lambda ref: ref.role in LAYERED),
        Option("loss", {name: {"loss_scale": value} for name, value in scales.items()}, _role("L", "delta")),
        Option("batch", _batches(reading), _role("z", "a", "delta", "out")),
        Option("parentheses", _parentheses(reading), _role("z", "a", "delta", "X")),
        Option("samples", _numbers_of_samples(reading), lambda ref: ref.sample is not None),
        Option("sample index", _places_of_samples(reading), lambda ref: ref.sample is not None),
        Option("names", _letters(reading), lambda _: False, several=True),
        *_letter_options(reading),
        Option("right class", _right_class(reading), lambda ref: ref.at is not None, of_unknown=True),
        Option("activation function", functions, lambda _: False, of_unknown=True),
    ]
    return tuple(option for option in found if len(option.values) > 1)


def _role(*roles: str) -> Callable[[Ref], bool]:
    return lambda ref: ref.role in roles


def _numbered(reading: Reading) -> Callable[[Ref], bool]:
    """Return what tells names with a bare number above them, as far as the present reading shows it."""
    if reading.superscripts == "power":
        return lambda ref: ref.power != 1
    return _role(*LAYERED)


def _batches(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return where a mean over a batch is taken; there is no choice where the network sums."""
    mean = {"delta of the mean loss": {"each_sample": False}}
    each = {"delta of each sample's loss": {"each_sample": True}}
    return mean | each if reading.network.reduction == "mean" else mean


def _weight_numbers(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return what a single number below a weight can be; with a folded bias it is always the layer."""
    layers = range(1, reading.layers + 1)
    folded = any(reading.network.bias_of(layer) == "folded" for layer in layers)
    kinds = ("layer",) if folded else ("layer", "unit by unit", "input by input")
    return {kind: {"weight_numbers": kind} for kind in kinds}


def _parentheses(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return what a number in parentheses above a name can be; without samples there is no choice."""
    kinds = ("layer",) if reading.samples is None else ("layer", "sample")
    return {kind: {"parentheses": kind} for kind in kinds}


def _numbers_of_samples(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return from which number on samples are counted; without samples there is no choice."""
    numbers = (reading.samples_from,) if reading.samples is None else (0, 1)
    return {f"counted from {number}": {"samples_from": number} for number in numbers}


def _places_of_samples(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return which index of an element is its sample; without samples there is no choice."""
    places = ("first",) if reading.samples is None else ("first", "last")
    return {place: {"sample_index": place} for place in places}


def _unit_letters(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return what layers the letters of units may stand for, as far as the document suggests any."""
    said = {meaning.said(reading.layers): {"letters": meaning} for meaning in reading.meanings}
    return {"mere indices": {"letters": None}, **said}


def _right_class(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return which letter is the right class itself; there is a choice where a document has such a letter."""
    letters = {letter: {"label_letter": letter} for letter in reading.label_candidates}
    return {"no letter": {"label_letter": ""}, **letters}


def _layouts(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    own = reading.network.layout
    return {name: {"vectors": name, "biases": name, "flipped": name != own} for name in ("column", "row")}


def _shifts() -> Mapping[str, Mapping[str, object]]:
    return {
        "W(l) leads to layer l": {"units_from": 0, "weights_from": 0},
        "W(l) leads from layer l": {"units_from": 0, "weights_from": -1},
        "the input is layer 1, W(l) leads from layer l": {"units_from": 1, "weights_from": 0},
        "the input is layer 1, W(l) leads to layer l": {"units_from": 1, "weights_from": 1},
    }


def _letters(reading: Reading) -> Mapping[str, Mapping[str, object]]:
    """Return readings in which a letter with two customary meanings has the other one."""
    roles = dict(reading.roles)
    other_y = {**roles, "y": "out" if roles.get("y") == "y" else "y", "t": "y"}
    return {
        "as in the network file": {"roles": roles},
        f"y is the {'output' if other_y['y'] == 'out' else 'target'}": {"roles": other_y},
        "a is the pre-activation, z the activation": {"roles": {**roles, "a": "z", "z": "a"}},
    }


def _letter_options(reading: Reading) -> Iterator[Option]:
    """Yield, for each letter that notes use for several things, what it may stand for."""
    for letter, meanings in _MEANINGS.items():
        both = (letter, letter.upper())
        others = {k: role for k, role in reading.roles.items() if k not in both}
        values = {
            word: {"roles": {**others, **dict.fromkeys(both, _ROLES[word])}} for word in meanings.split(", ")
        }
        own = {} if letter in reading.roles else {"a name of the document's own": {"roles": others}}
        yield Option(f"letter {letter}", {**own, **values}, lambda _: False, of_letter=True)
