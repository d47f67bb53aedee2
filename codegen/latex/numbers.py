"""Numbers and matrices of numbers in LaTeX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from codegen.latex.text import Level, Text

LARGEST, SMALLEST = 1e7, 1e-4
"""From and below which a number is written with a power of ten."""

_ODD = {"nan": r"\mathrm{NaN}", "inf": r"\infty", "-inf": r"-\infty"}


def number(value: float, digits: int = 6) -> str:
    r"""Return a number with so many significant digits.

    What is exact in fewer digits is not padded (``0.5``); what was rounded keeps its zeros (``0.4300``), so
    that the digits shown say how far they can be trusted. Very small and very large numbers are
    ``1.23 \cdot 10^{-5}``. Zero has no sign.
    """
    return number_text(value, digits).first


def number_text(value: float, digits: int) -> Text:
    """Return a number as a piece of a formula; a negative one has brackets unless it stands first."""
    if digits < 1:
        raise ValueError(f"a number needs at least 1 significant digit, not {digits}")
    plain = float(value)
    if not math.isfinite(plain):
        return _signed(_ODD[str(plain)], Level.ATOM)
    exact = Decimal(repr(plain))
    if len(exact.normalize().as_tuple().digits) > digits:
        shown = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_EVEN)
    else:
        shown = exact.normalize()
    if not shown:
        return Text("0")
    units_known = shown == exact or int(shown.as_tuple().exponent) <= 0
    if SMALLEST <= abs(shown) < LARGEST and units_known:
        return _signed(format(shown, "f"), Level.ATOM)
    exponent = shown.adjusted()
    mantissa = format(shown.scaleb(-exponent), "f")
    return _signed(rf"{mantissa} \cdot 10^{{{exponent}}}", Level.PRODUCT)


def _signed(text: str, level: Level) -> Text:
    return Text(f"({text})", Level.ATOM, bare=text) if text.startswith("-") else Text(text, level)


def matrix(values: Any, digits: int = 6, vectors: str = "column") -> str:
    """Return numbers in a ``bmatrix``, all with the same decimals, as far as they keep two digits.

    Parameters
    ----------
    values : array_like
        Of shape ``()``, which gives a plain number, ``(n,)`` or ``(rows, columns)``.
    digits : int
        Significant digits of the largest entry.
    vectors : {"column", "row"}
        How an array with one axis stands.
    """
    data = np.asarray(values, dtype=float)
    if data.ndim == 0:
        return number(float(data), digits)
    if data.ndim > 2:
        raise ValueError(f"a matrix has 1 or 2 axes, not {data.ndim}")
    if data.ndim == 1:
        data = data[:, None] if vectors == "column" else data[None, :]
    decimals = _decimals(data, digits)
    rows = ([_entry(float(value), digits, decimals) for value in row] for row in data)
    return bmatrix([list(row) for row in rows])


def bmatrix(rows: Sequence[Sequence[str]]) -> str:
    """Return entries in square brackets."""
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _decimals(data: Any, digits: int) -> int:
    largest = max((abs(v) for v in data.flat if math.isfinite(v)), default=0.0)
    exponent = math.floor(math.log10(largest)) if largest else 0
    return max(0, digits - 1 - exponent)


def _entry(value: float, digits: int, decimals: int) -> str:
    if not math.isfinite(value) or not value or not SMALLEST <= abs(value) < LARGEST:
        return number(value, digits)
    exact = Decimal(repr(value))
    if -int(exact.normalize().as_tuple().exponent) <= decimals:
        return format(exact.normalize(), "f")
    shown = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    return format(shown, "f") if abs(shown) >= Decimal(10).scaleb(-decimals) else number(value, digits)
