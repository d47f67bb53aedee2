"""What is wrong with a displayed number, and what the document has stated with the right ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.attempt import Decision
from derive.check.formula.build import element_name
from derive.check.formula.context import Context
from derive.check.formula.digits import is_plain_number
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.frame import Frame, extents, quiet
from derive.check.formula.marks import Index, Ref
from derive.check.formula.quantities import each_sample, places, scale, tensor_name
from derive.check.formula.shapes import flat
from derive.check.intervals import TIGHT, Interval, exact, middle_of
from derive.read.formula_walk import walk
from derive.read.tree import Call, Derivative, Differential, Listing, Matrix, Name, Neg, Node, Number, Span

SIGNED = 1e-3
"""How far off, as a share, a number may be besides its sign."""

FEW_UNITS = 1.5
"""How far off, in units of the last place, a number may be to count as rounded wrongly."""


@dataclass(frozen=True)
class Slip:
    """What is wrong with a displayed number."""

    code: str
    words: str
    span: Span
    expected: str = ""


def entries(node: Node) -> list[Node]:
    """Return the entries of a matrix or list, rows first; anything else is its own entry."""
    if isinstance(node, Matrix):
        return [entry for row in node.rows for entry in row]
    if isinstance(node, Listing):
        return list(node.items)
    return [node]


def numbers_in(node: Node) -> Iterator[Number]:
    """Yield the displayed numbers of a side."""
    return (inner for inner in walk(node) if isinstance(inner, Number))


def slip_of_number(ctx: Context, right: Node, decision: Decision) -> Slip:
    """Say what is wrong with a displayed result."""
    assert decision.outcome is not None  # noqa: S101  a failed comparison
    case = decision.outcome.first_wrong
    places = entries(right)
    k = case.wrong[0] if case.wrong and case.wrong[0] < len(places) else 0
    node = places[k]
    expected, given = case.left, case.right
    number = next(numbers_in(node), None)
    unit = float(number.unit) if number is not None else 1.0
    decimals = max(0, round(-np.log10(unit))) if 0 < unit <= 1 else 0
    shown = f"{expected:.{decimals}f}"
    text = number.text if number is not None else ""
    if np.isclose(-given, expected, rtol=SIGNED, atol=unit / 2) and abs(given) >= unit:
        return Slip("sign", f"the number should have the other sign: {shown}", node.span, shown)
    exactly = bool(np.isclose(float(shown), expected, rtol=1e-9))
    hidden = not float(shown) and abs(expected) < unit / 10  # no digit of it shows
    rounds = float(shown) != given and not exactly and not hidden
    if abs(given - expected) <= FEW_UNITS * unit and decimals and rounds:
        words = f"{expected:.{decimals + 2}f} rounds to {shown}"
        return Slip("rounding", words, node.span, shown)
    if number is not None and (owner := ctx.seen.get(abs(number.value))):
        return Slip("stale-number", f"{text} is the number of {owner}", node.span, shown)
    if 0 < abs(expected) < 1 and not exactly:  # few decimals may show no digit of it
        shown = f"{expected:.{max(decimals, 2 + int(-np.log10(abs(expected))))}f}"
    return Slip("arithmetic", f"it should be {shown}", node.span, shown)


def stale_in(ctx: Context, side: Node) -> Number | None:
    """Return the first number of an expression that is no value of the example within its digits."""
    known = known_values(ctx)
    for number in numbers_in(side):
        if "." not in number.text:
            continue
        half = float(number.unit) / 2 * (1 + 1e-9)
        if not np.any(np.abs(known - abs(float(number.value))) <= half):
            return number
    return None


def known_values(ctx: Context) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the magnitudes of all values of the example, with 1 - a, a - y and the activations' slopes."""
    example = ctx.truth.world.example
    if example is None:
        return np.zeros(0)
    tensors = {name: np.asarray(v, dtype=float).reshape(-1)[:100_000] for name, v in example.values.items()}
    values = list(tensors.values())
    for n in range(1, ctx.reading.layers + 1):
        values.append(1 - tensors[f"a{n}"])
        with np.errstate(all="ignore"):
            slopes = tensors[f"dz{n}"] / tensors[f"da{n}"]
        values.append(slopes[np.isfinite(slopes)])
    if np.shape(example.values["y"]) == np.shape(example.values[f"a{ctx.reading.layers}"]):
        values.append(tensors[f"a{ctx.reading.layers}"] - tensors["y"])
    return np.abs(np.concatenate(values))


def remember(ctx: Context, side: Node, owner: str) -> None:
    """Note which results the document has displayed, and of what."""
    if not is_plain_number(side):
        return
    for number in numbers_in(side):
        if "." in number.text and len(ctx.seen) < 100_000:
            ctx.seen.setdefault(abs(number.value), owner)


