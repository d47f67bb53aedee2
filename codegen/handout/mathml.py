"""Formulas as MathML, by the library latex2mathml, with what browsers do not know of it replaced."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup

_LETTERS = re.compile(r'<mrow>((?:<mi mathvariant="normal">[^<]</mi>){2,})</mrow>')
_LETTER = re.compile(r'<mi mathvariant="normal">([^<])</mi>')

_SIGN = re.compile(
    r"(<mo[^>]*>(?:&#x00028;|\(|\[|&#x0003D;|&#x000B7;|&#x0002B;)</mo>|<mtd[^>]*>)<mo>&#x02212;</mo>"
)
"""A minus behind an opening bracket or an operator is a sign: no space after it."""

_REPLACED = (
    ('<mn mathvariant="bold">1</mn>', "<mn>\U0001d7cf</mn>"),
    ('<mi mathvariant="sans-serif">T</mi>', '<mi mathvariant="normal">T</mi>'),
    ("<mi>&#x02032;</mi>", "<mo>&#x02032;</mo>"),
    # A matrix is a row of its own: its brackets grow with it, and not with what stands beside it.
    ("<mo>&#x0005B;</mo><mtable>", "<mrow><mo>&#x0005B;</mo><mtable>"),
    ("</mtable><mo>&#x0005D;</mo>", "</mtable><mo>&#x0005D;</mo></mrow>"),
    ('columnalign="left"', 'style="text-align:left"'),
)
"""Browsers know one variant of letters, the upright one; others have characters of their own."""


@lru_cache(maxsize=4096)
def mathml(tex: str, *, block: bool = False) -> Markup:
    """Return a formula as a ``math`` element.

    Parameters
    ----------
    tex : str
        LaTeX without delimiters, as the printer of mathematics writes it.
    block : bool
        Whether fractions and sums are as large as in a displayed formula.
    """
    from latex2mathml.converter import convert

    made = convert(tex, display="block" if block else "inline")
    made = _LETTERS.sub(lambda m: f"<mi>{''.join(_LETTER.findall(m[1]))}</mi>", made)
    for old, new in _REPLACED:
        made = made.replace(old, new)
    made = _SIGN.sub(r'\1<mo form="prefix">&#x02212;</mo>', made)
    made = made.replace('display="block"', 'display="inline" displaystyle="true"', 1)
    return Markup(made)  # noqa: S704  # the converter escapes what it writes
