"""The kinds of layers: each states its forward steps, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.layers.dense import dense
from derive.program import Step, Tensor

if TYPE_CHECKING:
    from derive.network import Network

LAYERS: dict[str, Callable[[Network, int, Tensor], list[Step]]] = {"dense": dense}
"""By the ``kind`` of the network file: (network, number of the layer, its input) -> steps."""
