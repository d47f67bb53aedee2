"""The derivation of a gradient: one program, with the views that readers ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from derive.adjoint import adjoint_name, differentiate
from derive.fusion import fused
from derive.matrix import holds, matrix_form
from derive.network import Network
from derive.notation import Notation
from derive.optimizers import gradient_descent
from derive.printing import Printable
from derive.program import Program, Role, Step
from derive.safe import stabilised
from derive.views import MAX_PATHS, ElementView, IndexView, MatrixView, PathView, path_view


@dataclass(frozen=True)
class Derivation(Printable):
    """The gradient of the loss of a network by every parameter.

    Attributes
    ----------
    network : Network
    samples : int or sympy.Symbol or None
        The number of samples of a batch; None for one sample.
    assumptions : frozenset of str
        What was taken to hold (`derive.losses`); recorded in the steps that need it.
    program : Program
        Forward, backward and update, by the textbook formulas.
    """

    network: Network
    samples: int | sp.Symbol | None
    assumptions: frozenset[str]
    program: Program = field(repr=False)

    @cached_property
    def shortened(self) -> dict[str, Step]:
        """Adjoint steps in which a division cancels (softmax with cross-entropy), by name."""
        return fused(self.program, self.assumptions)

    @cached_property
    def numeric(self) -> Program:
        """The same tensors by steps that neither overflow nor cancel; for numbers and for code."""
        return stabilised(self.program, self.assumptions)

    @cached_property
    def fast(self) -> Program:
        """`numeric`, but for the slopes of activations in their textbook forms: ``a (1 - a)``."""
        return stabilised(self.program, self.assumptions, precise=False)

    @property
    def vectors(self) -> str:
        """How a tensor with one axis stands as a matrix: as a column or as a row."""
        return self.network.layout

    def step(self, name: str) -> Step:
        """Return the step of a tensor; ``KeyError`` names what there is."""
        try:
            return self.program.step(name)
        except KeyError:
            known = ", ".join(step.tensor.name for step in self.program.steps)
            raise KeyError(f"no step defines {name!r}; there are {known}") from None

    def forward(self, name: str) -> IndexView:
        """Return the definition of a hidden tensor or of the loss."""
        return IndexView(self.step(name), self.program)

    def gradient(self, name: str) -> IndexView:
        """Return the derivative of the loss by a tensor, for all its elements at once."""
        return IndexView(self.step(adjoint_name(name)), self.program)

    def element(self, name: str, *at: int) -> ElementView:
        """Return the derivative of the loss by one element, indices from 0."""
        step = self.step(adjoint_name(name))
        _within(name, at, step)
        return ElementView(step, at, self.program)

    def matrix(self, name: str) -> MatrixView:
        """Return the derivative of the loss by a tensor as matrix algebra."""
        return self.as_matrix(adjoint_name(name))

    def as_matrix(self, step_name: str) -> MatrixView:
        """Return any step as matrix algebra, proved equal to its index form."""
        step, tensors = self.step(step_name), self.program.tensors
        form = matrix_form(step, tensors, self.vectors)
        proved = form is not None and holds(step, form, tensors, self.vectors)
        return MatrixView(step, form if proved else None, self.vectors, self.program)

    def paths(self, name: str, *at: int, limit: int = MAX_PATHS) -> PathView:
        """Return the derivative by one element as a sum over paths; `TooLargeError` beyond `limit` paths."""
        _within(name, at, self.step(adjoint_name(name)))
        return path_view(self._forward, "L", (name, at), limit)

    @cached_property
    def _forward(self) -> Program:
        return replace(self.program, steps=tuple(s for s in self.program.steps if s.tensor.role in _FORWARD))

    def with_notation(self, notation: Notation) -> Derivation:
        """Return the derivation with delta as the notation means it."""
        if notation.delta == "gradient":
            return self
        from derive.conventions import with_negative_deltas

        return replace(self, program=with_negative_deltas(self.program))


_FORWARD = {Role.HIDDEN, Role.LOSS}


def _within(name: str, at: tuple[int, ...], step: Step) -> None:
    shape = step.tensor.shape
    fits = len(at) == len(shape) and all(0 <= k < extent for k, extent in zip(at, shape, strict=True))
    if not fits:
        wanted = ", ".join(f"0..{extent - 1}" for extent in shape)
        raise IndexError(f"{name}{list(at)} does not exist: expected {name}[{wanted}]")


def derive(
    network: Network, samples: int | sp.Symbol | None = None, assume: Collection[str] = ()
) -> Derivation:
    """Derive the gradient of the loss of a network and its update by gradient descent.

    Parameters
    ----------
    network : Network
    samples : int or sympy.Symbol, optional
        The number of samples of a batch; one sample without an axis for it by default.
    assume : collection of str
        Assumptions from `derive.losses` that the steps may use.
    """
    program = gradient_descent(differentiate(network.program(samples)))
    return Derivation(network, samples, frozenset(assume), program)
