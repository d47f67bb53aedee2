"""Parts of vectors and matrices: ``W_{:,1:}`` is ``W`` without its column 0."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from derive.check.formula.errors import Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import quiet
from derive.check.formula.shapes import is_matrix, size_of
from derive.check.intervals import Value
from derive.read.tree import Derivative, Marked, Name, Node, Script


class Cut(NamedTuple):
    """What is kept of one axis, in the document's numbers; None for everything on that side."""

    first: int | None
    behind: int | None


def cut_of(node: Name | Marked) -> tuple[Node, tuple[Cut, ...]] | None:
    """Return a name or expression without its slice, and the slice; None where it has none."""
    for script in node.subscripts:
        if ":" in script.tokens:
            rest = tuple(other for other in node.subscripts if other is not script)
            bare: Node = replace(node, subscripts=rest)
            if isinstance(bare, Marked) and not (rest or bare.superscripts or bare.primes):
                bare = bare.operand
            return bare, tuple(_cuts(script))
    return None


def _cuts(script: Script) -> list[Cut]:
    parts: list[list[str]] = [[]]
    for word in script.tokens:
        if word == ",":
            parts.append([])
        else:
            parts[-1].append(word)
    return [_cut("".join(part)) for part in parts]


def _cut(text: str) -> Cut:
    low, colon, high = text.partition(":")
    if not all(end == "" or end.isdigit() for end in (low, high)) or not (colon or low):
        raise Undecided(f"the part {text} is not understood")
    if not colon:
        return Cut(int(low), int(low) + 1)
    return Cut(int(low) if low else None, int(high) if high else None)


def part(ev: Evaluator, bare: Node, value: Value, cuts: tuple[Cut, ...]) -> Value:
    """Return a part of a vector or matrix.

    Raises
    ------
    Undecided
        If the slice does not fit.
    """
    if not is_matrix(value):
        raise Undecided("a part of a number")
    rows, columns = size_of(value)
    bases = _bases(ev, bare)
    if len(cuts) == 1 and 1 in (rows, columns):
        kept = _kept(cuts[0], bases[0], rows * columns)
        return value[:, :, kept, :] if columns == 1 else value[:, :, :, kept]
    if len(cuts) != 2:
        raise Undecided("a part of a matrix by one index")
    return value[:, :, _kept(cuts[0], bases[0], rows), :][:, :, :, _kept(cuts[1], bases[1], columns)]


def _kept(cut: Cut, base: int, length: int) -> slice:
    low = 0 if cut.first is None else cut.first - base
    high = length if cut.behind is None else cut.behind - base
    if not 0 <= low < high <= length:
        raise Undecided("the part runs out of range")
    return slice(low, high)


def _bases(ev: Evaluator, bare: Node) -> tuple[int, int]:
    """Return from which number rows and columns are counted: from 0 where the bias is folded in."""
    base = ev.reading.base
    folded = any(ev.reading.network.bias_of(n) == "folded" for n in range(1, ev.reading.layers + 1))
    inner: Node = bare.wrt[0] if isinstance(bare, Derivative) and bare.wrt else bare
    ref = quiet(inner, ev.reading) if isinstance(inner, Name) else None
    if ref is None or not folded or ref.role not in ("W", "X"):
        return base, base
    if ref.role == "X":
        return 0, 0
    column = (ev.reading.network.layout == "column") != ev.reading.flipped
    return (base, 0) if column else (0, base)
