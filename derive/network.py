"""A description of a network, and the program that computes its loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from derive.activations import ACTIVATIONS, A, Activation
from derive.building import replaced
from derive.losses import LOSSES, Loss, Y
from derive.program import Program, Role, Rule, Step, Tensor, index, total
from derive.suggest import shown, unknown

if TYPE_CHECKING:
    from derive.derivation import Derivation

LAYOUTS = ("column", "row")
BIASES = ("separate", "folded", "none")
REDUCTIONS = ("sum", "mean")

SAMPLE = index("n")
"""The index of a sample in a batch."""

MAX_UNITS = 1_000_000
MAX_LAYERS = 100
MAX_WEIGHTS = 1_000_000_000


class NetworkError(ValueError):
    """A network that cannot be built; the message names the value, what is allowed and the remedy.

    Attributes
    ----------
    key : str
        The argument at fault, where it is one.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class Dense:
    """A fully connected layer.

    Attributes
    ----------
    units : int
        The number of outputs.
    activation : str
        A name of `derive.activations.ACTIVATIONS`, or an expression in ``z``.
    bias : {"separate", "folded", "none"}, optional
        The network's by default.
    kind : str
        A key of `derive.layers.LAYERS`: what states the forward steps.
    """

    units: int
    activation: str = "linear"
    bias: str | None = None
    kind: str = "dense"

    def __post_init__(self) -> None:
        _count("units", self.units, MAX_UNITS)
        from derive.layers import LAYERS

        _one_of("kind", self.kind, tuple(LAYERS))
        if self.bias is not None:
            _one_of("bias", self.bias, BIASES)
        resolve_activation(self.activation)


@dataclass(frozen=True)
class Network:
    """A feed-forward network with its loss.

    Parameters
    ----------
    layers : sequence of Dense
    inputs : int
        The number of inputs of one sample.
    loss : str
        A name of `derive.losses.LOSSES`.
    layout : {"column", "row"}
        ``column``: ``z = W a + b`` with ``W`` of shape (units, inputs); ``row``: ``z = a W + b``.
    bias : {"separate", "folded", "none"}
        ``folded``: the first column (row) of ``W`` multiplies a constant 1.
    reduction : {"sum", "mean"}
        How the losses of the samples of a batch are combined.
    title : str

    Raises
    ------
    NetworkError
        If a name is unknown or a size is out of range.

    Examples
    --------
    >>> net = Network([Dense(2, "sigmoid"), Dense(1)], inputs=3, loss="half-squared-error")
    >>> net.derive().gradient("W1").text()
    'dW1[i, j] = dz1[i]*x[j]'
    """

    layers: Sequence[Dense]
    inputs: int
    loss: str
    layout: str = "column"
    bias: str = "separate"
    reduction: str = "sum"
    title: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise NetworkError("a network needs at least one layer", "layers")
        if len(self.layers) > MAX_LAYERS:
            raise NetworkError(
                f"{len(self.layers)} layers are more than the {MAX_LAYERS} that are supported", "layers"
            )
        _count("inputs", self.inputs, MAX_UNITS)
        _one_of("loss", self.loss, tuple(LOSSES))
        _one_of("layout", self.layout, LAYOUTS)
        _one_of("bias", self.bias, BIASES)
        _one_of("reduction", self.reduction, REDUCTIONS)
        if self.weights > MAX_WEIGHTS:
            raise NetworkError(f"{self.weights} weights are more than the {MAX_WEIGHTS} that are supported")

    @property
    def loss_function(self) -> Loss:
        """The loss with its formula."""
        return LOSSES[self.loss]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then the units of each layer."""
        return (self.inputs, *(layer.units for layer in self.layers))

    @property
    def weights(self) -> int:
        """The number of parameters, biases included."""
        return sum(
            layer.units * (self.sizes[number - 1] + (self.bias_of(number) != "none"))
            for number, layer in enumerate(self.layers, start=1)
        )

    def bias_of(self, number: int) -> str:
        """Return the kind of bias of a layer; layers count from 1."""
        return self.layers[number - 1].bias or self.bias

    def activation_of(self, number: int) -> Activation:
        """Return the activation of a layer; layers count from 1."""
        return resolve_activation(self.layers[number - 1].activation)

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, in the order W1, b1, W2, b2, ..."""
        shapes: dict[str, tuple[int, ...]] = {}
        for number, layer in enumerate(self.layers, start=1):
            rows, columns = layer.units, self.sizes[number - 1] + (self.bias_of(number) == "folded")
            shapes[f"W{number}"] = (rows, columns) if self.layout == "column" else (columns, rows)
            if self.bias_of(number) == "separate":
                shapes[f"b{number}"] = (layer.units,)
        return shapes

    def program(self, samples: int | sp.Symbol | None = None) -> Program:
        """Return the forward program.

        Parameters
        ----------
        samples : int or sympy.Symbol, optional
            The number of samples, then the first axis of every tensor but the parameters; one
            sample without such an axis by default.
        """
        return forward_program(self, samples)

    def derive(self, samples: int | sp.Symbol | None = None) -> Derivation:
        """Return the derivation of the gradient of the loss."""
        from derive.derivation import derive

        return derive(self, samples)


