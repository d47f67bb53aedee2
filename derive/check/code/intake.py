"""What the code starts from: inputs that it writes out, draws, or reads where no assignment shows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from derive.check.code.book import Book, Match
from derive.check.code.expectation import State
from derive.check.code.givens import LABELS, is_shape, one_hot, with_folded
from derive.check.code.matching import agrees
from derive.check.code.naming import Hint, hint_of
from derive.check.code.runs import Followed
from derive.check.code.shapes import Array, agree, canonical
from derive.check.world import World
from derive.read.code import Assigned

_LARGEST_RATE = 100


_WITH_ONE = re.compile(r"d?X\d+")
"""Activations with a 1 in front, where biases are folded into the weights."""
_COMPUTED = re.compile(r"d?[zaWb]\d+(?:_new)?|dX\d+|L")


@dataclass(frozen=True)
class Intake:
    """Keeps the inputs of a state up to date.

    Attributes
    ----------
    computed : set of str
        Variables that the network's own quantities have gone into: none of them is an input, such as a
        target, whatever it is called.
    """

    world: World
    followed: Followed
    state: State
    book: Book
    computed: set[str] = field(default_factory=set)

    def watch(self, event: Assigned) -> Hint | None:
        """Note whether a variable is computed from what the network computes; return what its name says."""
        base = _base(event.resolved)
        reads = [o.source for o in self.followed.operands(event)]
        held = (self.book.holds.get(source, "") for source in reads)
        if any(map(_COMPUTED.fullmatch, held)) or any(_base(source) in self.computed for source in reads):
            self.computed.add(base)
        elif event.kind in ("assign", "part", "parameter", "loop"):
            self.computed.discard(base)
        hint = hint_of(event.resolved)
        if hint is not None and _WITH_ONE.fullmatch(event.resolved) and event.resolved in self._tensors:
            return replace(hint, kind=event.resolved.rstrip("0123456789"))
        return hint

    @cached_property
    def _tensors(self) -> frozenset[str]:
        return frozenset(self.state.program.tensors)

    def given(self, event: Assigned, name: str, values: Sequence[Array]) -> None:
        """Take over an input that the document writes out."""
        if name == LABELS:
            name, values = "y", [one_hot(v, self.world.network.sizes[-1]) for v in values]
        self._take(name, values)
        self.book.holds[event.resolved] = name

    def _take(self, name: str, values: Sequence[Array]) -> None:
        shape = np.shape(with_folded(self.world, self.world.inputs[-1])[name])
        self.state.stated[name] = [canonical(v, shape) for v in values]
        self.state.taint[name] = None

    def own_given(self, event: Assigned, hint: Hint | None, values: Sequence[Array]) -> None:
        """Numbers of the document's own, in place of the example's: parameters drawn or written out."""
        if hint is None or hint.kind not in ("W", "b", "x", "y") or is_shape(event):
            return
        name = f"{hint.kind}{hint.layer or ''}"
        known, old = self.world.inputs[-1].get(name), self.state.stated.get(name)
        if hint.kind in ("x", "y") and old is not None and agrees(values, old):
            return  # as many samples as numbers in each: it cannot be seen which way they lie now
        if known is not None and np.size(known) == values[0].size:
            self.given(event, name, values)

    def starts_again(self, hint: Hint | None, values: Sequence[Array]) -> bool:
        """Take back a parameter that has the value it began with before an update: another call begins."""
        names = [f"{hint.kind}{hint.layer or ''}"] if hint is not None and hint.kind in ("W", "b") else []
        for name in names:
            first = [inputs.get(name) for inputs in self.state.given]
            known = [np.asarray(value, dtype=float) for value in first if value is not None]
            if len(known) != len(values) or not all(map(agree, values, known)):
                continue
            self.state.renewed.pop(name, None)
            self._take(name, values)
            return True
        return False

    def is_step(self, match: Match, values: Sequence[Array]) -> bool:
        """Whether a gradient has become the step of an update: ``dW *= rate``, ``dW *= -rate``."""
        if match.name[:2] not in ("dW", "db"):
            return False
        rates = [self.state.value("eta", run) for run in range(self.state.runs)]
        # The document's own gradient, which may be wrong.
        factor = self.state.factor(match.name)
        own = [factor * value for value in self.state.stated.get(match.name, ())] or match.values
        steps = [rate * value for rate, value in zip(rates, own, strict=False) if rate is not None]
        return len(steps) == len(values) and any(
            all(agree(value, sign * step) for value, step in zip(values, steps, strict=True))
            for sign in (1, -1)
        )

    def operands(self, event: Assigned, at: tuple[int, ...] | None) -> None:
        """Take over parameters and targets that the statement reads and that no assignment showed."""
        partly = event.kind == "filled" or (event.count > 0 and at is not None)
        rates = [o.source for o in self.followed.operands(event) if _is_rate(o.source) and o.value.size == 1]
        if rates:
            # n and c may be rates, and are mostly something else.
            self._take_rate(event, max(rates, key=lambda r: (self.book.holds.get(r) == "eta", len(r) > 1)))
        for position, operand in enumerate(self.followed.operands(event)):
            hint = hint_of(operand.source)
            if hint is None or hint.kind not in (("y",) if partly else ("W", "b", "y")):
                continue
            if hint.kind == "y" and _base(operand.source) in self.computed:
                continue
            name = f"{hint.kind}{hint.layer or ''}"
            source = operand.source.replace('"', "'")
            if self.book.holds.get(source, name) != name:
                continue
            self.book.holds.setdefault(source, name)
            known = self.world.inputs[-1].get(name)
            if known is None or np.size(known) != operand.value.size or not operand.value.any():
                continue
            if not np.isfinite(operand.value).all():
                continue  # an array that is reserved, and not filled yet
            values = [
                read[position].value
                for read in (self.followed.operands(event, run) for run in range(self.state.runs))
                if position < len(read) and read[position].source == operand.source
            ]
            old = self.state.stated.get(name)
            if old is not None and agree(values[0], old[0]):
                continue
            self._take(name, values)

    def _take_rate(self, event: Assigned, source: str) -> None:
        """Take over the learning rate of an update, which may be an argument that no assignment shows."""
        target = hint_of(event.resolved)
        if self.book.holds.get(event.resolved, "")[:1] not in ("W", "b") and (
            target is None or target.kind not in ("W", "b", "W_new", "b_new")
        ):
            return
        reads = (self.followed.operands(event, run) for run in range(self.state.runs))
        values = [next((o.value for o in read if o.source == source), None) for read in reads]
        rates = [v.reshape(()) for v in values if v is not None and v.size == 1]
        if len(rates) == self.state.runs:
            self.state.stated["eta"] = rates
            self.state.taint["eta"] = None

    def rates(self, event: Assigned, node: ast.expr | None) -> Sequence[float]:
        """Return what the learning rate of an update may be that names none.

        It may be a number in the statement; and where the code has no rate at all, it is 1.
        """
        if any(_is_rate(operand.source) for operand in self.followed.operands(event)):
            return ()
        constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant)) if node else ()
        numbers = [float(v) for v in constants if isinstance(v, int | float) and 0 < v <= _LARGEST_RATE]
        return numbers if self._names_a_rate else [*numbers, 1.0]

    @cached_property
    def _names_a_rate(self) -> bool:
        return any(_is_rate(e.resolved) for e in self.followed.events if isinstance(e, Assigned))


def _base(name: str) -> str:
    return name.partition("[")[0]


def _is_rate(name: str) -> bool:
    hint = hint_of(name)
    return hint is not None and hint.kind == "eta"
