"""What a step and its matrix form are but for the names of tensors: what is proved of them goes by it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import sympy as sp

from derive.matrix.tree import Form, Name
from derive.program import name_of


def pattern_of(expr: sp.Basic, names: dict[str, int]) -> Hashable:
    """Return what an expression is but for the names of tensors, which are counted as they occur.

    The ends of sums are left out: each index runs over as many values as `derive.matrix.proof` gives it.
    """
    if isinstance(expr, sp.Indexed):
        return names.setdefault(name_of(expr), len(names)), expr.indices
    if isinstance(expr, sp.Sum):
        return sp.Sum, pattern_of(expr.function, names), tuple(k for k, _, _ in expr.limits)
    if not expr.args:
        return expr
    return expr.func, *(pattern_of(arg, names) for arg in expr.args)


def pattern_of_form(form: Any, names: dict[str, int]) -> Hashable:
    """Return what a form, or a part of one, is but for the names of tensors."""
    if isinstance(form, Name):
        return names.setdefault(form.tensor, len(names))
    if isinstance(form, tuple):
        return tuple(pattern_of_form(part, names) for part in form)
    if isinstance(form, Form):
        return type(form), *(pattern_of_form(part, names) for part in vars(form).values())
    return form
