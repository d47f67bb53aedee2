"""The backward pass: layer by layer, each step in general, as matrices, and element by element."""

from __future__ import annotations

from codegen.handout.layout import packed
from codegen.handout.part_local import local_section
from codegen.handout.setting import Setting
from codegen.handout.steps import in_elements, in_general, in_matrices, step_blocks
from codegen.handout.tree import Block, Equation, Inline, Math, Paragraph, Row, Section
from codegen.handout.worked import Worked, spelled_words
from codegen.latex.names import letter
from derive.fusion import delta_form, through_outputs
from derive.program import Role, Step


def backward_sections(setting: Setting) -> list[Section]:
    """Return the sections of the backward pass: local derivatives, each layer, and a summary."""
    last = len(setting.network.layers)
    notation = setting.worked.notation
    negative = "the negative of " if notation.delta == "negative-gradient" else ""
    words: tuple[Inline, ...] = (
        "The chain rule is applied from the loss back to the first layer. For each layer, ",
        Math(letter(notation.delta_name)),
        f" is {negative}the derivative of the loss by the weighted sums. The gradients of the parameters of "
        "the layer follow from it, and so does the derivative by the output of the layer before.",
    )
    sections = [Section(("Backward pass",), (Paragraph(words),))]
    if setting.full:
        sections.append(local_section(setting))
    layers = (
        Section((f"Layer {number}",), tuple(_layer(setting, number)), level=2)
        for number in range(last, 0, -1)
    )
    return [*sections, *layers, _summary(setting)]


def _layer(setting: Setting, number: int) -> list[Block]:
    known = {step.tensor.name for step in setting.worked.derivation.program.steps}
    blocks: list[Block] = []
    for name in (f"dX{number + 1}", f"da{number}", f"dz{number}", f"dW{number}", f"db{number}"):
        if name not in known:
            continue
        blocks += _delta(setting, name) if name.startswith("dz") else step_blocks(setting, name)
    return blocks


def _delta(setting: Setting, name: str) -> list[Block]:
    """Return what is said about one delta: the slope of the activation, the product, the recursion."""
    worked = setting.worked
    step, exact = worked.step(name), worked.derivation.step(name)
    blocks: list[Block] = _slopes(setting, step)
    if step is exact:
        blocks += step_blocks(setting, name)
    else:
        rows = (*in_general(worked, exact), _cancelled(worked, step))
        blocks.append(Equation((*rows, *in_matrices(worked, step))))
        if setting.element_lines:
            blocks += in_elements(setting, name)
    recursion = delta_form(exact, worked.derivation.program)
    if recursion.expr != exact.expr and step is exact:
        blocks += _recursion(worked, recursion)
    return blocks


def _cancelled(worked: Worked, step: Step) -> Row:
    """Return the row in which a division has cancelled, with what it assumes."""
    right = worked.speller.equation(step)[1]
    given = [part for text in step.assumptions for part in ("; ", *spelled_words(text, worked))]
    return Row("", right, reason=("the division cancels", *given))


def _slopes(setting: Setting, step: Step) -> list[Block]:
    """Return the derivatives of the activation at the inputs of its layer, through its outputs."""
    worked = setting.worked
    rows: list[Row] = []
    for slope in worked.slopes(step):
        named = worked.slope_step(slope)
        through = through_outputs(slope, worked.derivation.program)
        shorter = [worked.speller.expression(through)] if through != slope else []
        reason = worked.reason(named)
        if shorter:
            rows += packed(worked.speller.expression(slope), shorter, reason)
        if worked.values is None:
            continue
        rights = [worked.slope_matrix(slope)]
        rows += packed(worked.slope_name(slope), rights, () if shorter else reason)
    return [Equation(tuple(rows))] if rows else []


def _recursion(worked: Worked, step: Step) -> list[Block]:
    """Return delta from the delta of the next layer, in one step."""
    left, right = worked.speller.equation(step)
    rows = packed(left, [right])
    form = worked.form(step)
    if form is not None:
        rows += packed(worked.speller.tensor(step.tensor.name), [worked.speller.matrix_form(form)])
    return [Paragraph(("In one step:",)), Equation(rows)]


def _summary(setting: Setting) -> Section:
    """Return the gradient in a few lines of matrix algebra."""
    worked = setting.worked
    rows: list[Row] = []
    for step in worked.steps(Role.ADJOINT):
        of = step.tensor.of or ""
        if of[0] not in "zWb":
            continue
        shorter = step
        if of.startswith("z") and step is worked.derivation.step(step.tensor.name):
            shorter = delta_form(step, worked.derivation.program)
        form = worked.form(shorter)
        if form is not None:
            left, right = worked.speller.tensor(step.tensor.name), worked.speller.matrix_form(form)
        else:
            left, right = worked.speller.equation(shorter)
        rows += packed(left, [right])
    return Section(("In short",), (Equation(tuple(rows)),), level=2)
