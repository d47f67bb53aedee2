"""The drawing of a network as SVG: places in pixels, and labels as plain text with small raised letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from jinja2 import Template
from markupsafe import Markup

from codegen.handout.tree import Drawing
from codegen.latex.names import GREEK
from codegen.templating import environment

SCALE = 44.0
"""Pixels for each centimetre."""

RADIUS = 23.0
SIDE = 28.0
SIZE = 16.0
SMALL = 11.0
_LETTER = 0.52
"""The mean width of a letter, as a fraction of its size."""


@dataclass(frozen=True)
class Piece:
    """A run of letters at a place; `italic` for letters of mathematics."""

    x: float
    y: float
    text: str
    size: float
    italic: bool


@dataclass(frozen=True)
class Label:
    """A formula, made of pieces, with the room that it takes."""

    pieces: tuple[Piece, ...]
    x: float
    y: float
    width: float
    height: float


_FORM = re.compile(r"(?P<base>.+?)(?:\^\{(?P<above>[^{}]*)\})?(?:_\{(?P<below>.*)\})?")
_WORD = re.compile(r"\\(?:mathrm|operatorname)\{([A-Za-z0-9]*)\}")
_HAT = re.compile(r"\\(?:wide)?hat\{(.*)\}")
_UNUSUAL = {"varphi": "φ", "varepsilon": "ε", "vartheta": "ϑ", "ell": "ℓ", "phi": "ϕ", "epsilon": "ϵ"}


def render_svg(drawing: Drawing, *, standalone: bool = False) -> Markup:
    """Return the drawing as an SVG element; `standalone` for a file of its own, with its own colours."""
    xs, ys = [node.x for node in drawing.nodes], [node.y for node in drawing.nodes]
    left, right = min(xs) - 1.7, max(xs) + 1.7
    top, bottom = max(ys) + 0.8, min(*ys, *(caption.y for caption in drawing.captions)) - 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - left) * SCALE, (top - y) * SCALE

    nodes = [(node, *place(node.x, node.y)) for node in drawing.nodes]
    lines = [(*nodes[edge.start][1:], *nodes[edge.end][1:]) for edge in drawing.edges]
    labels = [
        _label(edge.label, x1 + (x2 - x1) * edge.at, y1 + (y2 - y1) * edge.at, SIZE - 3)
        for edge, (x1, y1, x2, y2) in zip(drawing.edges, lines, strict=True)
        if edge.label
    ]
    return Markup(  # noqa: S704  # the template escapes what it is given
        _template().render(
            width=(right - left) * SCALE,
            height=(top - bottom) * SCALE,
            description=drawing.description,
            nodes=[(node.shape, x, y, _label(node.label, x, y, SIZE)) for node, x, y in nodes],
            lines=lines,
            labels=labels,
            captions=[(*place(caption.x, caption.y), caption.lines) for caption in drawing.captions],
            radius=RADIUS,
            side=SIDE,
            standalone=standalone,
        )
    )


def _label(tex: str, x: float, y: float, size: float) -> Label:
    """Return a label with its middle at a place."""
    found = _FORM.fullmatch(tex)
    base, above, below = (found["base"], found["above"], found["below"]) if found else (tex, None, None)
    small = size * SMALL / SIZE
    main, raised, lowered = _plain(base), _plain(above or ""), _plain(below or "")
    letters = [c for c in main if not unicodedata.combining(c)]
    first = len(letters) * size * _LETTER
    total = first + max(len(raised), len(lowered)) * small * _LETTER
    start = x - total / 2
    pieces = [Piece(start, y + size * 0.32, main, size, len(letters) == 1 and letters[0].isalpha())]
    if raised:
        pieces.append(Piece(start + first + 1, y - size * 0.2, raised, small, raised.isalpha()))
    if lowered:
        pieces.append(Piece(start + first + 1, y + size * 0.64, lowered, small, lowered.isalpha()))
    return Label(tuple(pieces), start - 2, y - size * 0.65, total + 5, size * 1.35)


def _plain(tex: str) -> str:
    """Return a name in letters that need no LaTeX; a hat becomes a combining mark."""
    hat = _HAT.fullmatch(tex)
    if hat:
        return _plain(hat[1]) + "\u0302"
    text = _WORD.sub(r"\1", tex)
    return re.sub(r"\\([A-Za-z]+)", lambda m: _greek(m[1]), text).replace("{", "").replace("}", "")


def _greek(name: str) -> str:
    if name in _UNUSUAL or name not in GREEK:
        return _UNUSUAL.get(name, "")
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    return unicodedata.lookup(f"GREEK {case} LETTER {_SPELLED.get(name, name).upper()}")


_SPELLED = {"lambda": "lamda", "Lambda": "lamda"}
"""Unicode's own spelling."""


@cache
def _template() -> Template:
    made = environment(autoescape=True, trim_blocks=True)
    made.filters["px"] = "{:.1f}".format
    return made.get_template("handout.svg")
