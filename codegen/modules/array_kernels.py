"""The computations of an array module: a loss with its gradient, for a batch and for one sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

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
    """

    loss: list[Line]
    backward: list[Line]
    buffers: list[Buffer]
    constants: list[str]

    def numbers(self, samples: sp.Symbol) -> int:
        """Return how many numbers it keeps in memory for each sample."""
        sizes = (sp.Mul(*buffer.shape) for buffer in self.buffers)
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
    made = assigned([*_turned_targets(layout), *instructions(definitions, layout)], gradient)
    end = next(number for number, line in enumerate(made.lines) if line.target == LOSS) + 1
    used = {name for line in made.lines for name in line.uses}
    constants = sorted(name for name in used if re.fullmatch(r"N|one|low|held|ones(_\d+)?", name))
    return Kernel(made.lines[:end], made.lines[end:], made.buffers, constants)


def _turned_targets(layout: Layout) -> list[Instruction]:
    """Return what turns the targets: a copy, for passes over an array that lies otherwise are slow."""
    if isinstance(layout, Vectors) or "y" not in layout.turned:
        return []
    shape = layout.shape("y")
    return [
        Instruction(
            "targets", "targets[...] = y.T", Kind.FILLED, shape, "the targets, with a row for each unit"
        ),
        Instruction("y", "targets", Kind.VIEW, shape),
    ]
