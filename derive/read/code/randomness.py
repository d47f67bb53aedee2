"""Random draws: NumPy's own streams by default, or whatever the caller supplies."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from derive.read.code.budget import Refused
from derive.read.code.events import Drawn
from derive.read.code.source import CodeSpan
from derive.read.code.values import Builtin, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

Draw: TypeAlias = Callable[[str, tuple[int, ...], CodeSpan], Value]

# Where the shape stands among the positional arguments: None means that all of them are the shape.
_LEGACY: dict[str, tuple[Callable[..., Any], int | None]] = {
    "rand": (np.random.RandomState.rand, None),
    "randn": (np.random.RandomState.randn, None),
    "random": (np.random.RandomState.random_sample, 0),
    "random_sample": (np.random.RandomState.random_sample, 0),
    "ranf": (np.random.RandomState.random_sample, 0),
    "sample": (np.random.RandomState.random_sample, 0),
    "standard_normal": (np.random.RandomState.standard_normal, 0),
    "uniform": (np.random.RandomState.uniform, 2),
    "normal": (np.random.RandomState.normal, 2),
    "randint": (np.random.RandomState.randint, 2),
    "binomial": (np.random.RandomState.binomial, 2),
    "choice": (np.random.RandomState.choice, 1),
}
_MODERN: dict[str, tuple[Callable[..., Any], int | None]] = {
    "random": (np.random.Generator.random, 0),
    "standard_normal": (np.random.Generator.standard_normal, 0),
    "uniform": (np.random.Generator.uniform, 2),
    "normal": (np.random.Generator.normal, 2),
    "integers": (np.random.Generator.integers, 2),
    "binomial": (np.random.Generator.binomial, 2),
    "choice": (np.random.Generator.choice, 1),
}
_PLAIN: dict[str, Callable[..., Any]] = {
    "random": random.Random.random,
    "uniform": random.Random.uniform,
    "gauss": random.Random.gauss,
    "normalvariate": random.Random.normalvariate,
    "randint": random.Random.randint,
}
_KEYWORDS = frozenset({"size", "low", "high", "loc", "scale", "n", "p", "a", "replace", "endpoint"})


@dataclass(slots=True)
class RandomSource:
    """One generator of the document."""

    state: Any
    modern: bool
    seeded: bool = False


def _unseeded() -> RandomSource:
    return RandomSource(np.random.RandomState(0), modern=False)


@dataclass(slots=True)
class Streams:
    """The generators that modules hold: ``numpy.random`` and ``random``."""

    numpy: RandomSource = field(default_factory=_unseeded)
    plain: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - follows the document
    plain_seeded: bool = False


def draw_from(
    machine: Machine,
    source: RandomSource,
    name: str,
    args: tuple[Value, ...],
    kwargs: dict[str, Value],
) -> Value:
    """Draw numbers, as the method `name` of a NumPy generator would."""
    if name in ("shuffle", "permutation"):
        return _permute(machine, source, name, args)
    table = _MODERN if source.modern else _LEGACY
    if name not in table:
        raise Refused(f"random numbers by {name!r} are not followed")
    if not kwargs.keys() <= _KEYWORDS:
        raise Refused(f"an argument of {name!r} is not followed")
    method, position = table[name]
    shape = _shape(args, kwargs, position)
    for argument in (*args, *kwargs.values()):
        if isinstance(argument, Builtin):
            raise Refused(f"an argument of {name!r} is not followed")
    size = int(np.prod(shape, dtype=object)) if shape else 1
    if name == "choice":  # draws from a whole permutation when it does not replace
        size += sum(abs(int(a)) for a in args[:1] if isinstance(a, int | np.integer))
    size *= max([1, *(np.size(a) for a in args if isinstance(a, np.ndarray))])
    machine.meter.allocate(8 * size)
    machine.meter.labour(8 * size)
    value = method(source.state, *args, **kwargs)
    return _deliver(machine, name, shape, value, source.seeded)


def _ordered(machine: Machine, items: Value) -> bool:
    """Put items into the order that the caller supplies; tell whether there is one."""
    machine.touch(items)
    machine.drawn = True
    span = machine.span(machine.site)
    order = machine.draw("shuffle", (len(items),), span) if machine.draw is not None else None
    if order is not None:
        places = np.asarray(order, dtype=int)
        items[:] = items[places] if isinstance(items, np.ndarray) else [items[k] for k in places]
    return order is not None


def draw_plain(machine: Machine, name: str, args: tuple[Value, ...]) -> Value:
    """Draw a number as a function of the module ``random``."""
    if name == "shuffle" and len(args) == 1 and isinstance(args[0], list):
        if not _ordered(machine, args[0]):
            machine.streams.plain.shuffle(args[0])
            if not machine.streams.plain_seeded:
                machine.taint(args[0])
        return None
    if name not in _PLAIN or not all(isinstance(a, int | float) for a in args):
        raise Refused(f"random.{name} is not followed with these arguments")
    value = _PLAIN[name](machine.streams.plain, *args)
    return _deliver(machine, name, (), value, machine.streams.plain_seeded)


def seed_plain(machine: Machine, seed: Value) -> None:
    """Seed the module ``random``."""
    if not isinstance(seed, int | float | str):
        raise Refused("a seed that is not a number is not followed")
    machine.streams.plain.seed(seed)
    machine.streams.plain_seeded = True


def new_source(modern: bool, seed: Value) -> RandomSource:
    """Return the generator that ``default_rng(seed)`` or ``RandomState(seed)`` makes."""
    if seed is not None and not isinstance(seed, int | np.integer):
        raise Refused("a seed that is not an integer is not followed")
    start = 0 if seed is None else int(seed)
    state = np.random.default_rng(start) if modern else np.random.RandomState(start)
    return RandomSource(state, modern, seeded=seed is not None)


def _deliver(machine: Machine, kind: str, shape: tuple[int, ...], value: Value, seeded: bool) -> Value:
    span = machine.span(machine.site)
    supplied = machine.draw(kind, shape, span) if machine.draw is not None else None
    if supplied is not None:
        value = _fit(supplied, value)
    machine.drawn = True
    event = Drawn(
        kind,
        shape,
        machine.snapshot(value),
        seeded,
        supplied is not None,
        span,
        machine.calls,
        machine.loops,
        machine.log.next_order(),
    )
    machine.log.add(event, kind)
    return value


def _fit(supplied: Value, value: Value) -> Value:
    """Give supplied numbers the shape and type of the ones they replace."""
    if isinstance(value, np.ndarray):
        return np.array(np.broadcast_to(np.asarray(supplied, dtype=value.dtype), value.shape))
    return type(value)(np.asarray(supplied).reshape(()).item())


def _shape(args: Sequence[Value], kwargs: dict[str, Value], position: int | None) -> tuple[int, ...]:
    if position is None:
        given: Value = tuple(args)
    elif "size" in kwargs:
        given = kwargs["size"]
    else:
        given = args[position] if len(args) > position else ()
    if given is None:
        return ()
    if isinstance(given, int | np.integer):
        return (int(given),)
    if isinstance(given, tuple | list) and all(isinstance(n, int | np.integer) for n in given):
        return tuple(int(n) for n in given)
    raise Refused("the shape of random numbers is not made of integers")


def _permute(machine: Machine, source: RandomSource, name: str, args: tuple[Value, ...]) -> Value:
    if len(args) != 1:
        raise Refused(f"{name!r} is followed with one argument")
    (items,) = args
    if isinstance(items, int | np.integer) and name == "permutation":
        machine.meter.items(int(items))
        return _deliver(machine, name, (int(items),), source.state.permutation(int(items)), source.seeded)
    if not isinstance(items, np.ndarray | list):
        raise Refused(f"{name!r} is followed with arrays and lists")
    if name == "shuffle":
        if not _ordered(machine, items):
            source.state.shuffle(items)
            if not source.seeded:
                machine.taint(items)
        return None
    array = np.asarray(items)
    if array.dtype.kind not in "biuf":
        raise Refused("'permutation' is followed with numbers")
    machine.meter.allocate(array.nbytes)
    order = source.state.permutation(len(array))
    order = _deliver(machine, name, (len(array),), order, source.seeded)
    return array[order]
