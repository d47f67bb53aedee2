"""Derive backpropagation for small neural networks, in index notation, with SymPy.

The package does mathematics only: it builds programs, differentiates them, evaluates and
rewrites them. Text of every kind (LaTeX, HTML, Python) is written by the package ``codegen``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.derivation import Derivation
    from derive.network import Dense, Network
    from derive.spec import load

__all__ = ["Dense", "Derivation", "Network", "load"]

_HOMES = {
    "Dense": "derive.network",
    "Network": "derive.network",
    "Derivation": "derive.derivation",
    "load": "derive.spec",
}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that ``import derive`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