def element_with_value(ctx: Context, name: Name, number: Number) -> Name | None:
    """Return the one weight or bias that has a given value at the example: ``w_5 = 0.4``; None if not one."""
    role = ctx.reading.roles.get(name.base)
    example = ctx.truth.world.example
    if role not in ("W", "b") or example is None:
        return None
    found: list[Name | None] = []
    for layer in range(1, ctx.reading.layers + 1):
        values = np.asarray(example.values.get(f"{role}{layer}", ()), dtype=float)
        for at in np.argwhere(np.abs(values - float(number.value)) <= 1e-12):
            places = list(at)
            if role == "W" and ctx.reading.from_to != (ctx.reading.network.layout == "row"):
                places.reverse()
            bases = _bases(ctx, role, layer)
            shown = tuple(str(k + base) for k, base in zip(places, bases, strict=True))
            found.append(element_name(role, str(layer + ctx.reading.weights_from), shown, ctx.reading, name))
    return found[0] if len(found) == 1 else None


def _bases(ctx: Context, role: str, layer: int) -> tuple[int, ...]:
    """Return the number of the first element along each axis; a folded bias has the number 0."""
    number = Index((), layer + ctx.reading.weights_from)
    return tuple(extent.first for extent in extents(Ref(role, number), ctx.reading, {}))


def stated_value(ctx: Context, node: Node, right: Node, decision: Decision) -> tuple[str, Interval] | None:
    """Return the quantity that a displayed result is of, with its value in the canonical shape.

    Entries that are not displayed are NaN.
    """
    if not ctx.has_example or not is_plain_number(right):
        return None
    ev = ctx.evaluator(decision.mode, displayed=True)
    frame = Frame(dict(ctx.fixed), {}, np.ones(1, dtype=bool))
    try:
        found = quantity_of(ctx, node, frame, decision)
        if found is None:
            return None
        name, ref, factor = found
        shown = exact(flat(ev.value(right, frame)))
        shape = ctx.truth.shape(name)
        at = tuple(int(k[0]) for k in places(ev, ref, frame, node)) if ref.at is not None else ()
    except (Undecided, MistakeError, MissingLayerError):
        return None
    low, high = shown.low[0, 0] / factor, shown.high[0, 0] / factor
    low, high = np.minimum(low, high), np.maximum(low, high)
    if ref.at is not None:
        return _one_element(ctx, name, at, (low, high), shape) if low.size == 1 else None
    if low.size != int(np.prod(shape, dtype=int)):
        return None
    if len(shape) == 2 and ref.role == "W" and ctx.reading.flipped:
        low, high = low.reshape(shape[::-1]).T, high.reshape(shape[::-1]).T
    return name, _settled(ctx, name, Interval(low.reshape(shape), high.reshape(shape)))


def _one_element(
    ctx: Context, name: str, at: tuple[int, ...], ends: tuple[Array, Array], shape: tuple[int, ...]
) -> tuple[str, Interval]:
    """Return one element of a quantity, and NaN for all others."""
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    low[at], high[at] = float(ends[0][0]), float(ends[1][0])
    return f"{name}{list(at)}", _settled(ctx, name, Interval(low, high))


def _settled(ctx: Context, name: str, shown: Interval) -> Interval:
    """Return what displayed numbers stand for: themselves, where they are the true values to the last digit.

    Who goes on with the digits and who goes on with all of them then have the same.
    """
    true, middle = ctx.truth.tensor(name)[0], middle_of(shown)
    same = np.abs(middle - true) <= TIGHT * np.abs(true)
    low, high = np.minimum(middle, true), np.maximum(middle, true)
    return Interval(np.where(same, low, shown.low), np.where(same, high, shown.high))


def quantity_of(ctx: Context, node: Node, frame: Frame, decision: Decision) -> tuple[str, Ref, float] | None:
    """Return the tensor that a side is, what its name stands for, and what the tensor is multiplied by.

    Raises
    ------
    Undecided, MistakeError, MissingLayerError
        If the tensor does not exist.
    """
    ev = ctx.evaluator(decision.mode, displayed=True).for_left()
    if isinstance(node, Neg):
        return None
    if isinstance(node, Derivative) and len(node.wrt) == 1 and isinstance(node.wrt[0], Name):
        of = node.of.function if isinstance(node.of, Call) else node.of
        below = quiet(node.wrt[0], ctx.reading)
        loss = isinstance(of, Name) and ctx.reading.roles.get(of.base) == "L"
        if not loss or below is None:
            return None
        name = f"d{tensor_name(below, ev, frame).removesuffix('_new')}"
        if not ctx.truth.has(name):
            return None
        return name, below, scale(ev, "L")
    if isinstance(node, Differential) and node.symbol == "d" and isinstance(node.operand, Name):
        below = quiet(node.operand, ctx.reading)
        if below is None:
            return None
        name = f"d{tensor_name(below, ev, frame).removesuffix('_new')}"
        inner = below.role in ("z", "a", "out")
        return (
            (name, below, scale(ev, "L") * (each_sample(ev) if inner else 1.0))
            if ctx.truth.has(name)
            else None
        )
    if isinstance(node, Name):
        ref = quiet(node, ctx.reading)
        if ref is None or ref.power != 1 or ref.role in ("m", "size", "X"):
            return None
        return tensor_name(ref, ev, frame), ref, scale(ev, ref.role)
    return None
