"""Activations: each states its forward formula; everything else follows from it by calculus."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import ArgumentIndexError

from derive.functions import Call, Sigmoid, Z
from derive.slopes import NoRuleError, slope
from derive.stable import T, as_rational, stabilise

A = sp.Symbol("a", real=True)
"""Stands for the output of the activation in forms such as ``a (1 - a)``."""


@dataclass(frozen=True)
class Activation:
    """An activation function.

    Attributes
    ----------
    name : str
        As the network file spells it; for an expression, its text.
    formula : sympy.Expr
        The value in ``z``. For an activation of a whole vector (softmax), the numerator; the
        value is then ``formula / Sum(formula)`` over the units of the layer.
    normalised : bool
        Whether the values are divided by their sum over the layer.
    convention : str
        What is taken as the derivative where there is none.
    """

    name: str
    formula: sp.Expr
    normalised: bool = False
    convention: str = ""

    @property
    def elementwise(self) -> bool:
        """Whether each output depends on its own input alone."""
        return not self.normalised

    @property
    def is_identity(self) -> bool:
        """Whether the output is the input."""
        return bool(self.formula == Z)


_FORMULAS: dict[str, tuple[sp.Expr, str]] = {
    "linear": (Z, ""),
    "sigmoid": (1 / (1 + sp.exp(-Z)), ""),
    "tanh": (sp.tanh(Z), ""),
    "relu": (sp.Piecewise((Z, Z > 0), (0, True)), "the derivative of relu at 0 is taken as 0"),
    "leaky-relu": (
        sp.Piecewise((Z, Z > 0), (Z / 100, True)),
        "the derivative of leaky-relu at 0 is taken as 0.01",
    ),
    "elu": (sp.Piecewise((Z, Z > 0), (sp.exp(Z) - 1, True)), ""),
    "softplus": (sp.log(1 + sp.exp(Z)), ""),
    "silu": (Z / (1 + sp.exp(-Z)), ""),
    "gelu": (Z * (1 + sp.erf(Z / sp.sqrt(2))) / 2, ""),
}

ACTIVATIONS: dict[str, Activation] = {
    **{name: Activation(name, formula, convention=kink) for name, (formula, kink) in _FORMULAS.items()},
    "softmax": Activation("softmax", sp.exp(Z), normalised=True),
}


class Activated(Call):
    """The application of an elementwise activation, or of one of its derivatives, to one argument.

    A subclass for each pair of activation and order is made by `head`; it stands for the whole
    formula, so that a step shows ``sigmoid(z)`` and not its definition.
    """

    activation: ClassVar[Activation]
    order: ClassVar[int]
    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the next derivative, again as one function call."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return apply(self.activation, self.args[0], self.order + 1)

    def _eval_is_real(self) -> bool | None:
        return bool(self.args[0].is_real) or None

    def __reduce__(self) -> Any:
        """Pickle and copy by what the class was made from, since no module holds it."""
        return apply, (self.activation, self.args[0], self.order)


def apply(activation: Activation, z: sp.Expr, order: int = 0) -> sp.Expr:
    """Return the activation, or its derivative of the given order, of ``z``, as one call.

    Derivatives that are constants (those of ``linear``) are returned as numbers.
    """
    if activation.is_identity:
        return (z, sp.Integer(1), sp.Integer(0))[min(order, 2)]
    return head(activation, order)(z)


@cache
def head(activation: Activation, order: int) -> type[Activated]:
    """Return the function that stands for the derivative of the given order."""
    name = activation.name + "'" * order
    made: type[Activated] = type(name, (Activated,), {"activation": activation, "order": order})
    return made


@lru_cache(maxsize=1024)
def formula(activation: Activation, order: int = 0) -> sp.Expr:
    """Return the textbook formula of the derivative of the given order, in ``z``."""
    if order == 0:
        return activation.formula
    if order == 1:
        with suppress(NoRuleError):
            return slope(activation.formula, Z)
    return sp.diff(activation.formula, Z, order)


@lru_cache(maxsize=1024)
def stable_formula(activation: Activation, order: int = 0) -> sp.Expr:
    """Return the formula rewritten so that it neither overflows nor cancels, in ``z``."""
    return stabilise(formula(activation, order))


@lru_cache(maxsize=1024)
def through_output(activation: Activation) -> sp.Expr | None:
    """Return the derivative in terms of the output ``a`` (and ``z``), or None where there is no such form.

    The derivative is sought as a combination of ``1, a, a^2`` and, failing that, of
    ``1, s, a, a s`` with ``s`` the sigmoid of ``z``. With ``t = exp(z)`` both sides are rational
    functions of ``t`` and ``z``; the coefficients solve the linear equations that make them equal
    identically, which is the proof.
    """
    value = formula(activation)
    if not isinstance(value, sp.Piecewise):
        return _through(value, formula(activation, 1))
    branches = []
    for f, guard in value.args:
        df = sp.diff(f, Z)
        form = df if not df.has(Z) else _through(f, df)
        if form is None:
            return None
        branches.append((form, guard))
    return sp.Piecewise(*branches)


def _through(value: sp.Expr, slope: sp.Expr) -> sp.Expr | None:
    s = 1 / (1 + sp.exp(-Z))
    families = [
        ([sp.Integer(1), value, value**2], _polynomial_form),
        (
            [sp.Integer(1), s, value, value * s],
            lambda c: c[0] + c[1] * Sigmoid(Z) + A * (c[2] + c[3] * Sigmoid(Z)),
        ),
    ]
    for basis, build in families:
        unknowns = sp.symbols(f"c:{len(basis)}")
        usable = {c: b for c, b in zip(unknowns, basis, strict=True) if not b.has(sp.log, sp.erf)}
        found = as_rational(slope - sp.Add(*(c * b for c, b in usable.items())))
        if found is None:
            continue
        numerator = sp.numer(sp.cancel(sp.together(found[0])))
        if not numerator.is_polynomial(T, Z):
            continue
        equations = sp.Poly(numerator, T, Z, domain="EX").coeffs()
        for solution in sp.linsolve(equations, *usable):
            if not solution.free_symbols:
                known = dict(zip(usable, solution, strict=True))
                return build([known.get(c, sp.Integer(0)) for c in unknowns])
    return None


def _polynomial_form(c: list[sp.Expr]) -> sp.Expr:
    return c[0] + c[1] * A + c[2] * A**2 if c[0] else A * (c[1] + c[2] * A)
