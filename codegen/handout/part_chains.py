"""The chain rule written out for every single parameter, one product for each path from the loss to it."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from codegen.handout.layout import packed, term_by_term
from codegen.handout.setting import Setting
from codegen.handout.tree import Block, Equation, Math, Paragraph, Row, Section
from codegen.handout.worked import Worked
from codegen.latex.numbers import number_text
from codegen.latex.text import Level, Text, bracketed, held
from derive.adjoint import adjoint_name
from derive.program import Role
from derive.views import Cell, Factor, PathView, elements, expanded, value_at

Chain = tuple[Factor, ...]


def chain_section(setting: Setting) -> Section | None:
    """Return the section of chains; None where they are left out."""
    if not setting.chains:
        return None
    worked = setting.single
    blocks = _introduction(setting)
    for parameter in reversed(worked.derivation.program.with_role(Role.PARAMETER)):
        step = worked.derivation.step(adjoint_name(parameter.name))
        for at in elements(step):
            view = worked.derivation.paths(parameter.name, *at)
            blocks.append(Equation(_rows(worked, view)))
    return Section(("Weight by weight",), tuple(blocks), level=2)


def _introduction(setting: Setting) -> list[Block]:
    what = "every path from the loss to a parameter is a product of local derivatives; the paths are added."
    if not setting.is_batch:
        return [Paragraph((what[0].upper() + what[1:],))]
    loss, each = setting.worked.speller.tensor("L"), setting.any_single.speller
    joined = setting.network.reduction
    single = Math(setting.single.speller.tensor("L"))
    left, right = each.equation(setting.single.step("L"))
    return [
        Paragraph(("The loss ", Math(loss), f" is the {joined} of the losses of the samples by themselves:")),
        Equation((*packed(loss, [_joined(setting, left)]), *packed(left, [right]))),
        Paragraph(("For the loss of the first sample, ", single, f": {what}")),
    ]


def _joined(setting: Setting, each: str) -> str:
    """Return the sum or the mean of the losses of the samples."""
    samples, base = int(str(setting.worked.derivation.samples)), setting.worked.notation.base
    share = rf"\frac{{1}}{{{samples}}} " if setting.network.reduction == "mean" else ""
    return rf"{share}\sum_{{n={base}}}^{{{samples - 1 + base}}} {each}"


def _rows(worked: Worked, view: PathView) -> tuple[Row, ...]:
    """Return the partial derivatives, their values, their numbers, and the sum."""
    name, at = view.weight
    chains = [_shortened(path) for path in _without_softmax(worked, view)]
    left = worked.plain.adjoint(name, at)
    partials = [" ".join(_partial(worked, f) for f in chain) for chain in chains]
    values = [_values(worked, chain, alone=len(chains) == 1) for chain in chains]
    rows = [*term_by_term(left, _added(partials)), *term_by_term("", _added(values))]
    if worked.values is None:
        return tuple(rows)
    numbers = _added(*([_product(worked, chain, first=first) for chain in chains] for first in _BOTH))
    terms = [_term(worked, chain) for chain in chains]
    sums = [" ".join(_added([t.first for t in terms], [t.text for t in terms]))] if len(terms) > 1 else []
    result = [*sums, worked.value(adjoint_name(name), at)]
    if len(numbers) > 1:
        return (*rows, *term_by_term("", numbers), *packed("", result))
    return (*rows, *packed("", [*numbers, *result]))


def _without_softmax(worked: Worked, view: PathView) -> list[Chain]:
    """Begin with delta of the last layer where its activation joins all outputs."""
    last = len(worked.network.layers)
    if not worked.network.activation_of(last).normalised:
        return list(view.paths)
    delta = worked.step(f"dz{last}")
    found: dict[Chain, None] = {}
    for path in view.paths:
        start = next(k for k, factor in enumerate(path) if factor.of[0] == f"z{last}")
        cell = path[start].of
        value = sp.Integer(delta.tensor.sign) * expanded(delta, cell[1])
        found[(Factor(("L", ()), cell, value), *path[start:])] = None
    return list(found)


def _shortened(chain: Chain) -> Chain:
    """Join the step through a copy (an output in an extended input) with the one before it."""
    joined: list[Factor] = []
    for factor in chain:
        if joined and factor.of[0].startswith("X") and factor.value == 1:
            joined[-1] = Factor(joined[-1].of, factor.by, joined[-1].value)
        else:
            joined.append(factor)
    return tuple(joined)


def _telling(chain: Chain) -> Sequence[Factor]:
    """Return the factors without those that are 1, unless all are."""
    return [f for f in chain if f.value != 1] or chain[:1]


def _cell(cell: Cell) -> Cell:
    return (cell[0], () if cell[0] == "L" else cell[1])


def _partial(worked: Worked, factor: Factor) -> str:
    return worked.speller.partial(_cell(factor.of), _cell(factor.by))


def _values(worked: Worked, chain: Chain, *, alone: bool) -> str:
    factors = _telling(chain)
    if alone and len(factors) == 1:
        return worked.speller.expression(factors[0].value)
    pieces = (worked.speller.style(f.value).write(f.value) for f in factors)
    return r" \cdot ".join(held(piece, Level.PRODUCT) for piece in pieces)


_BOTH = (True, False)


def _product(worked: Worked, chain: Chain, *, first: bool) -> str:
    """Return the numbers of a chain; a negative one has brackets unless it is the first of the line."""
    pieces = [number_text(_number(worked, f), worked.digits) for f in _telling(chain)]
    parts = [held(piece, Level.POWER) for piece in pieces]
    if first and pieces[0].level is Level.ATOM:
        parts[0] = pieces[0].first
    return r" \cdot ".join(parts)


def _term(worked: Worked, chain: Chain) -> Text:
    product = sp.Mul(*(factor.value for factor in chain))
    return number_text(float(value_at(product, worked.values or {})), worked.digits)


def _number(worked: Worked, factor: Factor) -> float:
    return float(value_at(factor.value, worked.values or {}))


def _added(terms: Sequence[str], later: Sequence[str] | None = None) -> list[str]:
    """Return the terms of a sum, each with its operator; `later` is how they look behind one."""
    others = list(terms if later is None else later)[1:]
    return [terms[0], *(f"+ {bracketed(t) if t.startswith('-') else t}" for t in others)]
