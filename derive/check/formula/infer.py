"""Which conventions a document follows, inferred from what they make true of its claims."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.check.findings import Inference
from derive.check.formula.chain import CLAIMS
from derive.check.formula.context import Context
from derive.check.formula.decide import decide
from derive.check.formula.errors import AssumeError
from derive.check.formula.frame import names_of, quiet
from derive.check.formula.marks import LAYERED, Ref, spelled
from derive.check.formula.values import Truth
from derive.check.names import Reading
from derive.read.formula import Formula
from derive.read.tree import Dots, Node, Placeholder

MOST_CLAIMS = 120
_ROLES = {"activation": "a", "pre-activation": "z", "output": "out"}
_MEANINGS = {
    "h": "activation, pre-activation, output",
    "o": "activation, output",
    "p": "output",
    "q": "output",
    "s": "pre-activation, activation, output",
    "u": "pre-activation, activation",
    "v": "pre-activation, activation",
    "f": "pre-activation, output",
}
BUDGET = 4.0
"""Seconds of computing for the whole inference."""


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
    """

    name: str
    values: Mapping[str, Mapping[str, object]]
    matters: Callable[[Ref], bool]
    of_unknown: bool = False


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
        Option("base", {"0": {"base": 0}, "1": {"base": 1}}, lambda ref: ref.at is not None),
        Option("delta", {v: {"delta": v} for v in ("gradient", "negative-gradient")}, _role("delta")),
        Option("vectors", lies, lambda ref: ref.at is None and ref.role not in ("L", "eta", "m", "size")),
        Option("bias vectors", {v: {"biases": v} for v in ("column", "row")}, _role("b")),
        Option("weights", turned, _role("W")),
        Option("layout", _layouts(reading), lambda ref: ref.at is None or ref.role == "W"),
        Option("weight indices", exchanged, lambda ref: ref.role == "W" and ref.at is not None),
        Option("superscripts", {v: {"superscripts": v} for v in ("power", "layer")}, _numbered(reading)),
        Option("layers", _shifts(), lambda ref: ref.role in LAYERED),
        Option("loss", {name: {"loss_scale": value} for name, value in scales.items()}, _role("L", "delta")),
        Option("batch", _batches(reading), _role("z", "a", "delta", "out")),
        Option("names", _letters(reading), lambda _: False),
        *_letter_options(reading),
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
        others = {k: role for k, role in reading.roles.items() if k != letter}
        values = {word: {"roles": {**others, letter: _ROLES[word]}} for word in meanings.split(", ")}
        own = {} if letter in reading.roles else {"a name of the document's own": {"roles": others}}
        yield Option(f"letter {letter}", {**own, **values}, lambda _: False)


Claim = tuple[Node, Node, str]


def infer(
    truth: Truth, reading: Reading, formulas: Sequence[Formula], assume: Mapping[str, str]
) -> tuple[Reading, tuple[Inference, ...]]:
    """Return the reading that makes the most claims true, and what was inferred.

    Parameters
    ----------
    truth : Truth
    reading : Reading
        That of the network file; it is kept wherever another explains no more.
    formulas : sequence of Formula
        The formulas of the document.
    assume : mapping
        Values of conventions that are taken as they are.

    Raises
    ------
    AssumeError
        If `assume` names an unknown convention or value.
    """
    reading = assumed(reading, assume)
    claims = list(_claims(formulas))
    ctx = Context(truth, reading)
    holds = [_is_true(ctx, claim) for claim in claims]
    found: list[Inference] = []
    deadline = time.process_time() + BUDGET
    tried: dict[str, Reading] = {}
    for _ in range(2):
        for option in options(reading):
            if option.name in assume or all(holds) or tried.get(option.name) is reading:
                continue
            best = _best(truth, reading, option, claims, holds, deadline)
            if best is not None:
                value, reading, holds, evidence = best
                found.append(Inference(option.name, value, evidence))
            tried[option.name] = reading
    return reading, tuple(found)


def assumed(reading: Reading, assume: Mapping[str, str]) -> Reading:
    """Return the reading with the conventions that the user states."""
    known = {option.name: option for option in options(reading)}
    for name, value in assume.items():
        if name not in known:
            raise AssumeError(f"the convention {name!r} is not known: choose one of {', '.join(known)}")
        values = known[name].values
        if value not in values:
            raise AssumeError(f"{name} = {value!r}: expected one of {', '.join(values)}")
        reading = reading.changed(**values[value])
    return reading


def _best(
    truth: Truth,
    reading: Reading,
    option: Option,
    claims: Sequence[Claim],
    holds: list[bool],
    deadline: float,
) -> tuple[str, Reading, list[bool], str] | None:
    """Return the value of an option that makes more claims true than the present one, if there is one."""
    best: tuple[str, Reading, list[bool], str] | None = None
    most = 0
    for value, changes in option.values.items():
        other = reading.changed(**changes)
        if other == reading and other.roles == reading.roles:
            continue
        if time.process_time() > deadline:
            break
        letters = _changed_letters(reading, other)
        touched = [_touches(option, letters, reading, claim) for claim in claims]
        ctx = Context(truth, other)
        now = list(holds)
        gained = 0
        for k, claim in enumerate(claims):
            if not holds[k] and touched[k]:
                now[k] = _is_true(ctx, claim)
                gained += now[k]
        if gained <= most:
            continue
        lost = 0
        for k, claim in enumerate(claims):
            if holds[k] and touched[k]:
                now[k] = _is_true(ctx, claim)
                lost += not now[k]
        if gained - lost > most:
            most = gained - lost
            best = (value, other, now, f"it makes {gained} more claims true and {lost} fewer")
    return best


def _changed_letters(reading: Reading, other: Reading) -> frozenset[str]:
    """Return the letters that stand for different things in two readings."""
    if reading.roles is other.roles:
        return frozenset()
    letters = reading.roles.keys() | other.roles.keys()
    return frozenset(letter for letter in letters if reading.roles.get(letter) != other.roles.get(letter))


def _touches(option: Option, letters: frozenset[str], reading: Reading, claim: Claim) -> bool:
    """Tell whether a convention, and what it changes letters to, can change what a claim says."""
    for name in (name for side in claim[:2] for name in names_of(side)):
        ref = quiet(name, reading)
        if spelled(name) in letters or (option.of_unknown if ref is None else option.matters(ref)):
            return True
    return False


def _claims(formulas: Sequence[Formula]) -> Iterator[Claim]:
    """Yield the links of all chains, up to a number spread over the document."""
    links = [
        (left, right, relation)
        for formula in formulas
        for statement in formula.statements
        for left, relation, right in zip(
            statement.terms, statement.relations, statement.terms[1:], strict=False
        )
        if relation in CLAIMS and not isinstance(left, (Placeholder, Dots))
        if not isinstance(right, (Placeholder, Dots))
    ]
    step = max(1, -(-len(links) // MOST_CLAIMS))
    yield from links[::step]


def _is_true(ctx: Context, claim: Claim) -> bool:
    left, right, relation = claim
    return decide(ctx, left, right, relation, ()).holds is True
