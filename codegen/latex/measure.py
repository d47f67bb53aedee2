"""An estimate of how wide a formula is when TeX has set it."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\\begin\{(?P<begin>\w+)\}|\\end\{(?P<end>\w+)\}|\\(?P<word>[A-Za-z]+)|(?P<row>\\\\)|\\(?P<escaped>.)"
    r"|(?P<blank>\s+)|(?P<other>.)",
    re.DOTALL,
)

# Advance widths of Computer Modern at 10 pt, in em.
_LETTERS = {
    **dict.fromkeys("0123456789", 0.5),
    **dict.fromkeys("abcdeghnopqsuvxyz", 0.51),
    **dict.fromkeys("ijlrt", 0.39),
    **{"f": 0.55, "k": 0.55, "m": 0.88, "w": 0.72, "W": 0.99, "M": 1.0, "I": 0.5, "J": 0.63},
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.78),
}
_ROMAN = {**dict.fromkeys("abcdeghknopquvxyz", 0.51), **dict.fromkeys("fijlrts", 0.36), "m": 0.83, "w": 0.72}
_THIN, _MEDIUM, _THICK = 0.167, 0.222, 0.278
_BINARY = {"+": 0.78, "-": 0.78, r"\cdot": 0.28, r"\odot": 0.78, r"\times": 0.78}
_RELATION = {"=": 0.78, "<": 0.78, ">": 0.78, r"\le": 0.78, r"\ge": 0.78, r"\ne": 0.78, r"\approx": 0.78}
_MARKS = {
    **dict.fromkeys("()", 0.39),
    **dict.fromkeys("[]|!.'", 0.28),
    **{",": 0.28 + _THIN, ":": 0.28, "/": 0.5},
    **{r"\delta": 0.46, r"\sigma": 0.58, r"\eta": 0.5, r"\varphi": 0.66, r"\mu": 0.61, r"\partial": 0.59},
    **{r"\Phi": 0.73, r"\infty": 1.0, r"\quad": 1.0, r"\,": _THIN, r"\pi": 0.58},
    **{r"\lfloor": 0.45, r"\rfloor": 0.45, r"\lceil": 0.45, r"\rceil": 0.45},
}
_LARGE = 0.76
_UPRIGHT = frozenset([r"\mathrm", r"\mathsf", r"\mathbf", r"\text", r"\operatorname"])
_ACCENTS = frozenset([r"\hat", r"\widehat"])
_FUNCTIONS = (r"\log", r"\exp", r"\tanh", r"\sinh", r"\cosh", r"\sin", r"\cos", r"\tan", r"\arctan")
_NAMES = frozenset([*_FUNCTIONS, r"\max", r"\min"])
_SIZES = (1.0, 0.78, 0.66)


def width(tex: str) -> float:
    """Return about how wide a formula is in display style, in em of its font."""
    return _Measure(tex).line(0, 0)[0]


class _Measure:
    """Reads the tokens of a formula from left to right; groups may be left open."""

    def __init__(self, tex: str) -> None:
        self.tokens = [m for m in _TOKEN.finditer(tex) if m["blank"] is None]
        self.place = 0

    def line(self, size: int, depth: int) -> tuple[float, str]:
        """Return the width up to a closing brace, an end of a cell or the end, and what ended it."""
        total, script = 0.0, 0.0
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            text = token.group()
            self.place += 1
            if text == "}" or text == "&" or token["row"] or token["end"]:
                return total + script, text
            if text in ("^", "_"):
                script = max(script, self.argument(min(size + 1, 2), depth) + 0.05)
                continue
            total, script = total + script, 0.0
            total += self.atom(token, text, size, depth)
        return total + script, ""

    def argument(self, size: int, depth: int) -> float:
        """Return the width of the next group or token."""
        if self.place >= len(self.tokens):
            return 0.0
        token = self.tokens[self.place]
        self.place += 1
        if token.group() == "{":
            return self.line(size, depth + 1)[0]
        return self.atom(token, token.group(), size, depth)

    def atom(self, token: re.Match[str], text: str, size: int, depth: int) -> float:
        scale = _SIZES[size]
        if text == "{":
            return self.line(size, depth + 1)[0]
        if token["begin"]:
            return self.table(token["begin"], size, depth)
        if text in (r"\left", r"\right", r"\Bigl", r"\Bigr"):
            self.place += 1
            return _MARKS["|"] if self.tokens[self.place - 1].group() == "|" else _LARGE
        if text == r"\frac":
            inner = size if not depth else min(size + (depth > 1), 2)
            return max(self.argument(inner, depth + 1), self.argument(inner, depth + 1)) + 0.24
        if text == r"\sqrt":
            return 0.84 * scale + self.argument(size, depth)
        if text == r"\sum":
            return self.limits(1.44 if not depth else 1.06 * scale, size, depth) + _THIN
        if text in _UPRIGHT:
            return self.upright(scale)
        if text in _ACCENTS:
            return self.argument(size, depth)
        if text in _NAMES:
            own = sum(_ROMAN.get(c, 0.51) for c in text[1:]) * scale + _THIN
            return max(own, self.limits(own, size, depth)) if text == r"\max" else own
        space = scale if size == 0 else 0.0
        if text in _BINARY:
            return _BINARY[text] * scale + 2 * _MEDIUM * space
        if text in _RELATION:
            return _RELATION[text] * scale + 2 * _THICK * space
        return (_MARKS.get(text) or _LETTERS.get(text, 0.6)) * scale

    def limits(self, own: float, size: int, depth: int) -> float:
        """Return the width of a large operator with what stands below and above it."""
        below = [own]
        while self.place < len(self.tokens) and self.tokens[self.place].group() in ("_", "^"):
            self.place += 1
            below.append(self.argument(min(size + 1, 2), depth))
        return max(below) if not depth else own + max(below[1:], default=0.0)

    def upright(self, scale: float) -> float:
        """Return the width of a word in braces."""
        total, open_groups = 0.0, 0
        while self.place < len(self.tokens):
            text = self.tokens[self.place].group()
            self.place += 1
            open_groups += (text == "{") - (text == "}")
            if text not in "{}":
                total += _ROMAN.get(text, _LETTERS.get(text, 0.5))
            if not open_groups:
                break
        return total * scale

    def table(self, kind: str, size: int, depth: int) -> float:
        """Return the width of a matrix or of cases: its widest cells, with the space between them."""
        columns: list[float] = []
        column, ended = 0, "&"
        while ended and not ended.startswith(r"\end"):
            cell, ended = self.line(size, depth + 1)
            columns += [0.0] * (column + 1 - len(columns))
            columns[column] = max(columns[column], cell)
            column = column + 1 if ended == "&" else 0
        edges = 0.9 if kind == "cases" else 1.05
        return sum(columns) + (len(columns) - 1) * 1.0 + edges
