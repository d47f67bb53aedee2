"""Follow the code of a document at its own numbers and at perturbed ones, side by side."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from derive.check.code.edits import text_of
from derive.check.code.givens import LABELS, recognise, with_folded
from derive.check.code.perturb import GivenKey, Perturb, Supply
from derive.check.code.samples import fitting, inputs_of_one
from derive.check.code.shapes import Array, as_array
from derive.check.code.uncalled import missing_calls
from derive.check.world import World
from derive.read.code import Assigned, Budget, CodeCell, CodeSpan, Event, Run, Unsupported, interpret
from derive.read.code.parts import written_into
from derive.read.code.source import parse_cell
from derive.read.document_types import Document

Key = tuple[CodeSpan, str, str, int]
Statement = tuple[int, int, int]
LOOP_STEPS = 2_000
"""After this many steps of the interpreter the passes of a training repeat themselves."""


@dataclass(frozen=True)
class Operand:
    """A name, an element or a call that a statement evaluates, with its value there.

    The source has its indices evaluated, the text is as it is written, without blanks.
    """

    source: str
    value: Array
    text: str = ""


Executions = Mapping[int, tuple[Operand, ...]]
SYNTHETIC = -1
"""The number of the cell with which functions that the document never calls are called."""


@dataclass(frozen=True)
class Followed:
    """The runs of a document's code, the first at its own numbers.

    Attributes
    ----------
    events : tuple of Event
        Of the run at the document's own numbers.
    values : mapping of key to list of numpy.ndarray
        The value of each assignment in every run that reached it with a value, the own one first.
    givens : mapping of GivenKey to str
        Statements that give an input of the network its value, with its canonical name.
    inputs : tuple of mapping
        The inputs of the network in each run, as far as the code does not say otherwise.
    world : World
        With as many samples as the code has.
    """

    events: tuple[Event, ...]
    values: Mapping[Key, list[Array]]
    givens: Mapping[GivenKey, str]
    inputs: tuple[Mapping[str, Any], ...]
    executions: tuple[Mapping[Statement, Executions], ...] = field(repr=False)
    first: Run = field(repr=False)
    world: World = field(repr=False)

    @property
    def count(self) -> int:
        """The number of runs."""
        return len(self.inputs)

    def operands(self, event: Assigned, run: int = 0) -> tuple[Operand, ...]:
        """Return what the statement of an assignment read when it was made; nothing if that was not kept."""
        if run >= len(self.executions):
            return ()
        kept = self.executions[run].get(statement_of(event), {})
        number = max(kept, default=0) if event.kind == "filled" else event.execution
        return kept.get(number, ())

    def read_by(self, event: Unsupported) -> tuple[Operand, ...]:
        """Return what a statement had read when it could not go on."""
        kept = self.executions[0].get((event.span.cell, event.span.line, event.span.column), {})
        return kept.get(event.execution, ())


def key_of(event: Assigned) -> Key:
    """Return what identifies an assignment in all runs."""
    return event.span, event.resolved, event.kind, event.count


def cells_of(document: Document) -> list[CodeCell]:
    """Return the code of a document."""
    return [CodeCell(s.text, number) for number, s in enumerate(document.segments) if s.kind == "code"]


def follow(
    document: Document, world: World, adopt: Mapping[tuple[CodeSpan, int], Array] | None = None
) -> Followed:
    """Follow the code once as it stands, then with random numbers in place of the givens.

    Every pass of a training is followed only where the document shows what the code has printed; what a
    pass computes can be seen from the first ones.

    Parameters
    ----------
    document : Document
    world : World
    adopt : mapping, optional
        Values that certain assignments are known to have had when the document was made, because it
        printed them; the code is then followed once.
    """
    cells = cells_of(document)
    printed = any(segment.kind == "output" and segment.of is not None for segment in document.segments)
    adopted = adopt or {}
    main = _follow_at_points(cells, world, adopted, printed)
    uncalled = missing_calls(main.first, cells, world)
    if uncalled is None or adopted:
        return main
    more = [*cells[: uncalled.after + 1], CodeCell(uncalled.text, SYNTHETIC)]
    extra = _follow_at_points(more, world, adopted, printed=False)
    return _joined(main, extra, uncalled.functions)


def _follow_at_points(
    cells: Sequence[CodeCell], known: World, adopted: Mapping[tuple[CodeSpan, int], Array], printed: bool
) -> Followed:
    record = statements_of(cells)
    own = Budget() if printed else Budget(loop_steps=LOOP_STEPS)
    first = interpret(cells, draw=Supply(known, printed).draw, record=record, budget=own)
    world = fitting(known, first)
    givens = recognise(first, world)
    if adopted:
        override = Perturb(givens, None, adopted).override
        draw = Supply(known, printed).draw
        first = interpret(cells, draw=draw, override=override, record=record, budget=own)
    random = [with_folded(world, _changed(world, inputs, givens.values())) for inputs in world.inputs[-3:-1]]
    points: Sequence[Mapping[str, Any]] = [] if adopted or not givens else random
    others = [
        interpret(
            cells,
            draw=Supply(known, printed).draw,
            override=Perturb(givens, inputs, adopted).override,
            record=record,
            budget=Budget(loop_steps=LOOP_STEPS),
        )
        for inputs in points
    ]
    runs = [first, *others]
    values: dict[Key, list[Array]] = {}
    for number, run in enumerate(runs):
        for event in run.events:
            if isinstance(event, Assigned) and (array := as_array(event.value)) is not None:
                found = values.setdefault(key_of(event), [])
                if len(found) == number:
                    found.append(array)
    executions = tuple(executions_of(run) for run in runs)
    own_inputs = known.example_inputs if world is known else inputs_of_one([known.example_inputs])[0]
    return Followed(first.events, values, givens, (own_inputs, *points), executions, first, world)


def _changed(world: World, inputs: Mapping[str, Any], given: Collection[str]) -> Mapping[str, Any]:
    """Return other numbers for what the code gives; what is not seen to be given keeps the example's."""
    names = {"y" if name == LABELS else "x" if name == "X1" else name for name in given}
    return {**inputs, **{name: v for name, v in world.example_inputs.items() if name not in names}}


