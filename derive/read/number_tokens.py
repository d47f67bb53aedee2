"""Every decimal number in a line of output, for lines of which one knows that numbers are what they print."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.read.numbers import NUMBER, PrintedArray, number_in

_TOKEN = re.compile(rf"(?<![\w.]){NUMBER.pattern}")


def number_tokens(text: str, start: int = 0) -> Iterator[PrintedArray]:
    """Yield the numbers of a line that stand by themselves, in order.

    Parameters
    ----------
    text : str
    start : int, optional
        Where the line begins in the text that the spans count in.
    """
    for match in _TOKEN.finditer(text):
        number = number_in(text, match.span())
        span = (start + match.start(), start + match.end())
        yield PrintedArray("", (), number, "scalar", span)


def without_numbers(text: str) -> str:
    """Return a line with a mark for each number, and single blanks: what is the same whatever it prints."""
    return " ".join(_TOKEN.sub("\0", text).split())
