"""How sums, products and powers of arrays are computed into a given array, one operation after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import sympy as sp

from codegen.modules.writing import ordered_terms, quotient
from derive.nodes import nodes

if TYPE_CHECKING:
    from codegen.modules.array_writer import Writer


class NoCallError(Exception):
    """An expression is no chain of calls that write into one array."""


def write_sum(writer: Writer, name: str, expr: sp.Expr) -> None:
    """Write a sum in the order of its terms, for the order decides about digits."""
    terms = ordered_terms(writer.with_partial_sums(expr))
    if not writer.fills(name, *(term for _, term in terms[:2])):
        whole = [pair for pair in terms if writer.fills(name, pair[1])]
        if not whole:
            raise NoCallError
        terms = [whole[0], *(pair for pair in terms if pair is not whole[0])]
    (negative, first), (subtracted, second), *rest = terms
    if writer.starts(name, first):
        writer.into(name, first)
        if negative:
            writer.apply(name, "np.negative")
        rest = [(subtracted, second), *rest]
    elif writer.starts(name, second):
        operand = writer.beside(name, first)
        writer.into(name, second)
        if negative == subtracted:
            writer.change(name, "+", operand)
        elif subtracted:
            writer.call_again(name, "np.subtract", operand, name)
        else:
            writer.change(name, "-", operand)
        if negative and subtracted:
            writer.apply(name, "np.negative")
    else:
        left, right = writer.beside(name, first), writer.beside(name, second)
        if negative and not subtracted:
            left, right, negative, subtracted = right, left, False, True
        writer.call(name, "np.subtract" if negative != subtracted else "np.add", left, right)
        if negative and subtracted:
            writer.apply(name, "np.negative")
    for minus, term in rest:
        writer.change(name, "-" if minus else "+", writer.beside(name, term))


def write_product(writer: Writer, name: str, expr: sp.Expr) -> None:
    """Write a product or quotient: a factor with the whole shape first."""
    parts = quotient(expr.args if isinstance(expr, sp.Mul) else [expr])
    top = -parts.top if parts.negative else parts.top
    over, under, bottom = list(parts.over), _repeated(parts.under), parts.bottom
    started = next((f for f in over if writer.starts(name, f)), None)
    whole = next((f for f in over if writer.fills(name, f)), None)
    if started is not None:
        over.remove(started)
        writer.into(name, started)
    elif not over:
        if writer.starts(name, under[0]):
            writer.into(name, under[0])
            writer.call_again(name, "np.divide", _constant(top), name)
        elif writer.fills(name, under[0]):
            writer.call(name, "np.divide", _constant(top), writer.beside(name, under[0]))
        else:
            raise NoCallError
        top, under = 1, under[1:]
    elif whole is not None:
        over.remove(whole)
        first = writer.beside(name, whole)
        if over:
            writer.call(name, "np.multiply", first, writer.beside(name, over.pop(0)))
        elif under:
            writer.call(name, "np.divide", first, writer.beside(name, under.pop(0)))
        elif top == -1:
            writer.call(name, "np.negative", first)
            top = 1
        elif top != 1:
            writer.call(name, "np.multiply", first, _constant(top))
            top = 1
        else:
            writer.call(name, "np.divide", first, _constant(bottom))
            bottom = 1
    elif len(over) > 1 and writer.fills(name, *over[:2]):
        writer.call(name, "np.multiply", writer.beside(name, over[0]), writer.beside(name, over[1]))
        over = over[2:]
    elif under and writer.fills(name, over[0], under[0]):
        writer.call(name, "np.divide", writer.beside(name, over[0]), writer.beside(name, under[0]))
        over, under = over[1:], under[1:]
    else:
        raise NoCallError
    for factor in over:
        writer.change(name, "*", writer.beside(name, factor))
    for divisor in under:
        writer.change(name, "/", writer.beside(name, divisor))
    if top == -1:
        writer.apply(name, "np.negative")
    elif top != 1:
        writer.change(name, "*", _constant(top))
    if bottom != 1:
        writer.change(name, "/", _constant(bottom))


def write_power(writer: Writer, name: str, expr: sp.Expr) -> None:
    """Write a power; a square is a product."""
    base, exponent = expr.args
    if exponent.is_number and exponent.is_negative:
        write_product(writer, name, expr)
    elif exponent == 2 and writer.starts(name, base):
        writer.into(name, base)
        writer.change(name, "*", name)
    elif exponent == 2:
        writer.call(name, "np.multiply", *[writer.beside(name, base)] * 2)
    elif exponent == sp.Rational(1, 2):
        writer.applied(name, "np.sqrt", base)
    else:
        writer.call(name, "np.power", writer.beside(name, base), writer.beside(name, exponent))


def _repeated(divisors: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Return the divisors, a square as two: no square overflows then."""
    return [
        base
        for divisor in divisors
        for base in ([divisor.base] * 2 if isinstance(divisor, sp.Pow) and divisor.exp == 2 else [divisor])
    ]


def _constant(value: int | float) -> str:
    return "one" if value == 1 else repr(value)


def partial_sums(exprs: Iterable[sp.Expr]) -> list[sp.Add]:
    """Return the sums whose terms are all or some of those of another sum."""
    having: dict[sp.Expr, list[sp.Add]] = {}
    sums = Counter(node for expr in exprs for node in nodes(expr, sp.Add))
    for node in sums:
        for term in node.args:
            having.setdefault(term, []).append(node)
    return [
        node
        for node, count in sums.items()
        if count > 1 or any(set(node.args) < set(other.args) for other in _rarest(node.args, having))
    ]


def _rarest(terms: Iterable[sp.Expr], having: Mapping[sp.Expr, list[sp.Add]]) -> list[sp.Add]:
    """Return the sums that have the term that the fewest have: all have the 1 of ``1 + e``."""
    return min((having[term] for term in terms), key=len)
