"""One sample, unrolled: every element is a float with a name of its own, and every line one assignment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from codegen.modules.comments import index_form
from codegen.modules.groups import Group, elements_text, inlined, needed_groups, text
from codegen.modules.lines import Line
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
        results = self.values(*(t for t in tensors if self.program.tensors[t].role is not Role.UPDATED))
        return text(needed_groups(self.groups, tensors, results), indent)

    def step(self, indent: int = 4) -> list[str]:
        """Return the lines that compute the loss and give each parameter its new value."""
        return text(self._stepping(), indent)

    def step_apart(self, indent: int = 4) -> tuple[list[str], list[str]]:
        """Return the lines that compute the loss and what its gradient takes, and those of the new values.

        The latter are the elements of a tuple: a formula above those of each parameter, a comma after each.
        """
        groups = self._stepping()
        apart = [group for group in groups if not group.updates]
        return text(apart, indent), elements_text((group for group in groups if group.updates), indent + 4)

    def _stepping(self) -> list[Group]:
        """Return what a step of gradient descent takes: a derivative by a parameter stands in its update."""
        slopes = {adjoint_name(name) for name in self.parameters}
        groups = inlined(self.groups, slopes, self.elements(*self.parameters))
        return needed_groups(groups, ["L", *map(updated_name, self.parameters)], self.values("L"))


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
            value = emit(dict(zip(step.indices, where, strict=True)))
            if _ATOM.fullmatch(value.source) and value.source not in lasting and target == tensor.name:
                names.same[element] = value
            else:
                lines.append(Line(element, value.source))
        original = shown.get(tensor.name, step)
        yield Group(step, index_form(original, program.tensors), tuple(lines))


def _elements(name: str, program: Program, names: Names) -> list[str]:
    return [names.element(name, where) for where in _places(program.tensors[name])]


def _places(tensor: Tensor) -> Iterator[tuple[int, ...]]:
    return product(*(range(int(extent)) for extent in tensor.shape))
