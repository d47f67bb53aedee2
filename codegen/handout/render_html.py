"""A handout as one HTML page that needs nothing from the network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from jinja2 import Template
from markupsafe import Markup, escape

from codegen.handout.mathml import mathml
from codegen.handout.svg import render_svg
from codegen.handout.tree import Code, Document, Inline, Math
from codegen.templating import environment


def render_html(document: Document) -> str:
    """Return a complete HTML page, its mathematics as MathML and its drawing as SVG."""
    return _template().render(document=document)


def inline(parts: Sequence[Inline]) -> Markup:
    """Return running text with mathematics in it."""
    return Markup("").join(_inline(part) for part in parts)


def _inline(part: Inline) -> Markup:
    if isinstance(part, Math):
        return mathml(part.tex)
    if isinstance(part, Code):
        return Markup("<code>{}</code>").format(part.text)
    return escape(part)


def _block_math(tex: str) -> Markup:
    return mathml(tex, block=True) if tex else Markup("")


def _anchor(parts: Sequence[Inline], number: int) -> str:
    words = "".join(part for part in parts if isinstance(part, str))
    return f"{number}-{re.sub(r'[^a-z0-9]+', '-', words.lower()).strip('-')}"


@cache
def _template() -> Template:
    made = environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {
        "inline": inline,
        "math": _block_math,
        "svg": render_svg,
        "anchor": _anchor,
    }
    return made.get_template("handout.html")
