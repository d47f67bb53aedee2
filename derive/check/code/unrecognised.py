"""A document whose code holds nothing of the network is told what was looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.check.code.runs import Followed
from derive.check.code.shapes import as_array
from derive.check.findings import Finding, Verdict
from derive.check.world import World
from derive.read.code import Assigned

_DECIDED = (Verdict.RIGHT, Verdict.WRONG, Verdict.FOLLOWS)
_MOST = 8
_FEWEST = 4
"""A document with fewer numbers, and no arrays, is not about gradients."""


def what_was_looked_for(world: World, followed: Followed, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a note where the code computes with arrays and none was recognised."""
    if any(finding.verdict in _DECIDED for finding in findings):
        return
    seen: dict[str, tuple[int, ...]] = {}
    for event in followed.events:
        if (
            isinstance(event, Assigned)
            and event.kind != "loop"
            and (value := as_array(event.value)) is not None
        ):
            seen.setdefault(event.name, value.shape)
    if not any(seen.values()) and len(seen) < _FEWEST:
        return
    shapes = {s.tensor.name: s.tensor.shape for s in world.derivation.program.steps}
    wanted = [f"{name} {_text(shapes[name])}" for name in shapes if name[0] in "za" and "_" not in name]
    parameters = [f"{name} {_text(shape)}" for name, shape in world.network.parameter_shapes.items()]
    found = [f"{name} {_text(shape)}" for name, shape in list(seen.items())[:_MOST]]
    more = ", ..." if len(seen) > _MOST else ""
    yield (
        f"nothing in the code was recognised as a quantity of the network: looked for "
        f"{', '.join([*parameters, *wanted][: 2 * _MOST])}; the code has {', '.join(found)}{more}. "
        "Is it the network of this file, with its shapes?"
    )


def _text(shape: Sequence[object]) -> str:
    return "x".join(str(n) for n in shape) or "number"
