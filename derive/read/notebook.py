"""Jupyter notebooks of any version of the format, with each output tied to its cell."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any

from derive.read.document_types import LARGEST_TEXT, DocumentError, Location, Segment, Source
from derive.read.markdown import read_markdown

_TEXT = ("text/plain", "text/latex")


def read_notebook(text: str, path: str) -> list[Segment]:
    """Read a notebook.

    Raises
    ------
    DocumentError
        If the text is not a notebook.
    """
    segments: list[Segment] = []
    total = 0
    for number, cell in enumerate(cells_of(text, path)):
        if not isinstance(cell, Mapping):
            raise DocumentError(
                f"{path}: cell {number} is not an object. Save the notebook again from Jupyter."
            )
        source = Source(joined(cell.get("source", "")), number)
        kind = cell.get("cell_type")
        total += len(source.text)
        if total > LARGEST_TEXT:
            raise DocumentError(
                f"{path}: up to cell {number} the notebook has more than {LARGEST_TEXT} characters of text"
                " and code. Split the notebook."
            )
        if kind == "markdown":
            segments += read_markdown(source)
        elif kind == "code" and source.text.strip():
            segments.append(source.segment("code", 0, len(source.text), "cell"))
            segments += _outputs(cell, source, number)
    return segments


def cells_of(text: str, path: str) -> list[Any]:
    """Return the cells of a notebook of any version of the format.

    Raises
    ------
    DocumentError
        If the text is not a notebook.
    """
    remedy = "Save it as .ipynb from Jupyter, or give the file the suffix of what it is."
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}: " if isinstance(error, json.JSONDecodeError) else ""
        what = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read as JSON"
        raise DocumentError(f"{path}: {place}a notebook is a JSON document, but {what}. {remedy}") from None
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        raise DocumentError(f"{path}: a notebook has 'cells' at its top, but this JSON has none. {remedy}")
    cells = _upgraded(data).get("cells")
    if not isinstance(cells, list):
        raise DocumentError(f"{path}: 'cells' is not a list. {remedy}")
    return cells


def _upgraded(data: dict[str, Any]) -> Mapping[str, Any]:
    """Bring a notebook to version 4 where it is older."""
    if isinstance(data.get("cells"), list):
        return data
    import nbformat

    logger = logging.getLogger("traitlets")
    was_disabled = logger.disabled
    logger.disabled = True  # it would report every oddity of the notebook on standard error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            convert: Any = nbformat.convert  # nbformat has no annotations
            from_dict: Any = nbformat.from_dict
            upgraded = convert(from_dict(data), 4)
            return upgraded if isinstance(upgraded, Mapping) else {}
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, nbformat.ValidationError):
        return {}
    finally:
        logger.disabled = was_disabled


def _outputs(cell: Mapping[str, Any], source: Source, number: int) -> list[Segment]:
    outputs = cell.get("outputs", [])
    segments = []
    line = source.text.count("\n") + 2
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, Mapping):
            continue
        text, form = _output_text(output)
        text = text.rstrip("\n")
        if not text.strip():
            continue
        count = text.count("\n") + 1
        places = tuple(Location(line + n, 1, number) for n in range(count))
        segments.append(Segment("output", text, places, form))
        line += count
    return segments


def _output_text(output: Mapping[str, Any]) -> tuple[str, str]:
    kind = output.get("output_type")
    if kind == "stream":
        return (joined(output.get("text", "")), "stream") if output.get("name") != "stderr" else ("", "")
    if kind in ("execute_result", "display_data"):
        data = output.get("data", {})
        if isinstance(data, Mapping):
            for name in _TEXT:
                if name in data:
                    return joined(data[name]), "Out"
    return "", ""


def joined(value: Any) -> str:
    """Return a text that a notebook may keep as a list of lines."""
    text = value if isinstance(value, str) else ""
    if isinstance(value, list):
        text = "".join(part for part in value if isinstance(part, str))
    return text.replace("\r\n", "\n").replace("\r", "\n")
