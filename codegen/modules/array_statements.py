"""Statements of a computation with arrays, as they are collected; and names for values that have none."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, count

import sympy as sp

from codegen.modules import heads
from codegen.modules.array_calls import UFUNCS
from codegen.modules.array_instructions import OUT, Instruction, Kind
from codegen.modules.array_shapes import Shape
from codegen.modules.array_turned import Layout, Vectors

_STEMS = {
    heads.SumDown: "sum",
    heads.SumColumns: "sum",
    heads.SumRows: "sum",
    heads.SumAcross: "sum",
    heads.LargestDown: "max",
    heads.LargestInRow: "max",
    heads.Augmented: "augmented",
    heads.AugmentedRows: "augmented",
    heads.AugmentedWeights: "augmented",
}


@dataclass
class Statements:
    """The statements so far.

    Attributes
    ----------
    layout : Layout
    made : list of Instruction
    shapes : dict of str to tuple
        The shapes of the values so far, those without a name of the program included.
    names : set of str
        All names that are taken.
    comment : str
        What goes beside the next statement.
    """

    layout: Layout
    made: list[Instruction] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    comment: str = ""

    def add(self, name: str, source: str, kind: Kind) -> None:
        """Write a statement, with the comment that waits for one."""
        self.made.append(Instruction(name, source, kind, self.shapes[name], self.comment))
        self.comment = ""

    def call(self, name: str, function: str, *operands: str, kind: Kind = Kind.ELEMENTWISE) -> None:
        """Write a call that makes an array."""
        self.add(name, f"{function}({', '.join(operands)}, out={OUT})", kind)

    def product(self, name: str, function: str, *operands: str) -> None:
        """Write a call that makes an array and cannot write into one that it reads."""
        self.call(name, function, *operands, kind=Kind.PRODUCT)

    def view(self, name: str, source: str) -> None:
        """Give a part of an array a name."""
        self.add(name, source, Kind.VIEW)

    def copy(self, name: str, source: str) -> None:
        """Copy what is smaller, or a part of something, into an array."""
        self.add(name, source, Kind.COPIED)

    def fill(self, name: str, *parts: tuple[str, str]) -> None:
        """Assign to the parts of an array, which together are the whole."""
        for part, value in parts:
            self.add(name, f"{name}{part} = {value}", Kind.FILLED)

    def lasting(self, name: str, source: str, made: str) -> None:
        """Write a statement on an array of its own, which is made as said and keeps what is not assigned."""
        self.made.append(Instruction(name, source, Kind.LASTING, self.shapes[name], "", made))

    def hold(self, name: str, array: str, again: bool) -> None:
        """Limit an array from above; with one bound alone, NumPy is slow on more than a few numbers."""
        few = isinstance(self.layout, Vectors)
        function, operands = ("np.minimum", (array, "held")) if few else (f"{array}.clip", ("low", "held"))
        (self.call_again if again else self.call)(name, function, *operands)

    def change(self, name: str, operator: str, operand: str) -> None:
        """Write an operation that changes an array."""
        self.add(name, f"{name} {operator}= {operand}", Kind.CHANGED)

    def call_again(self, name: str, function: str, *operands: str) -> None:
        """Write a call into an array that is there already."""
        self.add(name, f"{function}({', '.join(operands)}, out={name})", Kind.CHANGED)

    def apply(self, name: str, function: str) -> None:
        """Write a function of an array into the array itself."""
        self.call_again(name, function, name)

    def free_name(self, stem: str, source: sp.Expr) -> str:
        """Return a name for a value that has none in the program: by what it is computed from, or ``t``."""
        inner = source.args[0] if isinstance(source, heads.Turned | heads.AsColumn) else source
        wanted = f"{stem}_{inner}" if stem and inner.is_Symbol else "t"
        names = (wanted, *(f"{wanted}_{letter}" for letter in "bcdefghijk"))
        numbered = (f"{wanted}_{number}" for number in count(1))
        name = next(n for n in chain(names, numbered) if n not in self.names)
        self.names.add(name)
        return name


def stem_of(expr: sp.Expr) -> str:
    """Return how the name of a value begins that is computed by one call, or nothing."""
    return _STEMS.get(expr.func) or UFUNCS.get(expr.func, "").removeprefix("np.")
