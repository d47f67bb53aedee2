"""Names and definitions of activations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import sympy as sp

from codegen.latex.assemble import called
from codegen.latex.names import letter
from codegen.latex.text import Text
from derive.activations import ACTIVATIONS, A, Activation, formula, through_output
from derive.functions import Z
from derive.notation import Notation
from derive.program import index

if TYPE_CHECKING:
    from codegen.latex.speller import Speller

_NAMES = {
    "tanh": r"\tanh",
    "relu": r"\operatorname{relu}",
    "leaky-relu": r"\operatorname{LeakyReLU}",
    "elu": r"\operatorname{ELU}",
    "softplus": r"\operatorname{softplus}",
    "silu": r"\operatorname{SiLU}",
    "gelu": r"\operatorname{GELU}",
    "softmax": r"\operatorname{softmax}",
    "linear": r"\operatorname{id}",
}

_FOR_EXPRESSIONS = ("g", "h", "q", "u")


@dataclass(frozen=True)
class Functions:
    """How the activations of a network are called.

    The logistic function has the letter of the notation, with the number of the layer where layers are
    marked by subscripts and the letter is a general one (``f_1``). Others have their own names; those given
    by an expression are ``g``, or ``g_1``, ``g_2`` by their layers where there are several.
    """

    activations: Mapping[int, Activation]
    notation: Notation

    @property
    def sigmoid(self) -> str:
        """The letter of the logistic function, without a layer."""
        return letter(self.notation.function)

    @property
    def _own(self) -> str:
        taken = {str(getattr(self.notation, f.name)) for f in fields(self.notation)}
        return next((word for word in _FOR_EXPRESSIONS if word not in taken), "fun")

    def name(self, activation: Activation, layer: int | None = None) -> str:
        """Return the name of an activation in a layer."""
        mark = "" if layer is None else f"_{{{layer}}}"
        if activation.name in _NAMES:
            return _NAMES[activation.name]
        if activation.name in ACTIVATIONS:
            general = self.notation.function != "sigma" and self.notation.layer == "subscript"
            return self.sigmoid + (mark if general else "")
        own = {a.name for a in self.activations.values() if a.name not in ACTIVATIONS}
        return self._own + (mark if len(own) > 1 else "")

    def definition(self, activation: Activation, layer: int | None, order: int, speller: Speller) -> str:
        """Return the equation that defines an activation in ``z``, or that of its derivative of an order.

        The first derivative is given through the activation itself where it has such a form.
        """
        name, style = self.name(activation, layer), speller.style()
        if activation.normalised:
            if order:
                raise ValueError(f"{activation.name} has no derivative in one number: it maps vectors")
            z = sp.IndexedBase("z")
            of = [activation.formula.xreplace({Z: z[index(k)]}) for k in "ik"]
            style = replace(style, leaf=lambda node, _: Text(f"z_{{{node.indices[0]}}}"))
            own, each = (style.write(numerator).first for numerator in of)
            return rf"{name}(z)_{{i}} = \frac{{{own}}}{{\sum_{{k}} {each}}}"
        value, primes = formula(activation, order), "'" * order
        short = through_output(activation) if order == 1 else None
        if short is not None:
            value = short.xreplace({A: sp.Indexed(sp.IndexedBase("a"), 0)})
            style = replace(style, leaf=lambda _, __: called(name, style.write(Z)))
        elif value == sp.tanh(Z):
            value = value.rewrite(sp.exp)
        return f"{name}{primes}(z) = {style.write(value).first}"
