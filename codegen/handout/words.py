"""Text of the user in TeX, with what the fonts lack written as code points."""

from __future__ import annotations

from codegen.latex import escape_tex

# Letters that the T1 fonts have: Latin-1, most of Latin Extended-A, quotation marks and dashes.
_ACCENTED = frozenset(map(chr, range(0xA1, 0x180))) - frozenset(
    "\u00ad¤¦¨¬¯´¸ĦħĿŀŉŦŧĈĉĊċĜĝĠġĤĥĨĩĪīĬĭĴĵĸĀāĒēĔĕĖėĢģĶķĻļŅņŌōŎŏŖŗŜŝŨũŪūŬŭŲųŴŵŶŷſ"
)
_MARKS = frozenset("\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026")
_NAMES = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _NAMES.split(" "), strict=True))


def tex_text(text: str) -> str:
    """Return text for TeX that every engine prints: a character no font here has becomes ``U+1F600``."""
    return "".join(_character(c) for c in text)


def _character(c: str) -> str:
    if c in _GREEK:
        return rf"\ensuremath{{\{_GREEK[c]}}}"
    if ord(c) < 0x7F or c in _ACCENTED or c in _MARKS:
        return escape_tex(c)
    return escape_tex(c) if escape_tex(c).isascii() else f"U+{ord(c):04X}"
