"""One reading of a claim at a time: what its doubtful signs may mean, and whether it then holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from derive.check.formula.compare import Case, Outcome, compare
from derive.check.formula.context import Context
from derive.check.formula.errors import MissingLayerError, MistakeError, Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import Mode, layer_number, quiet, symbols_of
from derive.check.formula.marks import SOME_LAYER, Index
from derive.read.tree import Comparison, Name, Node

DERIVATION = "the derivation"


_ALTERNATIVES = {
    "function": ("first", "second", "third"),
    "model": ("output", "activation"),
    "vectors": ("hadamard", "dot"),
    "bare_sum": ("all", "samples"),
    "partials": ("plain", "rows", "columns", "diagonal"),
}


AT_EXAMPLE = "it depends on numbers of the document's own"

_MOST_MODES = 16


@dataclass(frozen=True)
class Decision:
    """What was found out about one claim.

    Attributes
    ----------
    holds : bool or None
        None where it cannot be decided.
    reason : str
        The evidence, or why nothing could be decided.
    outcome : Outcome or None
        The comparison that failed.
    mistake : MistakeError or None
        Why a side has no value.
    mode : Mode
        How the doubtful signs were read.
    displayed : bool
        Whether the claim is one of numbers, decided at the example alone.
    shorthand : bool
        Whether the failing claim is one in which whole tensors are differentiated without indices.
    alone : bool
        Whether it is a claim about one sample of a batch.
    judged_in : Context or None
        The context in which a claim about labels was decided.
    """

    holds: bool | None
    reason: str = ""
    outcome: Outcome | None = None
    mistake: MistakeError | None = None
    mode: Mode = field(default_factory=Mode)
    displayed: bool = False
    shorthand: bool = False
    alone: bool = False
    judged_in: Context | None = None


def verdict(found: list[Decision]) -> Decision:
    """Return the decision of several readings, none of which makes the claim true."""
    failed = [d for d in found if d.holds is False and d.outcome is not None]
    if failed:
        return min(failed, key=_wrongness)
    mistaken = [d for d in found if d.mistake is not None]
    unknown = [d for d in found if d.holds is None and d.mistake is None]
    return unknown[0] if unknown else mistaken[0]


def _wrongness(decision: Decision) -> tuple[int, float]:
    """Rank readings of a claim that fails: the one that fails least is what was meant."""
    assert decision.outcome is not None  # noqa: S101  asked for by the caller
    case = decision.outcome.first_wrong
    return (len(case.wrong), _distance(case)) if decision.displayed else (0, 0.0)


def _distance(case: Case) -> float:
    """Return how far two sides are apart, where a sign may have slipped."""
    return min(abs(case.left - case.right), abs(case.left + case.right))


def evaluators(ctx: Context, left: Node, relation: str, displayed: bool = False) -> Iterator[Evaluator]:
    """Yield evaluators for the plain reading, then for every other that the claim leaves open."""
    first = _updates(ctx, left, relation)
    seen: set[Mode] = set()
    doubts: set[str] = set()
    asked: set[str] | None = None
    while asked != doubts and len(seen) < _MOST_MODES:
        asked = set(doubts)
        names = sorted(doubts & _ALTERNATIVES.keys())
        for updated in first:
            for choice in product(*(_ALTERNATIVES[name] for name in names)):
                mode = replace(Mode(updated=updated), **dict(zip(names, choice, strict=True)))
                if mode in seen or len(seen) >= _MOST_MODES:
                    continue
                seen.add(mode)
                ev = ctx.evaluator(mode, displayed=displayed)
                ev.doubts = doubts
                yield ev


def _updates(ctx: Context, left: Node, relation: str) -> tuple[str, ...]:
    """Return what the name of a parameter can mean: before the update, after it, or after it on the left."""
    ref = quiet(left, ctx.reading) if isinstance(left, Name) else None
    parameter = ref is not None and ref.role in ("W", "b") and ref.updated is None
    if parameter and relation in (":=", "←"):
        return ("left",)
    later = any(name.endswith("_new") for name in ctx.ledger.entries)
    return (*(("no",)), *(("left",) if parameter else ()), *(("all",) if later else ()))


def attempt(
    ctx: Context,
    ev: Evaluator,
    left: Node,
    right: Node,
    conditions: Sequence[Comparison],
    fixed: dict[str, int],
) -> Decision:
    """Return what one reading makes of a claim."""
    shorthand = "partials" in ev.doubts
    try:
        outcome = compare(ev, left, right, conditions, fixed)
    except Undecided as error:
        return Decision(None, str(error), mode=ev.mode)
    except MistakeError as error:
        return Decision(False, str(error), mistake=error, mode=ev.mode)
    except (FloatingPointError, OverflowError, RecursionError, ValueError, IndexError) as error:
        return Decision(None, f"it could not be evaluated ({error})", mode=ev.mode)
    shorthand = shorthand or "partials" in ev.doubts
    if "example" in ev.doubts and not ev.displayed and not outcome.holds:
        return Decision(None, AT_EXAMPLE, mode=ev.mode)
    reason = "" if ev.displayed else DERIVATION
    if outcome.holds:
        return Decision(True, reason, mode=ev.mode, displayed=ev.displayed)
    if excuse := _some_layers(ctx, ev, outcome, left, right, conditions):
        return Decision(True, f"{DERIVATION}, {excuse}", mode=ev.mode)
    return Decision(False, "", outcome, mode=ev.mode, displayed=ev.displayed, shorthand=shorthand)


def _some_layers(
    ctx: Context, ev: Evaluator, outcome: Outcome, left: Node, right: Node, conditions: Sequence[Comparison]
) -> str:
    """Return for which layers a general claim holds, if it is silent on the others by custom."""
    holding = [case.layers for case in outcome.cases if case.holds and not case.trivial]
    if not holding or ev.displayed:
        return ""
    symbols = symbols_of((left, right), ctx.reading)
    if SOME_LAYER in symbols.layers:
        return f"for layer {holding[0][SOME_LAYER]}"
    kinds: dict[str, None] = {}
    for layers in holding:
        for number in _numbers_of(ctx, layers):
            if number >= 1:
                kinds[ctx.truth.world.network.layers[number - 1].activation] = None
    if len({layer.activation for layer in ctx.truth.world.network.layers}) < 2:
        return ""
    for activation in kinds:
        try:
            other = replace(
                ev,
                truth=ctx.uniform(activation),
                reading=ctx.reading.changed(network=ctx.uniform(activation).world.network),
            )
            if compare(other, left, right, conditions).holds:
                return f"for layers with the activation {activation}"
        except (Undecided, MistakeError):
            continue
    return ""


def _numbers_of(ctx: Context, layers: dict[str, int]) -> Iterator[int]:
    """Yield the canonical numbers of the layers that symbols stand for, as far as they exist."""
    for name in layers:
        try:
            yield layer_number(Index((name,)), "size", ctx.reading, layers)
        except MissingLayerError:
            continue


def fixed_here(ctx: Context, left: Node, right: Node) -> dict[str, int]:
    """Return the layers that the text has fixed and the claim leaves free."""
    symbols = symbols_of((left, right), ctx.reading)
    return {name: value for name, value in ctx.fixed.items() if name in symbols.layers}
