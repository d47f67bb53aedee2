"""Optimizers: each states how a parameter follows from its gradient."""

from __future__ import annotations

from dataclasses import replace

from derive.adjoint import adjoint_name
from derive.program import Program, Role, Rule, Step, Tensor, element, index

LEARNING_RATE = Tensor("eta", Role.INPUT, ())

SUFFIX = "_new"


def updated_name(name: str) -> str:
    """Return the canonical name of a parameter after the update."""
    return name + SUFFIX


def gradient_descent(program: Program) -> Program:
    """Return the program with the update ``W_new = W - eta dW`` of every parameter.

    Parameters
    ----------
    program : Program
        A program with its adjoint steps.
    """
    steps = []
    for parameter in program.with_role(Role.PARAMETER):
        where = tuple(index(k) for k, _ in zip("ijkl", parameter.shape, strict=False))
        gradient = element(adjoint_name(parameter.name), where)
        steps.append(
            Step(
                Tensor(updated_name(parameter.name), Role.UPDATED, parameter.shape, of=parameter.name),
                where,
                parameter[where] - element(LEARNING_RATE.name, ()) * gradient,
                Rule("gradient descent", f"a step against the gradient of {parameter.name}"),
            )
        )
    return replace(program, inputs=(*program.inputs, LEARNING_RATE), steps=(*program.steps, *steps))
