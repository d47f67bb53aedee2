"""Sums written out, term by term."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy as sp

from codegen.latex.expression import Style, added, write
from codegen.latex.order import split_sign
from codegen.latex.text import Text


def written_out(expr: sp.Sum, style: Style) -> Text:
    """Write each term of a sum, with numbers for its indices."""
    sign, body = split_sign(expr.function)
    inner = style.speller.bound(style, expr.function, [k for k, _, _ in expr.limits])
    pieces = [(sign, write(body, inner.at(values))) for values in assignments(expr, style)]
    return added(pieces) if pieces else Text("0")


def assignments(expr: sp.Sum, style: Style) -> Iterator[dict[sp.Symbol, sp.Integer]]:
    """Yield the values of the indices of a sum, the last index outermost."""
    limits = list(reversed(expr.limits))
    try:
        spans = [range(_int(low, style), _int(high, style) + 1) for _, low, high in limits]
    except TypeError:
        sizes = sorted({str(s) for _, low, high in limits for s in (low.free_symbols | high.free_symbols)})
        raise ValueError(
            f"a sum over {', '.join(sizes)} terms cannot be written out: give the number of samples"
        ) from None
    for values in product(*spans):
        yield {k: sp.Integer(v) for (k, _, _), v in zip(limits, values, strict=True)}


def _int(end: sp.Expr, style: Style) -> int:
    return int(end.xreplace(style.where))
