"""Arguments for a function that a document defines and never calls: the network's own numbers.

A library of functions, such as a generated module, has no numbers. It is called with those of the network, in
the forms in which such functions take them; a form is the right one if the forward pass comes out right.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
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
_CLOSE = 1e-6
_STEPS = 200_000


def supplied_call(
    node: ast.FunctionDef, cells: Sequence[CodeCell], world: World, taken: Mapping[str, object]
) -> str | None:
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
    str or None
        None if an argument is of an unknown kind, or no form gives the values of the first layer.
    """
    needed = node.args.args[: len(node.args.args) - len(node.args.defaults)]
    forms = [list(_forms(argument.arg, world)) for argument in needed]
    if not needed or not all(forms):
        return None
    given = [name for name in _inputs(world) if name not in taken]
    for arguments in product(*forms):
        call = f"{node.name}({', '.join(arguments)})"
        text = "\n".join([*_settings(given, world), call])
        used = {n.id for n in ast.walk(ast.parse(call)) if isinstance(n, ast.Name)}
        if used - {node.name, "np"} <= set(given) and _comes_out(text, node.name, cells, world):
            return text
    return None


def _inputs(world: World) -> Mapping[str, Any]:
    return world.example_inputs or world.inputs[0]


def _settings(names: Sequence[str], world: World) -> Iterator[str]:
    yield "import numpy as np"
    for name in names:
        value = np.asarray(_inputs(world)[name], dtype=float)
        yield f"{name} = np.array({value.tolist()!r})" if value.ndim else f"{name} = {float(value)!r}"


def _forms(argument: str, world: World) -> Iterator[str]:
    """Yield what an argument may be called with, by its name."""
    names = list(world.network.parameter_shapes)
    hint = hint_of(argument)
    if _ALL_PARAMETERS.fullmatch(argument):
        yield f"({', '.join(names)},)"
        yield f"{{{', '.join(f'{name!r}: {name}' for name in names)}}}"
        yield f"np.concatenate(({', '.join(f'{name}.ravel()' for name in names)},)).tolist()"
    elif hint is not None and hint.kind in ("x", "y"):
        lying = _VECTORS if np.ndim(_inputs(world)[hint.kind]) == 1 else ("{}", "{}.T")
        yield from (form.format(hint.kind) for form in lying)
    elif hint is not None and hint.kind == "eta":
        yield LEARNING_RATE.name
    elif hint is not None and f"{hint.kind}{hint.layer}" in names:
        yield f"{hint.kind}{hint.layer}"


def _comes_out(text: str, function: str, cells: Sequence[CodeCell], world: World) -> bool:
    """Whether a call can be followed to its end and has every input of the first activation among its values."""
    budget = Budget(steps=_STEPS)
    run = interpret([*cells, CodeCell(text, -1)], budget=budget)
    inside = [event for event in run.events if getattr(event, "calls", ())[:1] == (function,)]
    if any(isinstance(event, Unsupported) for event in inside):
        return False
    arrays = [as_array(event.value) for event in inside if isinstance(event, Assigned)]
    found = np.concatenate([np.zeros(0), *(array.ravel() for array in arrays if array is not None)])
    true = world.points[0].values["z1"].ravel()
    return bool(found.size) and all(_near(found, number) for number in true)


def _near(found: Array, number: float) -> bool:
    return bool(np.min(np.abs(found - number)) <= _CLOSE * max(abs(number), 1.0))
