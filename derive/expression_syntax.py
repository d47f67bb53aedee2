"""Read an expression in ``z``: from text to its parts in postfix order, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.suggest import nearest, shown

MAX_LENGTH = 500
MAX_DEPTH = 40
MAX_PARTS = 300
MAX_CALLS = 4
"""How deep calls may be nested; the time that their derivatives take grows fast with it."""

CONSTANTS = ("pi", "e")
FUNCTIONS: dict[str, int] = {
    **dict.fromkeys(("exp", "log", "ln", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "tan", "atan"), 1),
    **dict.fromkeys(("abs", "sign", "erf", "sigmoid", "softplus", "relu"), 1),
    "max": 2,
    "min": 2,
}
"""The functions of an expression, with the number of their arguments."""

_SHALLOW = ("max", "min", "relu", "abs", "sign", "sqrt")
"""Functions that may be nested as deep as parentheses."""

_TOKEN = re.compile(
    r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<mark>\*\*|[-+*/^(),])", re.ASCII
)
_SPACE = re.compile(r"\s*", re.ASCII)
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_SIGN = 3
"""A sign binds tighter than a product and looser than a power: ``-z**2`` is ``-(z**2)``."""

_INSTEAD = {
    "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "²": "**2", "³": "**3", "√": "sqrt( )",
    "[": "(", "]": ")", "{": "(", "}": ")", "|": "abs( )", "\\": "a plain name such as exp( )",
    "σ": "sigmoid( )",
}  # fmt: skip
"""What to write for a character that an expression cannot have."""


class ExpressionError(ValueError):
    """An expression that cannot be read; the message shows it with a mark under the place."""

    def __init__(self, text: str, place: int, problem: str) -> None:
        super().__init__(f"{problem}\n{_marked(text, place)}")
        self.place = place


def _marked(text: str, place: int) -> str:
    """Return the surroundings of a place in the text, and a line with a caret under the place."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    first, last = max(0, place - 40), min(len(plain), place + 40)
    before, after = "... " if first else "", " ..." if last < len(plain) else ""
    return f"    {before}{plain[first:last]}{after}\n    {' ' * (len(before) + place - first)}^"


@dataclass(frozen=True)
class Part:
    """A number, name, function or operator, after the parts that it applies to.

    Attributes
    ----------
    kind : {"number", "name", "call", "binary", "sign"}
    text : str
        As written; a power is always ``**``.
    place : int
        Where it stands in the text, from 0.
    start, stop : int
        Where the text of the part with all its arguments begins and ends.
    """

    kind: str
    text: str
    place: int
    start: int
    stop: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int

    @property
    def stop(self) -> int:
        return self.place + len(self.text)

    def __str__(self) -> str:
        return shown(self.text) if self.text else "the end"


