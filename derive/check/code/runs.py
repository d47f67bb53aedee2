"""Follow the code of a document at its own numbers and at perturbed ones, side by side."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from derive.check.code.edits import text_of
from derive.check.code.naming import Hint, hint_of
from derive.check.code.shapes import Array, as_array
from derive.check.code.uncalled import missing_calls
from derive.check.world import EXAMPLE, World
from derive.read.code import Assigned, AssignTarget, CodeCell, CodeSpan, Event, Run, interpret
from derive.read.code.source import try_parse
from derive.read.document_types import Document

Key = tuple[CodeSpan, str, str, int]


@dataclass(frozen=True)
class Operand:
    """A name, an element or a call that a statement evaluates, with its value there.

    The source has its indices evaluated, the text is as it is written, without blanks.
    """

    source: str
    value: Array
    text: str = ""


SYNTHETIC = -1
"""The number of the cell with which functions that the document never calls are called."""


@dataclass(frozen=True)
class Followed:
    """The runs of a document's code.

    Attributes
    ----------
    events : tuple of Event
        Of the run at the document's own numbers.
    values : mapping of key to list of numpy.ndarray
        The value of each assignment in every run that reached it with a value, the own one first.
    givens : mapping of CodeSpan to str
        Statements that write out an input of the network, with its canonical name.
    count : int
        The number of runs.
    """

    events: tuple[Event, ...]
    values: Mapping[Key, list[Array]]
    givens: Mapping[CodeSpan, str]
    count: int
    operands: tuple[Mapping[tuple[int, int, int], tuple[Operand, ...]], ...] = field(repr=False)
    first: Run = field(repr=False)


def key_of(event: Assigned) -> Key:
    """Return what identifies an assignment in all runs."""
    return event.span, event.resolved, event.kind, event.count


def follow(
    document: Document, world: World, adopt: Mapping[tuple[CodeSpan, int], Array] | None = None
) -> Followed:
    """Follow the code once as it stands, then with random numbers in place of the givens.

    Parameters
    ----------
    document : Document
    world : World
    adopt : mapping, optional
        Values that certain assignments are known to have had when the document was made, because it
        printed them; the code is then followed once.
    """
    cells = [CodeCell(s.text, number) for number, s in enumerate(document.segments) if s.kind == "code"]
    adopted = adopt or {}
    main = _follow_at_points(cells, world, adopted)
    uncalled = missing_calls(main.first, cells, world)
    if uncalled is None or adopted:
        return main
    extra = _follow_at_points(
        [*cells[: uncalled.after + 1], CodeCell(uncalled.text, SYNTHETIC)], world, adopted
    )
    return _joined(main, extra, uncalled.functions)


def _follow_at_points(
    cells: Sequence[CodeCell], world: World, adopted: Mapping[tuple[CodeSpan, int], Array]
) -> Followed:
    record = _statements(cells)
    first = interpret(cells, draw=_Supply(world).draw, record=record)
    givens = _givens(first, world)
    points: Sequence[Mapping[str, Any] | None] = [None] if adopted else []
    if world.names[0] == EXAMPLE and not adopted:
        points = [with_folded(world, inputs) for inputs in world.inputs[1:3]]
    others = [
        interpret(
            cells,
            draw=_Supply(world).draw,
            override=_Perturb(givens, inputs, adopted).override,
            record=record,
        )
        for inputs in points
    ]
    runs = others if adopted else [first, *others]
    values: dict[Key, list[Array]] = {}
    for number, run in enumerate(runs):
        for event in run.events:
            if isinstance(event, Assigned) and (array := as_array(event.value)) is not None:
                found = values.setdefault(key_of(event), [])
                if len(found) == number:
                    found.append(array)
    operands = tuple(_operands(run) for run in runs)
    return Followed(runs[0].events, values, givens, len(runs), operands, runs[0])


def _joined(main: Followed, extra: Followed, functions: Collection[str]) -> Followed:
    """Put what the added calls did behind what the document did itself."""
    last = max((event.order for event in main.events), default=0)
    inside = [e for e in extra.events if (calls := getattr(e, "calls", ())) and calls[0] in functions]
    events = (*main.events, *(replace(event, order=event.order + last) for event in inside))
    operands = tuple({**b, **a} for a, b in zip(main.operands, extra.operands, strict=True))
    values = {**extra.values, **main.values}
    return replace(
        main, events=events, values=values, givens={**extra.givens, **main.givens}, operands=operands
    )


def _statements(cells: Sequence[CodeCell]) -> frozenset[tuple[int, int, int]]:
    """Return cell, line and column of every assignment."""
    kinds = (ast.Assign, ast.AugAssign, ast.AnnAssign)
    trees = ((cell.index, try_parse(cell.text)) for cell in cells)
    return frozenset(
        (index, node.lineno, node.col_offset + 1)
        for index, tree in trees
        if isinstance(tree, ast.Module)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    )


def _start(event: Assigned) -> tuple[int, int]:
    """Return the line and column of the statement of an assignment."""
    line, column = getattr(event.node, "lineno", 0), getattr(event.node, "col_offset", 0)
    return line or event.span.line, column + 1 if line else event.span.column


def statement_of(event: Assigned) -> tuple[int, int, int]:
    """Return the key of the statement of an assignment: cell, line and column."""
    return event.span.cell, *_start(event)


def _operands(run: Run) -> dict[tuple[int, int, int], tuple[Operand, ...]]:
    found: dict[tuple[int, int, int], tuple[Operand, ...]] = {}
    for key, recording in run.recorded.items():
        reads = (ast.Name, ast.Subscript, ast.Attribute, ast.Call)
        seen = ((e, as_array(e.value)) for e in recording.first if isinstance(e.node, reads))
        found[key] = tuple(Operand(e.source, v, text_of(e.node)) for e, v in seen if v is not None)
    return found


class _Supply:
    """Random draws of the document: the example's numbers where a shape fits, in the order of the network."""

    def __init__(self, world: World) -> None:
        example = world.inputs[0] if world.names[0] == EXAMPLE else {}
        names = [*world.network.parameter_shapes, "y"]
        self._left = [np.asarray(example[name], dtype=float) for name in names if name in example]

    def draw(self, kind: str, shape: tuple[int, ...], span: CodeSpan) -> Array | None:
        """Return numbers of a shape, or None for the generator's own."""
        del kind, span
        for position, known in enumerate(self._left):
            same = known.shape == shape or (
                known.ndim == 1 and known.size > 1 and shape in _vectors(known.size)
            )
            if same:
                return self._left.pop(position).reshape(shape)
        return None


