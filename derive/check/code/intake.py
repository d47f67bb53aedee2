"""What the code starts from: inputs that it writes out, draws, or reads where no assignment shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.check.code.book import Book
from derive.check.code.expectation import State
from derive.check.code.naming import Hint, hint_of
from derive.check.code.runs import Followed, statement_of, with_folded
from derive.check.code.shapes import Array, agree, canonical
from derive.check.world import World
from derive.read.code import Assigned


@dataclass(frozen=True)
class Intake:
    """Keeps the inputs of a state up to date."""

    world: World
    followed: Followed
    state: State
    book: Book

    def given(self, event: Assigned, name: str, values: Sequence[Array]) -> None:
        """Take over an input that the document writes out."""
        shape = np.shape(with_folded(self.world, self.world.inputs[0])[name])
        self.state.stated[name] = [canonical(v, shape) for v in values]
        self.state.taint[name] = None
        self.book.holds[event.resolved] = name

    def own_given(self, event: Assigned, hint: Hint | None, values: Sequence[Array]) -> None:
        """Numbers of the document's own, in place of the example's: parameters drawn or written out."""
        if hint is None or hint.kind not in ("W", "b", "x", "y"):
            return
        name = f"{hint.kind}{hint.layer or ''}"
        known = self.world.inputs[0].get(name)
        if known is not None and np.size(known) == values[0].size:
            self.given(event, name, values)

    def operands(self, event: Assigned, at: tuple[int, ...] | None) -> None:
        """Take over parameters and targets that the statement reads and that no assignment showed."""
        if event.count > 0 and event.kind != "filled" and at is None:
            return  # the operands are those of the first execution
        key = statement_of(event)
        for position, operand in enumerate(self.followed.operands[0].get(key, ())):
            hint = hint_of(operand.source)
            if hint is not None and hint.kind == "eta":
                self._take_rate(event, operand.source, key)
            if hint is None or hint.kind not in ("W", "b", "y"):
                continue
            name = f"{hint.kind}{hint.layer or ''}"
            if self.book.holds.get(operand.source.replace('"', "'"), name) != name:
                continue
            self.book.holds.setdefault(operand.source.replace('"', "'"), name)
            known = self.world.inputs[0].get(name)
            if known is None or np.size(known) != operand.value.size or not operand.value.any():
                continue
            values = [
                run[key][position].value
                for run in self.followed.operands
                if key in run and position < len(run[key]) and run[key][position].source == operand.source
            ]
            old = self.state.stated.get(name)
            if old is not None and agree(values[0], old[0]):
                continue
            self.state.stated[name] = [canonical(v, np.shape(known)) for v in values]
            self.state.taint[name] = None

    def _take_rate(self, event: Assigned, source: str, key: tuple[int, int, int]) -> None:
        """Take over the learning rate of an update, which may be an argument that no assignment shows."""
        target = hint_of(event.resolved)
        if target is None or target.kind not in ("W", "b", "W_new", "b_new"):
            return
        values = [o.value for run in self.followed.operands for o in run.get(key, ()) if o.source == source]
        if len(values) == self.state.runs and all(v.size == 1 for v in values):
            self.state.stated["eta"] = [v.reshape(()) for v in values]
            self.state.taint["eta"] = None
