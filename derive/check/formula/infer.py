"""Which conventions a document follows, inferred from what they make true of its claims."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.check.findings import Inference
from derive.check.formula.chain import CLAIMS
from derive.check.formula.context import Context
from derive.check.formula.conventions import Option, options
from derive.check.formula.decide import decide
from derive.check.formula.errors import AssumeError
from derive.check.formula.frame import names_of, quiet
from derive.check.formula.marks import Ref, spelled
from derive.check.formula.values import Truth
from derive.check.names import Reading
from derive.read.formula import Formula
from derive.read.tree import Derivative, Dots, Gradient, Node, Placeholder

MOST_CLAIMS = 120
MOST_TRIED = 6000
"""Claims that are decided under other readings, counted so that what is inferred hangs on no clock."""

LONGEST = 8.0
"""Seconds of computing for the whole inference at the most."""

Claim = tuple[Node, Node, str]


@dataclass
class Trials:
    """How many claims have been decided under other readings, and the processor time to end at."""

    deadline: float
    done: int = 0

    @property
    def spent(self) -> bool:
        """Whether no further reading is to be tried."""
        return self.done >= MOST_TRIED or time.process_time() > self.deadline


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
    claims = list(claims_of(formulas))
    ctx = Context(truth, reading)
    holds = [_is_true(ctx, claim) for claim in claims]
    found: list[Inference] = []
    trials = Trials(time.process_time() + LONGEST)
    tried: dict[str, Reading] = {}
    for _ in range(2):
        known = {option.name: option for option in options(reading)}
        for name in list(known):
            option = known.get(name)
            if option is None or name in assume or all(holds) or tried.get(name) is reading:
                continue
            before = reading
            best = _best(truth, reading, option, claims, holds, trials)
            if best is not None:
                value, reading, holds, evidence = best
                found.append(Inference(name, value, evidence))
                # What an option changes letters to rests on what was found before it.
                known = {option.name: option for option in options(reading)}
            tried[name] = before if option.several else reading
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
    trials: Trials,
) -> tuple[str, Reading, list[bool], str] | None:
    """Return the value of an option that makes more claims true than the present one, if there is one."""
    best: tuple[str, Reading, list[bool], str] | None = None
    most = 0
    for value, changes in option.values.items():
        other = reading.changed(**changes)
        if other == reading and other.roles == reading.roles:
            continue
        if trials.spent:
            break
        letters = _changed_letters(reading, other)
        ctx = Context(truth, other)
        now = list(holds)
        gained = 0
        for k, claim in enumerate(claims):
            if not holds[k] and _touches(option, letters, reading, claim):
                trials.done += 1
                now[k] = _is_true(ctx, claim)
                gained += now[k] or (option.of_letter and _is_true_otherwise(ctx, claim))
        if gained <= most:
            continue
        fewer = []
        for k, claim in enumerate(claims):
            if holds[k] and _touches(option, letters, reading, claim):
                trials.done += 1
                now[k] = _is_true(ctx, claim)
                if not now[k]:
                    fewer.append(claim)
        # Products with a negative delta that are called derivatives are one mistake.
        labels = sum(map(_is_label, fewer)) if other.delta == "negative-gradient" else 0
        lost = len(fewer) - max(0, labels - 1)
        even = option.even and best is None and gained == lost > 1
        if gained - lost > most or even:
            most = gained - lost
            best = (value, other, now, f"it makes {gained} more claims true and {len(fewer)} fewer")
    return best


def _is_label(claim: Claim) -> bool:
    return isinstance(claim[0], (Derivative, Gradient))


def _is_true_otherwise(ctx: Context, claim: Claim) -> bool:
    """Tell whether a claim with a delta holds by the other sign of delta, so that its letters are known."""
    roles = ctx.reading.roles
    if not any(roles.get(name.base) == "delta" for side in claim[:2] for name in names_of(side)):
        return False
    sign = "gradient" if ctx.reading.delta == "negative-gradient" else "negative-gradient"
    return _is_true(ctx.with_reading(ctx.reading.changed(delta=sign)), claim)


def _changed_letters(reading: Reading, other: Reading) -> frozenset[str]:
    """Return the letters that stand for different things in two readings."""
    if reading.roles is other.roles:
        return frozenset()
    letters = reading.roles.keys() | other.roles.keys()
    return frozenset(letter for letter in letters if reading.roles.get(letter) != other.roles.get(letter))


def _touches(option: Option, letters: frozenset[str], reading: Reading, claim: Claim) -> bool:
    """Tell whether a convention, and what it changes letters to, can change what a claim says."""
    for side in claim[:2]:
        for letter, ref in reading.remembered("mentioned", side, _mentioned):
            if letter in letters or (option.of_unknown if ref is None else option.matters(ref)):
                return True
    return False


def _mentioned(side: Node, reading: Reading) -> frozenset[tuple[str, Ref | None]]:
    """Return the letters of a side, and what they stand for with their marks."""
    return frozenset((spelled(name), quiet(name, reading)) for name in names_of(side))


def claims_of(formulas: Sequence[Formula]) -> Iterator[Claim]:
    """Yield the links of all chains, up to a number: one of every kind, the others spread over the text."""
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
    if len(links) <= MOST_CLAIMS:
        yield from links
        return
    kinds: dict[frozenset[tuple[str, int]], int] = {}
    for k, (left, right, _) in enumerate(links):
        kinds.setdefault(frozenset((n.base, n.primes) for side in (left, right) for n in names_of(side)), k)
    chosen = set(list(kinds.values())[:MOST_CLAIMS])
    others = [k for k in range(len(links)) if k not in chosen]
    room = MOST_CLAIMS - len(chosen)
    chosen |= {others[n * len(others) // room] for n in range(room)}
    yield from (links[k] for k in sorted(chosen))


def _is_true(ctx: Context, claim: Claim) -> bool:
    left, right, relation = claim
    return decide(ctx, left, right, relation, ()).holds is True
