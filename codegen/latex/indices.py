"""Indices as a reader sees them: letters, and numbers that count from the notation's base."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from codegen.latex.order import split_sign
from codegen.latex.style import PrintError, Style


def affine(expr: sp.Expr, style: Style, offset: int) -> str:
    """Return an index, or the end of a range, as it is shown.

    Internal indices count from 0. A letter stands for the number shown, so that ``x[k - 1]`` reads ``x_k``
    where ``k`` counts from 0 and the elements of ``x`` from 1.

    Parameters
    ----------
    expr : sympy.Expr
    style : Style
        With the indices that are numbers, and what is added to each letter.
    offset : int
        What is added to get the number that is shown.
    """
    if expr.is_Integer:
        return str(int(expr) + offset)
    if expr.is_Symbol and expr not in style.where and style.offsets.get(expr) == offset:
        return str(expr.name)
    value = expr.xreplace(style.where)
    shift = {k: k - style.offsets[k] for k in value.free_symbols if k in style.offsets}
    return plain(moved(value.xreplace(shift), offset))


def moved(expr: sp.Expr, offset: int) -> sp.Expr:
    """Return an index plus a number, with the number inside of what clips a range."""
    if isinstance(expr, (sp.Max, sp.Min)):
        return expr.func(*(moved(arg, offset) for arg in expr.args))
    return expr + offset


def plain(expr: sp.Expr) -> str:
    r"""Return an index expression, what is added first: ``k+1``, ``N-1``, ``\max(1, p)``."""
    if expr.is_Integer:
        return str(expr)
    if isinstance(expr, (sp.Max, sp.Min)):
        parts = sorted((plain(arg) for arg in expr.args), key=lambda text: (len(text), text))
        return rf"\{type(expr).__name__.lower()}({', '.join(parts)})"
    if isinstance(expr, sp.Add):
        parts = [plain(arg) for arg in sorted(expr.args, key=_place)]
        return parts[0] + "".join(p if p.startswith("-") else f"+{p}" for p in parts[1:])
    if isinstance(expr, sp.Mul):
        number, rest = expr.as_coeff_Mul()
        inner = f"({plain(rest)})" if isinstance(rest, sp.Add) else plain(rest)
        return {1: "", -1: "-"}.get(number, str(number)) + inner
    if isinstance(expr, (sp.floor, sp.ceiling)):
        side = "floor" if isinstance(expr, sp.floor) else "ceil"
        return rf"\l{side} {plain(expr.args[0])} \r{side}"
    return str(expr)


def _place(term: sp.Expr) -> tuple[bool, bool, str]:
    return (split_sign(term)[0] < 0, bool(term.is_number), str(term))


def together(parts: Iterable[str]) -> str:
    """Return several indices side by side: ``ij``, but ``10,3`` and ``n,k+1`` with commas."""
    found = list(parts)
    return ("" if all(len(part) == 1 for part in found) else ",").join(found)


_SIGNS = {
    sp.Eq: "=",
    sp.Ne: r"\ne",
    sp.Lt: "<",
    sp.Le: r"\le",
    sp.Gt: ">",
    sp.Ge: r"\ge",
}


def relation(condition: sp.Basic, style: Style) -> str:
    """Return a condition; one on indices is written in the numbers that are shown."""
    if condition == sp.true:
        return r"\text{otherwise}"
    if isinstance(condition, (sp.And, sp.Or)):
        word = "and" if isinstance(condition, sp.And) else "or"
        parts = sorted(relation(arg, style) for arg in condition.args)
        return rf" \text{{ {word} }} ".join(parts)
    sign = next((s for kind, s in _SIGNS.items() if isinstance(condition, kind)), None)
    if sign is None:
        raise PrintError(f"there is no notation for the condition {condition}")
    left, right = condition.args
    letters = (left - right).free_symbols
    if not condition.has(sp.Indexed) and letters and letters <= style.offsets.keys():
        gap = (left - right).xreplace({k: k - style.offsets[k] for k in letters})
        constant, rest = gap.as_coeff_Add()
        if rest.could_extract_minus_sign():
            return f"{plain(constant)} {sign} {plain(-rest)}"
        return f"{plain(rest)} {sign} {plain(-constant)}"
    return f"{style.write(left).first} {sign} {style.write(right).first}"
