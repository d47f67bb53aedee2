"""Which bracket belongs to which, and how far an argument reaches."""

from __future__ import annotations

from collections.abc import Iterator

from derive.read.formula_scan import Token


def partners(tokens: list[Token], openers: dict[str, str]) -> dict[int, int]:
    """Return for every opening token that is closed the place of its partner, and the reverse.

    Parameters
    ----------
    tokens
        Any tokens.
    openers
        The closing kind of each opening kind. Brackets of the kind "open" and environments must agree in
        their text too; what has no partner is left out, and does not disturb the others.
    """
    closers = {close: opening for opening, close in openers.items()}
    stacks: dict[str, list[int]] = {opening: [] for opening in openers}
    found: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.kind in openers:
            stacks[token.kind].append(at)
        elif (opening := closers.get(token.kind)) and (stack := stacks[opening]):
            if opening == "begin" and tokens[stack[-1]].text != token.text:
                continue
            start = stack.pop()
            found[start], found[at] = at, start
    return found


def argument(tokens: list[Token], at: int, pairs: dict[int, int]) -> tuple[int, int]:
    """Return the half-open range of the argument at `at`: a group in braces, or one token."""
    if at < len(tokens) and tokens[at].kind == "lbrace" and at in pairs:
        return at, pairs[at] + 1
    return at, min(at + 1, len(tokens))


def outside_scripts(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens but those in subscripts and superscripts, whose letters are indices."""
    pairs = partners(tokens, {"lbrace": "rbrace"})
    at = 0
    while at < len(tokens):
        if tokens[at].kind in {"sub", "sup"}:
            at = pairs.get(at + 1, at + 1) + 1
            continue
        yield tokens[at]
        at += 1
