"""Gradients that a document computes and never uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from derive.adjoint import adjoint_name
from derive.check.code.expectation import State
from derive.check.code.naming import Hint
from derive.read.code import Assigned


@dataclass
class IdleBiases:
    """Variables called gradients of biases, after which no bias was updated."""

    names: list[str] = field(default_factory=list)

    def watch(self, event: Assigned, hint: Hint | None) -> None:
        """Remember gradients of biases until a bias is updated."""
        if hint is not None and hint.kind == "db":
            self.names.append(event.name)
        elif hint is not None and hint.kind in ("b", "b_new") and self.names:
            self.names.clear()


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
