"""Gradients that a document computes and never uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.adjoint import adjoint_name
from derive.check.code.expectation import State


def unused_gradients(names: Sequence[str], state: State, idle_biases: Sequence[str]) -> Iterator[str]:
    """Yield a note on parameters that have a gradient and no update, where others have one.

    Parameters
    ----------
    names : sequence of str
        The parameters.
    state : State
    idle_biases : sequence of str
        Variables called gradients of biases, after which no bias was updated.
    """
    updated = {name.removesuffix("_new") for name in state.stated if name.endswith("_new")}
    idle = [name for name in names if adjoint_name(name) in state.stated and name not in updated]
    if updated and idle:
        yield f"the gradient of {', '.join(idle)} is computed, but never used in an update"
    elif updated and idle_biases:
        names = ", ".join(dict.fromkeys(idle_biases))
        yield f"{names}: gradients of biases are computed, but no bias is updated"
