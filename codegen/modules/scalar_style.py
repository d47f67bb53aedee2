"""The style ``scalar``: one sample, every element a float with a name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import sympy as sp

from codegen.modules import StyleError, description
from codegen.modules.comments import index_form
from codegen.modules.lines import WIDTH, Line, broken, needed, statement, wrapped
from codegen.modules.lowering import Taste, lowered
from codegen.modules.numbers import flat_literal
from codegen.modules.scalar_dialect import HELPERS, MATH, Names, dialect
from codegen.modules.sharing import totals_apart
from codegen.modules.writing import Text
from derive.adjoint import adjoint_name
from derive.derivation import derive
from derive.network import Network
from derive.program import Program, Role, Step, name_of

if TYPE_CHECKING:
    from derive.spec import Spec

MAX_WEIGHTS = 5_000
TASTE = Taste(sums_from=2, square_counts=2, branchless=False)
_ATOM = re.compile(r"[A-Za-z_]\w*|\d[\d.e+-]*")


@dataclass(frozen=True)
class _Group:
    """The lines of one step, below its index form."""

    step: Step
    comment: str
    lines: tuple[Line, ...]


def context(spec: Spec) -> dict[str, Any]:
    """Return what the template of a scalar module shows.

    Raises
    ------
    StyleError
        If the network has more than `MAX_WEIGHTS` weights.
    """
    network = spec.network
    if network.weights > MAX_WEIGHTS:
        raise StyleError(
            f"the network has {network.weights:,} weights; unrolled, more than {MAX_WEIGHTS:,} are slower"
            " than arrays, and too long to read: use --style array"
        )
    numeric = derive(network, None).numeric
    parameters = list(network.parameter_shapes)
    gradients = [adjoint_name(name) for name in parameters]
    forward_names = [f"{kind}{n}" for n in range(1, len(network.layers) + 1) for kind in "za"]
    program = lowered(totals_apart(numeric.needed_for(["L", *gradients, *forward_names])), TASTE)
    names = Names(program.tensors)
    groups = _groups(program, numeric, names)

    def flat(tensors: Iterable[str]) -> list[str]:
        return [e for name in tensors for e in _elements(name, program, names)]

    results = {
        "forward": [_resolved(e, names) for e in flat(forward_names)],
        "loss": [_resolved("L", names)],
        "gradient": [_resolved(e, names) for e in flat(gradients)],
    }
    bodies = {
        "forward": _text(groups, forward_names, results["forward"]),
        "loss": _text(groups, ["L"], results["loss"]),
        "gradient": _text(groups, ["L", *gradients], [*results["loss"], *results["gradient"]]),
    }
    called = {w for lines in bodies.values() for line in lines for w in re.findall(r"\b(\w+)\(", line)}
    helpers = {name for name in HELPERS.values() if name in called}
    called |= {"exp", "log", "log1p"} if "_log_softplus" in helpers else set()
    return {
        "title": description.title(spec),
        "version": description.version(),
        "network": description.network_lines(network),
        "conventions": description.conventions(network),
        "expressions": description.has_expressions(network),
        "operations": description.operation_lines(program.steps, None),
        "shapes": network.parameter_shapes,
        "weights": network.weights,
        "inputs": network.sizes[0],
        "outputs": network.sizes[-1],
        "widths": {name: network.sizes[int(name[1:])] for name in forward_names},
        "order": _order(network),
        "math": [name for name in MATH if name in called],
        "helpers": helpers,
        "bodies": bodies,
        "unpack": {
            "params": statement("", "params", flat(parameters), 8),
            "x": statement("", "x", flat(["x"]), 8),
            "y": statement("", "y", flat(["y"]), 8),
        },
        "return_forward": statement("return", "", results["forward"]),
        "return_loss": results["loss"][0],
        "return_gradient": _pair(results["loss"][0], results["gradient"]),
        "update": _update(numeric),
        "example": _example(spec),
    }


def _groups(program: Program, numeric: Program, names: Names) -> list[_Group]:
    shown = {step.tensor.name: step for step in numeric.steps}
    spelled = dialect(names)
    groups = []
    for step in program.steps:
        if step.tensor.role is Role.UPDATED:
            continue
        emit = spelled.compile(step.expr)
        lines = []
        for where in product(*(range(int(extent)) for extent in step.tensor.shape)):
            element = names.element(step.tensor.name, where)
            text = emit(dict(zip(step.indices, where, strict=True)))
            if _ATOM.fullmatch(text.source):
                names.same[element] = text
            else:
                lines.append(Line(element, text.source))
        original = shown.get(step.tensor.name, step)
        groups.append(_Group(step, index_form(original, program.tensors), tuple(lines)))
    return groups


def _elements(name: str, program: Program, names: Names) -> list[str]:
    shape = program.tensors[name].shape
    return [names.element(name, where) for where in product(*(range(int(extent)) for extent in shape))]


def _resolved(element: str, names: Names) -> str:
    return names.same.get(element, Text(element)).source


def _text(groups: Sequence[_Group], tensors: Iterable[str], results: Sequence[str]) -> list[str]:
    """Return the lines that some results need, each step below its formula.

    A step whose elements all have a name already is a formula without lines.
    """
    kept = {line.target for line in needed([line for group in groups for line in group.lines], results)}
    used, shown = set(tensors), []
    for group in reversed(groups):
        lines = [line for line in group.lines if line.target in kept]
        if lines or (not group.lines and group.step.tensor.name in used):
            used |= group.step.uses
            shown.append((group.comment, lines))
    found: list[str] = []
    for comment, lines in reversed(shown):
        found += [f"    # {part}" for part in broken(comment, WIDTH - 6)]
        for line in lines:
            found += wrapped(f"    {line.target} = {line.source}", 4)
    return found


def _pair(loss: str, gradient: Sequence[str]) -> list[str]:
    first, *rest = statement(f"return {loss},", "", gradient)
    if not rest:
        comma = "," if len(gradient) == 1 else ""
        return [f"return {loss}, ({', '.join(gradient)}{comma})"]
    return [first, *rest]


def _update(numeric: Program) -> str:
    """Return the update of one weight ``w`` with the derivative ``g``; it is the same for all."""
    texts = set()
    for step in (s for s in numeric.steps if s.tensor.role is Role.UPDATED):
        spelled = {step.tensor.of: "w", adjoint_name(str(step.tensor.of)): "g", "eta": "eta"}
        symbols = {n: sp.Symbol(spelled[name_of(n)]) for n in step.expr.atoms(sp.Indexed)}
        texts.add(_spelled(step, symbols))
    (text,) = texts
    return text


def _spelled(step: Step, symbols: dict[sp.Expr, sp.Symbol]) -> str:
    from codegen.modules.array_dialect import NUMPY

    return NUMPY.compile(step.expr.xreplace(symbols))({}).source


def _order(network: Network) -> list[str]:
    """Return the order of the flat parameters, one line for each."""
    start, lines = 0, []
    for name, shape in network.parameter_shapes.items():
        size = shape[0] * (shape[1] if len(shape) > 1 else 1)
        rows = " row by row" if len(shape) > 1 else ""
        lines.append(f"{start} to {start + size - 1}: {name}, of shape {shape},{rows or ' in order'}")
        start += size
    return lines


def _example(spec: Spec) -> dict[str, Any] | None:
    if spec.example is None:
        return None
    example = spec.example
    return {
        "parameters": flat_literal(list(example.parameters.values()), 4),
        "x": flat_literal(example.x if example.samples is None else example.x[0], 4),
        "y": flat_literal(example.y if example.samples is None else example.y[0], 4),
        "learning_rate": example.learning_rate,
        "samples": example.samples,
    }
