"""The local derivatives: of each step by what it uses, in general and for every element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codegen.handout.layout import packed, side_by_side
from codegen.handout.setting import Setting, layer_of
from codegen.handout.tree import Block, Equation, Paragraph, Section
from codegen.handout.worked import Worked
from derive.activations import Activated, through_output
from derive.calculus import partials
from derive.fusion import through_outputs
from derive.program import Program, Role, Step
from derive.views import Cell, edges, value_at


def local_section(setting: Setting) -> Section:
    """Return the section on local derivatives."""
    blocks: list[Block] = [*_activations(setting)]
    for number in range(len(setting.network.layers), 0, -1):
        blocks += _layer(setting, number)
    return Section(("Local derivatives",), tuple(blocks), level=2)


def _activations(setting: Setting) -> Iterator[Block]:
    """Yield the derivative of each activation, and its form through the output."""
    worked, seen = setting.worked, set()
    for number in range(1, len(setting.network.layers) + 1):
        activation = setting.network.activation_of(number)
        name = worked.speller.functions.name(activation, number)
        if activation.is_identity or activation.normalised or name in seen:
            continue
        seen.add(name)
        left, right = worked.speller.definition(activation, number, 1).split(" = ", 1)
        form = through_output(activation)
        rights = [right, *([worked.speller.expression(form)] if form is not None else [])]
        yield Equation(packed(left, rights, (f"the derivative of {activation.name}",)))


def _layer(setting: Setting, number: int) -> Iterator[Block]:
    worked = setting.single
    steps = [s for s in worked.steps(Role.HIDDEN) if layer_of(s) == number and s.rule.name != "folded bias"]
    if setting.network.activation_of(number).normalised:
        name = setting.network.activation_of(number).name
        words = f"Through {name}, every output of layer {number} depends on all weighted sums of the layer."
        yield Paragraph((words,))
    general = [line for step in steps for line in _general(setting.any_single, step)]
    if general:
        yield Paragraph((f"Layer {number}, in general:",))
        yield Equation(side_by_side(general))
    if setting.element_lines:
        each = list(_each(worked, steps, worked.derivation.program))
        if each:
            yield Paragraph((_case(setting),))
            yield Equation(side_by_side(each))


def _case(setting: Setting) -> str:
    if setting.is_batch:
        return "For the first sample:"
    return "In this case:" if setting.has_numbers else "Element by element:"


def _general(worked: Worked, step: Step) -> Iterator[str]:
    for used in _used(worked, step):
        found = partials(step.expr, used)
        if len(found) != 1:  # a softmax: every output depends on every input; see its delta
            continue
        value = through_outputs(found[0].value, worked.derivation.program)
        left = worked.speller.partial((step.tensor.name, step.indices), (used, found[0].at))
        right = worked.speller.expression(value)
        call = found[0].value
        named = (
            f"{worked.speller.expression(call)} = " if isinstance(call, Activated) and call != value else ""
        )
        yield f"{left} = {named}{right}"


def _used(worked: Worked, step: Step) -> list[str]:
    """Return what a step uses, without the input of the network, which has no gradient."""
    tensors = worked.derivation.program.tensors
    order = list(tensors)
    return sorted((n for n in step.uses if tensors[n].role is not Role.INPUT and n != "X1"), key=order.index)


def _each(worked: Worked, steps: Sequence[Step], program: Program) -> Iterator[str]:
    wanted = {step.tensor.name for step in steps}
    through = frozenset(wanted | {name for step in steps for name in _used(worked, step)})
    found = edges(program, through)
    for cell, ends in found.items():
        if cell[0] not in wanted or len({to for to, _ in ends}) != len(ends):
            continue
        for to, value in ends:
            yield _one(worked, cell, to, value)


def _one(worked: Worked, of: Cell, by: Cell, value: object) -> str:
    parts = [worked.speller.partial(of, by), worked.speller.expression(value)]
    if worked.values is not None:
        parts.append(worked.number(value_at(value, worked.values)))
    return " = ".join(dict.fromkeys(parts))
