"""From steps to array expressions: matrix algebra where it is proved, aligned axes elsewhere.

How arrays are stored: what has a row for each sample has two axes, also where there is one number for a
sample (then the last has length 1); what has one number for a unit has one axis. So everything that
belongs together broadcasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from codegen.modules.heads import (
    Dot,
    Einsum,
    LargestInRow,
    SumAll,
    SumColumns,
    SumRows,
    Turned,
    WithOne,
)
from codegen.modules.heads import Tail as WithoutFirst
from derive.building import rebuilt, replaced
from derive.functions import IndexMax
from derive.matrix import (
    Broadcast,
    Elementwise,
    Form,
    Hadamard,
    Name,
    Plus,
    PrependOne,
    Product,
    Scalar,
    SumOver,
    Tail,
    Transpose,
    holds,
    matrix_form,
)
from derive.program import Step, Tensor, name_of

Axes = tuple[str | None, str | None]
"""What runs along the rows and the columns: ``samples``, ``units`` or nothing (length 1)."""


class NoArrayFormError(ValueError):
    """A step that cannot be written with whole arrays."""


@dataclass(frozen=True)
class _Array:
    """An array expression, and what runs along its axes when it is seen as a matrix."""

    expr: sp.Expr
    axes: Axes = (None, None)


def array_expression(step: Step, tensors: Mapping[str, Tensor], samples: sp.Symbol, vectors: str) -> sp.Expr:
    """Return a step in whole arrays: symbols for tensors, and the heads of `codegen.modules.heads`.

    Parameters
    ----------
    step : Step
        Of a program with the number of samples `samples`.
    tensors : mapping of str to Tensor
    samples : sympy.Symbol
    vectors : {"column", "row"}
        How a tensor with one axis stands as a matrix.

    Raises
    ------
    NoArrayFormError
        If there is no matrix form, and the indices do not fit the axes of arrays either.
    """
    form = matrix_form(step, tensors, vectors)
    if form is not None and holds(step, form, tensors, vectors):
        try:
            return _Forms(tensors, samples, vectors).of(form).expr
        except NoArrayFormError:
            pass  # vectors of samples lie across here: indices say better what broadcasts
    return _aligned(step.expr, step.indices, tensors, samples)


def symbol(name: str) -> sp.Symbol:
    """Return the symbol that stands for a tensor in an array expression."""
    return sp.Symbol(name, real=True)


@dataclass(frozen=True)
class _Forms:
    tensors: Mapping[str, Tensor]
    samples: sp.Symbol
    vectors: str

    def of(self, form: Form) -> _Array:
        match form:
            case Name(name):
                return _Array(symbol(name), self.axes_of(name))
            case Scalar(value):
                return _Array(value)
            case Transpose(inner):
                return _turned(self.of(inner))
            case Product(left, right):
                a, b = self.of(left), self.of(right)
                if None in (*a.axes, *b.axes):
                    raise NoArrayFormError
                return _Array(Dot(a.expr, b.expr), (a.axes[0], b.axes[1]))
            case Hadamard(factors):
                return _joined([self.of(f) for f in factors], product)
            case Plus(terms):
                return _joined([self.of(t) for t in terms], lambda parts: sp.Add(*parts))
            case Elementwise(expr, slots, inner_forms):
                parts = [self.of(f) for f in inner_forms]
                return _joined(parts, lambda found: replaced(expr, dict(zip(slots, found, strict=True))))
            case SumOver(inner, axis):
                return _summed(self.of(inner), axis)
            case Broadcast(inner, _):
                return self.of(inner)
            case PrependOne(inner, axis):
                return _extended(self.of(inner), axis, WithOne)
            case Tail(inner, axis):
                return _extended(self.of(inner), axis, WithoutFirst)
        raise NoArrayFormError

    def axes_of(self, name: str) -> Axes:
        kinds = ["samples" if extent == self.samples else "units" for extent in self.tensors[name].shape]
        if len(kinds) == 2:
            return kinds[0], kinds[1]
        if not kinds:
            return None, None
        return (kinds[0], None) if self.vectors == "column" else (None, kinds[0])


def product(factors: list[sp.Expr]) -> sp.Expr:
    """Return a product in which a number is not multiplied out over a sum."""
    made = sp.Mul(*factors)
    if isinstance(made, sp.Add):
        numbers = [f for f in factors if f.is_number]
        rest = [f for f in factors if not f.is_number]
        if numbers and sp.Mul(*numbers) != -1:
            return sp.Mul(sp.Mul(*numbers), sp.Mul(*rest), evaluate=False)
    return made


def _turned(array: _Array) -> _Array:
    axes = array.axes[::-1]
    if None in axes:
        return _Array(array.expr, axes)
    return _Array(array.expr.args[0] if isinstance(array.expr, Turned) else Turned(array.expr), axes)


def _joined(parts: list[_Array], build: Callable[[list[sp.Expr]], sp.Expr]) -> _Array:
    """Combine arrays element by element; their storage has to broadcast as their matrices do."""
    axes: list[str | None] = [None, None]
    for part in parts:
        for place, kind in enumerate(part.axes):
            if kind is not None and axes[place] not in (None, kind):
                raise NoArrayFormError
            axes[place] = axes[place] or kind
    whole = None not in axes
    for part in parts:
        stored_as_row = part.axes == (None, "units")
        stored_as_column = part.axes == ("samples", None)
        if whole and None in part.axes and any(part.axes) and not (stored_as_row or stored_as_column):
            raise NoArrayFormError
    return _Array(build([part.expr for part in parts]), (axes[0], axes[1]))


def _summed(array: _Array, axis: int) -> _Array:
    """Sum along an axis of the matrix, which is the other axis of the array where that lies across."""
    if isinstance(array.expr, Turned):
        inner = _summed(_turned(array), 1 - axis)
        return _Array(inner.expr, inner.axes[::-1])
    if isinstance(array.expr, SumColumns | SumRows) and axis == (0 if array.axes[1] is None else 1):
        return _Array(SumAll(array.expr.args[0]))
    if None in array.axes:
        raise NoArrayFormError
    left: Axes = (None, array.axes[1]) if axis == 0 else (array.axes[0], None)
    if left not in ((None, "units"), ("samples", None)):
        raise NoArrayFormError
    return _Array((SumRows if axis == 0 else SumColumns)(array.expr), left)


def _extended(array: _Array, axis: int, head: type[sp.Function]) -> _Array:
    if array.axes != ("samples", "units") or axis != 1 or isinstance(array.expr, Turned):
        raise NoArrayFormError
    return _Array(head(array.expr), array.axes)


def _aligned(
    expr: sp.Expr, where: tuple[sp.Symbol, ...], tensors: Mapping[str, Tensor], samples: sp.Symbol
) -> sp.Expr:
    """Write an expression in which each index has its own axis: the sample, and the one unit in scope."""
    if isinstance(expr, sp.Sum):
        return _aligned_sum(expr, where, tensors, samples)
    if isinstance(expr, IndexMax):
        ((k, _, _),) = expr.limits
        return LargestInRow(_aligned(expr.body, (*where, k), tensors, samples))
    if isinstance(expr, sp.Indexed):
        if not tensors[name_of(expr)].shape:
            return symbol(name_of(expr))
        if any(k not in where for k in expr.indices) or expr.indices != where[-len(expr.indices) :]:
            of_samples = tensors[name_of(expr)].shape == (samples,)
            if not (of_samples and expr.indices == where[:1]):
                raise NoArrayFormError(f"the indices of {expr} do not fit the axes of an array")
        return symbol(name_of(expr))
    if not expr.args:
        if expr in where:
            raise NoArrayFormError(f"the index {expr} stands alone")
        return expr
    if isinstance(expr, sp.Mul):
        return product([_aligned(arg, where, tensors, samples) for arg in expr.args])
    if type(expr) is sp.Tuple:
        return expr
    return rebuilt(expr, [_aligned(arg, where, tensors, samples) for arg in expr.args])


def _aligned_sum(
    expr: sp.Sum, where: tuple[sp.Symbol, ...], tensors: Mapping[str, Tensor], samples: sp.Symbol
) -> sp.Expr:
    bound = [k for k, _, _ in expr.limits]
    if any(low != 0 for _, low, _ in expr.limits):
        raise NoArrayFormError("a sum that does not start at 0")
    over_samples = [k for k, _, high in expr.limits if high == samples - 1]
    over_units = [k for k in bound if k not in over_samples]
    factors = sp.Mul.make_args(expr.function)
    try:
        if len(over_units) > 1 or len(over_samples) > 1:
            raise NoArrayFormError
        outer = where[:1] if where and not over_samples else ()
        inside = _aligned(
            expr.function, (*outer, *over_samples, *(over_units or where[-1:])), tensors, samples
        )
    except NoArrayFormError:
        if not all(isinstance(f, sp.Indexed) for f in factors):
            raise
        if any(tensors[name_of(f)].shape == (samples,) for f in factors):
            raise
        return _einsum(factors, where)
    if over_units and over_samples:
        return SumAll(inside)
    return SumRows(inside) if over_samples else SumColumns(inside)


def _einsum(factors: tuple[sp.Expr, ...], where: tuple[sp.Symbol, ...]) -> sp.Expr:
    letters = list(dict.fromkeys(k for f in factors for k in f.indices))
    name = {k: "abcdefghijklmnopqrstuvwxyz"[place] for place, k in enumerate(letters)}
    spec = ",".join("".join(name[k] for k in f.indices) for f in factors)
    result = "".join(name[k] for k in where)
    return Einsum(sp.Symbol(f"{spec}->{result}"), *(symbol(name_of(f)) for f in factors))
