"""Write a handout and verify it: the writer and the verifier share nothing, so each tests the other."""

from itertools import pairwise

from codegen.handout import handout
from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.read.document import read_text


def verified(spec, suffix, **options):
    """Return the report on a handout of a network, by the network's own file."""
    text = handout(spec, suffix, **options)
    return check_document(read_text(text, kind=suffix[1:]), spec)


def complaints(report):
    """Return every finding that is not ``right``, with what is said of it."""
    return [
        f"{finding.place.line}: {finding.verdict.value}: {finding.claim[:120]} ({finding.hint})"
        for finding in report.findings
        if finding.verdict is not Verdict.RIGHT
    ]


def network_file(
    loss="half-squared-error",
    bias="separate",
    layout="column",
    layers=(),
    inputs=2,
    example=True,
    samples=None,
    reduction="mean",
):
    """Return the text of a network file: layers as ``(units, activation)``, with numbers if asked for."""
    lines = [f'[network]\ninputs = {inputs}\nloss = "{loss}"\nbias = "{bias}"\nlayout = "{layout}"']
    lines.append(f'reduction = "{reduction}"')
    lines += [f'[[network.layers]]\nunits = {units}\nactivation = "{name}"' for units, name in layers]
    if not example:
        return "\n".join(lines) + "\n"
    numbers = iter(range(1, 1000))

    def drawn(*shape):
        if not shape:
            return round(((next(numbers) * 37) % 19 - 9.5) / 10, 2)
        return [drawn(*shape[1:]) for _ in range(shape[0])]

    sizes = [inputs, *(units for units, _ in layers)]
    target = [1] + [0] * (sizes[-1] - 1)
    x = drawn(inputs)
    if samples is not None:
        target = [target[-k:] + target[:-k] for k in range(samples)]
        x = [x, *drawn(samples - 1, inputs)]
    lines += [f"[example]\nx = {x}\ny = {target}\nlearning_rate = 0.1\n[example.parameters]"]
    for number, (before, units) in enumerate(pairwise(sizes), 1):
        shape = (units, before + (bias == "folded"))
        lines.append(f"W{number} = {drawn(*(shape if layout == 'column' else shape[::-1]))}")
        lines += [f"b{number} = {drawn(units)}"] if bias == "separate" else []
    return "\n".join(lines) + "\n"
