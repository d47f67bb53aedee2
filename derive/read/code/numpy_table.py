"""The functions of NumPy that are followed, each with an estimate of its cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.read.code import numpy_sizes as size
from derive.read.code.budget import Failed, Refused
from derive.read.code.kinds import DTYPES
from derive.read.code.numpy_sizes import Estimate
from derive.read.code.operators import admit
from derive.read.code.values import INTERNAL, Builtin, Value, find_unknown, weigh, words

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

KEYWORDS = frozenset(
    words(
        "axis axes keepdims dtype decimals shape fill_value repeats reps a_min a_max min max num start "
        "stop step endpoint ord ddof N M n m k mode pad_width constant_values order newshape indexing "
        "prepend append a x b rtol atol offset axis1 axis2 copy ndmin return_index return_counts "
        "minlength nan posinf neginf a1 a2 arr obj values condition subok"
    )
)


@dataclass(frozen=True, slots=True)
class Routine:
    """A function of NumPy together with the estimate of its cost."""

    function: Callable[..., Any]
    estimate: Estimate


def _full_of_nan(shape: Any, dtype: Any = np.float64) -> Any:
    # Memory without a value has no value to follow; NaN makes any use of it visible.
    return np.full(shape, np.nan if np.dtype(dtype).kind == "f" else 0, dtype=dtype)


def _nan_like(array: Any, dtype: Any = None) -> Any:
    return _full_of_nan(np.shape(array), np.asarray(array).dtype if dtype is None else dtype)


def _logistic(z: Any) -> Any:
    z = np.asarray(z, dtype=np.float64)
    result = np.exp(-np.logaddexp(0.0, -z))
    return result if result.ndim else result[()]


def _erf(z: Any) -> Any:
    import math

    return np.vectorize(math.erf, otypes=[np.float64])(z)


_ELEMENTWISE = words(
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt square abs absolute fabs sign negative positive "
    "reciprocal sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh floor "
    "ceil rint trunc add subtract multiply divide true_divide floor_divide mod remainder fmod power "
    "float_power maximum minimum fmax fmin hypot logaddexp greater greater_equal less less_equal "
    "equal not_equal logical_and logical_or logical_not logical_xor isnan isinf isfinite clip where "
    "round around heaviside isclose nan_to_num sinc deg2rad rad2deg copysign"
)
_TOTAL = words(
    "sum prod mean std var max min amax amin argmax argmin cumsum cumprod any all median average "
    "concatenate vstack hstack stack column_stack dstack append delete copy array asarray "
    "ascontiguousarray asanyarray sort argsort unique flip fliplr flipud roll array_equal allclose "
    "trace count_nonzero nonzero argwhere flatnonzero nansum nanmean nanmax nanmin tril triu "
    "searchsorted ptp percentile quantile cross gradient block interp"
)
_VIEWS = words(
    "transpose reshape ravel squeeze expand_dims atleast_1d atleast_2d atleast_3d swapaxes moveaxis "
    "shape size ndim diagonal rollaxis rot90"
)
_LIKE = ("zeros_like", "ones_like", "full_like")
_SPLITS = ("split", "array_split", "hsplit", "vsplit")


def _routines() -> dict[str, Routine]:
    table: dict[str, Routine] = {}
    for names, estimate in (
        (_ELEMENTWISE, size.elementwise),
        (_TOTAL, size.total),
        (_VIEWS, size.total),
        (_LIKE, size.like),
        (_SPLITS, size.sections),
    ):
        for name in names:
            table[name] = Routine(getattr(np, name), estimate)
    by_shape = size.by_shape("shape")
    table |= {
        "zeros": Routine(np.zeros, by_shape),
        "ones": Routine(np.ones, by_shape),
        "full": Routine(np.full, by_shape),
        "empty": Routine(_full_of_nan, by_shape),
        "empty_like": Routine(_nan_like, size.like),
        "eye": Routine(np.eye, size.square),
        "identity": Routine(np.identity, size.square),
        "diag": Routine(np.diag, size.diagonal),
        "diagflat": Routine(np.diagflat, size.diagonal),
        "outer": Routine(np.outer, size.product),
        "kron": Routine(np.kron, size.product),
        "dot": Routine(np.dot, size.matmul),
        "matmul": Routine(np.matmul, size.matmul),
        "inner": Routine(np.inner, size.product),
        "vdot": Routine(np.vdot, size.total),
        "tensordot": Routine(np.tensordot, size.tensordot),
        "einsum": Routine(np.einsum, size.einsum),
        "arange": Routine(np.arange, size.steps),
        "linspace": Routine(np.linspace, size.samples),
        "logspace": Routine(np.logspace, size.samples),
        "repeat": Routine(np.repeat, size.repeated),
        "tile": Routine(np.tile, size.repeated),
        "pad": Routine(np.pad, size.padded),
        "meshgrid": Routine(np.meshgrid, size.grids),
        "broadcast_to": Routine(np.broadcast_to, size.by_shape("shape", 1)),
        "convolve": Routine(np.convolve, size.product),
        "correlate": Routine(np.correlate, size.product),
        "linalg.norm": Routine(np.linalg.norm, size.cubic),
        "linalg.inv": Routine(np.linalg.inv, size.cubic),
        "linalg.pinv": Routine(np.linalg.pinv, size.cubic),
        "linalg.det": Routine(np.linalg.det, size.cubic),
        "linalg.solve": Routine(np.linalg.solve, size.cubic),
        "scipy.special.expit": Routine(_logistic, size.elementwise),
        "scipy.special.erf": Routine(_erf, size.elementwise),
    }
    return table


ROUTINES = _routines()


def to_dtype(value: Value) -> Any:
    """Return NumPy's type for a ``dtype`` argument of the document."""
    if value is None:
        return None
    name = value.name.rpartition(".")[2] if isinstance(value, Builtin) else value
    if not isinstance(name, str) or name not in DTYPES:
        raise Refused("this dtype is not followed")
    return DTYPES[name]


