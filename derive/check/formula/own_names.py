"""Names of the document's own: which statements define one, count something, or take a mere argument."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from derive.check.formula.context import Context
from derive.check.formula.definition import Definition
from derive.check.formula.errors import MistakeError, Undecided
from derive.check.formula.frame import quiet
from derive.check.formula.functions import LETTERS
from derive.check.formula.marks import spelled
from derive.check.formula.mere import is_of_mere_variable
from derive.check.formula.mistakes import Link
from derive.check.formula.numbers import element_with_value
from derive.check.formula.own_functions import OF_ANYTHING, OF_MERE_VARIABLES
from derive.check.formula.quantities import letters_in, own_key
from derive.check.intervals import Value
from derive.notation import Notation
from derive.read.formula_walk import walk
from derive.read.tree import Call, Dots, Listing, Name, Node, Number

COUNTERS = frozenset({"l", "ell", "i", "j", "k", "n", "p", "q"})
_CONSTANTS = frozenset({"e", "pi"})
_SMALL = 0.001


def counts(ctx: Context, left: Node, right: Node) -> bool:
    """Note ``l = 2`` and ``l = 1, 2``, which say what a symbol runs over and claim nothing.

    Neither does ``y_i = 2``, where ``y_i`` is the number of a class: from 0 or from 1.
    """
    if isinstance(left, Name) and isinstance(right, Number) and _is_label(ctx, left):
        return right.unit == 1
    if not isinstance(left, Name) or left.subscripts or left.superscripts:
        return False
    numbers = right.items if isinstance(right, Listing) else (right,)
    if left.base not in COUNTERS or ctx.reading.roles.get(left.base) == "eta":
        return False
    if not all(isinstance(number, (Number, Dots)) and getattr(number, "unit", 1) == 1 for number in numbers):
        return False
    if left.base in ("l", "ell"):
        ctx.fixed.pop("l", None)
        if isinstance(right, Number):
            ctx.fixed["l"] = int(right.value)
    return True


def _is_label(ctx: Context, name: Name) -> bool:
    """Tell whether a name is the label of a sample."""
    ref = quiet(name, ctx.reading) if ctx.reading.sample_letter else None
    return ref is not None and ref.role == "y" and ref.sample is not None and bool(name.subscripts)


def defines(ctx: Context, link: Link) -> bool:
    """Take the first statement about a name of the document's own as its definition."""
    name = link.left
    if not isinstance(name, Name) or name is not link.head or own_key(name) in ctx.definitions:
        return False
    if not _is_own(ctx, name, link.right):
        return False
    constant = spelled(name) in _CONSTANTS and not name.subscripts
    if constant or any(node == name for node in walk(link.right)):
        return False
    symbols = letters_in(name)
    number = isinstance(link.right, Number)
    meant = element_with_value(ctx, name, link.right) if isinstance(link.right, Number) else None
    ctx.definitions[own_key(name)] = Definition(symbols, meant or link.right, number and meant is None)
    return True


def forget_function(ctx: Context, link: Link) -> None:
    """Forget what a letter was, where a statement such as ``g(x) = 1 + e^{-x}`` is to define it."""
    if (letter := _letter_defined(ctx, link)) is not None:
        for ending in (OF_ANYTHING, OF_MERE_VARIABLES):
            ctx.definitions.pop(letter + ending, None)


def define_function(ctx: Context, link: Link, *, known: bool) -> bool:
    """Take a statement as the definition of a function, if it can be one.

    `known` tells that it is an activation of a layer.
    """
    letter, call = _letter_defined(ctx, link), link.left
    if letter is None or not isinstance(call, Call):
        return False
    variables = tuple(argument.base for argument in call.arguments if isinstance(argument, Name))
    ctx.definitions[letter + (OF_MERE_VARIABLES if known else OF_ANYTHING)] = Definition(
        variables, link.right
    )
    return True


def _letter_defined(ctx: Context, link: Link) -> str | None:
    """Return the letter of a function of a mere variable that stands before an expression without it.

    The letter that the network file has for activations is none of the document's own.
    """
    call = link.left
    if not isinstance(call, Call) or call is not link.head or not is_of_mere_variable(call):
        return None
    name, own = call.function, LETTERS - {ctx.reading.notation.function, "sigma"}
    if name.base not in own or name != Name(name.base, span=name.span) or len(call.arguments) != 1:
        return None
    if not isinstance(call.arguments[0], Name):
        return None
    if any(isinstance(node, Name) and node.base == name.base for node in walk(link.right)):
        return None
    return name.base


def _is_own(ctx: Context, name: Name, right: Node) -> bool:
    """Tell whether a name is the document's own: unknown, a weight by its number, a part of the loss."""
    if ctx.reading.roles.get(spelled(name)) in ("L", "eta") and name.subscripts:
        return quiet(name, ctx.reading) is None
    try:
        if ctx.reading.resolve(name) is None or _scalar_weight(ctx, name, right):
            return True
        return _step_width(ctx, name, right)
    except (MistakeError, Undecided):
        return isinstance(right, Number)


def _scalar_weight(ctx: Context, name: Name, right: Node) -> bool:
    """Recognise ``w_5 = 0.4``: a weight by its own number, not the weights of layer 5."""
    ref = ctx.reading.resolve(name)
    bare = ref is not None and ref.role in ("W", "b") and ref.at is None and bool(name.subscripts)
    return bare and isinstance(right, Number) and not name.superscripts


def _step_width(ctx: Context, name: Name, right: Node) -> bool:
    """Recognise ``h = 0.0001``: a bare letter with another customary meaning, that of a vector."""
    ref = ctx.reading.resolve(name)
    if ref is None or name.subscripts or name.superscripts or not isinstance(right, Number):
        return False
    own = {getattr(ctx.reading.notation, field.name) for field in fields(Notation)}
    # Beside a layer of one unit only what is too small for an activation is clear.
    clear = 1 not in ctx.reading.network.sizes[1:] or abs(right.value) <= _SMALL
    return ref.role in ("z", "a") and name.base not in own and clear


def is_depth(ctx: Context, link: Link) -> bool:
    """Tell ``L = 2`` where L counts the layers."""
    left, right = link.left, link.right
    if not isinstance(left, Name) or left.base != "L" or left.subscripts or not isinstance(right, Number):
        return False
    return right.unit == 1 and int(right.value) == ctx.reading.layers + ctx.reading.units_from


def is_step(ctx: Context, left: Node, right: Node) -> bool:
    """Tell ``w -> w - eta dw``: the arrow stands before what a parameter becomes."""
    ref = quiet(left, ctx.reading) if isinstance(left, Name) else None
    return ref is not None and ref.role in ("W", "b") and any(node == left for node in walk(right))


def arguments(ctx: Context, *sides: Node) -> dict[str, Value]:
    """Return random values for names that are the mere argument of a function: ``g(q) = q (1 - q)``."""
    found: dict[str, Value] = {}
    for side in sides:
        for node in walk(side):
            if not isinstance(node, Call) or len(node.arguments) != 1:
                continue
            name = node.arguments[0]
            if isinstance(name, Name) and not name.subscripts and not name.superscripts:
                key = spelled(name)
                known = key in ctx.reading.roles or own_key(name) in ctx.definitions or key in _CONSTANTS
                if not known:
                    chance = np.random.default_rng(sum(map(ord, key)))
                    found[key] = chance.uniform(-1.5, 1.5, (ctx.truth.count, 1))
    return found
