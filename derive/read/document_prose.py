"""Prose to segments: formulas, pictures, and lines that look like mathematics."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from derive.read.document_inline import inline_formulas
from derive.read.document_math import MathSpan, find_math
from derive.read.document_types import Segment, Source
from derive.read.tex_tables import tex_tables

_PICTURE = re.compile(
    r"!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)|<img\b[^>]{0,2000}>"
    r"|\\includegraphics\s*(?:\[[^\]]{0,300}\])?\{[^}\n]{0,300}\}"
)
_PICTURE_NOTE = "what stands only in this picture cannot be read"
_CODE_SPAN = re.compile(r"(?<![`\\])(`{1,3})(?!`)([^`]|(?!\1)`){1,2000}?\1(?!`)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_RELATION = re.compile(r"(?<![=<>!])=(?!=)|:=|←|≈|≃|≡|∝|<-")
_SIGN = re.compile(r"[∂∇∑∏√⊙∘⋅·×σδηθφ∆ΔΣᵀ′²₀-₉⁰-⁹]|\^|_\w|\d|[+*/@(\[]|->")
_LEAD = re.compile(
    r"\s*(?:>\s*)*(?:#{1,6}\s+)?(?:(?:\\item(?![A-Za-z])(?:\[[^\]\n]{0,40}\])?|[-*+•▪–]|\d{1,3}[.)]|[A-Za-z][.)]|\(\w{1,4}\))\s+(?!\*(?!\*)|[-=+/·×⊙−≈]))?(?:\*\*|__)?"
)
"""What stands before a formula that is an item of a list, a heading or in bold."""
_CONTINUED = re.compile(r"\s*(?:=(?![=>])|≈|≃|≡)")
_LONGEST = 600
_TAIL = re.compile(r"(?:\*\*|__)?[.,;]?(?:\s+\(\d{1,3}(?:\.\d{1,3})?\))?\s*$")
_SENTENCE = re.compile(r"(?:\\item\b)?[-*+\s]*[A-Z][a-z]+ [a-z]{2,} [a-z]{2,}\b")
_REMARK = re.compile(r"^(\w{1,8}(?:\[[^\]]*\])?\s*=.*[)\]\w]),\s+[a-z]{3,}(?:\s+[a-z]{2,})+[^=]*$")
"""Words behind a formula: ``e = exp(-z), held below overflow``."""

# Words that stand in formulas of this field.
_NAMES = frozenset(
    [
        "sigmoid",
        "tanh",
        "relu",
        "exp",
        "log",
        "ln",
        "softmax",
        "softplus",
        "sum",
        "max",
        "min",
        "mean",
        "net",
        "out",
        "target",
        "error",
        "loss",
        "cost",
        "total",
        "grad",
        "delta",
        "sigma",
        "eta",
        "alpha",
        "theta",
        "phi",
        "new",
        "old",
        "dot",
        "transpose",
        "np",
        "sin",
        "cos",
        "sqrt",
        "abs",
        "diag",
        "where",
        "argmax",
        "if",
        "else",
        "for",
        "in",
        "np",
        "mse",
        "lr",
        "sign",
        "height",
        "width",
        "input",
        "output",
        "hidden",
        "bias",
    ]
)


def looks_like_mathematics(line: str) -> bool:
    """Tell whether a line of plain text is a formula such as ``∂L/∂W2 = δ2 · a1ᵀ``.

    It must have a relation sign with something on both sides, a sign of calculation, and hardly any words.
    """
    line = _REMARK.sub(r"\1", line.strip())
    if not 3 <= len(line) <= 500 or line.startswith(("<", "!", ">>>", "#!")) or "://" in line:
        return False
    if _SENTENCE.match(line):
        return False
    relation = _RELATION.search(line)
    derivative = "∂" in line or "∇" in line
    if relation is None and not derivative:
        return False
    if relation is not None and not (line[: relation.start()].strip() and line[relation.end() :].strip()):
        return False
    words = [w for w in _WORD.findall(line) if len(w) > 3 and w.lower() not in _NAMES]
    tokens = len(re.findall(r"\w+", line))
    return bool(_SIGN.search(line)) and len(words) <= max(1, tokens // 5)


def blank_all(text: str, spans: list[tuple[int, int]]) -> str:
    """Replace several stretches by spaces, in one pass."""
    parts, position = [], 0
    for start, end in sorted(spans):
        if start < position:
            continue
        parts += [text[position:start], re.sub(r"[^\n]", " ", text[start:end])]
        position = end
    return "".join([*parts, text[position:]])


def read_prose(
    source: Source, *, hidden: list[tuple[int, int]] | None = None, markdown: bool = True
) -> list[Segment]:
    r"""Split prose into segments.

    Parameters
    ----------
    source : Source
        The text.
    hidden : list of (int, int)
        Stretches that other readers take care of.
    markdown : bool
        Whether backticks mark code and ``\\(`` may mark formulas.
    """
    text = blank_all(source.text, hidden or [])
    codes = [(m.start(), m.end(), len(m.group(1))) for m in _CODE_SPAN.finditer(text)] if markdown else []
    visible = blank_all(text, [(start, end) for start, end, _ in codes])
    spans = find_math(visible, doubled=markdown)
    taken = [(span.start, span.end) for span in spans]
    pictures = [m for m in _PICTURE.finditer(visible) if not _overlaps(taken, m.start(), m.end())]
    segments = [_formula(source, span) for span in spans if span.inner_end > span.inner_start]
    segments += [source.segment("picture", m.start(), m.end(), note=_PICTURE_NOTE) for m in pictures]
    for start, end, ticks in codes:
        inner = source.text[start + ticks : end - ticks]
        if looks_like_mathematics(inner):
            segments.append(source.segment("textmath", start + ticks, end - ticks, "`"))
    segments += tex_tables(source, visible, spans)
    rest = blank_all(text, [*taken, *((m.start(), m.end()) for m in pictures)])
    unread = blank_all(rest, [(start, end) for start, end, _ in codes])
    segments += _plain(source, rest, unread, spans)
    return sorted(segments, key=lambda segment: (segment.start, segment.kind != "table"))


def _formula(source: Source, span: MathSpan) -> Segment:
    return source.segment("formula", span.inner_start, span.inner_end, span.form, span.note)


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    # The spans are in order and apart from each other: only the last one that begins before `end` counts.
    number = bisect_left(spans, (end, end)) - 1
    return number >= 0 and start < spans[number][1]


def _plain(source: Source, rest: str, unread: str, spans: tuple[MathSpan, ...]) -> Iterator[Segment]:
    """Yield what is left: paragraphs of prose, and single lines that are mathematics."""
    with_math = {line for span in spans for line in _lines_of(source, span)}
    paragraph: list[tuple[int, int]] = []
    formula: tuple[int, int] | None = None  # the line before, and those that it goes on from
    for number, start in enumerate(source.starts):
        end = source.line_range(number, number + 1)[1]
        line = rest[start:end]
        stripped = line.strip()
        first, last = _bare(unread[start:end])
        is_math = number not in with_math and line == unread[start:end]
        if formula is not None and is_math and (_goes_on(line) or _closes(source, *formula, line)):
            formula = formula[0], start + len(line.rstrip())
            continue
        if formula is not None:
            yield source.segment("textmath", *formula)
            formula = None
        is_math = is_math and looks_like_mathematics(line[first:last])
        if paragraph and (not stripped or is_math):
            yield _text(source, rest, paragraph)
            paragraph = []
        if is_math:
            formula = start + first, start + last
        elif stripped:
            if number not in with_math:
                yield from _inside(source, unread[start:end], start)
            paragraph.append((start + len(line) - len(line.lstrip()), start + len(line.rstrip())))
    if formula is not None:
        yield source.segment("textmath", *formula)
    if paragraph:
        yield _text(source, rest, paragraph)


def _goes_on(line: str) -> bool:
    """Tell a line that begins with a relation, behind one that is mathematics: ``= x (1 - x)``."""
    return bool(_CONTINUED.match(line)) and looks_like_mathematics(f"x {line.strip()}")


def _closes(source: Source, start: int, end: int, line: str) -> bool:
    """Tell a line that closes a bracket which the formula before it leaves open."""
    still_open = _open_brackets(source.text[start:end])
    return still_open > 0 and -still_open <= _open_brackets(line) < 0


def _open_brackets(text: str) -> int:
    return sum((character in "([") - (character in ")]") for character in text)


def _bare(line: str) -> tuple[int, int]:
    """Return where a line begins and ends without what makes it an item, a heading, bold or numbered."""
    text = line.rstrip()
    if len(text) > _LONGEST:
        return 0, len(text)
    lead, tail = _LEAD.match(text), _TAIL.search(text)
    first = lead.end() if lead else 0
    return first, max(first, tail.start() if tail else len(text))


def _inside(source: Source, line: str, start: int) -> Iterator[Segment]:
    """Yield the formulas within a line of prose."""
    for first, last in inline_formulas(line, _NAMES):
        yield source.segment("textmath", start + first, start + last)


def _text(source: Source, rest: str, rows: list[tuple[int, int]]) -> Segment:
    segment = source.gathered("text", rows)
    # Formulas inside the paragraph are segments of their own; here they leave blanks of the same width.
    text = "\n".join(rest[start:end] for start, end in rows)
    return Segment("text", text, segment.lines)


def _lines_of(source: Source, span: MathSpan) -> range:
    first = source.location(span.start).line - source.first_line
    return range(first, source.location(span.end).line - source.first_line + 1)
