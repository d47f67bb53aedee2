"""The check: the gradient beside central finite differences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from codegen.handout.setting import Setting
from codegen.handout.tree import Block, Code, Inline, Math, Note, Paragraph, Section, Table
from codegen.handout.worked import Array
from codegen.latex import number
from derive.adjoint import adjoint_name
from derive.differences import DIGITS, STEP, gradient_by_differences
from derive.spec import Example

MOST_COMPARED = 300
"""With more parameters (times samples), the comparison is made with --force only: each takes two passes."""

MOST_FORCED = 20_000
"""With more, it is not made at all: it would take an hour."""

MOST_LISTED = 40
"""So many rows has the table; the first ones of each parameter."""

Cells = tuple[tuple[Inline, ...], ...]


def check_section(setting: Setting, example: Example | None) -> Section | None:
    """Return the section with the comparison; None without an example."""
    if example is None:
        return None
    title: tuple[Inline, ...] = ("Check by finite differences",)
    passes = setting.network.weights * (example.samples or 1)
    most = MOST_FORCED if setting.options.force else MOST_COMPARED
    if passes > most:
        return Section(title, (_left_out(passes, most),))
    quotients = gradient_by_differences(setting.network, example)
    return Section(title, (*_words(setting), _table(setting, quotients)))


def _left_out(passes: int, most: int) -> Note:
    words = (
        f"The comparison with finite differences is left out: it takes {2 * passes:,} forward passes, "
        f"more than {2 * most:,}."
    )
    remedy: tuple[Inline, ...] = (" The option ", Code("--force"), " makes it all the same.")
    return Note((words, *(remedy if most == MOST_COMPARED and passes <= MOST_FORCED else ())))


def _words(setting: Setting) -> list[Block]:
    loss, weight = setting.worked.speller.tensor("L"), "w"
    parts: tuple[Inline, ...] = (
        "Each derivative is compared with the quotient ",
        Math(rf"\frac{{{loss}({weight} + h) - {loss}({weight} - h)}}{{2h}}"),
        ", for which nothing has to be derived: the forward pass is computed twice, to ",
        f"{DIGITS} digits, with ",
        Math(f"h = {number(float(STEP), 2)}"),
        ". The last column is the difference of the two, relative to the larger.",
    )
    return [Paragraph(parts)]


def _table(setting: Setting, quotients: Mapping[str, Array]) -> Table:
    share = None
    if setting.network.weights > MOST_LISTED and not setting.options.force:
        share = max(1, MOST_LISTED // len(quotients))
    rows = [
        _row(setting, name, at, float(values[at]))
        for name, values in quotients.items()
        for at in list(np.ndindex(*values.shape))[:share]
    ]
    if share is not None:
        rows.append(
            (
                (f"{setting.network.weights} in all, the largest error:",),
                ("",),
                ("",),
                _largest(setting, quotients),
            )
        )
    head = (("by",), ("derivative",), ("finite difference",), ("relative error",))
    return Table(head, tuple(rows), "lrrr")


def _row(setting: Setting, name: str, at: tuple[int, ...], quotient: float) -> Cells:
    worked = setting.worked
    gradient = _gradient(setting, name, at)
    shown = (
        worked.plain.element(name, at),
        worked.number(gradient),
        worked.number(quotient),
        number(relative_error(gradient, quotient), 2),
    )
    return tuple((Math(cell),) for cell in shown)


def _gradient(setting: Setting, name: str, at: tuple[int, ...]) -> float:
    return float((setting.worked.values or {})[adjoint_name(name)][at])


def _largest(setting: Setting, quotients: Mapping[str, Array]) -> tuple[Inline, ...]:
    errors = (
        relative_error(_gradient(setting, name, at), float(values[at]))
        for name, values in quotients.items()
        for at in np.ndindex(*values.shape)
    )
    return (Math(number(max(errors), 2)),)


def relative_error(first: float, second: float) -> float:
    """Return the distance of two numbers, relative to the larger; 0 where both are 0."""
    size = max(abs(first), abs(second))
    return abs(first - second) / size if size else 0.0
