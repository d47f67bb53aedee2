"""Print the objects of `derive`: steps, views and whole derivations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp

from codegen.latex.names import parse_name
from codegen.latex.speller import Speller
from codegen.latex.text import Level, held
from derive.activations import Activated
from derive.derivation import Derivation
from derive.notation import Notation
from derive.program import Program, Step, name_of
from derive.views import ElementView, Factor, IndexView, MatrixView, PathView


def print_latex(obj: Any, notation: Notation | None = None) -> str:
    """Return a step, a view or a derivation as LaTeX, without delimiters.

    Parameters
    ----------
    obj : Step, IndexView, ElementView, MatrixView, PathView, Derivation or Program
        One line becomes an equation, several an ``aligned`` environment.
    notation : Notation, optional
        The default notation if none is given. Where it means the negative gradient by delta, a derivation is
        converted; a single step or view is not: there, what is no delta is written as a derivative.

    Raises
    ------
    TypeError
        If the object is of another kind.
    """
    for kind, printer in _PRINTERS.items():
        if isinstance(obj, kind):
            return printer(obj, notation or Notation())
    raise TypeError(f"there is no LaTeX for {type(obj).__name__}: expected a step, a view or a derivation")


def aligned(rows: Iterable[str]) -> str:
    r"""Return rows, each with its ``&``, in an ``aligned`` environment; one row alone as an equation."""
    found = list(rows)
    if len(found) == 1:
        return found[0].replace("&", "", 1)
    body = " \\\\\n".join(found)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _step(step: Step, notation: Notation) -> str:
    return " = ".join(Speller(step, notation).equation(step))


def _index(view: IndexView, notation: Notation) -> str:
    return " = ".join(Speller(view.program, notation).equation(view.step))


def _element(view: ElementView, notation: Notation) -> str:
    return " = ".join(Speller(view.program, notation).equation(view.step, view.at))


def matrix_sides(view: MatrixView, speller: Speller) -> tuple[str, str]:
    """Return both sides of a matrix view; of its index form where there is no matrix form."""
    if view.form is None:
        return speller.equation(view.step)
    return speller.tensor(view.step.tensor.name), speller.matrix_form(view.form, view.vectors)


def _matrix(view: MatrixView, notation: Notation) -> str:
    return " = ".join(matrix_sides(view, Speller(view.program, notation)))


def path_rows(view: PathView, speller: Speller) -> list[str]:
    r"""Return the rows of a path view: the partial derivatives of each path, then their values."""
    name, at = view.weight
    left = speller.partial(("L", ()), (name, at))
    partials = [" ".join(speller.partial(f.of, f.by) for f in path) for path in view.paths]
    values = [r" \cdot ".join(_value(f, speller) for f in path) for path in view.paths]
    if not partials:
        return [f"{left} &= 0"]
    return [
        f"{left} &= {partials[0]}",
        *(rf"&\quad + {line}" for line in partials[1:]),
        f"&= {values[0]}",
        *(rf"&\quad + {line}" for line in values[1:]),
    ]


def _value(factor: Factor, speller: Speller) -> str:
    return held(speller.style(factor.value).write(factor.value), Level.PRODUCT)


def _paths(view: PathView, notation: Notation) -> str:
    return aligned(path_rows(view, Speller(view.program, notation)))


def _program(program: Program, notation: Notation) -> str:
    speller = Speller(program, notation)
    return aligned(" &= ".join(speller.equation(step)) for step in program.steps)


def definition_rows(steps: Iterable[Step], speller: Speller) -> list[str]:
    """Return rows with the formulas of the activations that steps use, and of their derivatives."""
    found: dict[str, None] = {}
    for step in steps:
        for call in sorted(step.expr.atoms(Activated), key=str):
            node = next(iter(call.atoms(sp.Indexed)), None)
            layer = parse_name(name_of(node)).layer if node is not None else None
            found[speller.definition(call.activation, layer, call.order).replace(" = ", " &= ", 1)] = None
    return list(found)


def _derivation(derivation: Derivation, notation: Notation) -> str:
    meant = derivation.with_notation(notation)
    speller = Speller(meant, notation)
    rows = []
    for step in meant.program.steps:
        rows.append(" &= ".join(speller.equation(step)))
        shorter = meant.shortened.get(step.tensor.name)
        if shorter is not None:
            rows.append(f"&= {speller.equation(shorter)[1]}{speller.remark(shorter)}")
    return aligned([*rows, *definition_rows(meant.program.steps, speller)])


_PRINTERS: dict[type, Callable[[Any, Notation], str]] = {
    Step: _step,
    IndexView: _index,
    ElementView: _element,
    MatrixView: _matrix,
    PathView: _paths,
    Program: _program,
    Derivation: _derivation,
}
