"""How much a NumPy function will make, found from its arguments before it is called."""

# ruff: noqa: ARG001 - functions of one table share one signature

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derive.read.code.budget import Failed, Refused
from derive.read.code.operators import matrix_product
from derive.read.code.values import Value, weigh

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

Arguments: TypeAlias = Sequence[Value]
Keywords: TypeAlias = dict[str, Value]
Estimate: TypeAlias = Callable[["Machine", Arguments, Keywords], None]

_EINSUM = re.compile(r"^[A-Za-z]*(,[A-Za-z]*)*(->[A-Za-z]*)?$")


def size_of(value: Value) -> int:
    """Count the elements of an array, number or nested list."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, list | tuple):
        return weigh(value) + sum(item.size for item in value if isinstance(item, np.ndarray))
    return len(value) if isinstance(value, range) else 1


def _charge(machine: Machine, size: int) -> None:
    machine.meter.labour(size)
    machine.meter.allocate(8 * size)


def elementwise(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """The result has the broadcast shape of the arguments."""
    for argument in args:
        if isinstance(argument, list | tuple):
            machine.meter.step(weigh(argument) // 8)
    shapes = [np.shape(a) for a in (*args, *(kwargs[k] for k in ("a", "x") if k in kwargs)) if a is not None]
    _charge(machine, int(np.prod(np.broadcast_shapes(*shapes), dtype=object)))


def total(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """The result is no larger than the arguments together."""
    _charge(machine, 2 * sum(size_of(a) for a in (*args, *kwargs.values())))


def like(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``zeros_like`` and its kin: the shape of the first argument, unless another is given."""
    _charge(machine, shape_product(kwargs["shape"]) if "shape" in kwargs else sum(map(size_of, args[:1])))


def sections(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``split``: a list of as many views as there are sections."""
    if len(args) < 2 or kwargs.keys() - {"axis"}:
        raise Refused("a split is followed with its sections as second argument")
    count = int(args[1]) if isinstance(args[1], int | np.integer) else size_of(args[1]) + 1
    machine.meter.items(count)
    machine.meter.step(count)


def shape_product(shape: Value) -> int:
    """Return the number of elements of a shape."""
    extents = shape if isinstance(shape, tuple | list) else (shape,)
    count = 1
    for extent in extents:
        if not isinstance(extent, int | np.integer):
            raise Failed(f"a shape is made of integers, not of {type(extent).__name__}")
        if extent < 0:
            raise Failed("negative dimensions are not allowed")
        count *= int(extent)
    return count


def by_shape(name: str, position: int = 0) -> Estimate:
    """The result has the shape that an argument gives."""

    def estimate(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
        shape = kwargs[name] if name in kwargs else args[position] if len(args) > position else ()
        _charge(machine, shape_product(shape))

    return estimate


def square(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``eye`` and ``identity``."""
    rows = args[0] if args else kwargs.get("N", kwargs.get("n", 0))
    columns = args[1] if len(args) > 1 else kwargs.get("M")
    _charge(machine, shape_product((rows, rows if columns is None else columns)))


def diagonal(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``diag``: a vector becomes a square."""
    size = sum(size_of(a) for a in args[:1])
    offset = args[1] if len(args) > 1 else kwargs.get("k", 0)
    _charge(machine, (size + abs(int(offset))) ** 2 if np.ndim(args[0]) == 1 else size)


def product(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``outer`` and ``kron``: every element by every element."""
    _charge(machine, math.prod(size_of(a) for a in args[:2]))


def matmul(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``dot``, ``matmul`` and their like."""
    sides = [np.asarray(a) if isinstance(a, list | tuple) and weigh(a) else a for a in args[:2]]
    if len(sides) == 2:
        matrix_product(machine, *sides)


def tensordot(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``tensordot``: at most every element by every element."""
    _charge(machine, math.prod(size_of(a) for a in args[:2]))


def steps(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``arange``."""
    bounds = [*args[:3]]
    bounds += [kwargs[name] for name in ("start", "stop", "step")[len(bounds) :] if name in kwargs]
    if not all(isinstance(b, int | float | np.number) for b in bounds) or not bounds:
        raise Refused("arange is followed with numbers")
    start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) > 2 else 1
    count = (float(stop) - float(start)) / float(step)
    _charge(machine, max(0, math.ceil(count)))


def samples(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``linspace`` and ``logspace``."""
    count = args[2] if len(args) > 2 else kwargs.get("num", 50)
    _charge(machine, shape_product(count) * max(1, *(size_of(a) for a in args[:2])))


def repeated(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``repeat`` and ``tile``."""
    count = args[1] if len(args) > 1 else kwargs.get("repeats", kwargs.get("reps", 1))
    times = math.prod(max(1, int(n)) for n in np.ravel(np.asarray(count)))
    _charge(machine, size_of(args[0]) * times)


def padded(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``pad``."""
    width = args[1] if len(args) > 1 else kwargs.get("pad_width", 0)
    largest = int(np.max(np.abs(np.asarray(width)))) if size_of(width) else 0
    _charge(machine, math.prod(n + 2 * largest for n in np.shape(args[0])))


def grids(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``meshgrid``."""
    _charge(machine, len(args) * math.prod(size_of(a) for a in args))


def einsum(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``einsum`` with subscripts as text: the product of all index ranges."""
    if not args or not isinstance(args[0], str) or not 1 < len(args) < 10:
        raise Refused("einsum is followed with subscripts as text and at most eight operands")
    subscripts = args[0].replace(" ", "")
    if not _EINSUM.match(subscripts):
        raise Refused(f"the subscripts {subscripts[:40]!r} are not followed")
    inputs = subscripts.split("->")[0].split(",")
    extents: dict[str, int] = {}
    for letters, operand in zip(inputs, args[1:], strict=False):
        for letter, extent in zip(letters, np.shape(operand), strict=False):
            extents[letter] = max(extent, extents.get(letter, 1))
    output = subscripts.partition("->")[2] if "->" in subscripts else "".join(extents)
    machine.meter.labour(math.prod(extents.values()))
    machine.meter.allocate(8 * math.prod(extents.get(letter, 1) for letter in output))


def cubic(machine: Machine, args: Arguments, kwargs: Keywords) -> None:
    """``inv``, ``det``, ``solve``: work with the third power of the rows."""
    size = size_of(args[0])
    rows = np.shape(args[0])[-1] if np.ndim(args[0]) else 1
    machine.meter.labour(size * max(1, rows))
    machine.meter.allocate(16 * size)
