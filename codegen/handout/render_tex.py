"""A handout as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jinja2 import Template

from codegen.handout.tree import Code, Document, Inline, Math
from codegen.handout.words import tex_text
from codegen.templating import environment


def render_tex(document: Document) -> str:
    """Return a complete LaTeX document."""
    return _template().render(document=document)


def inline(parts: Sequence[Inline]) -> str:
    """Return running text with mathematics in it."""
    return "".join(_inline(part) for part in parts)


def _inline(part: Inline) -> str:
    if isinstance(part, Math):
        return f"${part.tex}$"
    if isinstance(part, Code):
        return rf"\texttt{{{tex_text(part.text)}}}"
    return tex_text(part)


def _cells(row: Sequence[Sequence[Inline]]) -> str:
    return " & ".join(inline(cell) for cell in row)


@cache
def _template() -> Template:
    # Nothing is HTML here: text is escaped for TeX by the filters `text` and `inline`.
    made = environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "text": tex_text,
        "inline": inline,
        "cells": _cells,
        "columns": " ".join,
        "cm": "{:.3f}".format,
    }
    return made.get_template("handout.tex")
