"""The first part of a handout: the network as a table and a drawing, and the numbers it is given."""

from __future__ import annotations

from dataclasses import replace

from codegen.handout.drawing import draw
from codegen.handout.layout import packed, side_by_side
from codegen.handout.setting import Setting
from codegen.handout.tree import Block, Equation, Inline, Math, Paragraph, Section, Table
from codegen.latex import number as written
from derive.program import Role

LONGEST = 24
"""A longer expression for an activation does not stand in the table."""

EXACT = 17
"""Digits that show a number as it was given."""


def network_section(setting: Setting) -> Section:
    """Return the section that shows what is derived."""
    blocks: list[Block] = [*_overview(setting), _table(setting)]
    blocks.append(draw(setting.network, replace(setting.single, sample="").speller.element))
    if setting.has_numbers:
        blocks += _givens(setting)
    return Section(("The network",), tuple(blocks))


def counted(number: int, word: str) -> str:
    """Return ``1 layer`` or ``2 layers``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _overview(setting: Setting) -> list[Block]:
    network, speller = setting.network, setting.worked.speller
    left, right = speller.equation(setting.worked.step("L"))
    layers, parameters = counted(len(network.layers), "layer"), counted(network.weights, "parameter")
    inputs = counted(network.inputs, "input")
    what = Paragraph((f"A network of {layers} for {inputs}, with {parameters}. Its loss is {network.loss}:",))
    parts: list[Inline] = [
        "The gradient of ",
        Math(speller.tensor("L")),
        " with respect to every parameter is derived below, step by step, from the last layer to the first.",
    ]
    if setting.is_batch:
        samples = setting.worked.derivation.samples
        parts.append(f" The example has {counted(int(str(samples)), 'sample')}; the samples are the rows of ")
        parts += [Math(speller.tensor("x")), "."]
    return [what, Equation(packed(left, [right])), Paragraph(tuple(parts))]


def _table(setting: Setting) -> Table:
    network, speller = setting.network, setting.worked.speller
    rows: list[tuple[tuple[Inline, ...], ...]] = [
        (("input",), (f"{network.inputs:,}",), ("",), (Math(speller.tensor("x")),), ("",))
    ]
    for number, layer in enumerate(network.layers, start=1):
        rows.append(
            (
                (str(number),),
                (f"{layer.units:,}",),
                (layer.activation if len(layer.activation) <= LONGEST else "an expression",),
                _shaped(setting, f"W{number}"),
                _bias(setting, number),
            )
        )
    head = (("layer",), ("units",), ("activation",), ("weights",), ("bias",))
    return Table(head, tuple(rows), "lrlll")


def _shaped(setting: Setting, name: str) -> tuple[Inline, ...]:
    shape = r" \times ".join(map(str, setting.network.parameter_shapes[name]))
    return (Math(setting.worked.speller.tensor(name)), ", ", Math(shape))


def _bias(setting: Setting, number: int) -> tuple[Inline, ...]:
    bias = setting.network.bias_of(number)
    if bias == "separate":
        return _shaped(setting, f"b{number}")
    if bias == "folded":
        line = "column" if setting.network.layout == "column" else "row"
        return (f"the first {line} of ", Math(setting.worked.speller.tensor(f"W{number}")))
    return ("none",)


def _givens(setting: Setting) -> list[Block]:
    worked = setting.worked
    names = ["x", "y", *(t.name for t in worked.derivation.program.with_role(Role.PARAMETER))]
    equations = [f"{worked.speller.tensor(name)} = {worked.matrix(name, EXACT)}" for name in names]
    if setting.learning_rate is not None:
        equations.append(f"{worked.speller.tensor('eta')} = {written(setting.learning_rate, EXACT)}")
    return [Paragraph(("The numbers of the example:",)), Equation(side_by_side(equations))]
