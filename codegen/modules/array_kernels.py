"""The computations of an array module: a loss with its gradient, for a batch and for one sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from codegen.modules.array_augmented import augmented
from codegen.modules.array_buffers import Buffer, assigned
from codegen.modules.array_instructions import Definition, Instruction, Kind
from codegen.modules.array_turned import Layout, Vectors
from codegen.modules.array_writer import instructions
from codegen.modules.lines import Line

LOSS = "L"


@dataclass(frozen=True)
class Kernel:
    """A loss with its gradient, in given arrays.

    Attributes
    ----------
    loss, backward : list of Line
        Up to the loss, and what follows.
    buffers : list of Buffer
        What it writes to beside the gradient.
    constants : list of str
        The names of numbers and of arrays of ones that it reads: ``N``, ``one``, ``ones_10``.
    augmented : dict of str to str
        The derivatives by weights that are parts of an array whose last row is that by the biases: its name.
    """

    loss: list[Line]
    backward: list[Line]
    buffers: list[Buffer]
    constants: list[str]
    augmented: dict[str, str] = field(default_factory=dict)

    def numbers(self, samples: sp.Symbol) -> int:
        """Return how many numbers it keeps in memory for each sample."""
        sizes = (sp.Mul(*buffer.whole) for buffer in self.buffers)
        return int(sum(size / samples for size in sizes if size.has(samples)))

    @property
    def lines(self) -> list[Line]:
        """All lines."""
        return [*self.loss, *self.backward]

    @property
    def uses(self) -> frozenset[str]:
        """All names that it reads."""
        return frozenset(name for line in self.lines for name in line.uses)


def kernel(
    exprs: Mapping[str, sp.Expr],
    comments: Mapping[str, str],
    layout: Layout,
    gradient: Sequence[str],
) -> Kernel:
    """Return the computation of a loss and its derivatives.

    Parameters
    ----------
    exprs : mapping of str to sympy.Expr
        The values to compute, in order, as expressions with a row for each sample.
    comments : mapping of str to str
        The formula of each.
    layout : Layout
    gradient : sequence of str
        The names of the derivatives.

    Raises
    ------
    NoArrayFormError
        If a value cannot be computed where arrays lie so.
    """
    definitions = [
        Definition(name, layout.placed(name, expr), comments[name]) for name, expr in exprs.items()
    ]
    definitions, wholes = augmented(definitions, layout, gradient)
    statements = [*_turned_data(layout), *instructions(definitions, layout)]
    made = assigned(statements, [*gradient, *wholes.values()])
    end = next(number for number, line in enumerate(made.lines) if line.target == LOSS) + 1
    used = {name for line in made.lines for name in line.uses}
    constants = sorted(name for name in used if re.fullmatch(r"N|one|low|held|ones(_\d+)?", name))
    return Kernel(made.lines[:end], made.lines[end:], made.buffers, constants, wholes)


_DATA = {"x": "inputs", "y": "targets"}
"""What is given with a row for each sample, and what it is called with a row for each unit."""


def _turned_data(layout: Layout) -> list[Instruction]:
    """Return what turns inputs and targets: a copy, for passes over an array that lies otherwise are slow."""
    if isinstance(layout, Vectors):
        return []
    found = []
    for name, turned in _DATA.items():
        if name in layout.turned:
            shape, comment = layout.shape(name), f"the {turned}, with a row for each unit"
            found += [
                Instruction(turned, f"{turned}[...] = {name}.T", Kind.FILLED, shape, comment),
                Instruction(name, turned, Kind.VIEW, shape),
            ]
    return found
