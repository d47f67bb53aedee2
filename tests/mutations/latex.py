r"""A small reader of the formulas that are to be broken: a tree whose nodes know their places in the text.

It reads what handouts print and what the hand-written derivations here use, no more, and raises for the rest.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"\s*(?P<token>\\left|\\right|\\frac|\\partial|\\sum|\\cdot|\\odot|\\times|\\mathsf\{T\}|\\top"
    r"|(?P<name>(?:\\mathrm\{[A-Za-z]+\}|\\hat\{[a-z]\}|\\[A-Za-z]+|[A-Za-z])"
    r"(?:[_^]\{(?!\\mathsf|\\top|T\}|:|[0-9]+:)[^{}]*(?:\\mathrm\{new\})?\})*)"
    r"|[0-9]+(?:\.[0-9]+)?|[-+()^_{}/':,]|[0-9]+:)"
)
MARKS = {r"^{\mathsf{T}}": "T", r"^{\top}": "T", r"^{T}": "T"}
SLICES = ("_{:,1:}", "_{1:,:}", "_{1:}")


class UnknownFormError(Exception):
    """The formula has something that this reader does not know."""


@dataclass(frozen=True)
class Node:
    """A part of a formula: its kind, its place, its parts, and what it says."""

    kind: str
    start: int
    end: int
    parts: tuple["Node", ...] = ()
    text: str = ""
    ops: tuple[str, ...] = field(default=())

    def walk(self):
        yield self
        for part in self.parts:
            yield from part.walk()


class Reader:
    r"""Reads one side of a claim.

    Parameters
    ----------
    text
        The side.
    functions
        How activations are written: ``\sigma``, ``f``.
    """

    def __init__(self, text, functions):
        self.text, self.functions = text, functions
        self.place = 0

    def read(self):
        found = self.sum()
        if self.text[self.place :].strip():
            raise UnknownFormError(self.text[self.place :])
        return found

    def skip_blanks(self):
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1
        return self.place

    def ahead(self, *options):
        self.skip_blanks()
        return next((o for o in options if self.text.startswith(o, self.place)), None)

    def take(self, *options):
        found = self.ahead(*options)
        if found is not None:
            self.place += len(found)
        return found

    def need(self, option):
        if self.take(option) is None:
            raise UnknownFormError(f"{option} expected at {self.text[self.place :]!r}")

    def sum(self):
        start = self.skip_blanks()
        signs, terms = [self.take("-") or "+"], [self.product()]
        while (sign := self.ahead("+", "-")) is not None:
            self.take(sign)
            signs.append(sign)
            terms.append(self.product())
        if len(terms) == 1 and signs == ["+"]:
            return terms[0]
        return Node("sum", start, terms[-1].end, tuple(terms), ops=tuple(signs))

    def product(self):
        start = self.skip_blanks()
        factors, ops = [self.factor()], []
        while True:
            op = self.take(r"\cdot", r"\odot", r"\times")
            if op is None and not self.begins():
                break
            ops.append(op or "")
            factors.append(self.factor())
        if len(factors) == 1:
            return factors[0]
        return Node("product", start, factors[-1].end, tuple(factors), ops=tuple(ops))

    def begins(self):
        self.skip_blanks()
        if self.ahead(r"\right", ")", "}", "+", "-", "]", "=", "&", r"\\", r"\end", r"\qquad", ","):
            return False
        return self.place < len(self.text)

    def factor(self):
        start = self.skip_blanks()
        node = self.atom()
        while True:
            if (mark := next((m for m in MARKS if self.text.startswith(m, self.place)), None)) is not None:
                self.place += len(mark)
                node = Node("transpose", start, self.place, (node,))
            elif cut := next((c for c in SLICES if self.text.startswith(c, self.place)), None):
                self.place += len(cut)
                node = Node("slice", start, self.place, (node,), cut)
            elif match := re.compile(r"\^\{?([0-9])\}?").match(self.text, self.place):
                self.place = match.end()
                node = Node("power", start, self.place, (node,), match[1])
            else:
                return node

    def atom(self):
        start = self.skip_blanks()
        if self.take(r"\left("):
            inner = self.sum()
            self.need(r"\right")
            self.need(")")
            return Node("group", start, self.place, (inner,))
        if self.take("("):
            inner = self.sum()
            self.need(")")
            return Node("group", start, self.place, (inner,))
        if self.take(r"\frac{\partial"):
            above = self.name()
            self.need("}")
            self.need(r"{\partial")
            below = self.name()
            self.need("}")
            return Node("partial", start, self.place, (above, below))
        if self.take(r"\frac{"):
            above = self.sum()
            self.need("}")
            self.need("{")
            below = self.sum()
            self.need("}")
            return Node("quotient", start, self.place, (above, below))
        if self.take(r"\sum"):
            return self.big_sum(start)
        if match := re.compile(r"[0-9]+(?:\.[0-9]+)?").match(self.text, self.place):
            self.place = match.end()
            return Node("number", start, self.place, text=match[0])
        for function in self.functions:
            match = re.compile(re.escape(function) + r"(?:_\{[0-9]\})?('?)(\\left)?\(").match(
                self.text, self.place
            )
            if match:
                self.place = match.end()
                inner = self.sum()
                if match[2]:
                    self.need(r"\right")
                self.need(")")
                return Node("call", start, self.place, (inner,), match[1])
        return self.name()

    def big_sum(self, start):
        match = re.compile(r"_\{?([a-z])(?:=([0-9]+))?\}?(?:\^\{?([0-9]+)\}?)?").match(self.text, self.place)
        if match is None:
            raise UnknownFormError("a sum without an index")
        self.place = match.end()
        body = self.product()
        return Node("big", start, body.end, (body,), match[1], (match[2] or "", match[3] or ""))

    def name(self):
        start = self.skip_blanks()
        match = TOKEN.match(self.text, self.place)
        if match is None or match["name"] is None or match["name"].startswith((r"\begin", r"\end")):
            raise UnknownFormError(self.text[self.place :])
        self.place = match.end()
        return Node("name", start, self.place, text=match["name"])


def read(text, functions):
    """Return the tree of one side of a claim.

    Raises
    ------
    UnknownFormError
        If it has something that the reader does not know.
    """
    return Reader(text, functions).read()