def postfix(text: str) -> tuple[Part, ...]:
    """Return the parts of an expression in postfix order.

    Raises
    ------
    ExpressionError
        If the text is no expression, or a long or a deep one.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(text, MAX_LENGTH, f"more than {MAX_LENGTH} characters; shorten the expression")
    reader = _Reader(text)
    reader.operand(0)
    if reader.next.text:
        raise reader.error(_surplus(reader))
    if len(reader.parts) > MAX_PARTS:
        raise ExpressionError(text, 0, f"{len(reader.parts)} parts are more than the {MAX_PARTS} allowed")
    return tuple(reader.parts)


def _tokens(text: str) -> Iterator[_Token]:
    place = _end(_SPACE, text, 0)
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            instead = _INSTEAD.get(text[place])
            remedy = (
                f"write {instead}" if instead else "an expression has numbers, names, + - * / ** ( ) and ,"
            )
            raise ExpressionError(text, place, f"the character {text[place]!r} is not allowed: {remedy}")
        kind = next(k for k in ("number", "name", "mark") if found[k] is not None)
        yield _Token(kind, found[0].replace("^", "**") if kind == "mark" else found[0], place)
        place = _end(_SPACE, text, found.end())
    yield _Token("end", "", len(text))


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place


def _surplus(reader: _Reader) -> str:
    if reader.next.text == ")":
        return "this ')' closes nothing: remove it, or add its '('"
    if reader.next.text == ",":
        return "a ',' stands only between the two arguments of max and min: write a decimal point as '.'"
    return f"expected an operator before {reader.next} (a product is written with *)"


class _Reader:
    """Precedence climbing; the depth of its recursion is bounded by `MAX_DEPTH`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.next = next(self.tokens)
        self.parts: list[Part] = []
        self.depth = 0
        self.calls = 0

    def error(self, problem: str) -> ExpressionError:
        return ExpressionError(self.text, self.next.place, problem)

    def take(self) -> _Token:
        token, self.next = self.next, next(self.tokens, self.next)
        return token

    def operand(self, tightness: int) -> tuple[int, int]:
        """Read operands joined by operators that bind tighter; return where they begin and end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep; simplify the expression")
        start, stop = self.prefix()
        while (binds := _BINARY.get(self.next.text, 0)) > tightness:
            operator = self.take()
            # A power is right-associative, and its exponent may have a sign: 2**-z.
            _, stop = self.operand(_SIGN - 1 if operator.text == "**" else binds)
            self.parts.append(Part("binary", operator.text, operator.place, start, stop))
        self.depth -= 1
        return start, stop

    def prefix(self) -> tuple[int, int]:
        token = self.take()
        if token.text in ("+", "-"):
            _, stop = self.operand(_SIGN)
            self.parts.append(Part("sign", token.text, token.place, token.place, stop))
            return token.place, stop
        if token.text == "(":
            self.operand(0)
            return token.place, self.closed(token)
        if token.kind == "number":
            self.parts.append(Part("number", token.text, token.place, token.place, token.stop))
            return token.place, token.stop
        if token.kind == "name":
            return self.call(token) if token.text in FUNCTIONS else self.name(token)
        raise ExpressionError(self.text, token.place, f"expected a number, a name or '(', found {token}")

    def name(self, token: _Token) -> tuple[int, int]:
        if token.text != "z" and token.text not in CONSTANTS:
            near = nearest(token.text, ("z", *CONSTANTS, *FUNCTIONS))
            guess = f"; did you mean {near!r}?" if near else ""
            known = f"the argument is z, constants are pi and e, functions are {', '.join(FUNCTIONS)}"
            raise ExpressionError(self.text, token.place, f"{token} is not known{guess} ({known})")
        if self.next.text == "(":
            raise self.error(f"{token} is no function: a product is written with *")
        self.parts.append(Part("name", token.text, token.place, token.place, token.stop))
        return token.place, token.stop

    def call(self, token: _Token) -> tuple[int, int]:
        count = FUNCTIONS[token.text]
        usage = f"{token.text}({', '.join('uv'[:count])})"
        if self.next.text != "(":
            raise self.error(f"expected '(' after {token.text}: write {usage}")
        opening = self.take()
        deeper = token.text not in _SHALLOW
        self.calls += deeper
        if self.calls > MAX_CALLS:
            problem = f"more than {MAX_CALLS} functions inside each other; simplify the expression"
            raise ExpressionError(self.text, token.place, problem)
        for number in range(count):
            if number:
                if self.next.text != ",":
                    raise self.error(f"{token.text} has {count} arguments: write {usage}")
                self.take()
            self.operand(0)
        if self.next.text == ",":
            raise self.error(f"{token.text} has {count} argument{'s' * (count > 1)}: write {usage}")
        stop = self.closed(opening)
        self.calls -= deeper
        self.parts.append(Part("call", token.text, token.place, token.place, stop))
        return token.place, stop

    def closed(self, opening: _Token) -> int:
        if self.next.text != ")":
            if self.next.kind == "end":
                raise ExpressionError(self.text, opening.place, "this '(' is never closed")
            raise self.error(_surplus(self))
        return self.take().stop
