"""From steps to loops in C: a comment with the formula, then what computes every element."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence

import sympy as sp

from codegen.modules.c_dialect import dialect, identifier
from codegen.modules.comments import index_form
from codegen.modules.lines import WIDTH
from derive.functions import IndexMax
from derive.program import Program, Step, Tensor

Tensors = Mapping[str, Tensor]

LANES = 8
"""Parts of a long sum of products: as many as the widest registers hold numbers of double precision."""


def harmless(text: str) -> str:
    """Return a text without what would end a comment, or continue a line."""
    return text.replace("*/", "* /").replace("/*", "/ *").replace("??/", "?? /")


def comment(text: str, margin: str = "") -> list[str]:
    """Return a comment in lines; whatever a user wrote in it, it ends where it should."""
    lines = textwrap.wrap(harmless(text), WIDTH - len(margin) - 6, break_long_words=False) or [""]
    marked = [f"{margin}{'   ' if number else '/* '}{line}" for number, line in enumerate(lines)]
    return [*marked[:-1], f"{marked[-1]} */"]


def body(
    program: Program, shown: Mapping[str, Step], declared: set[str], added: Collection[str] = ()
) -> list[str]:
    """Return the statements of a program.

    Parameters
    ----------
    program : Program
        Lowered; for one sample.
    shown : mapping of str to Step
        For each tensor that a derivation has, the step whose formula stands in the comment.
    declared : set of str
        Tensors that are there already, as parameters or through a pointer.
    added : collection of str
        Of these, those whose values are added to what is there; no step reads them.
    """
    tensors, lines = program.tensors, []
    for step in program.steps:
        lines += comment(index_form(shown.get(step.tensor.name, step), tensors), "    ")
        if step.tensor.name not in declared:
            extents = "".join(f"[{int(extent)}]" for extent in step.tensor.shape)
            lines.append(f"    real {identifier(step.tensor.name)}{extents};")
        sign = "+=" if step.tensor.name in added else "="
        lines += [f"    {line}" for line in _Loops(tensors).of(step, sign=sign)]
    return lines


def every(shapes: Mapping[str, Sequence[int]], change: str) -> list[str]:
    """Return the loops that do the same to every element of some arrays, such as `` = 0``."""
    lines: list[str] = []
    for name, shape in shapes.items():
        letters = [sp.Symbol(letter) for letter in "ijkl"[: len(shape)]]
        extents = [(letter, sp.Integer(extent)) for letter, extent in zip(letters, shape, strict=True)]
        place = f"{name}{''.join(f'[{letter}]' for letter in letters)}"
        lines += [f"    {line}" for line in _nested(extents, [f"{place}{change};"])]
    return lines


def elements(step: Step, tensors: Tensors, target: str) -> list[str]:
    """Return the loops that give every element of a step to an array of another name."""
    return [f"    {line}" for line in _Loops(tensors).of(step, target)]


def stack(program: Program, declared: set[str]) -> int:
    """Return how many numbers the variables of a body hold."""
    own = (step.tensor.shape for step in program.steps if step.tensor.name not in declared)
    return sum(int(sp.Mul(*shape)) for shape in own)


class _Loops:
    def __init__(self, tensors: Tensors) -> None:
        self._dialect, self._tensors = dialect(tensors), tensors
        self._sums = self._tops = 0

    def of(self, step: Step, target: str = "", sign: str = "=") -> list[str]:
        name = target or identifier(step.tensor.name)
        place = f"{name}{''.join(f'[{k}]' for k in step.indices)}"
        extents = list(zip(step.indices, step.tensor.shape, strict=True))
        across = _across(step)
        if across is not None and not target:
            total, rest = across
            (letter, low, high), (_, term) = total.limits[0], self._value(total.function)
            before, start = self._value(rest)
            rows = _for(letter, low, high + 1, _nested(extents, [f"{place} += {term};"]))
            return [*_nested(extents, [*before, f"{place} {sign} {start};"]), *rows]
        before, text = self._value(step.expr)
        lines = [*before, f"{place} {sign} {text};"]
        return _nested(extents, lines) if extents or not before else ["{", *_indented(lines), "}"]

    def _value(self, expr: sp.Expr) -> tuple[list[str], str]:
        """Return the statements that come before, and the text of a value: sums and maxima are loops."""
        before: list[str] = []
        found: dict[sp.Expr, sp.Expr] = {}
        for node in _outermost(expr):
            name, lines = self._summed(node) if isinstance(node, sp.Sum) else self._largest(node)
            found[node] = sp.Symbol(name, real=True)
            before += lines
        text = self._dialect.compile(expr.xreplace(found))({}).source
        return before, text.replace("--", "- -")

    def _summed(self, node: sp.Sum) -> tuple[str, list[str]]:
        self._sums += 1
        number = self._sums if self._sums > 1 else ""
        name = f"acc{number}"
        if _is_long(node):
            return name, self._in_lanes(node, name, f"part{number}")
        before, text = self._value(node.function)
        lines = [*before, f"{name} += {text};"]
        for letter, low, high in node.limits:
            lines = _for(letter, low, high + 1, lines)
        return name, [f"real {name} = 0;", *lines]

    def _in_lanes(self, node: sp.Sum, name: str, part: str) -> list[str]:
        """Return the loops of a long sum: in a single one, each addition waits for the one before."""
        (letter, _, high), lane = node.limits[0], sp.Symbol("lane", integer=True)
        end, count = high + 1, sp.Integer((high + 1) // LANES * LANES)
        text = self._value(node.function.xreplace({letter: letter + lane}))[1]
        lanes = _for(lane, sp.Integer(0), sp.Integer(LANES), [f"{part}[lane] += {text};"])
        rest = [f"{name} += {self._value(node.function)[1]};"]
        return [
            f"real {name} = 0, {part}[{LANES}] = {{0}};",
            _head(letter, sp.Integer(0), count, LANES) + " {",
            *_indented(lanes),
            "}",
            *_for(lane, sp.Integer(0), sp.Integer(LANES), [f"{name} += {part}[lane];"]),
            *(_for(letter, count, end, rest) if count < end else []),
        ]

    def _largest(self, node: IndexMax) -> tuple[str, list[str]]:
        self._tops += 1
        name = f"top{self._tops if self._tops > 1 else ''}"
        (letter, low, high), value = node.limits[0], self._value(node.body)
        first = self._value(node.body.xreplace({letter: low}))
        lines = [*value[0], f"{name} = r_max({name}, {value[1]});"]
        return name, [*first[0], f"real {name} = {first[1]};", *_for(letter, low + 1, high + 1, lines)]


def _outermost(expr: sp.Expr) -> Iterator[sp.Expr]:
    stack_, seen = [expr], set()
    while stack_:
        node = stack_.pop()
        if isinstance(node, sp.Sum | IndexMax):
            if node not in seen:
                seen.add(node)
                yield node
        elif not isinstance(node, sp.Indexed):
            stack_.extend(reversed(node.args))


def _across(step: Step) -> tuple[sp.Sum, sp.Expr] | None:
    """Split off the sum of a step that would walk down the columns of an array, row by row in memory.

    Adding one row after the other instead reads the array in its order, and has no sum that a compiler would
    have to reorder to be fast.
    """
    terms = sp.Add.make_args(step.expr)
    sums = [term for term in terms if isinstance(term, sp.Sum) and len(term.limits) == 1]
    if len(step.indices) != 1 or len(sums) != 1 or sums[0].function.has(sp.Sum, IndexMax):
        return None
    inner, outer = sums[0].limits[0][0], step.indices[0]
    walks = {node.indices for node in sums[0].function.atoms(sp.Indexed) if len(node.indices) == 2}
    down = any(row == inner and column.has(outer) for row, column in walks)
    rest = sp.Add(*(term for term in terms if term is not sums[0]))
    return (sums[0], rest) if down else None


def _is_long(node: sp.Sum) -> bool:
    """Whether a sum is one of products of elements, and worth to be cut into lanes."""
    (_, low, high), *more = node.limits
    plain = not node.function.has(sp.Function, sp.Piecewise, sp.Sum)
    return bool(plain and not more and low == 0 and high + 1 >= 2 * LANES)


def _head(letter: sp.Expr, start: sp.Expr, end: sp.Expr, step: int = 1) -> str:
    further = f"{letter}++" if step == 1 else f"{letter} += {step}"
    return f"for (ptrdiff_t {letter} = {start}; {letter} < {end}; {further})"


def _for(letter: sp.Expr, start: sp.Expr, end: sp.Expr, lines: list[str]) -> list[str]:
    head = _head(letter, start, end)
    if len(lines) == 1 and not lines[0].startswith("for ") and len(head) + len(lines[0]) < WIDTH - 12:
        return [f"{head} {lines[0]}"]
    return [f"{head} {{", *_indented(lines), "}"]


def _nested(extents: Sequence[tuple[sp.Expr, sp.Expr]], lines: list[str]) -> list[str]:
    for letter, extent in reversed(extents):
        lines = _for(letter, sp.Integer(0), extent, lines)
    return lines


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
