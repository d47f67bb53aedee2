r"""A document's own commands: ``\newcommand`` in a LaTeX file, used in its formulas."""

import pytest

from derive.read.document import read_text
from derive.read.document_types import Location, Macro
from derive.read.formula import read_formula
from derive.read.formula_walk import walk
from derive.read.tree import Derivative, Name

HERE = Location(1, 1)


def read(text, *definitions):
    macros = [Macro(name, count, body, HERE) for name, count, body in definitions]
    return read_formula(text, macros=macros)


def test_arguments_are_put_in_and_keep_their_places() -> None:
    text = r"\pd{L}{z_1} = \delta_1"
    formula = read(text, ("\\pd", 2, r"\frac{\partial #1}{\partial #2}"))
    (statement,) = formula.statements
    derivative = statement.terms[0]
    assert isinstance(derivative, Derivative)
    assert isinstance(derivative.of, Name)
    assert (derivative.of.base, derivative.of.span.slice(text)) == ("L", "L")
    assert derivative.wrt[0].span.slice(text) == "z_1"
    assert derivative.span.slice(text) == r"\pd{L}{z_1}"


def test_without_the_definition_it_is_refused() -> None:
    assert read(r"\pd{L}{z_1} = \delta_1").unreadable


def test_commands_within_commands_and_without_braces() -> None:
    known = (("\\out", 0, r"a^{(2)}"), ("\\err", 1, r"\out_#1 - y_#1"))
    formula = read(r"\err i = \err{i}", *known)
    assert not formula.unreadable
    (statement,) = formula.statements
    assert {"a", "y"} <= {n.base for n in walk(statement.terms[0]) if isinstance(n, Name)}


def test_a_command_that_only_concerns_the_looks() -> None:
    formula = read(r"z_1 = x_1 \why{as $x$ says}", ("\\why", 1, r"\tag*{\small #1}"))
    assert not formula.unreadable


@pytest.mark.parametrize(
    "definitions",
    [
        [("\\a", 0, r"\a \a")],
        [
            ("\\a", 0, r"\b\b\b\b\b\b\b\b\b\b"),
            ("\\b", 0, r"\c" * 40),
            ("\\c", 0, r"\d" * 90),
            ("\\d", 0, "x" * 90),
        ],
        [("\\a", 3, "#1#2#3#9")],
    ],
    ids=["a circle", "an explosion", "arguments that are missing"],
)
def test_hostile_definitions_end(definitions) -> None:
    formula = read(r"\a = 1, \quad x = 1", *definitions)
    assert formula.items


def test_a_latex_file_with_its_own_commands() -> None:
    text = (
        "\\documentclass{article}\n\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n"
        "\\begin{document}\n\\[\\pd{L}{z_1} = \\delta_1\\]\n\\end{document}\n"
    )
    document = read_text(text, kind="tex")
    (segment,) = [s for s in document.segments if s.kind == "formula"]
    assert read_formula(segment.text, macros=document.macros).statements
    assert read_formula(segment.text).unreadable
