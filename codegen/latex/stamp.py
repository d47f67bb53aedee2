"""One line for each element of a step: the line is written once, and indices are stamped into it.

The expression is written with a mark in place of every index and around every sum; the marks become a
template, so that an element costs string formatting and no expression is built for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import sympy as sp

from codegen.latex.assemble import added
from codegen.latex.order import split_sign
from codegen.latex.ranges import span
from codegen.latex.speller import Speller, letters
from codegen.latex.style import Style
from codegen.latex.text import TALL_MARK, Text, is_tall
from derive.program import Step, name_of
from derive.views import MAX_ELEMENTS, elements

Place = list[int]
"""The values of all indices, bound ones included, by their number."""

Fill = Callable[[Place], str]

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"[{_OPEN}{TALL_MARK}]([0-9]+){_CLOSE}")


@dataclass(frozen=True)
class Stamp:
    """Both sides of the lines of a step, ready to be stamped.

    Attributes
    ----------
    step : Step
    sides : callable
        Gives both sides at the indices of an element, counted from 0.
    """

    step: Step
    sides: Callable[[tuple[int, ...]], tuple[str, str]]

    def at(self, *where: int) -> str:
        """Return the line of one element."""
        return " = ".join(self.sides(where))

    def lines(self, limit: int = MAX_ELEMENTS) -> Iterator[str]:
        """Yield the line of every element, row by row; `TooLargeError` beyond `limit` of them."""
        sides = self.sides
        return (" = ".join(sides(where)) for where in elements(self.step, limit))


def stamped(step: Step, speller: Speller) -> Stamp:
    """Return the lines of all elements of a step, with sums written out.

    Where the shape of the line depends on the indices (the constant 1 of a folded bias, the clipped sums of a
    convolution) each line is written by itself; the result is the same.
    """
    if not _uniform(step):
        return Stamp(step, lambda where: speller.equation(step, where))
    press = _Press([], [])
    node = sp.Indexed(sp.IndexedBase(step.tensor.name), *(step.indices or (0,)))
    style = speller.style(step.expr, node)
    style = replace(
        style, leaf=press.element, sums=press.sum, where={k: press.letter() for k in step.indices}
    )
    left, right = (press.template(style.write(expr).first) for expr in (node, step.expr))
    spare = [0] * (len(press.letters) - len(step.indices))

    def sides(where: tuple[int, ...]) -> tuple[str, str]:
        place = [*where, *spare]
        return left(place), right(place)

    return Stamp(step, sides)


def _uniform(step: Step) -> bool:
    """Whether all lines have the same shape."""
    known = {sp.Integer(0)}
    for inner in step.expr.atoms(sp.Sum):
        known |= {end for _, *ends in inner.limits for end in ends}
    return not step.expr.has(sp.Piecewise) and all(end.is_Integer for end in known)


@dataclass(frozen=True)
class _Press:
    """Collects the marks while a line is written; `letters` stand for the indices in the marks."""

    letters: list[sp.Symbol]
    fills: list[Fill]

    def letter(self) -> sp.Symbol:
        """Return a new index."""
        self.letters.append(sp.Symbol(f"{_OPEN}{len(self.letters)}", integer=True, nonnegative=True))
        return self.letters[-1]

    def mark(self, fill: Fill, opening: str = _OPEN) -> str:
        """Return a mark for what `fill` gives."""
        self.fills.append(fill)
        return f"{opening}{len(self.fills) - 1}{_CLOSE}"

    def template(self, text: str) -> Fill:
        """Return the text as a function of the values of all indices."""
        literal, *rest = _MARK.split(text)
        fills = [self.fills[int(number)] for number in rest[::2]]
        pattern = "%s".join(part.replace("%", "%%") for part in (literal, *rest[1::2]))
        if len(fills) == 1:
            only = fills[0]
            return lambda place: pattern % only(place)
        return lambda place: pattern % tuple([fill(place) for fill in fills])

    def element(self, node: sp.Indexed, style: Style) -> Text:
        """Write an element with a mark for its indices."""
        where = [k.xreplace(style.where) for k in node.indices]
        if not any(k.free_symbols for k in where):
            return letters(node, style)
        speller, name = style.speller, name_of(node)
        spelled = speller.spelled(name)
        readers = [self.reader(k, speller.offset(name, axis, len(where))) for axis, k in enumerate(where)]
        return Text(spelled.head + self.mark(_joined(readers, speller)) + spelled.tail, spelled.level)

    def reader(self, expr: sp.Expr, offset: int) -> Callable[[Place], int]:
        """Return what computes one index, as it is shown, from the values of all indices."""
        constant = int(expr.xreplace(dict.fromkeys(self.letters, sp.Integer(0)))) + offset
        slopes = [(n, int(expr.coeff(k))) for n, k in enumerate(self.letters) if expr.has(k)]
        if len(slopes) == 1 and slopes[0][1] == 1:
            number = slopes[0][0]
            return lambda place: place[number] + constant
        return lambda place: sum(slope * place[number] for number, slope in slopes) + constant

    def sum(self, expr: sp.Sum, style: Style) -> Text:
        """Write a sum as a mark that stands for all its terms."""
        spans = [span(low, high, style) for _, low, high in reversed(expr.limits)]
        count = 1
        for values in spans:
            count *= len(values)
        if not count:
            return Text("0")
        own = {k: self.letter() for k, _, _ in reversed(expr.limits)}
        numbers = [self.letters.index(letter) for letter in own.values()]
        sign, body = split_sign(expr.function)
        piece = style.speller.bound(style, expr).at(own).write(body)
        whole = added([(sign, piece)] * min(count, 2))
        first_text = added([(sign, piece)]).text
        first, later = self.template(first_text), self.template(whole.text.removeprefix(first_text))

        def terms(place: Place) -> Iterator[str]:
            for values in product(*spans):
                for number, value in zip(numbers, values, strict=True):
                    place[number] = value
                yield later(place)

        def fill(place: Place) -> str:
            for number, values in zip(numbers, spans, strict=True):
                place[number] = values[0]
            head = first(place)
            rest = terms(place)
            next(rest)
            return head + "".join(rest)

        return whole._replace(text=self.mark(fill, TALL_MARK if is_tall(whole.text) else _OPEN))


def _joined(readers: list[Callable[[Place], int]], speller: Speller) -> Fill:
    """Return what writes several indices side by side; the common cases without a loop."""
    if len(readers) == 1:
        only = readers[0]
        return lambda place: str(only(place))
    if len(readers) == 2 and speller.compact:
        first, second = readers

        def pair(place: Place) -> str:
            a, b = first(place), second(place)
            return f"{a}{b}" if 0 <= a < 10 and 0 <= b < 10 else f"{a},{b}"

        return pair
    return lambda place: speller.side_by_side([str(read(place)) for read in readers])