def routine(name: str) -> Builtin:
    """Return the table's function `name` as a value of the document."""

    def call(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        return call_routine(machine, name, ROUTINES[name], args, kwargs)

    return Builtin(f"numpy.{name}", call, unknowns=True)


def call_routine(
    machine: Machine, name: str, entry: Routine, args: tuple[Value, ...], kwargs: dict[str, Value]
) -> Value:
    """Call a function of NumPy after checking its arguments and its cost.

    Raises
    ------
    Refused
        For arguments that are not numbers, unknown keywords, and results that are too large.
    """
    args, kwargs, target = _target(entry, args, kwargs)
    if (found := find_unknown([*args, *kwargs.values()])) is not None:
        if target is not None:
            machine.taint(target)
        return found
    if target is not None:
        return _into(machine, target, name, entry, args, kwargs)
    unknown = kwargs.keys() - KEYWORDS
    if unknown:
        raise Refused(f"the argument {min(unknown)!r} of numpy.{name} is not followed")
    if name == "clip":
        kwargs = {{"a_min": "min", "a_max": "max"}.get(key, key): value for key, value in kwargs.items()}
    plain = tuple(_argument(machine, value) for value in args)
    named = {key: _dtype_or(machine, key, value) for key, value in kwargs.items()}
    if len(plain) > 1 and name in ("array", "asarray", "zeros", "ones", "zeros_like", "ones_like", "empty"):
        plain = (plain[0], _dtype_or(machine, "dtype", args[1]), *plain[2:])
    entry.estimate(machine, plain, {key: value for key, value in named.items() if key != "dtype"})
    if name in ("concatenate", "vstack", "hstack", "stack", "column_stack", "dstack", "block"):
        machine.meter.step(len(plain[0]) if plain and isinstance(plain[0], list | tuple) else 1)
    return admit(entry.function(*plain, **named))


def _target(
    entry: Routine, args: tuple[Value, ...], kwargs: dict[str, Value]
) -> tuple[tuple[Value, ...], dict[str, Value], Any]:
    """Take the array that the result is put into out of the arguments, by name or by place."""
    target = kwargs.get("out")
    if isinstance(target, tuple) and len(target) == 1:
        target = target[0]
    if isinstance(target, np.ndarray):
        return args, {key: value for key, value in kwargs.items() if key != "out"}, target
    inputs = getattr(entry.function, "nin", 2 if entry.function is np.dot else len(args))
    if len(args) == inputs + 1 and isinstance(args[inputs], np.ndarray):
        return args[:inputs], kwargs, args[inputs]
    return args, kwargs, None


def _into(
    machine: Machine,
    target: Any,
    name: str,
    entry: Routine,
    args: tuple[Value, ...],
    kwargs: dict[str, Value],
) -> Value:
    """Put the result into an array of the document; where it cannot be followed, the array is unknown."""
    machine.touch(target)
    try:
        result = call_routine(machine, name, entry, args, kwargs)
    except Refused:
        machine.taint(target)
        raise
    if np.shape(result) != target.shape:
        raise Failed(f"a result of shape {np.shape(result)} does not fit the array of shape {target.shape}")
    target[...] = result
    return target


def _dtype_or(machine: Machine, key: str, value: Value) -> Value:
    return to_dtype(value) if key == "dtype" else _argument(machine, value)


def _argument(machine: Machine, value: Value) -> Value:
    """Let numbers, arrays and lists of them through; nothing that NumPy could call back."""
    if isinstance(value, range):
        machine.meter.items(len(value))
        return list(value)
    if isinstance(value, Builtin) and value.name.rpartition(".")[2] in DTYPES:
        return DTYPES[value.name.rpartition(".")[2]]
    if isinstance(value, list | tuple):
        machine.meter.step(weigh(value) // 8)
        _check_items(value)
        return value
    if isinstance(value, str) and len(value) > 100:
        raise Refused("a long text is given to NumPy")
    if isinstance(value, (*INTERNAL, dict, set)):
        raise Refused(f"a {type(value).__name__.lower()} is given to NumPy")
    return value


def _check_items(value: Value) -> None:
    queue = [value]
    while queue:
        item = queue.pop()
        if isinstance(item, list | tuple):
            queue.extend(item)
        elif isinstance(item, (*INTERNAL, dict, set, str)) or find_unknown(item) is not None:
            raise Refused("a list that holds other things than numbers is given to NumPy")
