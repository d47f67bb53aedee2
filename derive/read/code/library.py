"""The functions of ``math``, ``random``, ``copy`` and NumPy by name."""

# ruff: noqa: ARG001, ARG005 - functions of one table share one signature

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code import randomness
from derive.read.code.budget import Refused
from derive.read.code.buffers import HELPERS
from derive.read.code.kinds import DTYPES, TYPES
from derive.read.code.numpy_table import ROUTINES, routine
from derive.read.code.operators import admit
from derive.read.code.python_table import listed, scalar
from derive.read.code.rendering import check_print_options
from derive.read.code.values import (
    NUMBER,
    Builtin,
    Instance,
    Module,
    Record,
    Unknown,
    Value,
    weigh,
    words,
)

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

# Libraries of which a part is followed, under every name they are imported by.
MODULES = frozenset(
    words("numpy numpy.random numpy.linalg numpy.testing math random copy scipy scipy.special typing")
)
_CONSTANTS: dict[str, Value] = {
    "numpy.pi": math.pi,
    "numpy.e": math.e,
    "numpy.inf": math.inf,
    "numpy.nan": math.nan,
    "numpy.newaxis": None,
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
    "math.nan": math.nan,
    "math.tau": math.tau,
}
_MATH: dict[str, Callable[..., Any]] = {
    name: getattr(math, name)
    for name in words(
        "exp expm1 log log1p log2 log10 sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh "
        "atanh floor ceil trunc fabs hypot erf erfc isnan isinf isfinite isclose copysign pow fsum "
        "degrees radians prod"
    )
}


def _math(name: str) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        plain = [listed(machine, a) if isinstance(a, list | tuple | range) else scalar(a) for a in args]
        for value in plain:
            if isinstance(value, int):
                machine.meter.integer(value.bit_length())
        if name == "prod":
            machine.meter.integer(sum(v.bit_length() for v in plain[0] if isinstance(v, int)))
        return admit(_MATH[name](*plain, **kwargs))

    return Builtin(f"math.{name}", call)


def _numpy_type(name: str) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        value = args[0] if args else 0
        if not isinstance(value, (*NUMBER, np.ndarray, list)):
            raise Refused(f"numpy.{name} is followed with numbers")
        machine.meter.allocate(8 * weigh(value) if isinstance(value, list) else 8 * np.size(value))
        return admit(np.asarray(value, dtype=DTYPES[name])[()])

    return Builtin(f"numpy.{name}", call)


def _print_options(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    options = check_print_options({**({"precision": args[0]} if args else {}), **kwargs})
    machine.print_options = {**machine.print_options, **options}
    return None


def _shallow_copy(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    (value,) = args
    if isinstance(value, Instance):
        return Instance(value.cls, dict(value.attributes))
    if isinstance(value, np.ndarray | list | dict | set):
        machine.meter.allocate(8 * np.size(value) if isinstance(value, np.ndarray) else 8 * len(value))
        return value.copy()
    return value


def _deep_copy(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    machine.meter.step(weigh(args[0]))

    def copied(value: Value) -> Value:
        if isinstance(value, np.ndarray):
            machine.meter.allocate(value.nbytes)
            return value.copy()
        if isinstance(value, Record):
            return Record.of(value.cls, [copied(item) for item in value])
        if isinstance(value, list | tuple):
            return type(value)([copied(item) for item in value])
        if isinstance(value, dict):
            return {key: copied(item) for key, item in value.items()}
        if isinstance(value, Instance):
            raise Refused("a copy of an object is not followed")
        return value

    return copied(args[0])


def _numpy_random(name: str) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if name in ("default_rng", "RandomState"):
            seed = args[0] if args else kwargs.get("seed")
            return randomness.new_source(name == "default_rng", seed)
        if name == "seed":
            machine.streams.numpy = randomness.new_source(False, args[0] if args else kwargs.get("seed"))
            return None
        return randomness.draw_from(machine, machine.streams.numpy, name, args, kwargs)

    return Builtin(f"numpy.random.{name}", call)


def _plain_random(name: str) -> Builtin:
    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if name == "seed":
            return randomness.seed_plain(machine, args[0] if args else None)
        return randomness.draw_plain(machine, name, args)

    return Builtin(f"random.{name}", call)


def source_method(source: randomness.RandomSource, name: str) -> Builtin:
    """Return a method of a random generator of the document."""

    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        return randomness.draw_from(machine, source, name, args, kwargs)

    return Builtin(f"random.{name}", call)


def module_attribute(module: str, name: str) -> Value:
    """Return what ``module.name`` is.

    Raises
    ------
    Refused
        If the tables do not hold it.
    """
    qualified = f"{module}.{name}"
    short = qualified.removeprefix("numpy.")
    if qualified in MODULES:
        return Module(qualified)
    if qualified in _CONSTANTS:
        return _CONSTANTS[qualified]
    if module.startswith("numpy.random"):
        return _numpy_random(name)
    if module == "random":
        return _plain_random(name)
    if module == "math" and name in _MATH:
        return _math(name)
    if module == "copy" and name in ("copy", "deepcopy"):
        return Builtin(qualified, _deep_copy if name == "deepcopy" else _shallow_copy)
    if short == "set_printoptions":
        return Builtin(qualified, _print_options)
    if module == "numpy" and name in DTYPES:
        return _numpy_type(name)
    if module == "numpy" and name in HELPERS:
        return Builtin(qualified, HELPERS[name], unknowns=name == "copyto")
    if module == "typing":
        return Builtin(qualified, lambda m, a, k: Unknown(f"{qualified} is made directly"))
    if module == "numpy.testing" and name.startswith("assert"):
        return Builtin(qualified, lambda m, a, k: None, unknowns=True)
    if qualified in TYPES:
        return Builtin(qualified, lambda m, a, k: Unknown(f"{qualified} is made directly"))
    if short in ROUTINES and (module.startswith("numpy") or module.startswith("scipy")):
        return routine(short)
    raise Refused(f"{qualified} is not followed")


def public_names(module: str) -> tuple[str, ...]:
    """Return the names that ``from module import *`` binds, as far as they are followed."""
    if module == "math":
        return (*_MATH, "pi", "e", "inf", "nan", "tau")
    if module == "numpy":
        return (*(name for name in ROUTINES if "." not in name), "pi", "e", "inf", "nan", "newaxis")
    return ()
