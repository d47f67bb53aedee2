"""The second part: what the letters mean, and what is taken to hold."""

from __future__ import annotations

from codegen.handout import limits
from codegen.handout.setting import Setting
from codegen.handout.tree import Block, Bullets, Code, Inline, Math, Note, Paragraph, Section, Table
from codegen.handout.worked import spelled_words
from derive.activations import through_output
from derive.functions import Sigmoid
from derive.losses import Loss
from derive.program import Role

Cells = tuple[tuple[Inline, ...], ...]


def notation_section(setting: Setting) -> Section:
    """Return the section on notation, conventions and assumptions, and on what is left out."""
    last = len(setting.network.layers)
    words = (
        "The letters:"
        if last == 1
        else f"The letters, with the number of layer {last}; other layers have theirs:"
    )
    blocks: list[Block] = [Paragraph((words,)), _symbols(setting), Bullets(tuple(_conventions(setting)))]
    blocks += _left_out(setting)
    return Section(("Notation and conventions",), tuple(blocks))


def _symbols(setting: Setting) -> Table:
    spell, notation = setting.worked.speller.tensor, setting.worked.notation
    last = len(setting.network.layers)
    names = setting.worked.derivation.program.tensors
    rows: list[tuple[str, tuple[Inline, ...], str]] = [
        ("x", ("the input",), "x"),
        ("y", ("the target",), "y"),
    ]
    if f"X{last}" in names:
        rows.append((f"X{last}", (f"the input of layer {last}, a constant 1 before it",), f"X{last}"))
    rows.append((f"W{last}", (f"the weights of layer {last}",), f"W{last}"))
    if f"b{last}" in names:
        rows.append((f"b{last}", (f"the biases of layer {last}",), f"b{last}"))
    rows.append((f"z{last}", (f"the weighted sums of layer {last}, before the activation",), f"z{last}"))
    output = " and of the network" if notation.output else ""
    rows.append((f"a{last}", (f"the output of layer {last}{output}",), f"a{last}"))
    rows.append((f"dz{last}", _delta(setting, last), f"z{last}"))
    table: list[Cells] = [((Math(spell(name)),), words, _shape(setting, of)) for name, words, of in rows]
    table.append(((Math(spell("L")),), ("the loss",), ("a number",)))
    if setting.learning_rate is not None or not setting.has_numbers:
        table.append(((Math(spell("eta")),), ("the learning rate",), ("a number",)))
    return Table((("symbol",), ("meaning",), ("shape",)), tuple(table), "lll")


def _delta(setting: Setting, last: int) -> tuple[Inline, ...]:
    worked = setting.worked
    negative = worked.notation.delta == "negative-gradient"
    word = "the negative of the derivative" if negative else "the derivative"
    return (f"{word} of the loss, ", Math(worked.plain.tensor(f"dz{last}")))


def _shape(setting: Setting, name: str) -> tuple[Inline, ...]:
    shape = [str(extent) for extent in setting.worked.derivation.program.tensors[name].shape]
    if len(shape) == 1:
        shape = [*shape, "1"] if setting.network.layout == "column" else ["1", *shape]
    return (Math(r" \times ".join(shape)),)


def _conventions(setting: Setting) -> list[tuple[Inline, ...]]:
    """Return what is agreed on: the reading of indices and signs, choices at kinks, assumptions."""
    worked, notation = setting.worked, setting.worked.notation
    column = setting.network.layout == "column"
    found: list[tuple[Inline, ...]] = []
    if setting.is_batch:
        found.append(
            (
                "Each sample is a row; ",
                Math("n"),
                " counts the samples. ",
                Math(r"\mathbf{1}"),
                " is a column of ones.",
            )
        )
        last = f"z{len(setting.network.layers)}"
        element = worked.speller.element(last, worked.derivation.step(last).indices)
        found.append(
            (
                "The first index of an element is its sample, the second its unit, as in ",
                Math(element),
                f". The loss of the batch is the {setting.network.reduction} over the samples; lines for "
                "single elements are about the first sample.",
            )
        )
    else:
        found.append((f"Vectors are {'columns' if column else 'rows'}.",))
    folded = any(setting.network.bias_of(n) == "folded" for n in range(1, len(setting.network.layers) + 1))
    counted = "Samples and units" if setting.is_batch else "Units"
    found.append((f"{counted} are counted from {notation.base}.",))
    if folded:
        line = "column" if column else "row"
        cut = Math(rf"W_{{{':,1:' if column else '1:,:'}}}")
        found.append(
            (
                "Coordinate 0 belongs to the constant 1 of a bias; ",
                cut,
                " is ",
                Math("W"),
                f" without {line} 0.",
            )
        )
    found.append(
        (Math(r"\odot"), " multiplies element by element; a function of a matrix acts on its elements.")
    )
    if _uses_sigmoid(setting):
        name = worked.speller.functions.sigmoid
        found.append((Math(rf"{name}(z) = \frac{{1}}{{1 + e^{{-z}}}}"), " is the logistic function."))
    found += [(_sentence(text),) for text in _choices(setting)]
    for assumption in _assumptions(setting):
        found.append(("Assumed, and used where it says so: ", *spelled_words(assumption, worked), "."))
    if setting.has_numbers:
        digits = setting.options.digits
        found.append(
            (
                f"Numbers are computed in double precision and shown with {digits} significant digits (",
                Code("--digits"),
                "). Each line goes on with the full numbers, not with the digits shown.",
            )
        )
    return found


def _uses_sigmoid(setting: Setting) -> bool:
    """Whether a derivative is written with the logistic function, which no layer has as its activation."""
    network = setting.network
    used = [network.activation_of(number) for number in range(1, len(network.layers) + 1)]
    forms = [through_output(a) for a in used if not a.normalised]
    named = any(a.name == "sigmoid" for a in used)
    return not named and any(form is not None and form.has(Sigmoid) for form in forms)


def _choices(setting: Setting) -> list[str]:
    network = setting.network
    loss: Loss = network.loss_function
    activations = (network.activation_of(n) for n in range(1, len(network.layers) + 1))
    texts = [loss.convention, *(a.convention for a in activations)]
    if loss.targets and loss.targets not in _assumptions(setting):
        texts.append(f"{loss.name} means what its name says where {loss.targets}")
    return [text for text in dict.fromkeys(texts) if text]


def _assumptions(setting: Setting) -> list[str]:
    steps = setting.worked.steps(Role.ADJOINT)
    return list(dict.fromkeys(assumption for step in steps for assumption in step.assumptions))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _left_out(setting: Setting) -> list[Block]:
    """Say what is asked for and left out because of its length, and how to have it."""
    network = setting.network
    words: list[Inline] = []
    if setting.full and not setting.element_lines:
        words.append(
            f"The lines for single elements are left out: there are {network.weights:,} parameters, and more "
            f"than {limits.MOST_WEIGHTS} make a document that nobody reads. "
        )
    if setting.full and not setting.chains and limits.chains_possible(network):
        words.append(
            f"The chains for single weights are left out: there are {limits.paths(network):,} paths from the "
            f"loss to a parameter, more than {limits.MOST_PATHS}; the recursion with delta says the same. "
        )
    return [Note((*words, "The option ", Code("--force"), " writes them all the same."))] if words else []
