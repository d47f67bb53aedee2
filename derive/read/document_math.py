"""Where mathematics stands in a text: delimiters and environments, found in one pass."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DISPLAY = frozenset(
    f"{name}{star}"
    for name in (
        "align",
        "equation",
        "gather",
        "multline",
        "eqnarray",
        "flalign",
        "alignat",
        "displaymath",
        "math",
        "dmath",
        "IEEEeqnarray",
    )
    for star in ("", "*")
)
# Environments that only arrange what is inside a formula.
WRAPPERS = DISPLAY | {"aligned", "split", "gathered", "alignedat", "subequations"}

_TOKEN = re.compile(r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\\\[()\[\]]|\\.|\$\$?", re.DOTALL)
_BREAK = re.compile(r"\n[ \t]*(?=\n)")
_PROSE = re.compile(r"[A-Z][\w'’,-]*(?:[ \t]+[\w'’,().;-]+)*[:.]?[ \t]*$")
_BLOCK = re.compile(r"#{1,6}[ \t]|```|~~~|In \[|Out\[|[-*>][ \t]|\$\$[ \t]*$")
_OPENING = re.compile(r"\s*\\begin\{([A-Za-z]+\*?)\}(?:\{[^{}]*\})?")
# The number of columns of `alignat`, the kinds of columns of `IEEEeqnarray`.
_ARGUMENT = re.compile(r"\s*\{[^{}]{0,100}\}")
_WITH_ARGUMENT = ("alignat", "IEEEeqnarray")
_MATH_SIGN = re.compile(r"[\\^_={}+<>*/|]")
_PRICE = re.compile(r"\s*\d[\d.,]*[^\d\\^_={}]*[A-Za-z]{2}")
_MISSING = "the closing {} is missing"


@dataclass(frozen=True, slots=True)
class MathSpan:
    """A formula: the whole stretch with delimiters, the inner one without, and how it was marked."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    form: str
    note: str = ""

    @property
    def is_display(self) -> bool:
        """Tell whether the formula stands by itself."""
        return self.form not in ("$", "\\(")


@dataclass(frozen=True, slots=True)
class _Tokens:
    r"""The delimiters of a text, for each ``\begin`` the end that belongs to it, and the empty lines.

    `prose` are those empty lines after which prose or a block begins; `places` the offsets of each mark.
    """

    text: str
    marks: tuple[tuple[int, str], ...]
    match: dict[int, int]
    breaks: tuple[int, ...]
    prose: tuple[int, ...]
    places: dict[str, list[int]]


def find_math(text: str, *, doubled: bool = False) -> tuple[MathSpan, ...]:
    r"""Find the formulas of a text.

    Parameters
    ----------
    text : str
        Prose in which code has been blanked out.
    doubled : bool
        Whether ``\\(`` and ``\\[`` with two backslashes are delimiters too, as in some Markdown.

    Returns
    -------
    tuple of MathSpan
        In order, not overlapping. A formula whose closing delimiter is missing ends with its paragraph and
        says so in its note.
    """
    return tuple(_spans(_tokenize(text), doubled))


def _tokenize(text: str) -> _Tokens:
    marks = [(m.start(), m.group()) for m in _TOKEN.finditer(text)]
    match: dict[int, int] = {}
    open_by_name: dict[str, list[int]] = {}
    for number, (_, mark) in enumerate(marks):
        if mark.startswith("\\begin{"):
            open_by_name.setdefault(mark[7:-1], []).append(number)
        elif mark.startswith("\\end{") and open_by_name.get(mark[5:-1]):
            match[open_by_name[mark[5:-1]].pop()] = number
    places: dict[str, list[int]] = {}
    for position, mark in marks:
        places.setdefault(mark, []).append(position)
    breaks = tuple(m.start() for m in _BREAK.finditer(text))
    prose = tuple(position for position in breaks if _begins_prose(text, position))
    return _Tokens(text, tuple(marks), match, breaks, prose, places)


def _begins_prose(text: str, position: int) -> bool:
    head = text[position : position + 400].lstrip().split("\n", 1)[0]
    return not head or bool(_BLOCK.match(head) or _PROSE.match(head))


def _next(places: Sequence[int], position: int) -> int | None:
    number = bisect_left(places, position)
    return places[number] if number < len(places) else None


def _spans(tokens: _Tokens, doubled: bool) -> Iterator[MathSpan]:
    number = 0
    closers = {"\\(": "\\)", "\\[": "\\]"}
    if doubled:
        closers |= {"\\\\(": "\\\\)", "\\\\[": "\\\\]"}
    while number < len(tokens.marks):
        position, mark = tokens.marks[number]
        span = None
        if mark == "$":
            span = _inline(tokens, number)
        elif mark == "$$":
            span = _display(tokens, number, "$$", "$$")
        elif mark in closers:
            span = _display(tokens, number, mark, closers[mark])
        elif mark.startswith("\\begin{") and mark[7:-1] in DISPLAY:
            span = _environment(tokens, number)
        if span is None:
            number += 1
            continue
        yield _unwrapped(tokens.text, span)
        number = bisect_left(tokens.marks, (max(span.end, position + 1), ""))


