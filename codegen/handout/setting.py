"""What the parts of a handout read: the derivation with its numbers, and what the reader asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from codegen.handout import limits
from codegen.handout.worked import Array, Worked
from codegen.latex.names import parse_name
from derive.network import Network
from derive.program import Step


@dataclass(frozen=True)
class Options:
    """What the reader asked for.

    Attributes
    ----------
    detail : {"full", "brief"}
        ``brief`` leaves out the lines for single elements and weights.
    digits : int
        Significant digits.
    force : bool
        Whether long parts are written all the same.
    """

    detail: str = "full"
    digits: int = 6
    force: bool = False


@dataclass(frozen=True)
class Setting:
    """Everything that the parts of a handout read.

    Attributes
    ----------
    worked : Worked
        All samples of the example.
    single : Worked
        The first sample alone; the same as `worked` where there is one sample only.
    after : mapping of str to numpy.ndarray, or None
        The forward values after the update.
    learning_rate : float or None
    options : Options
    """

    worked: Worked
    single: Worked
    after: Mapping[str, Array] | None
    learning_rate: float | None
    options: Options

    @property
    def network(self) -> Network:
        """The network."""
        return self.worked.network

    @property
    def has_numbers(self) -> bool:
        """Whether there is an example."""
        return self.worked.values is not None

    @property
    def is_batch(self) -> bool:
        """Whether the example has several samples."""
        return self.worked.derivation.samples is not None

    @property
    def any_single(self) -> Worked:
        """The derivation of one sample that is any one of a batch, counted by ``n``."""
        return replace(self.single, sample="n") if self.is_batch else self.single

    @property
    def full(self) -> bool:
        """Whether more than the matrix forms is asked for."""
        return self.options.detail == "full"

    @property
    def element_lines(self) -> bool:
        """Whether there are lines for single elements."""
        return self.full and (self.options.force or self.network.weights <= limits.MOST_WEIGHTS)

    @property
    def chains(self) -> bool:
        """Whether the chain of partial derivatives is written for every weight."""
        possible = self.full and limits.chains_possible(self.network)
        return possible and (self.options.force or limits.paths(self.network) <= limits.MOST_PATHS)


def layer_of(step: Step) -> int | None:
    """Return the number of the layer that a step belongs to; None for the loss."""
    return parse_name(step.tensor.name).layer
