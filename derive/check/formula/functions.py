"""Function calls in formulas: elementary functions, activations and their derivatives, and words of code."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import ACTIVATIONS, Activation
from derive.activations import apply as apply_activation
from derive.arithmetic import FLOAT, Array
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator, register, times
from derive.check.formula.frame import Frame, layer_number, quiet
from derive.check.formula.marks import Index, Ref, index_of
from derive.check.formula.own_functions import own_function
from derive.check.formula.shapes import flat, is_matrix, size_of
from derive.check.formula.words import WORDS, only
from derive.check.intervals import Interval, Value, high_of, low_of, power
from derive.index_arrays import Scope, value_of
from derive.read.formula_walk import walk
from derive.read.tree import Call, Name

_SAMPLES = 9  # places inside an interval where a function without known extremes is evaluated


def _erf(value: complex) -> complex:
    """Return the error function; an imaginary step, which is tiny, is carried along by the slope."""
    slope = 2.0 / math.sqrt(math.pi) * math.exp(-(value.real**2))
    return complex(math.erf(value.real), slope * value.imag)


_ERF = np.vectorize(_erf, otypes=[complex])


def _magnitude(value: Any) -> Any:
    """Return the absolute value; an imaginary step, which is tiny, is carried along by the slope."""
    return value * np.sign(np.real(value)) if np.iscomplexobj(value) else np.abs(value)


def _sign(value: Any) -> Any:
    return np.sign(np.real(value))


ELEMENTARY: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "log": np.log,
    "ln": np.log,
    "sqrt": np.sqrt,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sech": lambda v: 1 / np.cosh(v),
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "arctan": np.arctan,
    "abs": _magnitude,
    "square": np.square,
    "erf": lambda v: _ERF(v) if np.iscomplexobj(v) else np.real(_ERF(v)),
    "sign": _sign,
    "sgn": _sign,
}
_ACTIVATION_NAMES = {
    "sigmoid": "sigmoid",
    "sigm": "sigmoid",
    "sig": "sigmoid",
    "logistic": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "lrelu": "leaky-relu",
    "leaky_relu": "leaky-relu",
    "leakyrelu": "leaky-relu",
    "elu": "elu",
    "softplus": "softplus",
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "softmax": "softmax",
}
LETTERS = frozenset(["f", "g", "h", "sigma", "phi", "Phi", "psi", "act", "activation"])
_MODELS = frozenset({"f", "g", "h"})
"""Those that the network as a whole may go by, as in ``h(x)``."""
FUNCTIONS = LETTERS | _ACTIVATION_NAMES.keys()
"""Letters and words that an activation may go by."""

_CHOICES = ("first", "second", "third")
_DERIVATIVE_WORDS = ("_derivative", "_prime", "_grad", "_deriv")


def apply_function(name: str, value: Value) -> Value:
    """Apply an elementary function to every element."""
    function = ELEMENTARY[name]
    with np.errstate(all="ignore"):
        return sampled(function, value)


def sampled(function: Callable[[Any], Any], value: Value) -> Value:
    """Apply a function; to an interval by its values at the ends and at places in between."""
    if not isinstance(value, Interval):
        return np.asarray(function(value))
    steps = [low_of(value) + (high_of(value) - low_of(value)) * k / (_SAMPLES - 1) for k in range(_SAMPLES)]
    results = [np.asarray(function(step)) for step in steps]
    return Interval(np.minimum.reduce(results), np.maximum.reduce(results))


@cache
def _expression(activation: Activation, order: int) -> tuple[sp.Expr, sp.Symbol]:
    k = sp.Symbol("k", integer=True, nonnegative=True)
    return apply_activation(activation, sp.Indexed("_z", k), order), k


def activated(activation: Activation, order: int, value: Value) -> Value:
    """Return the activation, or a derivative of it, of every element; complex steps are carried along."""
    if np.iscomplexobj(low_of(value)):
        whole = low_of(value)
        real, slope = np.real(whole), activated(activation, order + 1, np.real(whole))
        return np.asarray(activated(activation, order, real)) + 1j * np.imag(whole) * np.asarray(slope)
    return sampled(lambda z: _floats(activation, order, np.asarray(z, dtype=float)), value)


def _floats(activation: Activation, order: int, z: Array) -> Array:
    expr, k = _expression(activation, order)
    data = z.reshape(-1)
    with np.errstate(all="ignore"):
        result = value_of(expr, Scope(FLOAT, {"_z": data}, {}).inside(k, 0, data.size - 1)).data
    return np.broadcast_to(np.asarray(result, dtype=float), data.shape).reshape(z.shape)


def _normalised(value: Value, row: bool) -> Value:
    if not is_matrix(value):
        raise Undecided("softmax of a single number")
    exps = apply_function("exp", value)
    total = exps.sum(axis=-1 if row else -2)
    rows, columns = size_of(value)
    if min(rows, columns) == 1:
        total = flat(exps).sum(axis=-1)
        return exps / total[:, :, None, None]
    return exps / (total[:, :, :, None] if row else total[:, :, None, :])


def _call(ev: Evaluator, node: Call, frame: Frame) -> Value:
    name = node.function
    base, primes = name.base, name.primes
    exponent = _exponent(name)
    if exponent != 1:
        bare = Call(
            Name(base, name.accents, primes, name.subscripts, (), span=name.span),
            node.arguments,
            node.certain,
            span=node.span,
        )
        return power(_call(ev, bare, frame), exponent)
    if ev.reading.roles.get(base) == "L":
        from derive.check.formula.derivatives import loss_call

        return loss_call(ev, node, frame)
    if base in WORDS:
        return WORDS[base](ev, node, frame)
    if (own := own_function(ev, node, frame)) is not None:
        return own
    if (output := _output_of(ev, node, frame)) is not None:
        return output
    if (found := _activation_of(ev, name, node, frame)) is not None:
        activation, order = found
        argument = ev.value(only(node), frame)
        if activation.normalised:
            if order:
                raise Undecided("the derivative of softmax is a matrix")
            return _normalised(argument, ev.reading.vectors == "row")
        return activated(activation, order, argument)
    if base in ELEMENTARY and not primes:
        return apply_function(base, ev.value(only(node), frame))
    if not node.certain or quiet(name, ev.reading) is not None:
        return times(ev, ev.value(name, frame), ev.value(only(node), frame), "", node)
    raise Undecided(f"the function {base} is explained nowhere")


def _output_of(ev: Evaluator, node: Call, frame: Frame) -> Value | None:
    """Return the output of the network for ``f(x)``, ``h_theta(x)``; None where that is something else."""
    from derive.check.formula.quantities import value_of_ref

    argument = node.arguments[0] if len(node.arguments) == 1 else None
    if node.function.base not in _MODELS or node.function.primes or not isinstance(argument, Name):
        return None
    ref = quiet(argument, ev.reading)
    if ref is None or ref.role != "x" or ref.at is not None:
        return None
    ev.doubts.add("model")
    if ev.mode.model != "output":
        return None
    return value_of_ref(ev, Ref("out", sample=ref.sample), frame, node.function)


def _exponent(name: Name) -> int:
    powers = [script for script in name.superscripts if script.role == "power"]
    if not powers:
        return 1
    if len(powers) == 1 and powers[0].text.isdigit() and int(powers[0].text) < 10:
        return int(powers[0].text)
    raise Undecided("a power of a function that is no small number")


def _activation_of(ev: Evaluator, name: Name, node: Call, frame: Frame) -> tuple[Activation, int] | None:
    """Return the activation that a function name means, and how often it is differentiated."""
    base, order = name.base, name.primes
    if base.startswith("d_") or base in ("dsigmoid", "drelu", "dtanh"):
        base, order = base.removeprefix("d").removeprefix("_"), order + 1
    for ending in _DERIVATIVE_WORDS:
        if base.endswith(ending):
            base, order = base.removesuffix(ending), order + 1
    known = _ACTIVATION_NAMES.get(base.lower())
    if known is not None:
        return ACTIVATIONS[known], order
    if base not in LETTERS and base != ev.reading.notation.function:
        return None
    if ev.reading.function != "layer":
        return ACTIVATIONS[ev.reading.function], order
    layer = _layer_of(ev, name, frame) or _layer_of_argument(ev, node, frame)
    if layer is not None:
        return ev.reading.network.activation_of(layer), order
    numbers = range(1, ev.reading.layers + 1)
    kinds = list(dict.fromkeys(ev.reading.network.activation_of(n) for n in numbers))
    curved = [kind for kind in kinds if not kind.is_identity] or kinds
    if base == "sigma":  # it is named after the sigmoid
        curved.sort(key=lambda kind: kind is not ACTIVATIONS["sigmoid"])
    if len(curved) > 1:
        ev.doubts.add("function")
    return curved[min(_CHOICES.index(ev.mode.function), len(curved) - 1)], order


def _layer_of(ev: Evaluator, name: Name, frame: Frame) -> int | None:
    for script in (*name.subscripts, *name.superscripts):
        if script.role == "power":
            continue
        try:
            return _checked(ev, layer_number(index_of(script.tokens), "a", ev.reading, frame.layers))
        except (Undecided, MistakeError):
            continue
    return None


def _layer_of_argument(ev: Evaluator, node: Call, frame: Frame) -> int | None:
    for inner in walk(node.arguments[0]):
        if isinstance(inner, Name) and (ref := quiet(inner, ev.reading)) is not None:
            layer: Index | None = ref.layer
            if layer is not None and ref.role in ("z", "W", "b"):
                return _checked(ev, layer_number(layer, ref.role, ev.reading, frame.layers))
    return None


def _checked(ev: Evaluator, number: int) -> int:
    if not 1 <= number <= ev.reading.layers:
        raise MissingLayerError
    return number


register(Call, _call)
