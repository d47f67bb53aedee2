"""From arrays with a row for each sample to arrays as they lie in memory: turned, or vectors of one sample.

The expressions of `codegen.modules.array_forms` are matrix algebra, so turning them is algebra too:
the transpose of a product is the product of the transposes in reverse order, that of a sum over rows is a sum
over columns, and what works element by element works on the transposes as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from codegen.modules.array_forms import NoArrayFormError, product
from codegen.modules.heads import (
    AsColumn,
    Dot,
    Einsum,
    LargestDown,
    LargestInRow,
    Outer,
    SumAcross,
    SumAll,
    SumColumns,
    SumDown,
    SumRows,
    Tail,
    TailBelow,
    Turned,
    WithOne,
    WithOneAbove,
)
from derive.program import Tensor

_TURNED: dict[type, type] = {
    SumColumns: SumDown,
    LargestInRow: LargestDown,
    WithOne: WithOneAbove,
    Tail: TailBelow,
}
"""What a call on an array with a row for each sample is on its transpose."""


@dataclass(frozen=True)
class Layout:
    """How the arrays of a program lie.

    Attributes
    ----------
    tensors : mapping of str to Tensor
    samples : sympy.Symbol
        The number of samples.
    turned : frozenset of str
        Those with a row for each unit; those with one number for a sample have no second axis then.
    """

    tensors: Mapping[str, Tensor]
    samples: sp.Symbol
    turned: frozenset[str]

    def has_samples(self, name: str) -> bool:
        """Whether a tensor has an axis for the samples."""
        return name in self.tensors and self.tensors[name].shape[:1] == (self.samples,)

    def shape(self, name: str) -> tuple[sp.Expr, ...]:
        """Return the shape of the array that holds a tensor."""
        shape = self.tensors[name].shape if name in self.tensors else ()
        if not self.has_samples(name):
            return shape
        if name in self.turned:
            return shape[::-1]
        return shape if len(shape) == 2 else (*shape, sp.Integer(1))

    def placed(self, name: str, expr: sp.Expr) -> sp.Expr:
        """Return what the array of a tensor holds, from its expression with a row for each sample.

        Raises
        ------
        NoArrayFormError
            If arrays that lie so cannot be combined.
        """
        return self._turn(expr) if name in self.turned else self._keep(expr)

    def _keep(self, expr: sp.Expr) -> sp.Expr:
        if expr.is_Symbol:
            if not self.has_samples(expr.name) or expr.name not in self.turned:
                return expr
            return (Turned if len(self.tensors[expr.name].shape) == 2 else AsColumn)(expr)
        if not expr.args:
            return expr
        if isinstance(expr, Turned):
            return self._turn(expr.args[0])
        if isinstance(expr, SumRows):
            inner = expr.args[0]
            return SumAcross(self._turn(inner)) if self._lies_turned(inner) else SumRows(self._keep(inner))
        if isinstance(expr, SumAll):
            return SumAll(self._inside(expr.args[0]))
        if isinstance(expr, Einsum):
            return self._einsum(expr, turn=False)
        return _rebuilt(expr, [self._keep(arg) for arg in expr.args])

    def _turn(self, expr: sp.Expr) -> sp.Expr:
        if expr.is_Symbol:
            if self.has_samples(expr.name):
                return expr if expr.name in self.turned else Turned(expr)
            axes = len(self.shape(expr.name))
            return (expr, AsColumn(expr), Turned(expr))[axes]
        if not expr.args:
            return expr
        if isinstance(expr, Turned):
            return self._keep(expr.args[0])
        if isinstance(expr, Dot):
            left, right = expr.args
            return Dot(self._turn(right), self._turn(left))
        if isinstance(expr, SumRows):
            return AsColumn(self._keep(expr))
        if isinstance(expr, SumAll):
            return self._keep(expr)
        if isinstance(expr, Einsum):
            return self._einsum(expr, turn=True)
        kind = _TURNED.get(expr.func)
        if kind is not None:
            return kind(self._turn(expr.args[0]))
        return _rebuilt(expr, [self._turn(arg) for arg in expr.args])

    def _inside(self, expr: sp.Expr) -> sp.Expr:
        """Return what is summed over all axes, in either orientation: that of most of its arrays."""
        return self._turn(expr) if self._lies_turned(expr) else self._keep(expr)

    def _lies_turned(self, expr: sp.Expr) -> bool:
        names = [s.name for s in expr.free_symbols if self.has_samples(s.name)]
        return bool(names) and 2 * sum(name in self.turned for name in names) > len(names)

    def _einsum(self, expr: sp.Expr, turn: bool) -> sp.Expr:
        spec, *operands = expr.args
        sources, _, result = str(spec).partition("->")
        letters = [
            word[::-1] if str(operand) in self.turned else word
            for word, operand in zip(sources.split(","), operands, strict=True)
        ]
        return Einsum(sp.Symbol(f"{','.join(letters)}->{result[::-1] if turn else result}"), *operands)


@dataclass(frozen=True)
class Vectors(Layout):
    """One sample: what has an axis for the samples lies turned, and has lost that axis."""

    def shape(self, name: str) -> tuple[sp.Expr, ...]:
        """Return the shape of the array that holds a tensor."""
        shape = self.tensors[name].shape if name in self.tensors else ()
        return shape[1:] if self.has_samples(name) else shape

    def placed(self, name: str, expr: sp.Expr) -> sp.Expr:
        """Return what the array of a tensor holds, of one sample."""
        return self._of_one(super().placed(name, expr))

    def _is_vector(self, expr: sp.Expr) -> bool:
        return any(self.has_samples(s.name) for s in expr.free_symbols)

    def _of_one(self, expr: sp.Expr) -> sp.Expr:
        if expr == self.samples:
            return sp.Integer(1)
        if not expr.args:
            return expr
        if isinstance(expr, Einsum):
            return self._einsum_of_one(expr)
        if isinstance(expr, Turned) and self._is_vector(expr):
            raise NoArrayFormError(f"the transpose of a vector stands alone in {expr}")
        if isinstance(expr, Dot):
            left, right = expr.args
            if isinstance(right, Turned) and self._is_vector(right):
                return Outer(self._of_one(left), self._of_one(right.args[0]))
            if isinstance(left, Turned) and self._is_vector(right):
                return Dot(self._of_one(right), left.args[0])
        args = [self._of_one(arg) for arg in expr.args]
        if isinstance(expr, AsColumn | SumAcross):
            return args[0]
        return _rebuilt(expr, args)

    def _einsum_of_one(self, expr: sp.Expr) -> sp.Expr:
        spec, *operands = expr.args
        sources, _, result = str(spec).partition("->")
        words = sources.split(",")
        dropped = {
            word[-1] for word, operand in zip(words, operands, strict=True) if self.has_samples(str(operand))
        }
        text = f"{','.join(words)}->{result}"
        return Einsum(sp.Symbol("".join(c for c in text if c not in dropped)), *operands)


def _rebuilt(expr: sp.Expr, args: list[sp.Expr]) -> sp.Expr:
    if args == list(expr.args):
        return expr
    if isinstance(expr, sp.Mul):
        return product(args)
    return expr.func(*args)
