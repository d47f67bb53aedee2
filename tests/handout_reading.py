"""Read a handout's document tree back: its mathematics, its numbers, its words."""

import re

from codegen.handout.document import build_document
from codegen.handout.setting import Options
from derive.spec import load, parse

NUMBER = re.compile(r"(?<![\w.^{}])-?[0-9]+(?:\.[0-9]+)?(?: \\cdot 10\^\{-?[0-9]+\})?")


def document(name_or_text, **options):
    """The document of a bundled example, or of the text of a network file."""
    spec = parse(name_or_text, "net.toml") if "\n" in name_or_text else load(name_or_text)
    return build_document(spec, Options(**options))


def formulas(doc):
    """Every right- and left-hand side, and every formula in a table, in order."""
    for section in doc.sections:
        for block in section.blocks:
            if block.kind == "equation":
                for row in block.rows:
                    yield from (row.left, row.right)
            if block.kind == "table":
                yield from (
                    part.tex
                    for row in block.rows
                    for cell in row
                    for part in cell
                    if not isinstance(part, str)
                )


def numbers(doc):
    """Every number that a handout prints."""
    return [value(found) for tex in formulas(doc) for found in NUMBER.findall(tex)]


def value(tex):
    mantissa, _, exponent = tex.partition(r" \cdot 10^{")
    return float(mantissa) * 10.0 ** int(exponent.rstrip("}") or 0) if exponent else float(mantissa)


def words(doc):
    """All running text."""
    parts = []
    for section in doc.sections:
        parts += [*section.title]
        for block in section.blocks:
            if block.kind in ("paragraph", "note"):
                parts += block.parts
            if block.kind == "bullets":
                parts += [part for item in block.items for part in item]
            if block.kind == "equation":
                parts += [part for row in block.rows for part in row.reason]
    return " ".join(
        part if isinstance(part, str) else getattr(part, "text", getattr(part, "tex", "")) for part in parts
    )


def titles(doc):
    return ["".join(part for part in section.title if isinstance(part, str)) for section in doc.sections]


def section(doc, title):
    return doc.sections[titles(doc).index(title)]


def rows(doc, title):
    """The rows of all equations in the sections of a title, as ``left = right``."""
    return [
        f"{row.left} = {row.right}"
        for found in doc.sections
        if "".join(found.title) == title
        for block in found.blocks
        if block.kind == "equation"
        for row in block.rows
    ]
