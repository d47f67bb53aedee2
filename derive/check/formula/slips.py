"""What a number of a working may be, given what belongs in its place: the sign, a digit, another value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.context import Context
from derive.check.formula.numbers import Slip
from derive.read.tree import Number

SIGN = -1.0
"""Ranks before every other slip: a sign that is turned explains any number of the term."""
DIGIT, OTHER = 0.0, 1.0
DIGIT_OF_A_STEP = 1.7
"""A digit that makes a number right that is no value of the example."""
LATER = 2.0
"""Is added where the number is a value of the example itself, and so hardly the one that is off."""
MISSING = 2.5
SURPLUS = 4.0
TURNED_TOO = 0.5
OR_NONE = 0.5

_FEW_DIGITS = 2
"""So many digits differ in one from those of many other numbers, which says nothing."""

_SURE = 0.2
"""As a share of a digit's place: how far off a number with that digit set right may be."""

_TELLING = 1e-3
"""As a share: a factor that is known less well may be any value of the example."""

_USUAL = (0.5, 1.0, 2.0)
"""Factors that stand for more than a value of the example."""


@dataclass(frozen=True)
class Wanted:
    """What belongs in the place of a number.

    Attributes
    ----------
    value : float
    slack : float
        How far the digits of the other numbers let it go.
    linear : bool
        Whether the working is linear in it.
    factor : bool
        Whether it stands as a factor of a product.
    """

    value: float
    slack: float
    linear: bool = True
    factor: bool = False

    @property
    def near(self) -> float:
        """How far off a number may be to be this one."""
        return 1.5 * self.slack + 1e-6 * abs(self.value)

    @property
    def is_one(self) -> bool:
        """Whether the product is right without it."""
        return self.factor and abs(self.value - 1) <= self.near


def slips_of(ctx: Context, number: Number, wanted: Wanted, known: Array) -> Iterator[tuple[float, Slip]]:
    """Yield what a number may be that another belongs in the place of, each with its rank, the surest lowest.

    Parameters
    ----------
    known : numpy.ndarray
        The magnitudes of the values of the example.
    """
    given, near = float(number.value), wanted.near
    half = 0.0 if number.value in ctx.givens else float(number.unit) / 2
    if abs(wanted.value + given) <= near + half <= 0.1 * abs(given):
        words = "this number, or what it is multiplied by, should have the other sign"
        yield SIGN, _slip("sign", words, number)
    if near > 0.01 * abs(wanted.value):
        return  # anything would fit
    itself = number.value in ctx.givens or (_digits(number) > _FEW_DIGITS and _is_near(known, given, half))
    if _is_near(known, wanted.value, near):
        yield _other(ctx, number, wanted, known, itself)
    elif wanted.value * given > 0 and (shown := _with_a_digit_changed(number, wanted, half)):
        yield DIGIT_OF_A_STEP, _slip("arithmetic", f"a digit slipped: {shown} belongs here", number, shown)
    if wanted.linear and given and wanted.value:
        yield from _factors(number, wanted, known, half)


def _other(ctx: Context, number: Number, wanted: Wanted, known: Array, itself: bool) -> tuple[float, Slip]:
    """Return that another value of the example belongs in the place of a number."""
    magnitude, unit = abs(wanted.value), float(number.unit)
    true = float(known[int(np.abs(known - magnitude).argmin())])
    rank = LATER * itself
    shown = f"{true:.{max(0, round(-np.log10(unit))) if unit <= 1 else 0}f}"
    fits = abs(float(shown) - true) <= wanted.near + min(unit, 1e-5)
    if wanted.value * float(number.value) < 0:
        rank, shown = rank + TURNED_TOO, f"-{true:.6g}"
    elif fits and _one_digit(number.text, shown) and not (itself and _digits(number) <= _FEW_DIGITS):
        return rank + DIGIT, _slip("arithmetic", f"a digit slipped: {shown} belongs here", number, shown)
    elif not fits:
        shown = f"{true:.6g}"
    owner = ctx.seen.get(number.value)
    whose = f"the number of {owner}" if owner else "another number"
    sign = "-" if shown.startswith("-") else ""
    words = f"{number.text} is {whose}: {sign}{true:.6g} belongs here"
    if wanted.is_one:
        rank, words = rank + OR_NONE, f"{words}, or none"
    return rank + OTHER, _slip("stale-number", words, number, shown)


def _factors(number: Number, wanted: Wanted, known: Array, half: float) -> Iterator[tuple[float, Slip]]:
    """Yield that a factor is missing beside a number, or that the number is one too many."""
    given = float(number.value)
    ratio = abs(wanted.value / given)
    loose = ratio * (wanted.near / abs(wanted.value) + half / abs(given))
    if wanted.is_one and given not in _USUAL and not _is_near(known, 1.0, wanted.near):
        yield SURPLUS, _slip("surplus-factor", f"the factor {number.text} does not belong here", number)
        return
    usual = any(abs(ratio - factor) <= loose for factor in _USUAL)
    if loose <= _TELLING * ratio and not usual and _is_near(known, ratio, loose):
        words = f"the factor {wanted.value / given:.6g} is missing"
        yield MISSING, _slip("missing-factor", words, number)


def _is_near(known: Array, value: float, near: float) -> bool:
    return bool(np.any(np.abs(known - abs(value)) <= near))


def _digits(number: Number) -> int:
    """Return how many digits a number shows, without the zeros before them."""
    return len("".join(letter for letter in number.text if letter.isdigit()).lstrip("0"))


def _slip(code: str, words: str, number: Number, shown: str = "") -> Slip:
    return Slip(code, words, number.span, shown)


def _with_a_digit_changed(number: Number, wanted: Wanted, half: float) -> str:
    """Return a number with a digit changed, or two neighbours exchanged, that is the wanted one, or none."""
    text, off = number.text, wanted.near + half
    whole, _, _ = text.partition(".")
    if not all(letter.isdigit() or letter == "." for letter in text):
        return ""
    for n, letter in enumerate(text):
        if letter == "." or off > _SURE * 10.0 ** (len(whole) - n - (n < len(whole))):
            continue
        follower = text[n + 1 : n + 2]
        changed = [f"{text[:n]}{digit}{text[n + 1 :]}" for digit in "0123456789" if digit != letter]
        changed += [f"{text[:n]}{follower}{letter}{text[n + 2 :]}"] if follower.isdigit() else []
        for other in changed:
            if other != text and abs(float(other) - wanted.value) <= off:
                return other
    return ""


def _one_digit(given: str, shown: str) -> bool:
    """Tell whether two decimals differ in one digit, or in two neighbours that changed places."""
    if len(given) != len(shown) or "." not in given:
        return False
    places = [k for k, (one, other) in enumerate(zip(given, shown, strict=True)) if one != other]
    if len(places) == 2 and places[1] - places[0] == 1:
        return given[places[0]] == shown[places[1]] and given[places[1]] == shown[places[0]]
    return len(places) == 1
