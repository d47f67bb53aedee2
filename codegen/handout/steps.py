"""One step of a program on paper: in general, as matrices, and element by element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from codegen.handout.layout import fits, packed
from codegen.handout.numeric import with_entries
from codegen.handout.setting import Setting
from codegen.handout.tree import Block, Equation, Inline, Paragraph, Row
from codegen.handout.worked import Worked
from derive.fusion import through_outputs
from derive.matrix import Product
from derive.program import Step
from derive.views import elements, expanded, value_at

MOST_SHOWN = 4
"""A matrix of names is written out where it has at most so many rows and columns."""


def step_blocks(setting: Setting, name: str, *, lines: bool = True) -> list[Block]:
    """Return everything that a handout says about one step; `lines` allows those for single elements."""
    worked = setting.worked
    step = worked.step(name)
    blocks: list[Block] = [Equation((*in_general(worked, step), *in_matrices(worked, step, setting.full)))]
    if lines and setting.element_lines and not isinstance(step.expr, sp.Indexed):
        blocks += in_elements(setting, name)
    return blocks


def in_general(worked: Worked, step: Step, *, reason: tuple[Inline, ...] | None = None) -> tuple[Row, ...]:
    """Return a step for all its elements at once."""
    left, right = worked.speller.equation(step)
    rights = [*_meaning(worked, step, element=True), right]
    through = through_outputs(step.expr, worked.derivation.program)
    if through != step.expr:
        rights.append(worked.speller.expression(through))
    return packed(left, rights, worked.reason(step) if reason is None else reason)


def _meaning(worked: Worked, step: Step, *, element: bool = False) -> list[str]:
    """Return what delta stands for, as the derivative."""
    name, where = step.tensor.name, step.indices
    if element:
        meant, named = worked.plain.element(name, where), worked.speller.element(name, where)
    else:
        meant, named = worked.plain.tensor(name), worked.speller.tensor(name)
    return [meant] if meant != named else []


def in_matrices(worked: Worked, step: Step, entries: bool = False) -> tuple[Row, ...]:
    """Return a step as matrices: in names, with the numbers put in, and the result.

    Parameters
    ----------
    worked : Worked
    step : Step
    entries : bool
        Whether a matrix product is also shown with the names of the entries.
    """
    if not step.tensor.shape:
        return ()
    form = worked.form(step)
    left = worked.speller.tensor(step.tensor.name)
    result = [worked.matrix(step.tensor.name)] if worked.values is not None else []
    if form is None:
        return packed(left, result) if result else ()
    rights = [*_meaning(worked, step), worked.speller.matrix_form(form)]
    rows = packed(left, rights)
    if entries and _has_product(form):
        rows += _continued(_entries(worked, step))
    numbers = worked.in_numbers(step) if result else []
    legible = (tex for tex in numbers if fits(tex) and r"\begin{cases}" not in tex)
    return rows + _continued([*legible, *result])


def _continued(rights: list[str]) -> tuple[Row, ...]:
    return packed("", rights) if rights else ()


def _has_product(form: object) -> bool:
    if isinstance(form, Product):
        return True
    parts = [getattr(form, name) for name in ("of", "terms", "factors") if hasattr(form, name)]
    inner = [p for part in parts for p in (part if isinstance(part, tuple) else (part,))]
    return any(_has_product(part) for part in inner)


def _entries(worked: Worked, step: Step) -> list[str]:
    """Return the form with the names of all entries, where they are few."""
    form = worked.form(step)
    tensors = worked.derivation.program.tensors
    used = {name: tensors[name] for name in step.uses}
    small = all(extent <= MOST_SHOWN for tensor in used.values() for extent in tensor.shape)
    return [with_entries(form, worked.speller, used, worked.vectors)] if form is not None and small else []


def in_elements(setting: Setting, name: str) -> list[Block]:
    """Return a step once for each of its elements: its sums written out, the numbers put in, the result.

    Of a batch these are the elements of the first sample, and nothing where a sum over many samples would be
    written out.
    """
    worked = setting.worked
    step, single = worked.step(name), setting.single.step(name)
    chosen = list(elements(single)) if single.tensor.shape else [()]
    if not setting.is_batch:
        return [_lines(worked, step, chosen)]
    if len(step.indices) > len(single.indices):
        words = Paragraph(("Element by element, for the first sample:",))
        return [words, _lines(worked, step, [(0, *at) for at in chosen])]
    if int(str(worked.derivation.samples)) > MOST_SHOWN:
        return []
    return [Paragraph(("Element by element:",)), _lines(worked, step, chosen)]


def _lines(worked: Worked, step: Step, chosen: Sequence[tuple[int, ...]]) -> Equation:
    rows: list[Row] = []
    for at in chosen:
        left, right = worked.speller.equation(step, at)
        numbers = _numbers(worked, step, at)
        # Cases for every term would be long; the numbers say which of them applies.
        written = [] if numbers and step.expr.has(sp.Piecewise) else [right]
        rows += packed(left, [*written, *numbers])
    return Equation(tuple(rows))


def _numbers(worked: Worked, step: Step, at: tuple[int, ...]) -> list[str]:
    if worked.values is None:
        return []
    opened, values = worked.opened(step)
    places = dict(zip(step.indices, at, strict=True))
    result = worked.number(values[step.tensor.name][at])
    if opened.expr.has(sp.Piecewise):
        applied = _applied(expanded(opened, at), values)
        return [worked.speller.with_numbers(applied, values, worked.digits), result]
    return [worked.speller.with_numbers(opened.expr, values, worked.digits, places), result]


def _applied(expr: sp.Expr, values: Mapping[str, Any]) -> sp.Expr:
    """Return an expression at given indices with the case that applies in the place of all cases."""
    if isinstance(expr, sp.Piecewise):
        chosen = next(branch.expr for branch in expr.args if bool(value_at(branch.cond, values)))
        return _applied(chosen, values)
    return expr.func(*(_applied(arg, values) for arg in expr.args)) if expr.has(sp.Piecewise) else expr
