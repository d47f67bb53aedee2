"""The style ``array``: whole arrays, for one sample or a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from codegen.modules import description
from codegen.modules.array_dialect import HELPERS, NUMPY
from codegen.modules.array_forms import array_expression
from codegen.modules.comments import index_form
from codegen.modules.lines import Line, laid_out, needed, statement
from codegen.modules.lowering import Taste, lowered
from codegen.modules.numbers import array_literal
from codegen.modules.sharing import is_shared
from derive.adjoint import adjoint_name
from derive.derivation import derive
from derive.network import Network
from derive.optimizers import updated_name
from derive.program import Program, Role, Step

if TYPE_CHECKING:
    from derive.spec import Spec

SAMPLES = sp.Symbol("N", integer=True, positive=True)
TASTE = Taste(sums_from=3, square_counts=1, branchless=True)


def context(spec: Spec, fast_math: bool) -> dict[str, Any]:
    """Return what the template of an array module shows."""
    network = spec.network
    derivation = derive(network, SAMPLES)
    numeric = derivation.fast if fast_math else derivation.numeric
    parameters = list(network.parameter_shapes)
    gradients = [adjoint_name(name) for name in parameters]
    forward_names = [f"{kind}{n}" for n in range(1, len(network.layers) + 1) for kind in "za"]
    program = lowered(numeric.needed_for(["L", *gradients, *forward_names]), TASTE)
    shown = {step.tensor.name: step for step in numeric.steps}
    lines = {
        step.tensor.name: _line(step, shown.get(step.tensor.name, step), program, network)
        for step in program.steps
    }
    forward, loss, backward = _sections(program)
    loss_lines = [lines[name] for name in loss]
    backward_lines = needed([lines[name] for name in backward if name in lines], gradients)
    loss_lines = needed([*loss_lines], {"L", *_used(backward_lines)})
    used_later = _used([*loss_lines, *backward_lines])
    held = [name for name in forward if name in used_later or name in forward_names]
    updates = [s for s in numeric.steps if s.tensor.role is Role.UPDATED]
    text = "\n".join(line.source for line in lines.values())
    steps = [s for s in program.steps if s.tensor.role is not Role.UPDATED]
    return {
        "title": description.title(spec),
        "version": description.version(),
        "network": description.network_lines(network),
        "conventions": description.conventions(network, fast_math),
        "expressions": description.has_expressions(network),
        "operations": description.operation_lines(steps, SAMPLES),
        "shapes": network.parameter_shapes,
        "inputs": network.sizes[0],
        "outputs": network.sizes[-1],
        "widths": {name: network.sizes[int(name[1:])] for name in forward_names},
        "gradients": gradients,
        "held": held,
        "forward": laid_out([lines[name] for name in forward]),
        "loss_lines": laid_out(needed(loss_lines, ["L"])),
        "all_loss_lines": laid_out(loss_lines),
        "backward": laid_out(backward_lines),
        "for_forward": _held(held, set(forward_names)),
        "for_loss": _held(held, _used(needed(loss_lines, ["L"]))),
        "for_backward": _held(held, used_later),
        "return_held": statement("return", "", held),
        "unpack_params": statement("", "params", parameters),
        "unpack_weights": statement("", "params", [n if n in used_later else "_" for n in parameters]),
        "unpack_gradient": statement("", "gradient", gradients),
        "return_gradient": statement("return float(L), Params", "", gradients),
        "return_updates": statement("return L, Params", "", [updated_name(n) for n in parameters]),
        "loss_uses_samples": "N" in _used(needed(loss_lines, ["L"])),
        "uses_samples": "N" in used_later,
        "uses_ones": "ones" in used_later,
        "updates": laid_out([_line(s, s, numeric, network) for s in updates]),
        "helpers": {name for name in HELPERS.values() if f"{name}(" in text},
        "logarithm": "np.log(" in text,
        "example": _example(spec),
    }


def _line(step: Step, shown: Step, program: Program, network: Network) -> Line:
    array = array_expression(step, program.tensors, SAMPLES, network.layout)
    source = NUMPY.compile(array)({}).source
    return Line(step.tensor.name, source, index_form(shown, program.tensors))


def _sections(program: Program) -> tuple[list[str], list[str], list[str]]:
    """Split the names of the steps into those before the loss, those for the loss and those after it."""
    names = [step.tensor.name for step in program.steps]
    end = names.index("L")
    start = end
    while start and is_shared(program.steps[start - 1]):
        start -= 1
    return names[:start], names[start : end + 1], names[end + 1 :]


def _used(lines: Sequence[Line]) -> set[str]:
    return {name for line in lines for name in line.uses}


def _held(held: Sequence[str], names: set[str]) -> list[str]:
    """Return the unpacking of the forward pass that leaves out what is not used."""
    return statement("", "_forward(params, x)", [name if name in names else "_" for name in held])


def _example(spec: Spec) -> dict[str, Any] | None:
    if spec.example is None:
        return None
    example = spec.example
    return {
        "parameters": {name: array_literal(value, 8) for name, value in example.parameters.items()},
        "x": array_literal(example.x, 4),
        "y": array_literal(example.y, 4),
        "learning_rate": example.learning_rate,
    }
