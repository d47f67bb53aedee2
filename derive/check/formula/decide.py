"""Whether one claim holds: under which reading of its doubtful signs, and by what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.check.formula.attempt import AT_EXAMPLE, Decision, attempt, evaluators, fixed_here, verdict
from derive.check.formula.context import Context
from derive.check.formula.digits import by_digits, is_numeric
from derive.check.formula.errors import PARTIALS, SINGLE_ELEMENTS
from derive.check.formula.frame import Mode, quiet
from derive.check.formula.labelled import has_labels, labelled, labelled_by_example, of_all_samples
from derive.check.formula.marks import Ref
from derive.check.formula.mere import is_of_mere
from derive.check.names import Reading
from derive.read.formula_walk import walk
from derive.read.tree import Comparison, Name, Node, Number

ROUNDING = 0.01
"""The relative difference that two significant digits can make."""


def decide(
    ctx: Context,
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
    *,
    clipped: bool = False,
) -> Decision:
    """Decide one claim: at all points, with what the text has fixed, then by the digits displayed.

    With `clipped`, the limits of sums that run out of range are taken as meant.
    """
    if ctx.reading.labels is None and has_labels(ctx, left, right):
        return _with_labels(ctx, left, right, relation, conditions, clipped)
    if numbers_samples(ctx, left, right):
        ctx = ctx.of_batch()
    if clipped:
        ev = ctx.evaluator(Mode(), clipped=True)
        return attempt(ctx, ev, left, right, conditions, {})
    general = _general(ctx, left, right, relation, conditions, {})
    if general.holds:
        return general
    if of_one_sample(ctx, left, right) or _says_no_sample(ctx, general, left, right):
        one = _general(ctx.alone(), left, right, relation, conditions, {})
        if one.holds:
            return replace(one, reason=f"{one.reason}, for one sample", alone=True)
        if one.holds is False and not _may_count_samples(ctx, left, right):
            general = replace(one, alone=True)
    fixed = fixed_here(ctx, left, right)
    if fixed:
        here = _general(ctx, left, right, relation, conditions, fixed)
        shown = ", ".join(f"{name} = {value}" for name, value in fixed.items())
        if here.holds:
            return replace(here, reason=f"{here.reason}, with {shown} as stated before")
        general = general if general.holds is not None else here
    own_numbers = general.reason == AT_EXAMPLE
    digits = own_numbers or is_numeric(left) or is_numeric(right)
    if ctx.has_example and digits and not (is_of_mere(left, ctx.reading) or is_of_mere(right, ctx.reading)):
        shown_digits = by_digits(ctx, left, right, relation, fixed)
        if shown_digits.holds is not None or general.holds is None or _may_be_rounding(general):
            return shown_digits
    return general


def _with_labels(
    ctx: Context,
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
    clipped: bool,
) -> Decision:
    """Decide a claim about labels: with those of the example where it has digits, else with some others."""
    together = of_all_samples(ctx, left, right)
    if together and not ctx.truth.batched:
        return Decision(None, "it is about several samples, and the network file has one")
    if is_numeric(left) or is_numeric(right):
        example = labelled_by_example(ctx, together=together)
        if example is None:
            return Decision(None, "the network file has no labels to compare these digits with")
        return replace(decide(example, left, right, relation, conditions), judged_in=example)
    found = Decision(None, "labels of no class")
    for here in labelled(ctx, together=together):
        found = replace(decide(here, left, right, relation, conditions, clipped=clipped), judged_in=here)
        if not found.holds:
            return found
    return found


def numbers_samples(ctx: Context, left: Node, right: Node) -> bool:
    """Whether a claim about single samples stands beside a network file that has but one."""
    if ctx.truth.batched or ctx.reading.labels is not None:
        return False
    return _sampled(ctx, left, right)


def _sampled(ctx: Context, left: Node, right: Node) -> bool:
    return any(ctx.reading.remembered("sampled", side, _is_sampled) for side in (left, right))


def _is_sampled(side: Node, reading: Reading) -> bool:
    refs = (quiet(name, reading) for name in walk(side) if isinstance(name, Name))
    return any(ref is not None and ref.sample is not None for ref in refs)


def of_one_sample(ctx: Context, left: Node, right: Node) -> bool:
    r"""Whether a claim in general writes all that has a column for each sample in small letters.

    A claim of bare letters, ``\sigma'(z) = a (1 - a)``, is one on functions of numbers in any document.
    """
    if not ctx.truth.batched or is_numeric(left) or is_numeric(right):
        return False
    refs = [(n, quiet(n, ctx.reading)) for side in (left, right) for n in walk(side) if isinstance(n, Name)]
    kinds = ("z", "a", "x", "y", "out", "delta")
    columns = [n for n, ref in refs if ref is not None and ref.role in kinds and ref.sample is None]
    single = ctx.reading.small_letters == "one sample" or bool(ctx.reading.sample_letter)
    if not single and not all(ref is None or _is_bare(n, ref) for n, ref in refs):
        return False
    return bool(columns) and all(n.base.islower() for n in columns)


def _is_bare(name: Name, ref: Ref) -> bool:
    return ref.role in ("z", "a") and not name.subscripts and (not name.superscripts or ref.power != 1)


def _says_no_sample(ctx: Context, general: Decision, left: Node, right: Node) -> bool:
    """Whether a claim in general has elements without saying of which sample: it is about each by itself."""
    open_for_batch = general.holds is None and general.reason in (SINGLE_ELEMENTS, PARTIALS)
    return open_for_batch and not (is_numeric(left) or is_numeric(right) or _sampled(ctx, left, right))


def _may_count_samples(ctx: Context, left: Node, right: Node) -> bool:
    """Whether a number in a claim about a mean may be that of the samples, of which there is then but one."""
    count = ctx.truth.samples
    numbers = (node for side in (left, right) for node in walk(side) if isinstance(node, Number))
    return ctx.reading.network.reduction == "mean" and any(number.value == count for number in numbers)


def _may_be_rounding(decision: Decision) -> bool:
    """Whether sides with digits that cannot be weighed differ by so little that rounding may explain it."""
    if decision.outcome is None:
        return False
    cases = [case for case in decision.outcome.cases if not case.holds]
    return all(abs(c.left - c.right) <= ROUNDING * max(abs(c.left), abs(c.right)) for c in cases)


def _general(
    ctx: Context,
    left: Node,
    right: Node,
    relation: str,
    conditions: Sequence[Comparison],
    fixed: dict[str, int],
) -> Decision:
    found: list[Decision] = []
    for ev in evaluators(ctx, left, relation):
        decision = attempt(ctx, ev, left, right, conditions, fixed)
        if decision.holds:
            return decision
        found.append(decision)
    return verdict(found)
