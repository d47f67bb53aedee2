"""LaTeX files: formulas, listings of code, and the macros that formulas may use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.read.document_prose import blank_all, read_prose
from derive.read.document_types import Macro, Segment, Source

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_LISTING = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|Verbatim|python|pycode)\*?\}((?:\[[^\]\n]{0,300}\])?(?:\{[^}\n]{0,50}\})?)"
)
_VERB = re.compile(r"\\(?:verb|lstinline)(?![A-Za-z])\*?(?:\[[^\]\n]{0,100}\])?([^\w\s{])[^\n]{0,500}?\1")
_DEFINITION = re.compile(
    r"\\(?:re)?(?:newcommand|providecommand)\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?:\[(\d)\])?\s*(?=\{)"
    r"|\\def\s*(\\[A-Za-z]+)\s*((?:#\d)*)\s*(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?=\{)"
)
_LONGEST_BODY = 2000
_MOST_MACROS = 500


def read_tex(source: Source) -> tuple[list[Segment], tuple[Macro, ...]]:
    """Read a LaTeX file: its segments and its macros."""
    segments, hidden = _listings(source)
    text = blank_all(source.text, hidden)
    verbatim = [m.span() for m in _VERB.finditer(text)]
    text = blank_all(text, verbatim)
    comments = [(m.end(1), m.end()) for m in _COMMENT.finditer(text)]
    text = blank_all(text, comments)
    hidden += [*verbatim, *comments]
    macros, definitions = _macros(source, text)
    begin, end = text.find("\\begin{document}"), text.find("\\end{document}")
    hidden += definitions
    if begin >= 0:
        hidden.append((0, begin + len("\\begin{document}")))
    if end >= 0:
        hidden.append((end, len(text)))
    segments += read_prose(source, hidden=_merged(hidden), markdown=False)
    return sorted(segments, key=lambda segment: segment.start), tuple(macros)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _listings(source: Source) -> tuple[list[Segment], list[tuple[int, int]]]:
    segments: list[Segment] = []
    hidden: list[tuple[int, int]] = []
    position = 0
    while found := _LISTING.search(source.text, position):
        closing = f"\\end{{{found.group(1)}"
        end = source.text.find(closing, found.end())
        stop = len(source.text) if end < 0 else end
        start = found.end() + (source.text[found.end() : found.end() + 1] == "\n")
        body = source.text[start:stop]
        if body.strip():
            options = found.group(2).lower()
            python = found.group(1).startswith("py") or "python" in options or "def " in body or "np." in body
            stop_of_text = start + len(body.rstrip())
            segments.append(
                source.segment("code" if python else "output", start, stop_of_text, found.group(1))
            )
        position = min(len(source.text), stop + len(closing) + 2)
        hidden.append((found.start(), position))
    # A listing that is no Python is output only where code stands before it.
    seen_code = False
    kept = []
    for segment in segments:
        seen_code = seen_code or segment.kind == "code"
        kept.append(segment if seen_code else Segment("text", segment.text, segment.lines, segment.form))
    return kept, hidden


def _macros(source: Source, text: str) -> tuple[list[Macro], list[tuple[int, int]]]:
    macros, hidden = [], []
    for found, end in _definitions(text):
        name = found.group(1) or found.group(3) or found.group(5)
        count = int(found.group(2) or 0) if found.group(1) else (found.group(4) or "").count("#")
        body = text[found.end() + 1 : end - 1]
        if found.group(5):
            body = f"\\operatorname{{{body}}}"
        macros.append(Macro(name, count, body, source.location(found.start())))
        hidden.append((found.start(), end))
        if len(macros) >= _MOST_MACROS:
            break
    return macros, hidden


def _definitions(text: str) -> Iterator[tuple[re.Match[str], int]]:
    for found in _DEFINITION.finditer(text):
        depth = 0
        for position in range(found.end(), min(len(text), found.end() + _LONGEST_BODY)):
            char = text[position]
            escaped = text[position - 1] == "\\"
            depth += (char == "{" and not escaped) - (char == "}" and not escaped)
            if depth == 0:
                yield found, position + 1
                break