def _joined(main: Followed, extra: Followed, functions: Collection[str]) -> Followed:
    """Put what the added calls did behind what the document did itself."""
    last = max((event.order for event in main.events), default=0)
    inside = [e for e in extra.events if (calls := getattr(e, "calls", ())) and calls[0] in functions]
    events = (*main.events, *(replace(event, order=event.order + last) for event in inside))
    if main.count < extra.count:  # only the calls have numbers that can be changed
        return replace(extra, events=events, first=main.first)
    executions = tuple({**b, **a} for a, b in zip(main.executions, extra.executions, strict=False))
    values = {**extra.values, **main.values}
    return replace(
        main, events=events, values=values, givens={**extra.givens, **main.givens}, executions=executions
    )


def statements_of(cells: Sequence[CodeCell]) -> frozenset[tuple[int, int, int]]:
    """Return cell, line and column of every assignment, every result of a function and every ``f(out=a)``."""
    kinds = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)
    trees = ((cell.index, parse_cell(cell.text)) for cell in cells)
    return frozenset(
        (index, node.lineno, node.col_offset + 1)
        for index, tree in trees
        if isinstance(tree, ast.Module)
        for node in ast.walk(tree)
        if isinstance(node, kinds) or (isinstance(node, ast.Expr) and written_into(node))
    )


def _start(event: Assigned) -> tuple[int, int]:
    """Return the line and column of the statement of an assignment."""
    line, column = getattr(event.node, "lineno", 0), getattr(event.node, "col_offset", 0)
    return line or event.span.line, column + 1 if line else event.span.column


def statement_of(event: Assigned) -> tuple[int, int, int]:
    """Return the key of the statement of an assignment: cell, line and column."""
    return event.span.cell, *_start(event)


def executions_of(run: Run) -> dict[Statement, Executions]:
    """Return what each recorded statement read, for every execution that was kept."""
    reads = (ast.Name, ast.Subscript, ast.Attribute, ast.Call)
    found: dict[Statement, Executions] = {}
    for key, recording in run.recorded.items():
        kept: dict[int, tuple[Operand, ...]] = {}
        for number, seen in recording.executions.items():
            arrays = ((e, as_array(e.value)) for e in seen if isinstance(e.node, reads))
            kept[number] = tuple(Operand(e.source, v, text_of(e.node)) for e, v in arrays if v is not None)
        found[key] = kept
    return found
