"""Sums, products, fractions and calls put together from pieces."""

from __future__ import annotations

from collections.abc import Iterable

from codegen.latex.text import Level, Text, bracketed, held, is_tall


def added(pieces: Iterable[tuple[int, Text]]) -> Text:
    """Join terms with their signs."""
    found = list(pieces)
    if len(found) == 1 and found[0][0] > 0:
        return found[0][1]
    line = ""
    for number, (sign, piece) in enumerate(found):
        first, last = not number and sign > 0, number == len(found) - 1
        body = _operand(piece, first=first, subtracted=sign < 0, last=last)
        operator = "-" if sign < 0 else "+"
        line += f" {operator} {body}" if number else body if sign > 0 else f"-{body}"
    return Text(line, Level.SUM)


def _operand(piece: Text, *, first: bool, subtracted: bool, last: bool) -> str:
    signed = piece.level is Level.SUM and (subtracted or bool(piece.bare) or piece.text.startswith("-"))
    cases = piece.open and not last and r"\begin{cases}" in piece.text
    if cases or (signed and not first):
        return bracketed(piece.first)
    return piece.first if first else piece.text


def multiplied(factors: list[Text], times: str) -> Text:
    """Join factors; one that runs on to the right is put in brackets unless it is the last."""
    if len(factors) == 1:
        return factors[0]
    parts = [held(f, Level.PRODUCT) for f in factors]
    for number, factor in enumerate(factors[:-1]):
        if factor.open and factor.level > Level.SUM:
            parts[number] = bracketed(factor.first)
    line = times.join(parts)
    bare = times.join([factors[0].bare, *parts[1:]]) if factors[0].bare else ""
    return Text(line, Level.PRODUCT, factors[-1].open, bare)


def scaled(front: list[Text], factors: list[Text], times: str, after_number: str) -> Text:
    """Join numbers and the factors after them."""
    tail = [multiplied(factors, times)] if factors else []
    return multiplied([*front, *tail] or [Text("1")], after_number)


def fraction(top: str, bottom: str) -> Text:
    """Return a fraction."""
    return Text(rf"\frac{{{top}}}{{{bottom}}}", Level.POWER)


def called(name: str, *arguments: Text) -> Text:
    """Return a function call."""
    return Text(name + bracketed(", ".join(a.first for a in arguments)), Level.POWER)


def exponential(exponent: Text) -> Text:
    """Return ``e`` to a power, as a function call where the exponent is tall."""
    inner = exponent.first
    return Text(rf"\exp{bracketed(inner)}" if is_tall(inner) else rf"e^{{{inner}}}", Level.POWER)
