"""What runs over indices or depends on conditions: sums, maxima, definitions by cases."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy as sp

from codegen.latex.assemble import added
from codegen.latex.indices import affine, relation
from codegen.latex.order import split_sign
from codegen.latex.style import Style
from codegen.latex.text import Level, Text, held
from derive.functions import IndexMax


def sigma(expr: sp.Sum, style: Style) -> Text:
    r"""Write a sum with one ``\sum`` for each index, the last index outermost, as SymPy nests them."""
    inner = style.speller.bound(style, expr)
    heads = []
    for k, low, high in reversed(expr.limits):
        offset = inner.offsets[k]
        heads.append(rf"\sum_{{{k}={affine(low, inner, offset)}}}^{{{affine(high, inner, offset)}}}")
    sign, body = split_sign(expr.function)
    piece = added([(sign, inner.write(body))])
    return Text(f"{' '.join(heads)} {held(piece, Level.PRODUCT)}", Level.PRODUCT, open=True)


def written_out(expr: sp.Sum, style: Style) -> Text:
    """Write each term of a sum, with numbers for its indices."""
    sign, body = split_sign(expr.function)
    inner = style.speller.bound(style, expr)
    pieces = [(sign, inner.at(values).write(body)) for values in assignments(expr, style)]
    return added(pieces) if pieces else Text("0")


def assignments(expr: sp.Sum, style: Style) -> Iterator[dict[sp.Symbol, sp.Integer]]:
    """Yield the values of the indices of a sum, the last index outermost."""
    limits = list(reversed(expr.limits))
    for values in product(*(span(low, high, style) for _, low, high in limits)):
        yield {k: sp.Integer(v) for (k, _, _), v in zip(limits, values, strict=True)}


def span(low: sp.Expr, high: sp.Expr, style: Style) -> range:
    """Return the values that an index takes.

    Raises
    ------
    ValueError
        If they depend on a size that is not known, such as the number of samples.
    """
    ends = [end.xreplace(style.where) for end in (low, high)]
    unknown = sorted({str(s) for end in ends for s in end.free_symbols})
    if unknown:
        raise ValueError(
            f"a sum whose length depends on {', '.join(unknown)} cannot be written out; give it as a number"
        )
    return range(int(ends[0]), int(ends[1]) + 1)


def maximum(expr: IndexMax, style: Style) -> Text:
    """Write the largest value over an index."""
    inner, (k, low, high) = style.speller.bound(style, expr), expr.args[1]
    offset = inner.offsets[k]
    ends = rf"{affine(low, inner, offset)} \le {k} \le {affine(high, inner, offset)}"
    body = held(inner.write(expr.body), Level.POWER)
    return Text(rf"\max_{{{ends}}} {body}", Level.PRODUCT, open=True)


def piecewise(expr: sp.Piecewise, style: Style) -> Text:
    """Write a definition by cases; those that cannot occur are left out, and 1 or 0 is an indicator."""
    rows = []
    for value, condition in expr.args:
        guard = condition.xreplace(style.where)
        if guard != sp.false:
            rows.append((value, guard))
        if guard == sp.true:
            break
    if len(rows) == 1 and rows[0][1] == sp.true:
        return style.write(rows[0][0])
    if len(rows) == 2 and rows[0][0] == 1 and rows[1] == (0, sp.true):
        return Text(rf"\mathbf{{1}}[{relation(rows[0][1], style)}]", Level.POWER)
    lines = (f"{style.write(value).first} & {relation(guard, style)}" for value, guard in rows)
    body = r" \\ ".join(lines)
    return Text(rf"\begin{{cases}} {body} \end{{cases}}", Level.PRODUCT, open=True)
