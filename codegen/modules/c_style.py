"""The style ``c``: one sample, and loops over samples, in C99 without a dependency and without allocation."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from codegen.modules import StyleError, description
from codegen.modules.c_dialect import ALWAYS, HELPERS, LIBRARY
from codegen.modules.c_loops import LANES, body, comment, elements, every, harmless, stack
from codegen.modules.comments import index_form
from codegen.modules.lowering import Taste, lowered
from codegen.modules.numbers import nested_braces
from derive.adjoint import adjoint_name
from derive.derivation import derive
from derive.program import Program, Role

if TYPE_CHECKING:
    from derive.network import Network
    from derive.spec import Example, Spec

MAX_STACK = 1 << 16
"""Numbers that the variables of one call may hold: 512 KiB in double precision."""

TASTE = Taste(sums_from=2, square_counts=2, branchless=False)


def prefix(spec: Spec) -> str:
    """Return what the names in the file begin with: that of the network file, as an identifier."""
    name = re.sub(r"\W", "_", spec.name, flags=re.ASCII).lower().strip("_") or "network"
    return f"net_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def context(spec: Spec, fast_math: bool) -> dict[str, Any]:
    """Return what the template of a C file shows.

    Raises
    ------
    StyleError
        If the intermediate values are too many for the stack.
    """
    network = spec.network
    derivation = derive(network, None)
    numeric = derivation.fast if fast_math else derivation.numeric
    parameters = list(network.parameter_shapes)
    gradients = [adjoint_name(name) for name in parameters]
    forward_names = [f"{kind}{n}" for n in range(1, len(network.layers) + 1) for kind in "za"]
    shown = {step.tensor.name: step for step in numeric.steps}
    given = {*parameters, "x", "y", "eta"}
    wanted = {"forward": forward_names, "loss": ["L"], "gradient": ["L", *gradients]}
    own = {"forward": {*given, *forward_names}, "loss": given, "gradient": {*given, *gradients}}
    programs = {kind: _program(numeric, names) for kind, names in wanted.items()}
    needed = max(stack(program, own[kind]) for kind, program in programs.items())
    if needed > MAX_STACK:
        raise StyleError(
            f"the network needs {needed:,} numbers besides its parameters; in C they lie on the stack, which"
            f" holds {MAX_STACK:,} here: use --style array"
        )
    read = {name for step in programs["gradient"].steps for name in step.uses}
    if read & set(gradients):
        raise AssertionError(f"a step reads {read & set(gradients)}, which the samples of a batch add up in")
    bodies = {kind: body(program, shown, own[kind], gradients) for kind, program in programs.items()}
    of_gradient = dict(zip(gradients, network.parameter_shapes.values(), strict=True))
    bodies |= {"zero": every(of_gradient, " = 0"), "divide": every(of_gradient, " /= (real)count")}
    updates = [step for step in numeric.steps if step.tensor.role is Role.UPDATED]
    bodies["step"] = [
        line
        for step in updates
        for line in (
            *comment(index_form(step, numeric.tensors), "    "),
            *elements(step, numeric.tensors, str(step.tensor.of)),
        )
    ]
    called = _called(bodies)
    library = [name for name in LIBRARY if f"r_{name}" in called]
    used = {
        kind: {n for n in parameters if re.search(rf"\b{n}\b", _code(lines))}
        for kind, lines in bodies.items()
    }
    return {
        "title": harmless(description.title(spec)),
        "version": description.version(),
        "prefix": prefix(spec),
        "head": list(map(harmless, description.network_lines(network))),
        "conventions": list(map(harmless, description.conventions(network, fast_math))),
        "operations": description.operation_lines(programs["gradient"].steps, None),
        "shapes": {n: _extents(s) for n, s in network.parameter_shapes.items()},
        "pointers": {n: _extents(s[1:]) for n, s in network.parameter_shapes.items()},
        "gradients": dict(zip(parameters, gradients, strict=True)),
        "inputs": network.sizes[0],
        "outputs": network.sizes[-1],
        "widths": {name: network.sizes[int(name[1:])] for name in forward_names},
        "count": network.weights,
        "mean": network.reduction == "mean",
        "stack": needed,
        "bodies": bodies,
        "lanes": LANES if any("[lane]" in line for lines in bodies.values() for line in lines) else 0,
        "used": used,
        "called": called,
        "library": library,
        "foreign": [name for name in library if name not in ALWAYS],
        "example": _example(spec.example, network) if spec.example else None,
    }


def _program(numeric: Program, names: Sequence[str]) -> Program:
    return lowered(numeric.needed_for(names), TASTE).needed_for(names)


def _extents(shape: Sequence[int]) -> str:
    return "".join(f"[{extent}]" for extent in shape)


def _code(lines: Iterable[str]) -> str:
    """Return lines without their comments."""
    return re.sub(r"/\*.*?\*/", "", "\n".join(lines), flags=re.DOTALL)


def _called(bodies: Mapping[str, Sequence[str]]) -> set[str]:
    text = _code(line for lines in bodies.values() for line in lines)
    called = set(re.findall(r"\b(r_\w+)\(", text))
    for name, inner in HELPERS.items():
        called |= inner if name in called else set()
    return called


def _example(example: Example, network: Network) -> dict[str, Any]:
    single = example.samples is None
    return {
        "parameters": {name: nested_braces(example.parameters[name]) for name in network.parameter_shapes},
        "x": nested_braces(example.x if single else example.x[0]),
        "y": nested_braces(example.y if single else example.y[0]),
        "rate": example.learning_rate,
        "samples": example.samples,
    }
