"""Say in an error message what was found, what is known, and which known name is the nearest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

SHOWN = 60
"""The number of characters of a user's value that a message repeats."""


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, short, without control characters."""
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except (ValueError, RecursionError):  # an integer beyond the limit of Python's conversion; deep nesting
        return "a value that is too large to show"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 4]} ..."


def nearest(value: object, known: Iterable[str]) -> str | None:
    """Return the known name most like a value, without regard to case, or None where none is alike."""
    names = {_folded(name): name for name in known}
    alike = get_close_matches(_folded(str(value)[:SHOWN]), names, n=1)
    return names[alike[0]] if alike else None


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def unknown(what: str, value: object, known: Collection[str]) -> str:
    """Return the message that a value is not known, with what is, and with the nearest name.

    Parameters
    ----------
    what : str
        What the value was given for, such as ``loss``.
    value : object
        What the user gave.
    known : collection of str
    """
    near = nearest(value, known) if isinstance(value, str) else None
    guess = f"; did you mean {near!r}?" if near else ""
    return f"{what} = {shown(value)} is not known: expected one of {', '.join(known)}{guess}"
