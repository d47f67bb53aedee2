"""From a context to the text of a module."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from codegen.modules.lines import WIDTH

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: str, context: Mapping[str, Any]) -> str:
    """Return a template of `codegen/templates` filled in.

    Raises
    ------
    jinja2.UndefinedError
        If the context lacks a name that the template shows.
    """
    text = _environment().get_template(template).render(context)
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"


@cache
def _environment() -> Environment:
    from codegen.templating import environment

    # Python text: what users wrote is cleaned in `description.plain`.
    made = environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    made.filters["paragraph"] = _paragraph
    return made


def _paragraph(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), WIDTH, break_long_words=False) + "\n"
