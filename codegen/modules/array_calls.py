"""Which calls of NumPy compute an array expression into a given array.

Each rule writes the statements of one kind of node: the first makes the array, those after it change it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import sympy as sp

from codegen.modules import heads
from codegen.modules.array_arithmetic import write_power, write_product, write_sum
from codegen.modules.array_instructions import Kind
from codegen.modules.array_layout import FEW_SAMPLES, MANY_WEIGHTS, PADDED_FROM, THIN, TURNED_FROM
from codegen.modules.array_shapes import Shape, shape_text
from derive.functions import Expm1

if TYPE_CHECKING:
    from codegen.modules.array_writer import Writer


Rule = Callable[["Writer", str, sp.Expr], None]
"""Writes the statements that leave an expression in the array of a name."""

UFUNCS: Mapping[type, str] = {
    **{
        getattr(sp, name): f"np.{spelled}"
        for name, spelled in (
            ("exp", "exp"),
            ("log", "log"),
            ("tanh", "tanh"),
            ("sinh", "sinh"),
            ("cosh", "cosh"),
            ("sin", "sin"),
            ("cos", "cos"),
            ("tan", "tan"),
            ("atan", "arctan"),
            ("Abs", "abs"),
            ("sign", "sign"),
        )
    },
    Expm1: "np.expm1",
    heads.Log1p: "np.log1p",
}
"""Functions that NumPy computes element by element into a given array."""


def _extreme(function: str) -> Rule:
    def rule(writer: Writer, name: str, expr: sp.Expr) -> None:
        first, *rest = sorted(expr.args, key=lambda arg: (arg.is_number, str(arg)))
        if writer.starts(name, first):
            writer.into(name, first)
        else:
            operand, second = writer.beside(name, first), writer.beside(name, rest.pop(0))
            writer.call(name, function, operand, second)
        for other in rest:
            writer.call_again(name, function, name, writer.beside(name, other))

    return rule


def _held(writer: Writer, name: str, expr: sp.Expr) -> None:
    """Write an exponential that does not overflow."""
    argument = expr.args[0]
    if writer.starts(name, argument):
        writer.into(name, argument)
        writer.hold(name, name, again=True)
    else:
        writer.hold(name, writer.receiver(argument), again=False)
    writer.apply(name, "np.exp")


def _falling(writer: Writer, name: str, expr: sp.Expr) -> None:
    writer.applied(name, "np.abs", expr.args[0])
    writer.apply(name, "np.negative")
    writer.apply(name, "np.exp")


def _method(name_of_method: str, *arguments: str) -> Rule:
    def rule(writer: Writer, name: str, expr: sp.Expr) -> None:
        array = writer.receiver(expr.args[0])
        writer.product(name, f"{array}.{name_of_method}", *arguments)

    return rule


def _largest_down(writer: Writer, name: str, expr: sp.Expr) -> None:
    """Write the largest of each column; of two rows, a call on both takes half as long as a reduction."""
    array = writer.receiver(expr.args[0])
    if writer.shape(expr.args[0])[:-1] == (2,):
        writer.product(name, "np.maximum", f"{array}[0]", f"{array}[1]")
    else:
        writer.product(name, f"{array}.max", "axis=0")


def _dot(writer: Writer, name: str, expr: sp.Expr) -> None:
    left, right = writer.receiver(expr.args[0]), writer.receiver(expr.args[1])
    if _is_of_few(writer, expr):
        weights = writer.receiver(expr.args[1].args[0])
        writer.product(name, "_times_turned", left, weights, _scratch(writer, name))
        return
    if _is_thin(writer, expr):
        right = _turned(writer, expr.args[1], right)
    writer.product(name, f"{left}.dot", right)


def _is_of_few(writer: Writer, expr: sp.Expr) -> bool:
    """Whether it is ``d W.T`` with a row for each sample, and many weights."""
    left, right = expr.args
    if not left.is_Symbol or not writer.layout.has_samples(left.name):
        return False
    if not isinstance(right, heads.Turned) or not right.args[0].is_Symbol:
        return False
    weights = right.args[0].name
    return not writer.layout.has_samples(weights) and bool(sp.Mul(*writer.shape(right)) >= MANY_WEIGHTS)


def _scratch(writer: Writer, name: str) -> str:
    """Reserve an array for the transpose of a product, where there are few samples."""
    scratch, shape = writer.free_name("turned", sp.Symbol(name, real=True)), writer.shapes[name][::-1]
    writer.shapes[scratch] = shape
    where = f"dtype is _F32 and N <= {FEW_SAMPLES}"
    writer.lasting(scratch, "", f"np.empty({shape_text(shape)}, dtype) if {where} else None")
    return scratch


def _is_thin(writer: Writer, expr: sp.Expr) -> bool:
    """Whether both factors are transposes, of few rows each, and the second holds parameters."""
    both = all(isinstance(factor, heads.Turned) and factor.args[0].is_Symbol for factor in expr.args)
    if not both or writer.layout.has_samples(str(expr.args[1].args[0])):
        return False
    return bool(writer.shape(expr.args[1])[0] <= THIN)


def _turned(writer: Writer, expr: sp.Expr, text: str) -> str:
    """Write what copies a transpose where there are samples enough for that to pay."""
    turned, shape = writer.free_name("turned", expr), writer.shape(expr)
    writer.shapes[turned] = shape
    samples = -(-TURNED_FROM // int(shape[1]))
    made = f"np.empty({shape_text(shape)}, dtype) if N >= {samples} else None"
    writer.lasting(turned, f"{turned} = _turned({text}, {turned})", made)
    return turned


def _outer(writer: Writer, name: str, expr: sp.Expr) -> None:
    left, right = (writer.receiver(arg) for arg in expr.args)
    rows, columns = (writer.shape(arg)[0] for arg in expr.args)
    if rows * columns < PADDED_FROM:
        writer.product(name, f"{left}[:, None].dot", f"{right}[None]")
        return
    column = _padded(writer, expr.args[0], left, (rows, sp.Integer(2)), "[:, 0]")
    row = _padded(writer, expr.args[1], right, (sp.Integer(2), columns), "[0]")
    writer.product(name, f"{column}.dot", row)


def _padded(writer: Writer, expr: sp.Expr, text: str, shape: Shape, place: str) -> str:
    """Write a vector beside zeros, for products of one column are slow."""
    padded = writer.free_name("padded", writer.leaf(expr))
    writer.shapes[padded] = shape
    writer.lasting(padded, f"{padded}{place} = {text}", f"np.zeros({shape_text(shape)}, dtype)")
    return padded


def _sum_rows(writer: Writer, name: str, expr: sp.Expr) -> None:
    writer.product(name, "ones.dot", writer.receiver(expr.args[0]))


def _sum_columns(writer: Writer, name: str, expr: sp.Expr) -> None:
    array = writer.receiver(expr.args[0])
    writer.product(name, f"{array}.dot", f"{writer.ones(expr.args[0], -1)}[:, None]")


def _sum_down(writer: Writer, name: str, expr: sp.Expr) -> None:
    array = writer.receiver(expr.args[0])
    writer.product(name, f"{writer.ones(expr.args[0], 0)}.dot", array)


def _einsum(writer: Writer, name: str, expr: sp.Expr) -> None:
    spec, *operands = expr.args
    writer.product(name, "np.einsum", f'"{spec}"', *(writer.receiver(operand) for operand in operands))


def _with_one(ones: str, rest: str) -> Rule:
    def rule(writer: Writer, name: str, expr: sp.Expr) -> None:
        array = writer.operand(expr.args[0])
        writer.fill(name, (ones, "1"), (rest, array))

    return rule


def _augmented(writer: Writer, name: str, expr: sp.Expr) -> None:
    writer.add(name, writer.receiver(expr.args[0]), Kind.AUGMENTED)


def _augmented_rows(writer: Writer, name: str, expr: sp.Expr) -> None:
    made = f"_beside_ones(empty({shape_text(writer.shapes[name])}, dtype))"
    writer.lasting(name, f"{name}[:, :-1] = {writer.receiver(expr.args[0])}", made)


def _augmented_weights(writer: Writer, name: str, expr: sp.Expr) -> None:
    weights, biases = (writer.operand(arg) for arg in expr.args)
    writer.fill(name, ("[:-1]", weights), ("[-1]", biases))


def _part(text: str) -> Rule:
    return lambda writer, name, expr: writer.view(name, f"{writer.receiver(expr.args[0])}{text}")


def _copied(text: str) -> Rule:
    """Write a part that is no one stretch of memory as a copy, for passes over it are slow."""
    return lambda writer, name, expr: writer.copy(name, f"{writer.receiver(expr.args[0])}{text}")


CALLS: Mapping[type, Rule] = {
    sp.Add: write_sum,
    sp.Mul: write_product,
    sp.Pow: write_power,
    sp.Max: _extreme("np.maximum"),
    sp.Min: _extreme("np.minimum"),
    heads.ExpHeld: _held,
    heads.ExpMinusAbs: _falling,
    heads.Dot: _dot,
    heads.Outer: _outer,
    heads.SumRows: _sum_rows,
    heads.SumAcross: _method("dot", "ones"),
    heads.SumColumns: _sum_columns,
    heads.SumDown: _sum_down,
    heads.LargestInRow: _method("max", "axis=1", "keepdims=True"),
    heads.LargestDown: _largest_down,
    heads.Einsum: _einsum,
    heads.WithOne: _with_one("[:, 0]", "[:, 1:]"),
    heads.WithOneAbove: _with_one("[0]", "[1:]"),
    heads.Augmented: _augmented,
    heads.AugmentedRows: _augmented_rows,
    heads.AugmentedWeights: _augmented_weights,
    heads.Tail: _copied("[:, 1:]"),
    heads.TailBelow: _part("[1:]"),
}
"""For each kind of node the rule that writes it."""
