"""Find the printer of a format: text is written elsewhere, and plugs in by an entry point."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

GROUP = "chainrule.printers"


@cache
def printer(form: str) -> Callable[..., str]:
    """Return the installed printer of a format such as ``latex`` or ``text``.

    Raises
    ------
    LookupError
        If no installed package prints that format.
    """
    found = entry_points(group=GROUP, name=form)
    for entry in found:
        made: Callable[..., str] = entry.load()
        return made
    raise LookupError(f"no printer for {form!r} is installed: install the distribution 'chainrule' with pip")


class Printable:
    """Something that the installed printers can write."""

    def latex(self, notation: Any = None) -> str:
        """Return the mathematics as LaTeX, without delimiters."""
        return printer("latex")(self, notation)

    def text(self, notation: Any = None) -> str:
        """Return the mathematics as plain text."""
        return printer("text")(self, notation)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"
