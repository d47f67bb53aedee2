"""The emitter of mathematics: from expressions in index notation, and matrix algebra, to LaTeX."""

from codegen.latex.lines import broken
from codegen.latex.measure import width
from codegen.latex.numbers import matrix, number
from codegen.latex.speller import Speller
from codegen.latex.stamp import Stamp, stamped
from codegen.latex.style import PrintError
from codegen.latex.text import escape_tex
from codegen.latex.views import aligned, definition_rows, matrix_sides, path_rows, print_latex

__all__ = [
    "PrintError",
    "Speller",
    "Stamp",
    "aligned",
    "broken",
    "definition_rows",
    "escape_tex",
    "matrix",
    "matrix_sides",
    "number",
    "path_rows",
    "print_latex",
    "stamped",
    "width",
]
