"""Subscripts, superscripts and primes: what each may be, and what they make of the thing they stand on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from derive.read.formula_error import FormulaError
from derive.read.lexicon import Entry
from derive.read.tree import (
    Marked,
    Name,
    Node,
    Norm,
    Number,
    Power,
    Role,
    Script,
    ScriptKind,
    Span,
    Transpose,
)

MOST_MARKS = 12
UPDATE_WORDS = frozenset(["new", "old", "neu", "alt", "updated", "nuevo", "viejo", "before", "after"])
_LAYER_LETTERS = frozenset({"l", "L", "ell", "h"})
_SAMPLE_LETTERS = frozenset(["i", "j", "m", "n", "s", "p", "d", "mu"])
_STEP_LETTERS = frozenset({"t", "tau", "k"})
_SIGNS = frozenset("+-")


class Mark(NamedTuple):
    """One mark in the order of writing: "sub", "sup", "prime" or "transpose"."""

    place: str
    script: Script | None
    primes: int
    span: Span


@dataclass(frozen=True)
class Marks:
    """The marks on one thing."""

    marks: tuple[Mark, ...]


def superscript_roles(
    kind: ScriptKind, tokens: tuple[str, ...], entry: Entry | None, *, grouping: bool = False
) -> tuple[Role, ...]:
    """Return what a superscript may be, the likeliest first.

    Parameters
    ----------
    kind
        How it is bracketed.
    tokens
        What it holds.
    entry
        What the lexicon knows of the name that it stands on; None where it stands on no name.
    grouping
        Whether parentheses may be there only because the text has no braces: ``e^(2)``.
    """
    words = {token for token in tokens if token[0].isalpha()}
    numbers = [token for token in tokens if token[0].isdigit()]
    simple = all(token[0].isalpha() or token.isdigit() or token in _SIGNS for token in tokens)
    layered = entry is not None and entry.layered
    if tokens in {("+",), ("-",)} or words & UPDATE_WORDS:
        return ("update",) if tokens != ("-",) else ("mark",)
    if tokens == ("*",):
        return ("mark",)
    if not simple or tokens[0] in _SIGNS:
        return ("power",)
    if kind == "[]":
        return ("layer",)
    if kind == "()":
        roles = _in_parentheses(words, layered)
        if not grouping or "power" in roles:
            return roles
        return (*roles, "power") if layered else ("power", *roles)
    if entry is None or (len(words) == 0 and len(tokens) > 1):
        return ("power",)
    if numbers and not words:
        return ("power", "layer") if layered else ("power",)
    return _bare_letters(words, layered)


def _in_parentheses(words: set[str], layered: bool) -> tuple[Role, ...]:
    if words <= _LAYER_LETTERS:
        return ("layer",) if layered or words else ("layer", "sample")
    if words <= _STEP_LETTERS:
        return ("update", "layer")
    if words <= _SAMPLE_LETTERS:
        return ("sample", "layer")
    if any(len(word) > 1 for word in words):
        return ("label",)
    return ("layer", "power") if layered else ("power", "layer")


def _bare_letters(words: set[str], layered: bool) -> tuple[Role, ...]:
    if any(len(word) > 1 and word not in {"ell", "tau", "mu"} for word in words):
        return ("label",)
    if words <= _LAYER_LETTERS:
        return ("layer",) if layered else ("power", "layer")
    if words <= _STEP_LETTERS:
        roles: tuple[Role, ...] = ("update", "layer", "power") if layered else ("power", "update")
        return (*roles, "transpose") if words == {"t"} else roles
    if words <= _SAMPLE_LETTERS:
        return ("sample", "layer", "power") if layered else ("power", "sample")
    return ("power",)


def subscript_roles(kind: ScriptKind, tokens: tuple[str, ...], entry: Entry | None) -> tuple[Role, ...]:
    """Return what a subscript may be, the likeliest first; for the parameters see `superscript_roles`."""
    words = {token for token in tokens if token[0].isalpha()}
    if words & UPDATE_WORDS:
        return ("update",)
    if kind == "[]":
        return ("layer",)
    if kind == "index":
        return ("index",)
    layered = entry is not None and entry.layered
    if words and words <= _STEP_LETTERS and all(len(token) == 1 for token in tokens):
        return ("index", "update")
    if words <= _LAYER_LETTERS and "," not in tokens:
        digits = [token for token in tokens if token.isdigit()]
        if words - {"h"} or (digits and not words and len(digits[0]) == 1):
            return ("layer", "index") if layered else ("index", "layer")
    if any(len(word) > 2 for word in words) or "in" in words:
        return ("label",)
    return ("index",)


def apply_marks(node: Node, marks: Marks, *, span: Span, called: bool = False) -> Node:
    r"""Return `node` with its marks; sure powers and transposes become nodes of their own.

    Parameters
    ----------
    node
        What the marks stand on.
    marks
        The marks, in order. In ``W^T_{ij}`` the index stays with ``W``; in ``(W^T)_{ij}`` it does not.
    span
        The place of the node together with its marks.
    called
        Whether the node is a function before its arguments, whose powers stay marks (``\log^2 x``).
    """
    if len(marks.marks) > MOST_MARKS:
        raise FormulaError(f"more than {MOST_MARKS} marks on one name", span)
    around: list[Mark] = []
    for mark in marks.marks:
        if _wraps(node, mark, called=called):
            around.append(mark)
        elif isinstance(node, Norm) and mark.place == "sub" and node.order is None:
            node = replace(node, order=mark.script, span=span.to(mark.span))
        else:
            node = _marked(node, mark, span.to(mark.span))
    if isinstance(node, Name):
        node = _one_layer(node)
    for mark in around:
        if mark.script is not None:
            node = Power(node, _exponent(mark.script), span=span.to(mark.span))
        else:
            node = Transpose(node, span=span.to(mark.span))
    return node


def _wraps(node: Node, mark: Mark, *, called: bool) -> bool:
    """Tell whether a mark becomes a node of its own."""
    if mark.place == "transpose":
        return True
    if mark.place != "sup" or mark.script is None:
        return False
    return isinstance(node, Number) or (mark.script.role == "power" and not called)


def _exponent(script: Script) -> Node:
    if len(script.items) != 1:
        raise FormulaError("a power needs one exponent", script.span)
    return script.items[0]


def _marked(node: Node, mark: Mark, whole: Span) -> Node:
    if isinstance(node, Number):
        raise FormulaError("a number with an index", whole)
    if not isinstance(node, Name | Marked):
        node = Marked(node, span=whole)
    if mark.script is None:
        return replace(node, primes=node.primes + mark.primes, span=whole)
    if mark.place == "sub":
        return replace(node, subscripts=(*node.subscripts, mark.script), span=whole)
    return replace(node, superscripts=(*node.superscripts, mark.script), span=whole)


def _one_layer(name: Name) -> Name:
    """Return `name` with its subscripts as indices where a superscript says the layer: ``z_1^{(2)}``."""
    if not any(script.role == "layer" for script in name.superscripts):
        return name
    subscripts = tuple(
        replace(script, roles=("index",)) if set(script.roles) == {"layer", "index"} else script
        for script in name.subscripts
    )
    return replace(name, subscripts=subscripts)
