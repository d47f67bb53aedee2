"""Modules that compute the loss of a network and its gradient, generated from the derivation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.spec import Spec

STYLES = ("array", "scalar")


class StyleError(ValueError):
    """A style that is not known, or that does not suit the network; the message names the remedy."""


def generate(spec: Spec, *, style: str = "array") -> str:
    """Return the source of a module for a network.

    Parameters
    ----------
    spec : Spec
    style : {"array", "scalar"}
        Whole NumPy arrays for one sample or a batch; or one sample, unrolled on floats.

    Raises
    ------
    StyleError
        If there is no such style, or the network is too large for it.
    """
    from codegen.modules.rendering import rendered

    if style not in STYLES:
        raise StyleError(f"style = {style!r}: expected one of {', '.join(STYLES)}")
    context: Callable[[Spec], Mapping[str, Any]] = import_module(f"codegen.modules.{style}_style").context
    return rendered(f"module_{style}.py.jinja", context(spec))
