"""The update: a step of gradient descent, and what it does to the loss."""

from __future__ import annotations

from codegen.handout.setting import Setting
from codegen.handout.steps import in_matrices
from codegen.handout.tree import Block, Equation, Inline, Math, Paragraph, Section, Table
from derive.program import Role

MOST_OUTPUTS = 12
"""Outputs beyond so many are not compared one by one."""


def update_section(setting: Setting) -> Section | None:
    """Return the section on the update; None where the example has no learning rate."""
    worked = setting.worked
    if setting.has_numbers and setting.learning_rate is None:
        return None
    speller = worked.speller
    words: tuple[Inline, ...] = (
        "Every parameter takes a step against its gradient, with the learning rate ",
        Math(speller.tensor("eta") if setting.learning_rate is None else _rate(setting)),
        ":",
    )
    blocks: list[Block] = [Paragraph(words)]
    blocks += [Equation(in_matrices(worked, step)) for step in worked.steps(Role.UPDATED)]
    if setting.after is not None:
        blocks += _effect(setting)
    return Section(("Update",), tuple(blocks))


def _rate(setting: Setting) -> str:
    return f"{setting.worked.speller.tensor('eta')} = {setting.worked.number(setting.learning_rate)}"


def _effect(setting: Setting) -> list[Block]:
    """Return the outputs and the loss before and after."""
    worked, after, before = setting.worked, setting.after or {}, setting.worked.values or {}
    output = f"a{len(setting.network.layers)}"
    rows: list[tuple[tuple[Inline, ...], ...]] = []
    if not setting.is_batch and before[output].size <= MOST_OUTPUTS:
        for unit in range(before[output].size):
            cells = [worked.speller.element(output, (unit,))]
            cells += [worked.number(values[output][unit]) for values in (before, after)]
            rows.append(tuple((Math(cell),) for cell in cells))
    cells = [worked.speller.tensor("L"), *(worked.number(values["L"]) for values in (before, after))]
    rows.append(tuple((Math(cell),) for cell in cells))
    fell = float(after["L"]) < float(before["L"])
    words = "The loss falls:" if fell else "The loss does not fall, so the learning rate is too large here:"
    return [Paragraph((words,)), Table((("",), ("before",), ("after",)), tuple(rows), "lrr")]
