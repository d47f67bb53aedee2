"""Functions that a document defines and never calls where it can be followed: call them at the end."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.shapes import Array, as_array
from derive.check.code.supplied import supplied_call
from derive.check.world import World
from derive.read.code import CodeCell, Run
from derive.read.code.source import parse_cell


@dataclass(frozen=True)
class Uncalled:
    """Code that calls the functions, the position of the cell to put it after, and their names."""

    text: str
    after: int
    functions: frozenset[str]


def missing_calls(run: Run, cells: Sequence[CodeCell], world: World) -> Uncalled | None:
    """Return calls of the functions at module level of which no statement was followed.

    Arguments are the document's own variables, by their names, or the input and the target where a
    parameter is called so; else the network's own numbers. A function that needs anything else stays
    uncalled.
    """
    sizes = {name: np.size(world.inputs[-1][name]) for name in ("x", "y")}
    entered = {name for event in run.events for name in getattr(event, "calls", ())}
    known = {name: array for name, value in run.names.items() if (array := as_array(value)) is not None}
    lines: dict[str, str] = {}
    after = 0
    for node, position in _functions(cells):
        if node.name in entered:
            continue
        call = _call(node, known, sizes)
        if call is None and (supplied := supplied_call(node, cells[: position + 1], world, run.names)):
            call = supplied.text
            entered |= supplied.entered
        if call:
            lines[node.name], after = call, max(after, position)
    return Uncalled("\n".join(lines.values()), after, frozenset(lines)) if lines else None


def _functions(cells: Sequence[CodeCell]) -> list[tuple[ast.FunctionDef, int]]:
    """Return the functions at module level that assign anything, with the position of their cell.

    Those with a leading underscore come last: others call them.
    """
    trees = ((parse_cell(cell.text), position) for position, cell in enumerate(cells))
    found = [
        (node, position)
        for tree, position in trees
        if isinstance(tree, ast.Module)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and _assigns(node)
    ]
    return sorted(found, key=lambda pair: pair[0].name.startswith("_"))


def _assigns(node: ast.FunctionDef) -> bool:
    return any(isinstance(inner, (ast.Assign, ast.AugAssign)) for inner in ast.walk(node))


def _call(node: ast.FunctionDef, known: Mapping[str, Array], sizes: Mapping[str, int]) -> str | None:
    if node.args.vararg is not None or node.args.kwarg is not None:
        return None
    needed = node.args.args[: len(node.args.args) - len(node.args.defaults)]
    arguments: list[str] = []
    for parameter in needed:
        hint = hint_of(parameter.arg)
        if parameter.arg in known:
            arguments.append(parameter.arg)
            continue
        if hint is None or hint.kind not in sizes:
            return None
        alike = [
            n
            for n in sorted(known)
            if "." not in n and hint_of(n) == hint and known[n].size == sizes[hint.kind]
        ]
        if not alike:
            return None
        # One sample of a batch is what such a parameter stands for.
        arguments.append(f"{alike[0]}.ravel()")
    return f"{node.name}({', '.join(arguments)})"
