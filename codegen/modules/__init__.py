"""Modules that compute the loss of a network and its gradient, generated from the derivation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.spec import Spec

STYLES = ("auto", "array", "scalar")
"""The styles whose modules are in Python."""

TEMPLATES = {**{style: f"module_{style}.py.jinja" for style in STYLES}, "c": "module_c.c.jinja"}
"""For each style its template."""


Context = Callable[["Spec", bool], Mapping[str, Any]]
"""What a style shows in its template, of a network file and with or without fast math."""


class StyleError(ValueError):
    """A style that is not known, or that does not suit the network; the message names the remedy."""


def generate(spec: Spec, *, style: str = "auto", fast_math: bool = False) -> str:
    """Return the source of a module for a network.

    Parameters
    ----------
    spec : Spec
    style : {"auto", "array", "scalar", "c"}
        NumPy arrays for one sample or a batch, with one sample of a small network unrolled on floats; arrays
        alone; one sample alone, unrolled on floats; or one sample in C99.
    fast_math : bool
        Whether the slopes of activations have their textbook forms, ``a (1 - a)``, in place of those that
        keep their digits where an output is near a limit.

    Raises
    ------
    StyleError
        If there is no such style, or the network is too large for it.
    """
    from codegen.modules.rendering import rendered

    if style not in TEMPLATES:
        raise StyleError(f"style = {style!r}: expected one of {', '.join(TEMPLATES)}")
    context: Context = import_module(f"codegen.modules.{style}_style").context
    return rendered(TEMPLATES[style], context(spec, fast_math))