def _paragraph_end(tokens: _Tokens, position: int) -> int:
    found = _next(tokens.breaks, position)
    return len(tokens.text) if found is None else found


def _inline(tokens: _Tokens, number: int) -> MathSpan | None:
    start = tokens.marks[number][0]
    limit = _paragraph_end(tokens, start)
    for position, mark in tokens.marks[number + 1 : number + 400]:
        if position >= limit:
            return None
        if mark in ("$", "$$"):
            if mark == "$" and _is_formula(tokens.text, start + 1, position):
                return MathSpan(start, position + 1, start + 1, position, "$")
            return None
    return None


def _is_formula(text: str, start: int, end: int) -> bool:
    """Tell a formula from the words between two prices."""
    inner = text[start:end]
    if not inner.strip() or _PRICE.match(inner):
        return False
    follows = text[end + 1 : end + 2]
    if inner[-1].isspace() and not inner[0].isspace() and (follows.isdigit() or not _MATH_SIGN.search(inner)):
        return False
    return bool(_MATH_SIGN.search(inner)) or len(inner.split()) <= 4


def _display(tokens: _Tokens, number: int, opener: str, closer: str) -> MathSpan | None:
    text, start = tokens.text, tokens.marks[number][0]
    inner = start + len(opener)
    form = {"\\\\(": "\\(", "\\\\[": "\\["}.get(opener, opener)
    inline = form == "\\("
    forgotten = _forgotten_after_environment(tokens, number, inner, closer)
    if forgotten is not None:
        return MathSpan(start, forgotten, inner, forgotten, form, _MISSING.format(closer))
    closing = _next(tokens.places.get(closer, ()), inner)
    stop = _next(tokens.breaks if inline else tokens.prose, inner)
    if closing is not None and (stop is None or closing < stop):
        return MathSpan(start, closing + len(closer), inner, closing, form)
    end = _paragraph_end(tokens, inner) if stop is None else stop
    if not text[inner:end].strip():
        return None
    return MathSpan(start, end, inner, end, form, _MISSING.format(closer))


def _forgotten_after_environment(tokens: _Tokens, number: int, inner: int, closer: str) -> int | None:
    """A display that holds one environment and is not closed after it ends with the environment."""
    opening = _OPENING.match(tokens.text, inner)
    if opening is None or opening.group(1) not in WRAPPERS or number + 1 not in tokens.match:
        return None
    position, mark = tokens.marks[tokens.match[number + 1]]
    end = position + len(mark)
    rest = tokens.text[end : end + 400].lstrip(" \t")
    if rest.lstrip().startswith(closer):
        # A closing mark after an empty line may as well open the next formula; prose tells.
        between = rest[: rest.find(closer)]
        return end if between.count("\n") > 1 and closer == "$$" and _opens(tokens, end, closer) else None
    return end if not rest.strip() or re.match(r"\n[ \t]*\n", rest) else None


def _opens(tokens: _Tokens, position: int, closer: str) -> bool:
    """Tell whether the next mark opens a display: what follows it is an environment or a formula."""
    at = tokens.text.find(closer, position) + len(closer)
    return bool(_OPENING.match(tokens.text, at))


def _environment(tokens: _Tokens, number: int) -> MathSpan:
    position, mark = tokens.marks[number]
    inner, name = position + len(mark), mark[7:-1]
    argument = _ARGUMENT.match(tokens.text, inner) if name.startswith(_WITH_ARGUMENT) else None
    inner = argument.end() if argument else inner
    if number in tokens.match:
        end, closing = tokens.marks[tokens.match[number]]
        return MathSpan(position, end + len(closing), inner, end, name)
    end = _paragraph_end(tokens, inner)
    return MathSpan(position, end, inner, end, name, _MISSING.format(f"\\end{{{name}}}"))


def _unwrapped(text: str, span: MathSpan) -> MathSpan:
    """Leave out environments that enclose the whole formula."""
    start, end, form = span.inner_start, span.inner_end, span.form
    for _ in range(4):
        opening = _OPENING.match(text, start, end)
        if opening is None or opening.group(1) not in WRAPPERS:
            break
        closing = f"\\end{{{opening.group(1)}}}"
        tail = text[start:end].rstrip()
        if not tail.endswith(closing) or tail.count(closing) > 1:
            break
        form, end = opening.group(1), start + len(tail) - len(closing)
        start = min(opening.end(), end)
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    end = max(start, end - (len(inner) - len(inner.rstrip())))
    return MathSpan(span.start, span.end, start, end, form, span.note)
