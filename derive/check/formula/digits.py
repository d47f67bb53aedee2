"""Claims of displayed numbers: judged by their digits, at the example, or by what was stated before."""

from __future__ import annotations

from dataclasses import replace

from derive.check.formula.attempt import Decision, attempt, evaluators, fixed_here, verdict
from derive.check.formula.context import Context
from derive.check.formula.frame import Mode
from derive.check.ledger import Ledger
from derive.read.formula_walk import walk
from derive.read.tree import Call, Derivative, Dots, Listing, Matrix, Name, Neg, Node, Number

DIGITS = "the digits displayed beside it"


TRUE_VALUES = "the true values at the example"


STATED = "values stated earlier in the document"


def by_digits(ctx: Context, left: Node, right: Node, relation: str, fixed: dict[str, int]) -> Decision:
    """Decide a claim of numbers at the example."""
    found: list[Decision] = []
    evidence = TRUE_VALUES if _has_names(left) or _has_names(right) else DIGITS
    for ev in evaluators(ctx, left, relation, displayed=True):
        decision = attempt(ctx, ev, left, right, (), fixed)
        if decision.holds:
            return replace(decision, reason=evidence)
        found.append(decision)
    for decision in found:
        # In an expression, rounded numbers that were carried on may be off by a little more.
        if decision.outcome is None or is_plain_number(right):
            continue
        ev = ctx.evaluator(decision.mode, displayed=True, loosened=1.0)
        if attempt(ctx, ev, left, right, (), fixed).holds:
            return replace(
                decision, holds=True, reason=f"{evidence}, rounded numbers carried on", outcome=None
            )
    return replace(verdict(found), displayed=True)


def gives_exactly(ctx: Context, left: Node, right: Node, mode: Mode) -> bool:
    """Tell whether displayed numbers, taken for no more and no less than they say, are the true values.

    What comes out of them then is the true value, whether one goes on with the digits or with all of them.
    """
    if not (ctx.has_example and is_numeric(right) and _has_names(left)):
        return False
    ev = ctx.evaluator(mode, displayed=True, loosened=0.0)
    return bool(attempt(ctx, ev, left, right, (), fixed_here(ctx, left, right)).holds)


def follows_from(ctx: Context, left: Node, right: Node, relation: str) -> tuple[bool, int | None]:
    """Tell whether a claim of numbers is right given what was stated, and from which mistake it stems."""
    if not ctx.has_example or not ctx.ledger.entries:
        return False, None
    fixed = fixed_here(ctx, left, right)
    sound = ctx.ledger.without(None)
    if _given(ctx, sound, left, right, relation, fixed):
        return True, None
    roots = ctx.ledger.roots()
    if not roots or not _given(ctx, ctx.ledger, left, right, relation, fixed):
        return False, None
    for root in roots:
        if not _given(ctx, ctx.ledger.without(root), left, right, relation, fixed):
            return True, root
    return True, roots[0]


def _given(
    ctx: Context, ledger: Ledger, left: Node, right: Node, relation: str, fixed: dict[str, int]
) -> bool:
    truth = ctx.heirs(ledger)
    if truth is None:
        return False
    for ev in evaluators(ctx, left, relation, displayed=True):
        heir = replace(ev, truth=truth)
        if attempt(ctx, heir, left, right, (), fixed).holds:
            return True
    return False


def is_plain_number(node: Node) -> bool:
    """Tell a number, or a matrix or list of numbers, dots between them or not, from an expression."""
    if isinstance(node, Neg):
        return is_plain_number(node.operand)
    if isinstance(node, Matrix):
        return all(isinstance(entry, Dots) or is_plain_number(entry) for row in node.rows for entry in row)
    if isinstance(node, Listing):
        return all(is_plain_number(item) for item in node.items)
    return isinstance(node, Number)


def is_numeric(node: Node) -> bool:
    """Tell whether a side displays numbers of an example."""
    if is_plain_number(node):
        return True
    for inner in walk(node):
        if isinstance(inner, Number) and "." in inner.text:
            return True
        if isinstance(inner, (Matrix, Listing)) and is_plain_number(inner):
            return True
    called = {id(inner.function) for inner in walk(node) if isinstance(inner, Call)}
    return not any(isinstance(inner, Name) and id(inner) not in called for inner in walk(node))


def _has_names(node: Node) -> bool:
    return any(isinstance(inner, (Name, Derivative)) and not _is_function(inner) for inner in walk(node))


def _is_function(node: Node) -> bool:
    return isinstance(node, Name) and (node.primes > 0 or node.base in ("f", "phi", "sigma", "e"))
