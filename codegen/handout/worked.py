"""A derivation at work: its steps and forms, their spelling, and the numbers of the example in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Add, Integer, Sum

from codegen.handout.matrices import shown, snapped
from codegen.handout.numeric import with_numbers
from codegen.handout.tree import Inline, Math
from codegen.latex import Speller, number
from codegen.latex.names import parse_name
from derive.activations import Activated
from derive.arithmetic import FLOAT
from derive.derivation import Derivation
from derive.evaluate import evaluate_step
from derive.index_arrays import Scope
from derive.matrix import Form, holds, matrix_form
from derive.network import Network
from derive.notation import Notation
from derive.program import Role, Rule, Step, Tensor, element, name_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Worked:
    """One derivation with its spelling and, where there is an example, its numbers.

    Attributes
    ----------
    derivation : Derivation
    notation : Notation
    values : mapping of str to numpy.ndarray, or None
        Every tensor of the program.
    digits : int
    sample : str
        Which sample of a batch it is about; empty for all, or for the only one.
    """

    derivation: Derivation
    notation: Notation
    values: Mapping[str, Array] | None
    digits: int
    sample: str = ""
    _forms: dict[Step, Form | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def speller(self) -> Speller:
        """The spelling, with delta."""
        return Speller(self.derivation, self.notation, sample=self.sample)

    @cached_property
    def plain(self) -> Speller:
        """The spelling that writes the derivative in place of delta."""
        return Speller(self.derivation, self.notation, delta=False, sample=self.sample)

    @property
    def network(self) -> Network:
        """The network."""
        return self.derivation.network

    @property
    def vectors(self) -> str:
        """How a tensor with one axis stands."""
        return self.derivation.vectors

    def step(self, name: str) -> Step:
        """Return the step of a tensor, in its shorter form where a division cancels."""
        return self.derivation.shortened.get(name) or self.derivation.step(name)

    def steps(self, *roles: Role) -> tuple[Step, ...]:
        """Return the steps of the given roles, in order, in their shorter forms."""
        chosen = (s for s in self.derivation.program.steps if s.tensor.role in roles)
        return tuple(self.step(s.tensor.name) for s in chosen)

    def form(self, step: Step) -> Form | None:
        """Return the matrix form of a step, where it has one that is proved."""
        if step not in self._forms:
            tensors = self.derivation.program.tensors
            found = matrix_form(step, tensors, self.vectors)
            proved = found is not None and holds(step, found, tensors, self.vectors)
            self._forms[step] = found if proved else None
        return self._forms[step]

    def number(self, value: Any) -> str:
        """Return a number, rounded."""
        return number(float(value), self.digits)

    def value(self, name: str, at: tuple[int, ...] = ()) -> str:
        """Return the value of one element, rounded."""
        assert self.values is not None  # noqa: S101  # callers ask only where there is an example
        return self.number(np.asarray(self.values[name])[at])

    def matrix(self, name: str, digits: int | None = None) -> str:
        """Return the numbers of a tensor."""
        assert self.values is not None  # noqa: S101  # callers ask only where there is an example
        return shown(self.values[name], digits or self.digits, self.vectors)

    def in_numbers(self, step: Step) -> list[str]:
        """Return the matrix form of a step with the numbers put in, and again with its sums computed."""
        opened, values = self.opened(step)
        summed, sums = self._summed(opened)
        found = [self._filled(opened, values)]
        if sums:
            found.append(self._filled(summed, values | sums))
        return [tex for tex in found if tex is not None]

    def _filled(self, step: Step, values: Mapping[str, Array]) -> str | None:
        extents = {name: tuple(map(Integer, np.shape(value))) for name, value in values.items()}
        tensors = {name: Tensor(name, Role.HIDDEN, extents[name]) for name in step.uses}
        form = matrix_form(step, tensors, self.vectors)
        return None if form is None else with_numbers(form, self.speller, values, self.digits, self.vectors)

    def _summed(self, step: Step) -> tuple[Step, dict[str, Array]]:
        """Return a step with a name for each sum that something is added to, as to ``W x`` in ``W x + b``."""
        values: dict[str, Array] = {}
        expr = step.expr
        for place, term in enumerate(Add.make_args(step.expr) if isinstance(step.expr, Add) else ()):
            if isinstance(term, Sum):
                part = replace(step, expr=term)
                name = f"Sum{place}"  # it sorts before a bias
                values[name] = snapped(evaluate_step(part, Scope(FLOAT, dict(self.values or {}), {})))
                expr = expr.xreplace({term: element(name, step.indices)})
        return replace(step, expr=expr), values

    def slopes(self, step: Step) -> tuple[Activated, ...]:
        """Return the derivatives of activations that a step holds, in an order that does not change."""
        calls = (call for call in step.expr.atoms(Activated) if call.order == 1)
        return tuple(sorted(calls, key=str))

    def slope_step(self, slope: Activated) -> Step:
        """Return the derivative of an activation, at all inputs of its layer, as a step of its own."""
        z = slope.args[0]
        layer = parse_name(name_of(z)).layer
        tensor = Tensor(f"slope{layer}", Role.HIDDEN, self.derivation.program.tensors[name_of(z)].shape)
        rule = Rule("derivative", f"the derivative of {slope.activation.name}")
        return Step(tensor, z.indices, slope, rule)

    def slope_name(self, slope: Activated) -> str:
        """Return the derivative of an activation at all inputs of its layer, as one name."""
        step = self.slope_step(slope)
        form = matrix_form(step, self.derivation.program.tensors, self.vectors)
        return self.speller.expression(slope) if form is None else self.speller.matrix_form(form)

    def slope_matrix(self, slope: Activated) -> str:
        """Return the numbers of the derivative of an activation."""
        return shown(self.slope_values(self.slope_step(slope)), self.digits, self.vectors)

    def slope_values(self, step: Step) -> Array:
        """Return the values of a step from `slope_step`."""
        return snapped(evaluate_step(step, Scope(FLOAT, dict(self.values or {}), {})))

    def opened(self, step: Step) -> tuple[Step, dict[str, Array]]:
        """Return a step with names for the derivatives of activations, and the values with theirs."""
        assert self.values is not None  # noqa: S101  # callers ask only where there is an example
        values, expr = dict(self.values), step.expr
        for slope in self.slopes(step):
            named = self.slope_step(slope)
            values[named.tensor.name] = self.slope_values(named)
            expr = expr.xreplace({slope: element(named.tensor.name, named.indices)})
        return replace(step, expr=expr), values

    def reason(self, step: Step) -> tuple[Inline, ...]:
        """Return the rule of a step in words, its canonical names spelled in the notation."""
        return spelled_words(step.rule.statement, self)


_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def spelled_words(text: str, worked: Worked) -> tuple[Inline, ...]:
    """Return words with every canonical name in them as mathematics."""
    names = worked.derivation.program.tensors
    parts: list[Inline] = []
    done = 0
    for word in _WORD.finditer(text):
        if word.group() in names:
            if text[done : word.start()]:
                parts.append(text[done : word.start()])
            parts.append(Math(worked.plain.tensor(word.group())))
            done = word.end()
    return (*parts, text[done:]) if text[done:] else tuple(parts)
