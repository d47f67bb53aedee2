r"""Statements on functions of a mere variable: ``\frac{d}{dx} \sigma(x)``, ``\sigma' = \sigma(1 - \sigma)``.

The variable stands for any number, whatever quantity of the network goes by its letter. It gets a name that
no quantity has; a function without its argument gets the variable as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from derive.check.formula.frame import quiet
from derive.check.formula.functions import ELEMENTARY, FUNCTIONS
from derive.check.formula.mere import MERE, names_in
from derive.check.names import Reading
from derive.read import tree
from derive.read.formula import Formula, Statement
from derive.read.formula_walk import children, with_children
from derive.read.tree import Call, Derivative, Name, Node, Number, Placeholder, Power, Product

_KINDS = (
    tree.Number,
    tree.Add,
    tree.Neg,
    tree.Product,
    tree.Quotient,
    tree.Power,
    tree.Bracketed,
    tree.Derivative,
    tree.Cases,
    tree.Branch,
    tree.Comparison,
    tree.Indicator,
)
_HEADS = (FUNCTIONS | ELEMENTARY.keys() | {"max", "min", "maximum", "minimum"}) - {"softmax"}
_CONSTANTS = frozenset({"e", "pi"})
_EQUAL = frozenset({"=", "≈", ":=", "≡", "→"})


@dataclass
class _Parts:
    """What the sides of a statement consist of.

    Attributes
    ----------
    variables : set of str
        Letters without any mark that are no functions.
    bare : set of Name
        Functions without their arguments.
    differentiated : bool
        Whether one of those is differentiated.
    other : bool
        Whether there is anything else that a function of a variable has no place for.
    """

    variables: set[str] = field(default_factory=set)
    bare: set[Name] = field(default_factory=set)
    differentiated: bool = False
    other: bool = False


def of_mere_variable(item: Statement, reading: Reading) -> Statement:
    """Return a statement about functions of a mere variable with that variable named so, or it as it is."""
    parts = _Parts()
    for term in item.terms:
        _gather(term, reading, parts)
    if parts.other or len(parts.variables) > 1 or not (parts.variables or parts.bare):
        return item
    if (parts.bare and not parts.differentiated) or not any(map(_varies, item.terms)):
        return item
    if parts.variables & reading.inner:
        return item
    (variable,) = parts.variables or {""}
    if any(_is_constant(item, k, variable, parts.bare) for k in range(len(item.terms))):
        return item
    return replace(item, terms=tuple(_applied(term, variable, parts.bare) for term in item.terms))


def inner_variables(formulas: Iterable[Formula], reading: Reading) -> frozenset[str]:
    """Return the letters that a document makes functions of others: ``u = 1 + e^{-x}``."""
    found: set[str] = set()
    for item in (statement for formula in formulas for statement in formula.statements):
        name = item.terms[0]
        if len(item.terms) < 2 or not isinstance(name, Name) or name != Name(name.base, span=name.span):
            continue
        parts = _Parts()
        _gather(item.terms[1], reading, parts)
        others = parts.variables - {name.base}
        if parts.other or parts.bare or len(others) != 1 or others & found or not _varies(item.terms[1]):
            continue
        found.add(name.base)
    return frozenset(found)


def _gather(node: Node, reading: Reading, parts: _Parts) -> None:
    if isinstance(node, Name):
        _gather_name(node, reading, parts)
    elif isinstance(node, Call):
        head = node.function
        marked = head.subscripts or head.accents or any(s.role != "power" for s in head.superscripts)
        parts.other |= head.base not in _HEADS or bool(marked)
        parts.other |= not node.certain and not all(isinstance(part, Name) for part in node.arguments)
        for argument in node.arguments:
            _gather(argument, reading, parts)
    elif isinstance(node, _KINDS):
        if isinstance(node, Derivative):
            parts.differentiated |= isinstance(node.of, Name) and _is_function(node.of, reading)
            parts.other |= node.order != 1 or len(node.wrt) != 1 or not isinstance(node.wrt[0], Name)
        for child in children(node):
            _gather(child, reading, parts)
    elif not isinstance(node, Placeholder) or node.text:
        parts.other = True


def _gather_name(name: Name, reading: Reading, parts: _Parts) -> None:
    if _is_function(name, reading):
        parts.bare.add(name)
        parts.differentiated |= name.primes == 1
    elif name.accents or name.primes or name.subscripts or (name.superscripts and _square(name) is None):
        parts.other = True
    elif name.base not in _CONSTANTS:
        parts.variables.add(name.base)


def _square(name: Name) -> Power | None:
    """Return ``u^2`` as a power, where the reader leaves open whether the number is a layer."""
    script = name.superscripts[0] if len(name.superscripts) == 1 else None
    if script is None or "power" not in script.roles or script.role == "layer":
        return None
    (exponent,) = script.items if len(script.items) == 1 else (None,)
    plain = replace(name, superscripts=())
    return Power(plain, exponent, span=name.span) if isinstance(exponent, Number) else None


def _is_function(name: Name, reading: Reading) -> bool:
    plain = not name.accents and not name.subscripts and not name.superscripts
    return name.base in FUNCTIONS and plain and quiet(replace(name, primes=0), reading) is None


def _varies(term: Node) -> bool:
    """Tell whether a side has a function, derivative or exponential in it: plain algebra is left alone."""
    if isinstance(term, (Call, Derivative)) or (isinstance(term, Name) and term.base in FUNCTIONS):
        return True
    power = isinstance(term, tree.Power) and isinstance(term.base, Name) and term.base.base == "e"
    return power or any(map(_varies, children(term)))


def _is_constant(item: Statement, at: int, variable: str, bare: set[Name]) -> bool:
    r"""Tell whether a side that is set equal to another is a number of the example, of no variable.

    ``\sigma(x) + \sigma(-x) = 1`` is true of any, ``\sigma(z) = 0.6`` of one that the document has.
    """
    term = item.terms[at]
    if isinstance(term, Placeholder) or (isinstance(term, Number) and "." not in term.text):
        return False
    if any(name.base == variable or name in bare for name in names_in(term)):
        return False
    return bool(_EQUAL.intersection(item.relations[max(at - 1, 0) : at + 1]))


def _applied(node: Node, variable: str, bare: set[Name]) -> Node:
    """Return a side in which functions have their argument and the variable its own name."""

    def inside(child: Node) -> Node:
        return _applied(child, variable, bare)

    if isinstance(node, Name):
        argument = Name(f"{MERE}{variable}", span=node.span)
        if node in bare:
            return Call(node, (argument,), span=node.span)
        if node.base != variable:
            return node
        square = _square(node) if node.superscripts else None
        return argument if square is None else replace(square, base=argument)
    if not isinstance(node, Call):
        return with_children(node, inside)
    arguments = tuple(map(inside, node.arguments))
    if _is_factor(node, bare):
        argument = Name(f"{MERE}{variable}", span=node.function.span)
        function = Call(node.function, (argument,), span=node.function.span)
        return Product((function, arguments[0]), ("",), span=node.span)
    return replace(node, arguments=arguments, certain=True)


def _is_factor(node: Call, bare: set[Name]) -> bool:
    r"""Tell whether parentheses hold a factor, as in ``\sigma(1 - \sigma)``; ``f'(g)`` is a composition."""
    inside = node.arguments[0]
    if len(node.arguments) != 1 or isinstance(inside, Name):
        return False
    return any(name in bare and name.base == node.function.base for name in names_in(inside))
