"""The forward pass: each step in general, as matrices, and element by element."""

from __future__ import annotations

from codegen.handout.setting import Setting, layer_of
from codegen.handout.steps import step_blocks
from codegen.handout.tree import Block, Equation, Paragraph, Row, Section
from derive.program import Role, Step


def forward_sections(setting: Setting) -> list[Section]:
    """Return the sections of the forward pass: one for each layer, and one for the loss."""
    steps = setting.worked.steps(Role.HIDDEN)
    sections = [Section(("Forward pass",), ())]
    for number in range(1, len(setting.network.layers) + 1):
        blocks = [
            block
            for step in steps
            if layer_of(step) == number
            for block in _blocks(setting, step, _is_new(setting, number))
        ]
        sections.append(Section((f"Layer {number}",), tuple(blocks), level=2))
    sections.append(Section(("The loss",), tuple(step_blocks(setting, "L")), level=2))
    return sections


def _is_new(setting: Setting, number: int) -> bool:
    """Whether no layer before has the same activation, under the same name."""
    functions = setting.worked.speller.functions
    names = [
        functions.name(setting.network.activation_of(n), n) for n in range(1, len(setting.network.layers) + 1)
    ]
    return names.index(names[number - 1]) == number - 1


def _blocks(setting: Setting, step: Step, new_activation: bool) -> list[Block]:
    blocks: list[Block] = []
    if step.rule.name == "activation" and new_activation:
        blocks += _definition(setting, layer_of(step) or 1)
    return blocks + step_blocks(setting, step.tensor.name, lines=step.rule.name != "folded bias")


def _definition(setting: Setting, number: int) -> list[Block]:
    """Return the formula of an activation, unless the step itself is the formula."""
    activation = setting.network.activation_of(number)
    if activation.is_identity or activation.normalised:
        return []
    left, right = setting.worked.speller.definition(activation, number).split(" = ", 1)
    words = (
        "The activation is given by an expression:"
        if "(" in activation.name
        else f"The activation is {activation.name}:"
    )
    return [Paragraph((words,)), Equation((Row(left, right),))]
