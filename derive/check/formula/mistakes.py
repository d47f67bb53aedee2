"""What is wrong with a claim that does not hold: its finding, with the cause where one is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from derive.check.findings import Finding, Place, Verdict
from derive.check.formula.attempt import Decision
from derive.check.formula.cause import Cause, find_cause
from derive.check.formula.context import Context
from derive.check.formula.decide import decide, numbers_samples
from derive.check.formula.digits import is_plain_number
from derive.check.formula.frame import names_of, quiet, symbols_of
from derive.check.formula.letters import of_other_layers, unresolved
from derive.check.formula.marks import SOME_LAYER
from derive.check.formula.mere import is_of_mere
from derive.check.formula.numbers import Slip, slip_of_number, stale_in
from derive.check.formula.workings import number_at_fault
from derive.read.tree import Comparison, Dots, Node, Placeholder, Span

_NO_TIME = "so many claims are wrong that there was no time to find out why this one is: mend the first ones"


@dataclass(frozen=True)
class Link:
    """One claim: two neighbouring sides of a chain."""

    head: Node
    left: Node
    right: Node
    following: Node | None
    relation: str
    conditions: tuple[Comparison, ...]
    text: str
    place: Callable[[Span], Place]

    @property
    def claim(self) -> str:
        """The user's own text."""
        start = min(self.left.span.start, self.right.span.start)
        return self.text[start : self.right.span.end].strip()

    def at(self) -> Place:
        """The place of the right side."""
        return self.place(self.right.span)


def finding_of_mistake(
    ctx: Context, link: Link, anchor: Node, decision: Decision
) -> tuple[Finding | None, bool]:
    """Return the finding of a mistake, None where it is not sure, and whether the left side is at fault."""
    if _of_one_value(ctx, anchor, link.right):
        return None, False
    unlabelled = ctx
    ctx = decision.judged_in or ctx
    if decision.alone:
        ctx = ctx.alone()
    if numbers_samples(ctx, anchor, link.right):
        ctx = ctx.of_batch()
    counterexample = (
        decision.outcome.first_wrong.counterexample if decision.outcome else str(decision.mistake)
    )
    basic = Finding(Verdict.WRONG, link.at(), link.claim, "other", counterexample=counterexample)
    if decision.displayed and decision.outcome is not None:
        if is_plain_number(link.right):
            return _of_number(link, basic, slip_of_number(ctx, link.right, decision)), False
        slip = number_at_fault(ctx, anchor, link.right, decision)
        if slip is not None:
            return _of_number(link, basic, slip), False
        if (found := _stale(ctx, link, anchor, basic)) is not None:
            return found, False
    if _unresolved(ctx, link) or _of_other_layers(ctx, link, anchor):
        return None, False
    fixed = dict(ctx.fixed) if decision.displayed else {}
    cause = find_cause(ctx, anchor, link.right, link.conditions, decision, fixed)
    if cause is None and ctx.fixed and decision.mistake is not None:
        cause = find_cause(ctx, anchor, link.right, link.conditions, decision, dict(ctx.fixed))
    if cause is not None and cause.on_left and _settled(ctx, link, anchor):
        cause = None
    if cause is not None and decision.judged_in is not None and not _mends(unlabelled, link, anchor, cause):
        cause = None
    if cause is not None:
        return _explained(link, basic, cause), cause.on_left
    if decision.mistake is not None and decision.mistake.sure:
        at = link.place(decision.mistake.span or link.right.span)
        hint = str(decision.mistake)
        return replace(basic, code=decision.mistake.code, place=at, hint=hint, counterexample=""), False
    if decision.mistake is not None or decision.shorthand or _layerless(ctx, link):
        return None, False
    if decision.displayed:
        return replace(basic, code="arithmetic"), False
    return (replace(basic, hint=_NO_TIME) if ctx.patience.spent else basic), False


def _of_number(link: Link, basic: Finding, slip: Slip) -> Finding:
    place = link.place(slip.span)
    return replace(
        basic,
        code=slip.code,
        place=place,
        expected=slip.expected,
        given=link.text[slip.span.start : slip.span.end],
        hint=slip.words,
    )


def _explained(link: Link, basic: Finding, cause: Cause) -> Finding:
    expected = link.text[cause.span.start : cause.span.end]
    return replace(basic, code=cause.code, place=link.place(cause.span), hint=cause.words, given=expected)


def _stale(ctx: Context, link: Link, anchor: Node, basic: Finding) -> Finding | None:
    """Recognise an expression of numbers that gives no result although the next side is right."""
    number = stale_in(ctx, link.right)
    if number is None or link.following is None or not is_plain_number(link.following):
        return None
    if not _settled(ctx, link, anchor):
        return None
    hint = f"{number.text} is no value of this example; the result after it is right without it"
    return replace(basic, code="stale-number", place=link.place(number.span), given=number.text, hint=hint)


def _settled(ctx: Context, link: Link, anchor: Node) -> bool:
    """Tell whether the next side is what the left one is, so that the mistake is between them."""
    if link.following is None or isinstance(link.following, (Placeholder, Dots)):
        return False
    return bool(decide(ctx, anchor, link.following, "=", link.conditions).holds)


def _mends(ctx: Context, link: Link, anchor: Node, cause: Cause) -> bool:
    """Tell whether an edit makes a claim about labels true whatever they are."""
    sides = (cause.side, link.right) if cause.on_left else (anchor, cause.side)
    return bool(decide(ctx, *sides, link.relation, link.conditions).holds)


def _layerless(ctx: Context, link: Link) -> bool:
    symbols = symbols_of((link.left, link.right), ctx.reading)
    return SOME_LAYER in symbols.layers


def _unresolved(ctx: Context, link: Link) -> tuple[str, ...]:
    """Return the letters of which the document would have to say the layers before a claim can be judged."""
    if ctx.reading.letters is not None:
        return ()
    names = (name for side in (link.left, link.right) for name in names_of(side))
    return unresolved(ref for name in names if (ref := quiet(name, ctx.reading)) is not None)


def _of_one_value(ctx: Context, left: Node, right: Node) -> bool:
    """Tell whether a function of a mere variable is set equal to a number, which it may be somewhere."""
    return is_of_mere(left, ctx.reading) != is_of_mere(right, ctx.reading)


def _of_other_layers(ctx: Context, link: Link, anchor: Node) -> bool:
    """Tell whether a claim is right for units of other layers than those that its letters mean elsewhere."""
    letters = ctx.reading.letters
    if letters is None or letters.relative:
        return False
    other = replace(ctx, reading=ctx.reading.changed(letters=of_other_layers(letters)))
    return bool(decide(other, anchor, link.right, link.relation, link.conditions).holds)


def why_open(ctx: Context, link: Link, decision: Decision) -> str:
    """Return why a claim that seems false is not called wrong."""
    if _of_one_value(ctx, link.left, link.right):
        return "it does not hold for every value of the variable"
    if _of_other_layers(ctx, link, link.left):
        return "it holds for units of other layers, and not for those that its letters stand for elsewhere"
    if letters := _unresolved(ctx, link):
        return f"of which layers the units {' and '.join(letters)} are is not clear from the document"
    if decision.mistake is not None:
        return str(decision.mistake)
    if decision.shorthand:
        return "derivatives of whole vectors without indices: no consistent reading makes this true"
    return "it does not say which layer is meant, and holds for none"
