"""One sample, unrolled: every element is a float with a name of its own, and every line one assignment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from codegen.modules.comments import index_form
from codegen.modules.lines import WIDTH, Line, broken, needed, wrapped
from codegen.modules.lowering import Taste, lowered
from codegen.modules.scalar_dialect import HELPERS, MATH, Names, dialect
from codegen.modules.sharing import totals_apart
from codegen.modules.writing import Text
from derive.adjoint import adjoint_name
from derive.optimizers import updated_name
from derive.program import Program, Role, Step, Tensor

TASTE = Taste(sums_from=2, square_counts=2, branchless=False, growing=True)
_INSIDE = {"_log_softplus_of": {"exp", "log", "log1p"}, "_sign_of": set()}
"""What each helper calls."""

_ATOM = re.compile(r"[A-Za-z_]\w*|\d[\d.e+-]*")


@dataclass(frozen=True)
class Group:
    """The lines of one step, below its index form."""

    step: Step
    comment: str
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """The tensor that the step defines."""
        return self.step.tensor.name

    @property
    def updates(self) -> bool:
        """Whether the step gives a parameter its new value."""
        return self.step.tensor.role is Role.UPDATED


@dataclass(frozen=True)
class Unrolled:
    """The loss of one sample, its gradient and a step of gradient descent, element by element.

    Attributes
    ----------
    program : Program
        What is unrolled, in terms of the calls of `codegen.modules.scalar_dialect`.
    names : Names
    groups : tuple of Group
        In the order of the program. The lines of an update give a parameter its new value.
    """

    program: Program
    names: Names
    groups: tuple[Group, ...]

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters."""
        return [tensor.name for tensor in self.program.with_role(Role.PARAMETER)]

    def elements(self, *tensors: str) -> list[str]:
        """Return the names of all elements of some tensors."""
        return [element for tensor in tensors for element in _elements(tensor, self.program, self.names)]

    def values(self, *tensors: str) -> list[str]:
        """Return what holds the value of each element of some tensors."""
        return [self.names.same.get(e, Text(e)).source for e in self.elements(*tensors)]

    @property
    def computed(self) -> list[Step]:
        """The steps of the loss and its gradient."""
        return [step for step in self.program.steps if step.tensor.role is not Role.UPDATED]

    def body(self, tensors: Collection[str], indent: int = 4) -> list[str]:
        """Return the lines that compute some tensors, each step below its formula.

        A step whose elements all have a name already is a formula without lines.
        """
        groups = [g for g in self.groups if not g.updates or g.name in tensors]
        results = [line.target for group in groups if group.updates for line in group.lines]
        results += self.values(*(t for t in tensors if self.program.tensors[t].role is not Role.UPDATED))
        kept = set(needed([line for group in groups for line in group.lines], results))
        used, shown = set(tensors), []
        for group in reversed(groups):
            lines = [line for line in group.lines if line in kept]
            if lines or (not group.lines and group.name in used):
                used |= group.step.uses
                shown.append((group.comment, lines))
        margin = " " * indent
        return [
            text
            for comment, lines in reversed(shown)
            for text in (
                *(f"{margin}# {part}" for part in broken(comment, WIDTH - indent - 2)),
                *(p for line in lines for p in wrapped(f"{margin}{line.target} = {line.source}", indent)),
            )
        ]

    def step(self, indent: int = 4) -> list[str]:
        """Return the lines that compute the loss and give each parameter its new value."""
        return self.body(["L", *map(updated_name, self.parameters)], indent)


def unrolled(numeric: Program, forward: Sequence[str]) -> Unrolled:
    """Return a program for one sample unrolled.

    Parameters
    ----------
    numeric : Program
        Such as `Derivation.numeric`: a loss ``L``, its gradient, and updates of the parameters.
    forward : sequence of str
        What is wanted beside these.
    """
    parameters = [tensor.name for tensor in numeric.with_role(Role.PARAMETER)]
    wanted = ["L", *map(adjoint_name, parameters), *forward, *map(updated_name, parameters)]
    program = lowered(totals_apart(numeric.needed_for(wanted)), TASTE)
    names = Names(program.tensors)
    return Unrolled(program, names, tuple(_groups(program, numeric, names)))


def calls(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the functions of `math`, and the helpers of `scalar_dialect`, that some lines call."""
    called = {word for line in lines for word in re.findall(r"\b(\w+)\(", line)}
    helpers = [name for name in HELPERS.values() if name in called]
    for name in helpers:
        called |= _INSIDE[name]
    return [name for name in MATH if name in called], helpers


def _groups(program: Program, numeric: Program, names: Names) -> Iterator[Group]:
    shown = {step.tensor.name: step for step in numeric.steps}
    own = {e for tensor in program.with_role(Role.PARAMETER) for e in _elements(tensor.name, program, names)}
    spelled = dialect(names)
    for step in program.steps:
        emit, tensor = spelled.compile(step.expr), step.tensor
        target = str(tensor.of) if tensor.role is Role.UPDATED else tensor.name
        # Parameters change in place: a derivative that equals one has a variable of its own.
        lasting = own if tensor.role is Role.ADJOINT else frozenset()
        lines = []
        for where in _places(tensor):
            element = names.element(target, where)
            text = emit(dict(zip(step.indices, where, strict=True)))
            if _ATOM.fullmatch(text.source) and text.source not in lasting and target == tensor.name:
                names.same[element] = text
            else:
                lines.append(Line(element, text.source))
        original = shown.get(tensor.name, step)
        yield Group(step, index_form(original, program.tensors), tuple(lines))


def _elements(name: str, program: Program, names: Names) -> list[str]:
    return [names.element(name, where) for where in _places(program.tensors[name])]


def _places(tensor: Tensor) -> Iterator[tuple[int, ...]]:
    return product(*(range(int(extent)) for extent in tensor.shape))