def _vectors(size: int) -> set[tuple[int, ...]]:
    return {(size,), (size, 1), (1, size)}


def with_folded(world: World, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs with the first layer's, a 1 before x, where its bias is folded."""
    if world.network.bias_of(1) != "folded":
        return inputs
    x = np.asarray(inputs["x"], dtype=float)
    return {**inputs, "X1": np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)}


def _givens(run: Run, world: World) -> dict[CodeSpan, str]:
    """Recognise which statements write out x, y, the parameters and the learning rate."""
    if world.names[0] != EXAMPLE:
        return {}
    example = {name: np.asarray(v, dtype=float) for name, v in with_folded(world, world.inputs[0]).items()}
    found: dict[CodeSpan, str] = {}
    for event in run.events:
        if not isinstance(event, Assigned) or not (event.given or event.drawn):
            continue
        array = as_array(event.value)
        if array is None or event.kind != "assign":
            continue
        fitting = [name for name, value in example.items() if _same_numbers(value, array)]
        hint = hint_of(event.resolved)
        if len(fitting) > 1 and hint is not None:
            named = [n for n in fitting if n == f"{hint.kind}{hint.layer or ''}"]
            fitting = named or [n for n in fitting if n[0] == hint.kind[0]] or fitting
        if len(fitting) == 1 and _may_be(fitting[0], hint):
            found[event.span] = fitting[0]
    return found


def _may_be(name: str, hint: Hint | None) -> bool:
    """Whether a name does not speak against what the numbers are."""
    return (
        hint is None
        or hint.kind not in ("x", "y", "W", "b", "eta")
        or name.lower().startswith(hint.kind.lower())
    )


def _same_numbers(value: Array, array: Array) -> bool:
    if value.size != array.size:
        return False
    close = np.allclose(value.ravel(), array.ravel(), rtol=1e-7, atol=1e-12)
    turned = value.ndim == 2 and array.shape == value.T.shape
    return bool(close or (turned and np.allclose(value.T, array, rtol=1e-7, atol=1e-12)))


class _Perturb:
    """Put random numbers where the document writes out its givens, and printed ones where they are known."""

    def __init__(
        self,
        givens: Mapping[CodeSpan, str],
        inputs: Mapping[str, Any] | None,
        adopted: Mapping[tuple[CodeSpan, int], Array],
    ) -> None:
        self._givens, self._inputs, self._adopted = givens, inputs, adopted

    def override(self, target: AssignTarget, value: Any) -> Any:
        """Return the number to use instead, in the shape that the document uses."""
        array = as_array(value)
        known = self._adopted.get((target.span, target.count))
        if known is not None and array is not None and known.size == array.size:
            return known.reshape(array.shape)
        name = self._givens.get(target.span)
        if name is None or array is None or self._inputs is None:
            return None
        fresh = np.asarray(self._inputs[name], dtype=float)
        if array.ndim == 0:
            return float(fresh.ravel()[0]) if fresh.size == 1 else None
        if (
            fresh.ndim == 2
            and array.ndim == 2
            and fresh.shape != array.shape
            and fresh.T.shape == array.shape
        ):
            return fresh.T.copy()
        return fresh.reshape(array.shape).copy() if fresh.size == array.size else None
