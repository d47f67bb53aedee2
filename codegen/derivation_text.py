"""Print a derivation, or that of one weight, in any view and format: what ``chainrule derive`` shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from codegen.latex import Speller, aligned, definition_rows, matrix_sides, path_rows, stamped
from codegen.plaintext import PlainSpeller, given, matrix_line, path_lines
from codegen.selection import Item, all_elements, all_paths, parse_weight, steps
from derive.derivation import Derivation, derive
from derive.notation import Notation
from derive.program import Step
from derive.spec import Spec
from derive.suggest import unknown
from derive.views import Cell, PathView

VIEWS = ("index", "element", "path", "matrix")
FORMATS = ("text", "latex", "json")
_REMARK = 60
"""The column of remarks, where lines are short enough."""


def render(
    spec: Spec,
    *,
    view: str = "index",
    weight: str | None = None,
    format: str = "text",
    force: bool = False,
) -> str:
    """Return the derivation of the gradient of a network as text.

    Parameters
    ----------
    spec : Spec
    view : {"index", "element", "path", "matrix"}
        Each step for all indices at once; for each element; as sums over paths from the loss to a weight;
        as matrix algebra.
    weight : str, optional
        One weight, such as ``W1[0,1]``, with indices from 0: the backward steps that lead to it, in the
        element view at the elements that it needs. By default, the whole derivation.
    format : {"text", "latex", "json"}
        Canonical names with indices from 0; the notation of the network file, without delimiters; or
        an object with ``view``, ``weight`` and ``steps``. Each step has ``name``, ``indices`` (letters, or
        numbers from 0), ``expression`` (plain text), ``rule``, ``statement``, ``assumptions`` and ``latex``;
        in the path view also ``paths``: a list of factors ``of``, ``by`` and ``value`` for each.
    force : bool
        Whether to write more than `MAX_ELEMENTS` elements or `MAX_PATHS` paths.

    Raises
    ------
    ValueError
        If the view, the format or the weight is unknown, or (`TooLargeError`) the text would be too long.
    """
    if view not in VIEWS:
        raise ValueError(unknown("view", view, VIEWS))
    if format not in FORMATS:
        raise ValueError(unknown("format", format, FORMATS))
    derivation = derive(spec.network, spec.samples, spec.assumptions)
    cell = None if weight is None else parse_weight(weight, derivation)
    writer = _Writer(derivation, spec.notation, view)
    if view == "path":
        return _PATH_FORMATS[format](writer, all_paths(derivation, cell, force), cell)
    items = all_elements(derivation, cell, force) if view == "element" else steps(derivation, cell)
    return _FORMATS[format](writer, items, cell)


class _Writer:
    """Writes one item after another; of each step the line is prepared once.

    Text is in canonical names; LaTeX is in the notation, and delta is there what the notation means by it.
    """

    def __init__(self, derivation: Derivation, notation: Notation, view: str) -> None:
        self.derivation, self.view = derivation, view
        self.meant = derivation.with_notation(notation)
        self.speller, self.plain = Speller(self.meant, notation), PlainSpeller(derivation)

    def spelled(self, item: Item) -> Step:
        """Return the step of an item as the notation means it."""
        name = item.step.tensor.name
        return self.meant.shortened[name] if item.shorter else self.meant.step(name)

    def latex(self, item: Item) -> Iterator[tuple[str, str]]:
        """Yield both sides of each line of an item in LaTeX."""
        step = self.spelled(item)
        if item.places is not None:
            yield from map(stamped(step, self.speller).sides, item.places)
        elif self.view == "matrix" and not item.shorter:
            yield matrix_sides(self.meant.as_matrix(step.tensor.name), self.speller)
        else:
            yield self.speller.equation(step)

    def text(self, item: Item) -> Iterator[str]:
        """Yield each line of an item in plain text."""
        if item.places is not None:
            yield from map(" = ".join, map(stamped(item.step, self.plain).sides, item.places))
        elif self.view == "matrix" and not item.shorter:
            yield matrix_line(self.derivation.as_matrix(item.step.tensor.name), self.plain)
        else:
            yield " = ".join(self.plain.equation(item.step))


def _text(writer: _Writer, items: Iterable[Item], weight: Cell | None) -> str:
    del weight
    lines: list[str] = []
    used: list[Step] = []
    for item in items:
        remark = given(item.step)
        if item.places is None:
            rule = f"  # {item.step.rule.statement}{remark}"
            lines += [f"{line:<{_REMARK}}{rule}" for line in writer.text(item)]
        else:
            lines += [line + remark for line in writer.text(item)]
        used.append(item.step)
    return "\n".join([*lines, *writer.plain.definitions(used)])


def _latex(writer: _Writer, items: Iterable[Item], weight: Cell | None) -> str:
    del weight
    rows: list[str] = []
    used: list[Step] = []
    for item in items:
        used.append(writer.spelled(item))
        remark = writer.speller.remark(used[-1])
        rows += [f"{left} &= {right}{remark}" for left, right in writer.latex(item)]
    return aligned([*rows, *definition_rows(used, writer.speller)])


def _record(name: str, indices: Iterable[Any], expression: str, step: Step, latex: str) -> dict[str, Any]:
    return {
        "name": name,
        "indices": list(indices),
        "expression": expression,
        "rule": step.rule.name,
        "statement": step.rule.statement,
        "assumptions": list(step.assumptions),
        "latex": latex,
    }


def _document(view: str, weight: Cell | None, found: Iterable[dict[str, Any]]) -> str:
    asked = None if weight is None else {"name": weight[0], "indices": list(weight[1])}
    return json.dumps({"view": view, "weight": asked, "steps": list(found)}, ensure_ascii=False, indent=2)


def _json(writer: _Writer, items: Iterable[Item], weight: Cell | None) -> str:
    def records() -> Iterator[dict[str, Any]]:
        for item in items:
            places: list[Any] = [[str(k) for k in item.step.indices]]
            if item.places is not None:
                places = list(item.places)  # read twice below, for text and for LaTeX
                item = replace(item, places=places)
            for at, line, sides in zip(places, writer.text(item), writer.latex(item), strict=True):
                right = line.partition(" = ")[2]
                yield _record(item.step.tensor.name, at, right, item.step, " = ".join(sides))

    return _document(writer.view, weight, records())


def _path_text(writer: _Writer, views: Iterable[PathView], weight: Cell | None) -> str:
    del weight
    return "\n\n".join("\n".join(path_lines(view, writer.plain)) for view in views)


def _path_latex(writer: _Writer, views: Iterable[PathView], weight: Cell | None) -> str:
    del weight
    return "\n\n".join(aligned(path_rows(view, writer.speller)) for view in views)


def _path_json(writer: _Writer, views: Iterable[PathView], weight: Cell | None) -> str:
    plain = writer.plain

    def records() -> Iterator[dict[str, Any]]:
        for view in views:
            name, at = view.weight
            lines = path_lines(view, plain)
            values = " ".join(line.strip() for line in lines[len(view.paths) :]).removeprefix("= ")
            step = writer.derivation.step(f"d{name}")
            latex = aligned(path_rows(view, writer.speller))
            found = _record(f"d{name}", at, values or "0", step, latex)
            found["paths"] = [
                [
                    {
                        "of": plain.element(*factor.of),
                        "by": plain.element(*factor.by),
                        "value": plain.expression(factor.value),
                    }
                    for factor in path
                ]
                for path in view.paths
            ]
            yield found

    return _document(writer.view, weight, records())


_FORMATS: dict[str, Callable[[_Writer, Iterable[Item], Cell | None], str]] = {
    "text": _text,
    "latex": _latex,
    "json": _json,
}
_PATH_FORMATS: dict[str, Callable[[_Writer, Iterable[PathView], Cell | None], str]] = {
    "text": _path_text,
    "latex": _path_latex,
    "json": _path_json,
}