def resolve_activation(name: str) -> Activation:
    """Return the activation with a name, or that of an expression in ``z``."""
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]
    from derive.expression import ExpressionError, looks_like_name, parse_activation

    if looks_like_name(name):
        message = unknown("activation", name, ACTIVATIONS)
        raise NetworkError(
            f"{message} (or write an expression in z, such as 'z/(1 + exp(-z))')", "activation"
        )
    try:
        return parse_activation(name)
    except ExpressionError as error:
        raise NetworkError(f"activation = {shown(name)}: {error}", "activation") from error


def forward_program(network: Network, samples: int | sp.Symbol | None) -> Program:
    """Build the steps ``z1, a1, z2, ..., L`` of a network."""
    from derive.layers import LAYERS

    batch: tuple[sp.Expr, ...] = () if samples is None else (_extent(samples),)
    previous = Tensor("x", Role.INPUT, (*batch, sp.Integer(network.inputs)))
    target = Tensor("y", Role.TARGET, (*batch, sp.Integer(network.sizes[-1])))
    parameters = tuple(
        Tensor(name, Role.PARAMETER, tuple(map(sp.Integer, shape)))
        for name, shape in network.parameter_shapes.items()
    )
    steps: list[Step] = []
    for number, layer in enumerate(network.layers, start=1):
        steps += LAYERS[layer.kind](network, number, previous)
        previous = steps[-1].tensor
    steps.append(_loss_step(network, previous, target))
    inputs = (Tensor("x", Role.INPUT, (*batch, sp.Integer(network.inputs))), *parameters, target)
    return Program(inputs, tuple(steps))


def _loss_step(network: Network, output: Tensor, target: Tensor) -> Step:
    loss, i = network.loss_function, index("i")
    batch = output.shape[:-1]
    where = (*(SAMPLE for _ in batch), i)
    sign = -1 if loss.term.could_extract_minus_sign() else 1
    scale, term = (sign * loss.term).as_coeff_Mul()
    body = replaced(term, {A: output[where], Y: target[where]})
    limits = [(i, output.shape[-1]), *((SAMPLE, extent) for extent in batch)]
    value = sign * scale * total(body, *limits)
    if loss.over_outputs == "mean":
        value = value / output.shape[-1]
    if batch and network.reduction == "mean":
        value = value / batch[0]
    words = f"the loss, {loss.name}" + (f", {network.reduction} over the samples" if batch else "")
    return Step(Tensor("L", Role.LOSS, ()), (), value, Rule("loss", words))


def _extent(samples: int | sp.Symbol) -> sp.Expr:
    if isinstance(samples, sp.Symbol):
        return samples
    _count("samples", samples, 10**9)
    return sp.Integer(samples)


def _count(what: str, value: object, largest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise NetworkError(f"{what} = {shown(value)}: expected a whole number from 1 to {largest:,}", what)


def _one_of(what: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise NetworkError(unknown(what, value, allowed), what)
