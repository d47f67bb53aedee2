"""A picture of the ratios to NumPy as in the notes: one row for each cell, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.sax.saxutils import escape

from cells import Cell
from page import NOTES, PRODUCTS
from timing import Times

COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#000000",
    "#7f7f7f",
    "#8c564b",
    "#999933",
    "#332288",
    "#66c2a5",
)
LEFT, RIGHT, ROW, WIDTH, HEAD = 210, 30, 17, 900, 96
LOW, HIGH = -3.0, 1.7


def _place(ratio: float) -> float:
    share = (min(max(math.log10(ratio), LOW), HIGH) - LOW) / (HIGH - LOW)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def picture(cells: Mapping[Cell, Times]) -> str:
    """Return the picture as SVG; one dot for each contender in each row."""
    names = list(dict.fromkeys(name for times in cells.values() for name in times.seconds if name != NOTES))
    colour = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    bottom = HEAD + ROW * len(cells)
    parts = []
    for power in range(math.ceil(LOW), math.floor(HIGH) + 1):
        x, stroke = _place(10.0**power), "#444" if power == 0 else "#ddd"
        parts.append(f'<path d="M{x:.1f} {HEAD - 8}V{bottom}" stroke="{stroke}"/>')
        label = f"{10.0**power:g}" if power else "1 = NumPy as in the notes"
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
    for row, (cell, times) in enumerate(cells.items()):
        y = HEAD + ROW * row + ROW / 2
        batch = "one sample" if cell.batch is None else f"batch {cell.batch}"
        label = f"{cell.name}, {batch}, {cell.dtype.removeprefix('float')}"
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>')
        for name in names:
            if name in times.seconds:
                x, own = _place(times.ratios[NOTES][name]), name.startswith("chainrule")
                shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if own else 3.5}" fill="{colour[name]}"'
                parts.append(f'{shape} fill-opacity="0.85"><title>{escape(name)}</title></circle>')
    parts += _legend(names, colour)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 30}"'
        ' font-family="sans-serif" font-size="11" role="img">\n'
        f"<title>Time of a loss with its gradient, relative to NumPy as in the notes</title>\n"
        f'<rect width="{WIDTH}" height="{bottom + 30}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _legend(names: list[str], colour: Mapping[str, str]) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        x, y = 20 + 220 * (number % 4), 18 + 20 * (number // 4)
        shown = "matrix products alone" if name == PRODUCTS else name
        parts.append(f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{colour[name]}"/>')
        parts.append(f'<text x="{x + 9}" y="{y}">{escape(shown)}</text>')
    return parts
