"""Why a claim is wrong: the smallest single edit, out of the catalogue, that makes it true everywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from derive.check.catalogue import MISTAKES, Edit, Workspace
from derive.check.formula.attempt import Decision
from derive.check.formula.compare import compare
from derive.check.formula.context import Context
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import quiet, symbols_of
from derive.check.formula.marks import SOME_LAYER, Ref
from derive.check.formula.patience import Allowance
from derive.read.formula_walk import walk
from derive.read.tree import Call, Comparison, Derivative, Differential, Gradient, Name, Node, Number, Span

OF_FORM = frozenset({"index", "transpose", "shape", "wrong-variable", "surplus-factor", "missing-factor"})
"""Kinds of mistakes that can leave a side without a value."""

_OF_NAMES = frozenset({"surplus-factor", "missing-factor"})
"""Those that a side of mere numbers cannot have: ``a = 1`` lacks no factor."""

SECOND_THOUGHT = 200
"""How many edits are tried to find out whether another kind of mistake explains it too."""

SECOND_LOOK = 100
"""How many edits of each further kind are tried once one kind explains the mistake."""

MOST_EDITS = 6
"""Of one kind, among which the one that brings in the fewest new names is taken."""

SEARCHED_LAST = ("index", "missing-term", "missing-factor")
"""Kinds with many edits: the others are done before what is left for them can run out."""


@dataclass(frozen=True)
class Cause:
    """An edit that makes the claim true.

    Attributes
    ----------
    code : str
    words : str
        What the edit is.
    span : Span
        Where it is.
    on_left : bool
        Whether it is the left side that is at fault.
    side : Node
        The side as it should be.
    plain : bool
        Whether the claim itself shows the mistake.
    """

    code: str
    words: str
    span: Span
    on_left: bool
    side: Node
    plain: bool = False


def find_cause(
    ctx: Context,
    left: Node,
    right: Node,
    conditions: Sequence[Comparison],
    decision: Decision,
    fixed: dict[str, int],
) -> Cause | None:
    """Return the preferred edit of the right side, else of the left; None where none of those tried fits.

    A document in which everything is wrong gets no more edits than `derive.check.formula.patience.PATIENCE`.
    """
    started, allowance = time.process_time(), ctx.patience.allowance()
    cause = _searched(ctx, (left, right), conditions, decision, fixed, allowance)
    ctx.patience.charge(allowance, time.process_time() - started)
    return cause


def _searched(
    ctx: Context,
    sides: tuple[Node, Node],
    conditions: Sequence[Comparison],
    decision: Decision,
    fixed: dict[str, int],
    allowance: Allowance,
) -> Cause | None:
    left, right = sides
    ev = ctx.evaluator(decision.mode, displayed=decision.displayed)
    ev.kept = {}
    ev.lasting = frozenset(id(node) for side in sides for node in walk(side) if not isinstance(node, Number))
    remembered = len(ctx.reading.memo)
    layerless = SOME_LAYER in symbols_of(sides, ctx.reading).layers
    for on_left in (False, True):
        side = left if on_left else right
        work = workspace(ctx, left, right, decision)
        known = {ref for node in (left, right) for ref in _refs(node, ctx)}
        named = next(_refs(side, ctx), None) is not None
        found: list[Cause] = []
        for code in sorted(MISTAKES, key=lambda code: code in SEARCHED_LAST):
            if decision.mistake is not None and code not in (OF_FORM if named else OF_FORM - _OF_NAMES):
                continue
            fitting: list[Edit] = []
            edits = islice(MISTAKES[code].edits(side, work), SECOND_LOOK if found else None)
            for edit in allowance.some_of(edits):
                ctx.reading.forget(remembered)
                pair = (edit.side, right) if on_left else (left, edit.side)
                if _makes_true(ev, *pair, conditions, fixed, layerless):
                    if _says_nothing(edit.side, side, pair[0] if not on_left else pair[1], ctx):
                        continue
                    fitting.append(edit)
                    if len(fitting) >= MOST_EDITS or not _strangers(edit, known, ctx):
                        break
            if fitting:
                edit = min(fitting, key=lambda edit: _strangers(edit, known, ctx))
                found.append(Cause(code, edit.words, edit.span, on_left, edit.side, edit.plain))
                allowance.edits = min(allowance.edits, SECOND_THOUGHT)
        if found:
            return _preferred(found)
    return None


def _says_nothing(changed: Node, side: Node, other: Node, ctx: Context) -> bool:
    """Tell whether an edit only brings in the name that is the other side, which is true of anything."""
    own = quiet(other, ctx.reading) if isinstance(other, Name) else None
    if own is None:
        return False
    if isinstance(changed, Name):
        ref = quiet(changed, ctx.reading)
        return ref is not None and _may_be(own, ref)
    return any(_may_be(own, ref) for ref in set(_refs(changed, ctx)) - set(_refs(side, ctx)))


def _may_be(own: Ref, ref: Ref) -> bool:
    """Tell whether two names may be the same, if one of them does not say its layer."""
    some = own.layer is not None and SOME_LAYER in own.layer.symbols
    return ref == own or (some and (ref.role, ref.at) == (own.role, own.at))


def _strangers(edit: Edit, known: set[Ref], ctx: Context) -> int:
    """Count the names that an edit brings in and the claim has nowhere: a slip is mostly a name too near."""
    return len(set(_refs(edit.side, ctx)) - known)


def _refs(node: Node, ctx: Context) -> Iterator[Ref]:
    return (ref for name in _names(node) if (ref := quiet(name, ctx.reading)) is not None)


def _makes_true(
    ev: Evaluator,
    left: Node,
    right: Node,
    conditions: Sequence[Comparison],
    fixed: dict[str, int],
    layerless: bool,
) -> bool:
    try:
        outcome = compare(ev, left, right, conditions, fixed, brief=not layerless)
    except (
        Undecided,
        MistakeError,
        MissingLayerError,
        ValueError,
        IndexError,
        OverflowError,
        RecursionError,
    ):
        return False
    if layerless:  # true of one layer is enough, as for the claim itself
        return any(case.holds and not case.trivial for case in outcome.cases)
    return outcome.holds and not outcome.trivial


def _preferred(found: list[Cause]) -> Cause:
    """Return the cause that the claim shows, else the one that is met most often; say the next one too."""
    order = list(MISTAKES)
    found = sorted(found, key=lambda cause: (not cause.plain, order.index(cause.code)))
    first = found[0]
    if len(found) == 1 or found[1].side == first.side:
        return first
    return replace(first, words=f"{first.words} (or: {found[1].words})")


def workspace(ctx: Context, left: Node, right: Node, decision: Decision) -> Workspace:
    """Return what generators of edits may use for one claim."""
    reading = ctx.reading
    refs = [
        (name, ref)
        for node in (left, right)
        for name in _names(node)
        if (ref := quiet(name, reading)) is not None
    ]
    symbols: dict[str, None] = {}
    layers: dict[str, None] = {}
    for _, ref in refs:
        for entry in ref.at or ():
            if len(entry.text) == 1 or not entry.text.isdigit():
                symbols[entry.text] = None
        _add_layer(layers, ref, reading.layers + reading.units_from)
    for text in list(layers):
        for neighbour in _neighbours(text, reading.layers):
            layers.setdefault(neighbour)
    sizes = reading.network.sizes
    return Workspace(
        reading,
        tuple(s for s in symbols if s),
        tuple(layers) or ("1",),
        min(9, max(*sizes, reading.layers) + reading.base),
        any(_of_loss(node, ctx) for node in (*walk(left), *walk(right))),
        decision.mode.updated == "left" or (isinstance(left, Name) and bool(_updated(left, ctx))),
        any(ref.at is not None for _, ref in refs),
        ctx.truth.batched,
    )


def _names(node: Node) -> Iterator[Name]:
    return (inner for inner in walk(node) if isinstance(inner, Name))


def _add_layer(layers: dict[str, None], ref: Ref, last: int) -> None:
    if ref.layer is not None and SOME_LAYER not in ref.layer.symbols:
        layers.setdefault(ref.layer.text or "L")
    elif ref.role in ("out", "y"):
        layers.setdefault(str(last))


def _neighbours(text: str, last: int) -> Iterator[str]:
    if text.isdigit():
        yield from (str(n) for n in (int(text) - 1, int(text) + 1) if 1 <= n <= last)
    elif text in ("l", "L"):
        yield from (f"{text}-1", f"{text}+1")
    elif text.endswith("-1"):
        yield text[:-2]


def _of_loss(node: Node, ctx: Context) -> bool:
    if isinstance(node, Differential):
        return node.symbol == "d"
    if isinstance(node, (Derivative, Gradient)):
        of = node.of.function if isinstance(node.of, Call) else node.of
        return isinstance(of, Name) and ctx.reading.roles.get(of.base) == "L"
    return isinstance(node, Name) and ctx.reading.roles.get(node.base) in ("delta", "L")


def _updated(name: Name, ctx: Context) -> bool | None:
    ref = quiet(name, ctx.reading)
    return ref.updated if ref is not None else None
