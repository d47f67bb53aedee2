"""Calls in the text of a dialect: of a function by its name, and of one of two arguments for several."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from codegen.modules.writing import At, Emit, Text


def call_of(name: str) -> Callable[..., Text]:
    """Return what writes the call of a function."""
    return lambda *arguments: Text(f"{name}({', '.join(argument.source for argument in arguments)})")


def extreme_of(name: str) -> Callable[[sp.Expr, Callable[[sp.Expr], Emit]], Emit]:
    """Return a compiler of a maximum or minimum by a function of two arguments, numbers last."""

    def compiler(expr: sp.Expr, compile_: Callable[[sp.Expr], Emit]) -> Emit:
        first, *rest = [compile_(arg) for arg in sorted(expr.args, key=lambda a: (a.is_number, str(a)))]

        def emit(at: At) -> Text:
            text = first(at)
            for other in rest:
                text = call_of(name)(text, other(at))
            return text

        return emit

    return compiler
