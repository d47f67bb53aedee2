"""A handout as Markdown with formulas between dollar signs, as GitHub and Jupyter read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from jinja2 import Template

from codegen.handout.tree import Code, Document, Inline, Math, Section
from codegen.templating import environment

_SPECIAL = re.compile(r"([\\`*_{}\[\]$~|#^!])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def render_markdown(document: Document) -> str:
    """Return a whole handout as Markdown."""
    return _written(document, document.sections, "")


def markdown_of(sections: Sequence[Section], picture: str = "") -> str:
    """Return some sections as Markdown.

    Parameters
    ----------
    sections : sequence of Section
    picture : str
        The address of the drawing; empty where there is none.
    """
    return _written(None, sections, picture).strip() + "\n"


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line."""
    line = " ".join(text.split())
    shown = "".join(_HTML.get(c, c) for c in _SPECIAL.sub(r"\\\1", line))
    return re.sub(r"^([+-]|[0-9]+[.)])", r"\\\1", shown) if text[:1] not in "0123456789" else shown


def inline(parts: Sequence[Inline]) -> str:
    """Return running text with mathematics in it."""
    return "".join(_inline(part) for part in parts)


def _inline(part: Inline) -> str:
    if isinstance(part, Math):
        return f"${part.tex}$"
    if isinstance(part, Code):
        return f"`{part.text.replace('`', '')}`"
    spaces = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return spaces[0] + escape_markdown(part) + (spaces[1] if part.strip() else "")


def _written(document: Document | None, sections: Sequence[Section], picture: str) -> str:
    made = _template().render(document=document, sections=sections, picture=picture)
    return re.sub(r"\n{3,}", "\n\n", made).lstrip("\n")


def _cells(row: Sequence[Sequence[Inline]]) -> str:
    return " | ".join(inline(cell) for cell in row)


@cache
def _template() -> Template:
    # Nothing is HTML here: text is escaped for Markdown by the filters `text` and `inline`.
    made = environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    made.filters |= {"text": escape_markdown, "inline": inline, "cells": _cells}
    return made.get_template("handout.md")
