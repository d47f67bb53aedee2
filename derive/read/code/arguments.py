"""Arguments to parameters, as Python binds them."""

from __future__ import annotations

from derive.read.code.budget import Failed
from derive.read.code.values import Function, Value


def bind_arguments(function: Function, args: tuple[Value, ...], kwargs: dict[str, Value]) -> dict[str, Value]:
    """Bind arguments to parameters as Python does.

    Raises
    ------
    Failed
        If an argument is missing, surplus or given twice.
    """
    spec = function.node.args
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    names = dict(zip(positional, args, strict=False))
    if len(args) > len(positional):
        if spec.vararg is None:
            raise Failed(f"{function.name}() takes {len(positional)} arguments, {len(args)} are given")
        names[spec.vararg.arg] = tuple(args[len(positional) :])
    elif spec.vararg is not None:
        names[spec.vararg.arg] = ()
    keywords = [a.arg for a in spec.kwonlyargs]
    surplus: dict[str, Value] = {}
    for name, value in kwargs.items():
        if name in names:
            raise Failed(f"{function.name}() got two values for {name!r}")
        if name in positional or name in keywords:
            names[name] = value
        elif spec.kwarg is not None:
            surplus[name] = value
        else:
            raise Failed(f"{function.name}() has no parameter {name!r}")
    if spec.kwarg is not None:
        names[spec.kwarg.arg] = surplus
    late = positional[len(positional) - len(function.defaults) :]
    defaults = dict(zip(late, function.defaults, strict=True))
    defaults |= {
        name: value
        for name, node, value in zip(keywords, spec.kw_defaults, function.keyword_defaults, strict=True)
        if node is not None
    }
    for name in (*positional, *keywords):
        if name not in names:
            if name not in defaults:
                raise Failed(f"{function.name}() is missing the argument {name!r}")
            names[name] = defaults[name]
    return names
