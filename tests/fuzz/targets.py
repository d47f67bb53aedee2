"""What is fuzzed: functions of bytes that return where the tool answers, and raise where it breaks."""

import contextlib
import json
from functools import cache

from derive.check.document import check_document
from derive.examples import names
from derive.read.code import Budget, CodeCell, interpret
from derive.read.document import DocumentError, read_text
from derive.read.formula import read_formula
from derive.read.lexicon import DEFAULT
from derive.spec import SpecError, load, parse

PIECES = (
    "$",
    "$$",
    "\n",
    "\n\n",
    " = ",
    " \\approx ",
    " + ",
    " - ",
    " \\cdot ",
    " \\odot ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "_",
    "^",
    ",",
    "'",
    "\\frac{",
    "\\partial ",
    "\\sum_{i=1}^{2} ",
    "\\sum_n ",
    "\\delta",
    "\\sigma",
    "W^{(1)}",
    "w^{(2)}_{12}",
    "a^{(1)}_{i}",
    "z_1",
    "x",
    "y",
    "L",
    "\\eta",
    "X^{(2)}",
    "b",
    "net",
    "out",
    "\\begin{bmatrix}",
    "\\end{bmatrix}",
    "\\begin{cases}",
    "\\end{cases}",
    "\\\\",
    " & ",
    "^{\\mathsf{T}}",
    "0.5",
    "1",
    "-0.45",
    "2e400",
    "9",
    "^{9^{9}}",
    "\\begin{aligned}",
    "\\end{aligned}",
    "```python\n",
    "\n```\n",
    "import numpy as np\n",
    "np.dot(",
    "np.zeros((2, 3))",
    "W1",
    "a1",
    "z1[n, i]",
    " @ ",
    ".T",
    "def f(x):\n    ",
    "return ",
    "for i in range(3):\n    ",
    "while True:\n    ",
    "class A:\n    ",
    "print(",
    "x = ",
    " if ",
    " else ",
    "out=",
    "**",
    "lambda: ",
    "[1:, :]",
    "| a | b |\n",
    "|---|---|\n",
    "In [1]:\n",
    "Out[1]:\n",
    "\\newcommand{\\a}{",
    "\\left(",
    "\\right)",
    "\\text{new}",
    "→",
    "∂L/∂w",
    "δ²",
    "\ud800",
    "\u2028",
    "\x00",
    "__class__",
    "\\input{",
    "<b>",
)
BUDGET = Budget(steps=2000, steps_per_statement=500)


def text_of(data):
    """Return bytes as text: most of them stand for pieces of what the readers read."""
    return "".join(PIECES[byte] if byte < len(PIECES) else chr(byte) for byte in data)


def formula(data):
    read_formula(text_of(data), DEFAULT)


def document(data):
    if data:
        read_text(text_of(data[1:]), kind=("md", "tex", "py", "txt")[data[0] % 4])


def notebook(data):
    half = len(data) // 2
    cells = [
        {"cell_type": kind, "source": text_of(part), "outputs": []}
        for kind, part in (("markdown", data[:half]), ("code", data[half:]))
    ]
    for text in (text_of(data), json.dumps({"cells": cells, "nbformat": 4})):
        with contextlib.suppress(DocumentError):
            read_text(text, kind="ipynb")


def code(data):
    interpret([CodeCell(text_of(data))], budget=BUDGET)


def network_file(data):
    with contextlib.suppress(SpecError):
        parse(data.decode("utf-8", "replace"), "net.toml")


def verify(data):
    if data:
        spec = _examples()[data[0] % len(_examples())]
        check_document(read_text(text_of(data[1:]), kind=("md", "tex", "py", "txt")[data[0] // 64]), spec)


@cache
def _examples():
    return [load(name) for name in names()]


TARGETS = {
    "formula": formula,
    "document": document,
    "notebook": notebook,
    "code": code,
    "network-file": network_file,
    "verify": verify,
}
