"""A handout as a notebook: the text in Markdown cells, and code cells that compute its numbers again."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from codegen.handout.render_markdown import escape_markdown, markdown_of
from codegen.handout.svg import render_svg
from codegen.handout.tree import Document, Drawing, Section

PICTURE = "network.svg"


def render_notebook(document: Document, module: str, checks: Mapping[str, str]) -> str:
    """Return a notebook of format 4 as JSON.

    Parameters
    ----------
    document : Document
    module : str
        The source of the generated module of the network.
    checks : mapping of str to str
        Code cells, by the title of the section that each stands behind.
    """
    nbformat: Any = import_module("nbformat")  # it has no types
    v4 = nbformat.v4
    title = f"# {escape_markdown(document.title)}\n\n{escape_markdown(document.subtitle)}\n"
    cells: list[Any] = [v4.new_markdown_cell(title)]
    for number, part in enumerate(_parts(document.sections)):
        cells.append(v4.new_markdown_cell(markdown_of(part, f"attachment:{PICTURE}"), **_attachments(part)))
        if number == 0:
            cells.append(
                v4.new_markdown_cell("This module was generated from the same derivation; run it first.")
            )
            cells.append(v4.new_code_cell(module.strip()))
        check = checks.get(str(part[0].title[0]))
        if check is not None:
            cells.append(v4.new_code_cell(check))
    cells.append(v4.new_markdown_cell(f"Made by {escape_markdown(document.made_by)}."))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the library draws one by chance
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def _parts(sections: Sequence[Section]) -> Iterator[list[Section]]:
    """Yield each section of the first level with those under it."""
    part: list[Section] = []
    for section in sections:
        if section.level == 1 and part:
            yield part
            part = []
        part.append(section)
    yield part


def _attachments(part: Sequence[Section]) -> dict[str, Any]:
    """Return the drawing of a part as an attachment, where it has one."""
    drawings = [block for section in part for block in section.blocks if isinstance(block, Drawing)]
    if not drawings:
        return {}
    picture = base64.b64encode(render_svg(drawings[0], standalone=True).encode()).decode()
    return {"attachments": {PICTURE: {"image/svg+xml": picture}}}
