"""Print the objects of `derive` as plain text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codegen.latex.text import Level, held
from codegen.plaintext.matrix import matrix_text
from codegen.plaintext.speller import PlainSpeller
from derive.derivation import Derivation
from derive.notation import Notation
from derive.program import Program, Step
from derive.views import Cell, ElementView, IndexView, MatrixView, PathView


def print_text(obj: Any, notation: Notation | None = None) -> str:
    """Return a step, a view or a derivation as plain text.

    Parameters
    ----------
    obj : Step, IndexView, ElementView, MatrixView, PathView, Program or Derivation
    notation : Notation, optional
        Plays no part: names are canonical, count from 0, and ``dz1`` is the derivative by ``z1``.

    Raises
    ------
    TypeError
        If the object is of another kind.
    """
    for kind, printer in _PRINTERS.items():
        if isinstance(obj, kind):
            return printer(obj, notation or Notation())
    raise TypeError(f"there is no text for {type(obj).__name__}: expected a step, a view or a derivation")


def _step(step: Step, _: Notation) -> str:
    return " = ".join(PlainSpeller(step).equation(step))


def _index(view: IndexView, _: Notation) -> str:
    return " = ".join(PlainSpeller(view.program).equation(view.step))


def _element(view: ElementView, _: Notation) -> str:
    return " = ".join(PlainSpeller(view.program).equation(view.step, view.at))


def matrix_line(view: MatrixView, speller: PlainSpeller) -> str:
    """Return a matrix view as one line; its index form where it has no matrix form."""
    if view.form is None:
        return " = ".join(speller.equation(view.step))
    return f"{view.step.tensor.name} = {matrix_text(view.form, speller, view.vectors)}"


def _matrix(view: MatrixView, _: Notation) -> str:
    return matrix_line(view, PlainSpeller(view.program))


def path_lines(view: PathView, speller: PlainSpeller) -> list[str]:
    """Return the lines of a path view: the partial derivatives of each path, then their values."""

    def cell(of: Cell) -> str:
        return speller.element(*of)

    style, left = speller.style(), f"∂L/∂{cell(view.weight)}"
    if not view.paths:
        return [f"{left} = 0"]
    partials = [" * ".join(f"∂{cell(f.of)}/∂{cell(f.by)}" for f in path) for path in view.paths]
    values = [" * ".join(held(style.write(f.value), Level.PRODUCT) for f in path) for path in view.paths]
    margin = " " * len(left)
    return [
        f"{start} {sign} {line}"
        for first, lines in ((left, partials), (margin, values))
        for start, sign, line in zip(
            (first, *[margin] * len(lines)), ("=", *["+"] * len(lines)), lines, strict=False
        )
    ]


def _paths(view: PathView, _: Notation) -> str:
    return "\n".join(path_lines(view, PlainSpeller(view.program)))


def _program(program: Program, _: Notation) -> str:
    speller = PlainSpeller(program)
    return "\n".join(" = ".join(speller.equation(step)) for step in program.steps)


def _derivation(derivation: Derivation, _: Notation) -> str:
    speller = PlainSpeller(derivation)
    lines = []
    for step in derivation.program.steps:
        lines.append(" = ".join(speller.equation(step)))
        shorter = derivation.shortened.get(step.tensor.name)
        if shorter is not None:
            lines.append(" = ".join(speller.equation(shorter)) + given(shorter))
    return "\n".join([*lines, *speller.definitions(derivation.program.steps)])


def given(step: Step) -> str:
    """Return the assumptions of a step as a remark after it."""
    return f"   (given: {'; '.join(step.assumptions)})" if step.assumptions else ""


_PRINTERS: dict[type, Callable[[Any, Notation], str]] = {
    Step: _step,
    IndexView: _index,
    ElementView: _element,
    MatrixView: _matrix,
    PathView: _paths,
    Program: _program,
    Derivation: _derivation,
}
