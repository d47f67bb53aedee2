"""Comparing values of a document with canonical ones, whichever way they are stored."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_TOLERANCE = 1e-6
"""Relative; givens of a document may themselves be rounded to eight digits."""


def as_array(value: Any) -> Array | None:
    """Return a value as an array of floats, or None where it is not numbers."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return None
    if array.dtype.kind not in "iuf" or array.size == 0:
        return None
    return array.astype(float)


def agree(given: Array, expected: Array) -> bool:
    """Whether two values are the same numbers, whichever way a vector lies or a matrix is stored."""
    if given.size != expected.size:
        return False
    scale = max(float(np.max(np.abs(expected), initial=0.0)), 1e-12)
    if float(np.max(np.abs(given.ravel() - expected.ravel()))) <= _TOLERANCE * scale:
        return True
    if expected.ndim == 2 and given.ndim == 2 and given.shape == expected.T.shape:
        return float(np.max(np.abs(given - expected.T))) <= _TOLERANCE * scale
    return False


def fingerprint(value: Array) -> bytes | None:
    """Return what tells numbers apart, whichever shape they are in; None for those that many things share."""
    flat = value.ravel()
    scale = float(np.max(np.abs(flat), initial=0.0))
    if not np.isfinite(scale) or scale == 0.0 or np.array_equal(flat, np.round(flat)):
        return None
    return bytes(np.round(flat / scale, 9).tobytes()) + f"{scale:.9g}".encode()


def canonical(value: Array, shape: tuple[int, ...], like: Array | None = None) -> Array:
    """Return a value in the shape of the network, transposed where the document stores it so."""
    if value.ndim == 2 and len(shape) == 2 and value.T.shape == shape:
        stored_so = value.shape != shape or (
            like is not None and agree(value.T, like) and not _close(value, like)
        )
        if stored_so:
            return value.T
    return value.reshape(shape)


def _close(value: Array, like: Array) -> bool:
    return bool(np.allclose(value, like, rtol=1e-5))


def shown(value: Array) -> str:
    """Return the first few numbers of a value as text."""
    flat = value.ravel()
    numbers = ", ".join(f"{v:.6g}" for v in flat[:6])
    return f"[{numbers}{', ...' if flat.size > 6 else ''}]" if flat.size > 1 else numbers


def spoken(name: str) -> str:
    """Return a canonical name as one says it: ``dL/dW1``, ``W1 after the update``."""
    if name.endswith("_new"):
        return f"{name.removesuffix('_new')} after the update"
    if name.startswith("slope"):
        return f"the derivative of the activation of layer {name[5:]}"
    return f"dL/d{name[1:]}" if name.startswith("d") else name
