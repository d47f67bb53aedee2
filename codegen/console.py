"""Tables and signs of life: drawn on a terminal, plain text anywhere else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any, TextIO

import click

GAP = "  "
PATIENCE = 0.7
"""Seconds of work before anything is shown of it."""

Row = Sequence[str]


def on_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that can draw."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def print_table(columns: Row, rows: Sequence[Row]) -> None:
    """Print a table on standard output; a cell may have several lines.

    A terminal that is wide enough gets borders and colours (none where ``NO_COLOR`` is set); anything else
    gets aligned columns.
    """
    plain = plain_table(columns, rows)
    width = max(map(len, plain.splitlines())) + len(columns) + 3
    if on_terminal(sys.stdout) and width <= shutil.get_terminal_size().columns:
        _draw(columns, rows)
    else:
        click.echo(plain)


def plain_table(columns: Row, rows: Sequence[Row]) -> str:
    """Return a table as lines of aligned columns."""
    cells = [[cell.split("\n") for cell in row] for row in (columns, *rows)]
    widths = [max(len(line) for row in cells for line in row[column]) for column in range(len(columns))]
    lines = []
    for row in cells:
        for number in range(max(map(len, row))):
            parts = [cell[number] if number < len(cell) else "" for cell in row]
            padded = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
            lines.append(GAP.join(padded).rstrip())
    return "\n".join(lines)


def _draw(columns: Row, rows: Sequence[Row]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for number, title in enumerate(columns):
        table.add_column(Text(title), style="cyan" if number == 0 else "", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))  # as Text: square brackets in a cell are no markup
    Console(highlight=False).print(table)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal that something is going on, once it has taken a moment; remove it at the end.

    Nothing may be printed inside: what is shown draws over it.
    """
    if not on_terminal(sys.stderr):
        yield
        return
    shown: list[Any] = []

    def show() -> None:
        from rich.console import Console

        status = Console(stderr=True).status(f"{what} ...")
        status.start()
        shown.append(status)

    timer = Timer(PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()
