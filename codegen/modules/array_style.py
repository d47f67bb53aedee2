"""The style ``array``: whole arrays, for one sample or a batch."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sympy as sp

from codegen.modules import description
from codegen.modules.array_buffers import Buffer
from codegen.modules.array_dialect import HELPERS, NUMPY
from codegen.modules.array_forms import NoArrayFormError, array_expression, symbol
from codegen.modules.array_kernels import Kernel, kernel
from codegen.modules.array_layout import NARROW, TILE, products, samples_in_one_piece, tiled, turned, vectors
from codegen.modules.array_pieces import additive
from codegen.modules.array_shapes import shape_text
from codegen.modules.array_turned import Layout, Vectors
from codegen.modules.by_sample import by_sample
from codegen.modules.comments import index_form
from codegen.modules.lines import WIDTH, Line, broken, laid_out, statement
from codegen.modules.lowering import Taste, lowered
from codegen.modules.numbers import array_literal
from codegen.modules.one_sample import of_one_sample
from derive.adjoint import adjoint_name
from derive.derivation import derive
from derive.network import Network
from derive.optimizers import updated_name
from derive.program import Program, Role, Step, Tensor, element, name_of

if TYPE_CHECKING:
    from derive.spec import Spec

SAMPLES = sp.Symbol("N", integer=True, positive=True)
TASTE = Taste(sums_from=3, square_counts=1, branchless=True, growing=True)


def context(spec: Spec, fast_math: bool) -> dict[str, Any]:
    """Return what the template of an array module shows."""
    network = spec.network
    derivation = derive(network, SAMPLES)
    numeric = derivation.fast if fast_math else derivation.numeric
    parameters = list(network.parameter_shapes)
    gradients = [adjoint_name(name) for name in parameters]
    forward_names = [f"{kind}{n}" for n in range(1, len(network.layers) + 1) for kind in "za"]
    program = lowered(numeric.needed_for(["L", *gradients, *forward_names]), TASTE)
    parts = _Parts(program, {step.tensor.name: step for step in numeric.steps}, network)
    forward = parts.lines(forward_names)
    batch, single = parts.kernels(gradients)
    pieces = additive(program, SAMPLES, ["L", *gradients])
    numbers = batch.numbers(SAMPLES)
    tile = TILE if tiled(numbers, products(network.sizes), pieces) else None
    updates = [step for step in numeric.steps if step.tensor.role is Role.UPDATED]
    kernels = {
        "batch": _kernel_context(batch, parameters, gradients, "empty"),
        "single": _kernel_context(single, parameters, gradients, "np.empty") if single else None,
    }
    made = [line for shown in kernels.values() if shown for line in shown["made"]]
    lines = [*forward, *batch.lines, *(single.lines if single else [])]
    text = "\n".join([*(line.code for line in lines), *made])
    return {
        "title": description.title(spec),
        "version": description.version(),
        "network": description.network_lines(network),
        "conventions": description.conventions(network, fast_math),
        "expressions": description.has_expressions(network),
        "operations": description.operation_lines(program.steps, SAMPLES),
        "layout": description.layout_lines(network, NARROW, single is not None, tile, text),
        "shapes": network.parameter_shapes,
        "joined": _joined(network, batch.augmented),
        "inputs": network.sizes[0],
        "outputs": network.sizes[-1],
        "widths": {name: network.sizes[int(name[1:])] for name in forward_names},
        "gradients": gradients,
        "forward": laid_out(forward),
        "unpack_for_forward": statement("", "params", _used_names(parameters, _used(forward))),
        "return_forward": statement("return", "", forward_names),
        **kernels,
        "tile": tile,
        "one_piece": {"samples": samples_in_one_piece(numbers), "numbers": numbers},
        "checks": _checks(network),
        "unpack_params": statement("", "params", parameters),
        "unpack_gradient": statement("", "gradient", gradients),
        "unpack_updated": statement("", "updated", [updated_name(n) for n in parameters]),
        "updates": laid_out([line for step in updates for line in parts.update(step)]),
        "helpers": {name for name in (*HELPERS.values(), *_LAYING) if f"{name}(" in text},
        "logarithm": "np.log(" in text,
        "anew": any(_is_anew(line) for line in lines[len(forward) :]),
        "example": _example(spec),
    }


@dataclass(frozen=True)
class _Parts:
    """The program of a module, and how its arrays lie."""

    program: Program
    shown: Mapping[str, Step]
    network: Network

    @cached_property
    def batch(self) -> Program:
        """The program of the loss and its derivatives for a batch."""
        gradients = [adjoint_name(name) for name in self.network.parameter_shapes]
        return by_sample(self.program.needed_for(["L", *gradients]), SAMPLES)

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.batch.tensors, SAMPLES, turned(self.batch, SAMPLES))

    @cached_property
    def exprs(self) -> dict[str, sp.Expr]:
        """Every value as an expression with a row for each sample."""
        return {step.tensor.name: self.array(step, self.program.tensors) for step in self.program.steps}

    @cached_property
    def batch_exprs(self) -> dict[str, sp.Expr]:
        """Every value of a batch likewise."""
        known = {step.tensor.name: step for step in self.program.steps}
        return {
            step.tensor.name: self.exprs[step.tensor.name]
            if step is known.get(step.tensor.name)
            else self.array(step, self.batch.tensors)
            for step in self.batch.steps
        }

    @cached_property
    def comments(self) -> dict[str, str]:
        """The formula of every value."""
        tensors = {**self.program.tensors, **self.batch.tensors}
        return {
            step.tensor.name: index_form(self.shown.get(step.tensor.name, step), tensors)
            for step in (*self.program.steps, *self.batch.steps)
        }

    def array(self, step: Step, tensors: Mapping[str, Tensor]) -> sp.Expr:
        return array_expression(step, tensors, SAMPLES, self.network.layout)

    def lines(self, names: Sequence[str]) -> list[Line]:
        """Return the lines of some values and what they need, each value whole."""
        needed = [step.tensor.name for step in self.program.needed_for(names).steps]
        return [
            Line(name, NUMPY.compile(self.exprs[name])({}).source, self.comments[name]) for name in needed
        ]

    def kernels(self, gradients: Sequence[str]) -> tuple[Kernel, Kernel | None]:
        """Return the computation for a batch, and for one sample where it can be written with vectors."""
        batch = kernel(self.batch_exprs, self.comments, self.layout, gradients)
        steps = self.program.needed_for(["L", *gradients]).steps
        exprs = {step.tensor.name: self.exprs[step.tensor.name] for step in steps}
        tensors = self.program.tensors
        lying = Vectors(tensors, SAMPLES, vectors(tensors, SAMPLES))
        of_one = {
            name: replace(tensor, shape=tensor.shape[tensor.shape[:1] == (SAMPLES,) :])
            for name, tensor in tensors.items()
        }
        shown = [self.shown.get(step.tensor.name, step) for step in steps]
        comments = {
            step.tensor.name: index_form(of_one_sample(step, tensors, SAMPLES), of_one) for step in shown
        }
        try:
            return batch, kernel(exprs, comments, lying, gradients)
        except NoArrayFormError:
            return batch, None

    def update(self, step: Step) -> list[Line]:
        """Return the lines of a new parameter; the array of its derivative is overwritten."""
        name, old = step.tensor.name, str(step.tensor.of)
        slope = adjoint_name(old)
        (change,) = (term for term in step.expr.args if term != element(old, step.indices))
        rate = -change / element(slope, step.indices)
        factor = NUMPY.compile(symbol(name_of(rate)))({}).source
        return [
            Line("", f"{slope} *= {factor}", index_form(step, self.program.tensors | {name: step.tensor})),
            Line(name, f"np.subtract({old}, {slope}, out={name})"),
        ]


_LAYING = ("_turned", "_times_turned", "_over_ones", "_beside_ones")
"""Functions of the generated module that lay arrays out."""

_CONSTANTS = {"one": "one,", "low": "low,", "held": "held,", "N": "np.array(total, dtype),  # N"}


def _kernel_context(
    made: Kernel, parameters: Sequence[str], gradients: Sequence[str], empty: str
) -> dict[str, Any]:
    arrays = [f"{_made(buffer, empty)},  # {', '.join(buffer.values)}" for buffer in made.buffers]
    given = [name for buffer in made.buffers for name in buffer.names]
    numbers = [_CONSTANTS.get(name) or _ones(name) for name in made.constants]
    return {
        "params": statement("", "params", _used_names(parameters, made.uses)),
        "arrays": statement("", "arrays", [*given, *made.constants]),
        "gradient": statement("", "gradient", _used_names(gradients, {*made.augmented, *made.uses})),
        "augmented": made.augmented,
        "loss": laid_out(made.loss),
        "backward": laid_out(made.backward),
        "made": [*arrays, *numbers],
        "constants": made.constants,
        "numbers": _numbers(made.constants),
    }


def _made(buffer: Buffer, empty: str) -> str:
    """Return how an array is made; one over ones gives two entries."""
    maker = empty if buffer.shape and sp.Tuple(*buffer.shape).has(SAMPLES) else "np.empty"
    text = buffer.made or f"{maker}({shape_text(buffer.whole)}, dtype)"
    return f"*_over_ones({text})" if buffer.augmented else text


def _joined(network: Network, augmented: Collection[str]) -> dict[str, Any]:
    """Return which parameters are rows of one array: the shape of each array, the rows of each parameter."""
    arrays: dict[str, tuple[int, int]] = {}
    rows: dict[str, str] = {}
    for weights, biases in pairwise(network.parameter_shapes):
        if adjoint_name(weights) in augmented:
            inputs, units = network.parameter_shapes[weights]
            arrays[f"augmented_{weights}"] = (inputs + 1, units)
            rows |= {weights: f"augmented_{weights}[:-1]", biases: f"augmented_{weights}[-1]"}
    return {"arrays": arrays, "rows": rows}


def _numbers(used: Collection[str]) -> str:
    names = ["one", "low", "held"]
    return ", ".join(_used_names(names, used)) if set(names) & set(used) else ""


def _ones(name: str) -> str:
    return f"np.ones({name.removeprefix('ones_') if name != 'ones' else 'N'}, dtype),  # {name}"


def _is_anew(line: Line) -> bool:
    """Whether a line makes an array that is not given: by cases or by a function of the module."""
    made_by_helpers = any(f"{name}(" in line.source for name in HELPERS.values())
    return made_by_helpers or re.search(r"np\.where\(| [<>]=? ", line.source) is not None


def _used_names(names: Sequence[str], used: Collection[str]) -> list[str]:
    return [name if name in used else "_" for name in names]


def _checks(network: Network) -> list[str]:
    """Return the conditions under which arguments need no further check, in lines."""
    names = ["x", "y", *network.parameter_shapes]
    shapes = [f"{name}.shape == {shape}" for name, shape in network.parameter_shapes.items()]
    return [
        *broken(f"and ({' is '.join(f'type({name})' for name in names)} is np.ndarray)", WIDTH - 16),
        *broken(f"and ({' is '.join(f'{name}.dtype' for name in names)} is dtype)", WIDTH - 16),
        *broken(" ".join(f"and {shape}" for shape in shapes), WIDTH - 16),
    ]


def _used(lines: Sequence[Line]) -> set[str]:
    return {name for line in lines for name in line.uses}


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
