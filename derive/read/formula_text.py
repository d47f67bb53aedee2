"""A tree as one line of text, for messages and tests: each operation in its own brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.read.tree import (
    Add,
    BigOperator,
    Bracketed,
    Branch,
    Call,
    Cases,
    Comparison,
    Derivative,
    Differential,
    Dots,
    Gradient,
    Indicator,
    Listing,
    Marked,
    Matrix,
    Name,
    Neg,
    Node,
    Norm,
    Number,
    Placeholder,
    Power,
    Product,
    Quotient,
    Script,
    Transpose,
)

_OPERATORS = {"": " ", "cdot": " · ", "times": " × ", "star": " * ", "odot": " ⊙ ", "circ": " ∘ "}
_OPERATORS |= {"otimes": " ⊗ ", "at": " @ "}


def to_text(node: Node) -> str:
    """Return `node` as text. It is no mathematics for the eye, and nothing reads it back."""
    return _WRITERS[type(node)](node)


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(to_text, nodes))


def _script(sign: str, script: Script) -> str:
    bracket = {"()": "()", "[]": "[]", "index": "[]"}.get(script.kind, "{}")
    role = "" if script.role == "index" else ":" + "|".join(script.roles)
    return f"{sign}{bracket[0]}{' '.join(script.tokens)}{bracket[1]}{role}"


def _marks(node: Name | Marked) -> str:
    below = "".join(_script("_", script) for script in node.subscripts)
    above = "".join(_script("^", script) for script in node.superscripts)
    return "'" * node.primes + below + above


def _name(node: Name) -> str:
    return "".join(f"{accent}." for accent in node.accents) + node.base + _marks(node)


def _product(node: Product) -> str:
    parts = [to_text(node.factors[0])]
    for op, factor in zip(node.ops, node.factors[1:], strict=True):
        parts.append(_OPERATORS[op] + to_text(factor))
    return f"({''.join(parts)})"


def _comparison(node: Comparison) -> str:
    parts = [to_text(node.terms[0])]
    for relation, term in zip(node.relations, node.terms[1:], strict=True):
        parts.append(f" {relation} {to_text(term)}")
    return "".join(parts)


def _big(node: BigOperator) -> str:
    limits = [_list(node.indices)]
    limits += [f"from {to_text(node.lower)}"] if node.lower else []
    limits += [f"to {to_text(node.upper)}"] if node.upper else []
    limits += [f"if {_comparison(node.condition)}"] if node.condition else []
    return f"{node.operator}[{' '.join(limits).strip()}]({to_text(node.body)})"


def _derivative(node: Derivative) -> str:
    order = "" if node.order == 1 else str(node.order)
    return f"{node.symbol}{order}[{to_text(node.of)} / {_list(node.wrt)}]"


_WRITERS: dict[type[Node], Callable[[Any], str]] = {
    Number: lambda n: n.text,
    Name: _name,
    Script: lambda n: _script("", n),
    Placeholder: lambda n: f"<{n.text}>",
    Dots: lambda _: "...",
    Add: lambda n: f"({' + '.join(map(to_text, n.terms))})",
    Neg: lambda n: f"-{to_text(n.operand)}",
    Product: _product,
    Quotient: lambda n: f"({to_text(n.numerator)} / {to_text(n.denominator)})",
    Power: lambda n: f"({to_text(n.base)} ** {to_text(n.exponent)})",
    Transpose: lambda n: f"T({to_text(n.operand)})",
    Marked: lambda n: f"<{to_text(n.operand)}>{_marks(n)}",
    Bracketed: lambda n: f"{n.bracket[0]}{to_text(n.operand)}{n.bracket[1]}",
    Call: lambda n: f"{to_text(n.function)}{'' if n.certain else '?'}({_list(n.arguments)})",
    Derivative: _derivative,
    Differential: lambda n: f"{n.symbol}[{to_text(n.operand)}]",
    Gradient: lambda n: f"∇[{to_text(n.of)}{' / ' + to_text(n.wrt) if n.wrt else ''}]",
    Comparison: _comparison,
    BigOperator: _big,
    Norm: lambda n: f"‖{to_text(n.operand)}‖" + (_script("_", n.order) if n.order else ""),
    Matrix: lambda n: f"[{'; '.join(map(_list, n.rows))}]",
    Listing: lambda n: f"{n.bracket[:1]}{_list(n.items)}{n.bracket[1:]}",
    Branch: lambda n: f"{to_text(n.value)} if {to_text(n.condition) if n.condition else 'otherwise'}",
    Cases: lambda n: f"cases({_list(n.branches)})",
    Indicator: lambda n: f"1[{to_text(n.condition)}]",
}
