"""The style ``auto``: the interface of ``array``, with one sample of a small network unrolled on floats.

The rule
--------
A network of at most `A_LAYER` weights for each of its layers, and `MOST` in all, gets functions for one
sample, unrolled as in the style ``scalar``, from arrays to arrays. A call takes them where ``x`` has one axis
and all that is given is arrays of one dtype; in all other cases it computes with arrays.

What was measured
-----------------
One thread; the time of the functions for one sample relative to that with arrays, for a loss with its
gradient and for a step of gradient descent; sigmoid layers and half the squared error, where arrays do best.

- One layer: 30 weights .59 and .48, 55 .86 and .71, 60 .94 and .77, 110 1.48 and 1.26.
- Two: 22 weights .37 and .29, 67 .69 and .57, 108 .98 and .81, 160 1.34 and 1.12.
- Three: 112 weights .82 and .67, 180 1.19 and .96. Five: 196 weights .91 and .74, 263 1.16 and .95.

Unrolled, a weight takes some 75 ns, and with arrays a layer some 4 us, whatever its width.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from codegen.modules import array_style
from codegen.modules.lines import WIDTH, statement
from codegen.modules.unrolled import Unrolled, calls, unrolled
from derive.adjoint import adjoint_name
from derive.derivation import derive

if TYPE_CHECKING:
    from derive.network import Network
    from derive.spec import Spec

A_LAYER = 50
"""Weights for each layer up to which one sample is computed sooner in floats than with arrays."""

MOST = 500
"""Weights beyond which the text of the functions is too long to have beside that of the arrays."""


def context(spec: Spec, fast_math: bool) -> dict[str, Any]:
    """Return what the template of a module shows: that of the style ``array``, and the unrolled functions."""
    small = is_small(spec.network)
    return array_style.context(spec, fast_math) | {
        "choice": _choice(spec.network, small),
        "unrolled": _unrolled(spec, fast_math) if small else None,
    }


def is_small(network: Network) -> bool:
    """Whether one sample of a network is better unrolled."""
    return network.weights <= min(A_LAYER * len(network.layers), MOST)


def _choice(network: Network, small: bool) -> str:
    layers = f"{len(network.layers)} layer{'s' * (len(network.layers) > 1)}"
    rule = f"up to {A_LAYER} weights a layer and {MOST} in all; here are {network.weights:,} in {layers}."
    if not small:
        return f"Everything is computed with arrays; one sample is better unrolled, in floats, {rule}"
    return (
        "One sample, given as arrays all of float64 or all of float32, is computed in floats, unrolled, and"
        " results of float32 are rounded at the end; batches, and whatever else is given, are computed with"
        f" arrays. Unrolled is faster {rule}"
    )


def _unrolled(spec: Spec, fast_math: bool) -> dict[str, Any]:
    network, derivation = spec.network, derive(spec.network, None)
    shapes = network.parameter_shapes
    forward = [f"{kind}{n}" for n in range(1, len(network.layers) + 1) for kind in "za"]
    widths = {name: (network.sizes[int(name[1:])],) for name in forward}
    flat = unrolled(derivation.fast if fast_math else derivation.numeric, forward)
    gradient = [adjoint_name(name) for name in shapes]
    bodies = {
        "forward": flat.body(forward),
        "loss": flat.body(["L"]),
        "gradient": flat.body(["L", *gradient]),
        "step": flat.step(),
    }
    functions, helpers = calls(line for lines in bodies.values() for line in lines)
    loss = flat.values("L")[0]
    return {
        "math": functions,
        "helpers": helpers,
        "bodies": bodies,
        "unpack": {
            "arrays": statement("", "params", list(shapes)),
            "params": [line for name, shape in shapes.items() for line in _unpacked(flat, name, shape)],
            "x": _unpacked(flat, "x", (network.inputs,)),
            "y": _unpacked(flat, "y", (network.sizes[-1],)),
        },
        "dtypes": {"x": _same_dtype(shapes), "y": _same_dtype(["y", *shapes])},
        "loss": loss,
        "return_forward": _returned("Forward", flat.values(*forward), widths.values()),
        "return_gradient": _returned(f"{loss}, Params", flat.values(*gradient), shapes.values()),
        "return_step": _returned(f"{loss}, Params", flat.elements(*shapes), shapes.values()),
    }


def _same_dtype(names: Iterable[str]) -> list[str]:
    """Return the lines that ask whether arrays are not all of one dtype, float64 or float32."""
    same = " is ".join([*(f"{name}.dtype" for name in names), "dtype"])
    real = "dtype is not _F64 and dtype is not _F32"
    whole = f"if not ({same}) or ({real}):"
    if len(whole) <= WIDTH - 4:
        return [whole]
    return ["if not (", *(f"    {line}" for line in textwrap.wrap(same, WIDTH - 8)), f") or ({real}):"]


def _unpacked(flat: Unrolled, name: str, shape: Sequence[int]) -> list[str]:
    """Return the lines that unpack an array into the names of its elements."""
    names, source = flat.elements(name), f" = {name}.tolist()"
    if len(shape) == 1:
        return _listed("(", names, f"){source}")
    rows = [names[start : start + shape[1]] for start in range(0, prod(shape), shape[1])]
    return _listed("(", [f"({', '.join(row)}{',' if len(row) == 1 else ''})" for row in rows], f"){source}")


def _returned(form: str, numbers: Sequence[str], shapes: Iterable[Sequence[int]]) -> list[str]:
    """Return the lines that put numbers into one array, and return its parts in their shapes."""
    parts, start = [], 0
    for shape in shapes:
        end = start + prod(shape)
        turned = f".reshape({', '.join(map(str, shape))})" if len(shape) > 1 else ""
        parts.append(f"values[{start}:{end}]{turned}")
        start = end
    return [*_listed("values = np.array((", numbers, "), dtype)"), *_listed(f"return {form}(", parts, ")")]


def _listed(opening: str, parts: Sequence[str], closing: str) -> list[str]:
    """Return a list in parentheses, on one line or broken between its parts."""
    comma = "," if len(parts) == 1 else ""
    whole = f"{opening}{', '.join(parts)}{comma}{closing}"
    if len(whole) <= WIDTH - 4:
        return [whole]
    lines = textwrap.wrap(", ".join(parts) + ",", WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    return [opening, *(f"    {line}" for line in lines), closing]
