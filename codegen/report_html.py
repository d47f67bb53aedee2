"""What the verifier found as one HTML page: the documents with their claims marked in place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jinja2 import Template

from codegen.report_marks import LOUDEST_FIRST
from codegen.report_text import visible
from codegen.report_view import LABELS, SYMBOLS, document_view
from codegen.templating import environment
from derive.check.findings import Report
from derive.read.pages import Page


def report_page(judged: Sequence[tuple[Report, Sequence[Page]]], spec: str) -> str:
    """Return a complete HTML page that needs nothing from the network and runs no script.

    Parameters
    ----------
    judged : sequence
        The reports, each with the lines of its document.
    spec : str
        The network file, as the user named it.
    """
    views = [document_view(f"d{number}", report, pages) for number, (report, pages) in enumerate(judged)]
    title = views[0].path if len(views) == 1 else f"{len(views)} documents"
    legend = [(verdict.value, SYMBOLS[verdict], LABELS[verdict]) for verdict in LOUDEST_FIRST]
    return _template().render(documents=views, title=title, spec=spec, legend=legend)


@cache
def _template() -> Template:
    made = environment(autoescape=True, finalize=_finalized, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("report.html")


def _finalized(value: object) -> object:
    """Make a text visible on its way to the page; what is no markup of ours goes through here."""
    return "\n".join(map(visible, value.split("\n"))) if type(value) is str else value
