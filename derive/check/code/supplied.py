"""Arguments for a function that a document defines and never calls: the network's own numbers.

A library of functions, such as a generated module, has no numbers. It is called with those of the network, in
the forms in which such functions take them; a form is the right one if the forward pass comes out right.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.shapes import Array, as_array
from derive.check.world import World
from derive.optimizers import LEARNING_RATE
from derive.read.code import Assigned, Budget, CodeCell, Unsupported, interpret

_ALL_PARAMETERS = re.compile(r"params?|parameters|theta|model|net(?:work)?", re.I)
_VECTORS = ("{}", "{}[:, None]", "{}[None]")
"""One sample as a vector, a column, a row."""
_BATCHES = ("{}", "{}.T")
_CLOSE = 1e-6
_STEPS = 200_000


@dataclass(frozen=True)
class Supplied:
    """Statements that set numbers and call a function, and every function that is entered by the call."""

    text: str
    entered: frozenset[str]


def supplied_call(
    node: ast.FunctionDef, cells: Sequence[CodeCell], world: World, taken: Mapping[str, object]
) -> Supplied | None:
    """Return statements that set the network's numbers and call a function with them.

    Parameters
    ----------
    node : ast.FunctionDef
        The function, at module level.
    cells : sequence of CodeCell
        The code up to the definition.
    world : World
    taken : mapping
        The names that the document has at module level; none of them is set anew.

    Returns
    -------
    Supplied or None
        None if an argument is of an unknown kind, or no form gives the values of the first layer.
    """
    needed = [a.arg for a in node.args.args[: len(node.args.args) - len(node.args.defaults)]]
    given = [name for name in _inputs(world) if name not in taken]
    for form in _forms(world):
        arguments = [_argument(name, form, world) for name in needed]
        if not needed or None in arguments:
            return None
        call = f"{node.name}({', '.join(filter(None, arguments))})"
        text = "\n".join([*_settings(given, world), call])
        used = {n.id for n in ast.walk(ast.parse(call)) if isinstance(n, ast.Name)}
        if used - {node.name, "np"} <= set(given) and (entered := _entered(text, node.name, cells, world)):
            return Supplied(text, entered)
    return None


def _inputs(world: World) -> Mapping[str, Any]:
    return world.example_inputs or world.inputs[0]


def _settings(names: Sequence[str], world: World) -> Iterator[str]:
    yield "import numpy as np"
    for name in names:
        value = np.asarray(_inputs(world)[name], dtype=float)
        yield f"{name} = np.array({value.tolist()!r})" if value.ndim else f"{name} = {float(value)!r}"


def _forms(world: World) -> Iterator[tuple[str, str]]:
    """Yield how all parameters together, and a vector, are passed."""
    names = list(world.network.parameter_shapes)
    together = f"({', '.join(names)},)"
    by_name = f"{{{', '.join(f'{name!r}: {name}' for name in names)}}}"
    flat = f"np.concatenate(({', '.join(f'{name}.ravel()' for name in names)},)).tolist()"
    lying = _VECTORS if np.ndim(_inputs(world)["x"]) == 1 else _BATCHES
    yield from product((together, by_name), lying)
    yield flat, "{}.tolist()"


def _argument(argument: str, form: tuple[str, str], world: World) -> str | None:
    """Return what is passed for a parameter of the function, by its name."""
    if _ALL_PARAMETERS.fullmatch(argument):
        return form[0]
    hint = hint_of(argument)
    if hint is None:
        return None
    if hint.kind in ("x", "y"):
        return form[1].format(hint.kind)
    name = LEARNING_RATE.name if hint.kind == "eta" else f"{hint.kind}{hint.layer}"
    return name if name in _inputs(world) else None


def _entered(text: str, function: str, cells: Sequence[CodeCell], world: World) -> frozenset[str]:
    """Return the functions that a call enters.

    None if it cannot be followed to its end, or if the first layer is not among its values.
    """
    run = interpret([*cells, CodeCell(text, -1)], budget=Budget(steps=_STEPS))
    inside = [event for event in run.events if getattr(event, "calls", ())[:1] == (function,)]
    arrays = [as_array(event.value) for event in inside if isinstance(event, Assigned)]
    found = np.concatenate([np.zeros(0), *(array.ravel() for array in arrays if array is not None)])
    broken = any(isinstance(event, Unsupported) for event in inside)
    true = [world.points[0].values[name].ravel() for name in ("z1", "a1")]
    if broken or not any(all(_among(found, number) for number in values) for values in true):
        return frozenset()
    return frozenset(name for event in inside for name in getattr(event, "calls", ()))


def _among(found: Array, number: float) -> bool:
    return bool(np.any(np.abs(found - number) <= _CLOSE * max(abs(number), 1.0)))
