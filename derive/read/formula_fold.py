"""A term from its flat list of factors: juxtaposition, and where a slash or a prefix operator ends.

Mathematicians leave these to the eye. The rules here follow the usual reading where there is one, and refuse
where there are two.
"""

from __future__ import annotations

from fractions import Fraction

from derive.read.formula_error import FormulaError
from derive.read.formula_items import BareFunction, Entry, Grouped, Operator, plain
from derive.read.tree import (
    BigOperator,
    Derivative,
    Dots,
    Name,
    Neg,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Span,
)

LARGEST_EXPONENT = 400


def fold(entries: list[Entry]) -> Node:
    """Return the product, quotient or single factor that the entries (in reverse order) make."""
    runs = _runs(entries[::-1])
    factors: list[Node] = []
    ops: list[str] = []
    span = runs[0][1][0].span
    for number, (op, run) in enumerate(runs):
        nodes = _apply_operators(run, followed=number + 1 < len(runs))
        whole = nodes[0].span.to(nodes[-1].span)
        if op == "/":
            rest = _after_slash(factors[-1], nodes)
            quotient: Node = Quotient(
                _product(factors, ops, span), plain(nodes[0]), "slash", span=span.to(nodes[0].span)
            )
            factors, ops = [quotient, *map(plain, rest)], [""] * len(rest)
            span = span.to(whole)
            factors, ops = [_product(factors, ops, span)], []
            continue
        node = _product([plain(node) for node in nodes], [""] * (len(nodes) - 1), whole)
        span = span.to(whole)
        factors.append(node)
        if number:
            ops.append(op)
            _scientific(factors, ops)
    return _product(factors, ops, span)


def _product(factors: list[Node], ops: list[str], span: Span) -> Node:
    return Product(tuple(factors), tuple(ops), span=span) if ops else factors[0]


def _runs(entries: list[Entry]) -> list[tuple[str, list[Node]]]:
    """Split at the written operators: each run holds juxtaposed factors."""
    runs: list[tuple[str, list[Node]]] = []
    for op, node in entries:
        if op == "" and runs:
            _check_neighbours(runs[-1][1][-1], node)
            runs[-1][1].append(node)
        else:
            runs.append((op, [node]))
    return runs


def _check_neighbours(left: Node, right: Node) -> None:
    span = left.span.to(right.span)
    if isinstance(left, BareFunction):
        raise FormulaError(f"{left.name.base} stands before a factor without parentheses", span)
    if isinstance(right, Number) and isinstance(left, Number):
        raise FormulaError("two numbers side by side without an operator", span)
    if isinstance(left, Number) and isinstance(right, Dots):
        raise FormulaError("a number whose digits go on in dots", span)


def _apply_operators(run: list[Node], *, followed: bool) -> list[Node]:
    """Give every prefix operator of a run its operand, from the right to the left."""
    done: list[Node] = []  # in reverse
    for node in reversed(run):
        if not isinstance(node, Operator):
            done.append(node)
            continue
        if not done and node.bare is not None and len(run) == 1 and not followed:
            return [node.bare]
        if not done:
            raise FormulaError(f"{node.text} stands before nothing", node.span)
        operand = done.pop()
        takes_run = node.takes_run and not isinstance(operand, Grouped)
        inner = plain(operand)
        alone = isinstance(inner, Name) and node.closes(inner.base)
        if (takes_run and followed) or (done and not takes_run and not alone):
            raise FormulaError(f"where does the operand of {node.text} end? Put it in parentheses", node.span)
        outer = node.span.to(operand.span)
        if takes_run and done:
            factors = [operand, *reversed(done)]
            whole = operand.span.to(factors[-1].span)
            outer = node.span.to(whole)
            operand = _product([plain(factor) for factor in factors], [""] * len(done), whole)
            done = []
        done.append(node.apply(plain(operand), outer))
    return done[::-1]


def _after_slash(numerator: Node, run: list[Node]) -> list[Node]:
    """Return the factors of a run behind ``a/b`` that are no part of the denominator, or refuse."""
    denominator, rest = run[0], run[1:]
    if not rest:
        return []
    follows = rest[0]
    spaced = denominator.span.end < follows.span.start
    tight_slash = numerator.span.end + 1 == denominator.span.start
    numbers = isinstance(numerator, Number) and isinstance(denominator, Number)
    clear = isinstance(follows, BigOperator | Derivative)
    if clear or (numbers and (spaced or not isinstance(follows, Name))) or (tight_slash and spaced):
        return rest
    span = numerator.span.to(follows.span)
    raise FormulaError("a/b c may mean (a/b) c or a/(b c): write parentheses or a fraction", span)


def _scientific(factors: list[Node], ops: list[str]) -> None:
    r"""Read ``1.2 \times 10^{-3}`` at the end of the factors as one number."""
    mantissa, power = factors[-2:]
    if ops[-1] not in {"times", "cdot", "star"} or not isinstance(mantissa, Number):
        return
    if not isinstance(power, Power) or not isinstance(power.base, Number) or power.base.text != "10":
        return
    inner = power.exponent.operand if isinstance(power.exponent, Neg) else power.exponent
    if not isinstance(inner, Number) or inner.unit != 1:
        return
    size = int(inner.value)
    if size > LARGEST_EXPONENT:
        raise FormulaError(f"an exponent beyond {LARGEST_EXPONENT}", power.span)
    scale = Fraction(10) ** (size if inner is power.exponent else -size)
    sign = "" if inner is power.exponent else "-"
    factors[-2:] = [
        Number(
            f"{mantissa.text}e{sign}{inner.text}",
            mantissa.value * scale,
            mantissa.unit * scale,
            span=mantissa.span.to(power.span),
        )
    ]
    ops.pop()
