"""A reader of printed formulas that knows nothing of their printer: it computes what a formula says.

It takes the conventional reading: a sign binds looser than a product, juxtaposition is a product, a sum with
a sigma holds the product after it, and a power holds the one token or group before it.
"""

from __future__ import annotations

import math
import re

TOKEN = re.compile(
    r"\\left|\\right|\\(?:begin|end)\{\w+\}|\\operatorname\{\w+\}|\\text\{[^}]*\}|\\\\|\\[A-Za-z]+"
    r"|[0-9]+(?:\.[0-9]+)?|[A-Za-z]|[-+*/^_(){}&=<>|,:'\[\]]"
)
FUNCTIONS = {
    r"\log": math.log,
    r"\exp": math.exp,
    r"\tanh": math.tanh,
    r"\sin": math.sin,
    r"\cos": math.cos,
    r"\sigma": lambda u: 1 / (1 + math.exp(-u)),
    r"\operatorname{softplus}": lambda u: math.log(1 + math.exp(u)),
    r"\operatorname{sign}": lambda u: (u > 0) - (u < 0),
    r"\operatorname{erf}": math.erf,
}
RELATIONS = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    r"\le": lambda a, b: a <= b,
    r"\ge": lambda a, b: a >= b,
}
STOPS = {")", "}", r"\right", r"\\", "&", r"\end{cases}", r"\cdot", "+", "-", "|", *RELATIONS}


class Evaluator:
    """Computes a formula.

    Parameters
    ----------
    arrays
        Nested lists by the letter and the layer, such as ``("w", 1)``; the layer is None for ``x`` and ``y``.
    base
        The number of the first element.
    """

    def __init__(self, arrays, base=1):
        self.arrays, self.base = arrays, base

    functions = FUNCTIONS

    def value(self, text, env=None):
        self.tokens, self.place, self.env = TOKEN.findall(text), 0, dict(env or {})
        assert "".join(self.tokens) == re.sub(r"\s", "", text), f"unknown pieces in {text}"
        found = self.sum()
        assert self.place == len(self.tokens), f"left over: {self.tokens[self.place :]} in {text}"
        return found

    def peek(self):
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected=None):
        token = self.peek()
        assert expected is None or token == expected, f"{token!r} where {expected!r} should be: {self.tokens}"
        self.place += 1
        return token

    def sum(self):
        total = -self.product() if self.skip("-") else self.product()
        while self.peek() in ("+", "-"):
            total = total + self.product() if self.take() == "+" else total - self.product()
        return total

    def skip(self, token):
        if self.peek() == token:
            self.place += 1
            return True
        return False

    def product(self):
        total = self.power()
        while self.peek() and (self.peek() in (r"\cdot", "/") or self.peek() not in STOPS):
            if self.skip("/"):
                total /= self.power()
                continue
            self.skip(r"\cdot")
            total *= self.power()
        return total

    def power(self):
        base = self.atom()
        if self.skip("^"):
            base **= self.group()
            assert self.peek() != "^", "a double superscript is an error in TeX"
        return base

    def group(self):
        self.take("{")
        found = self.sum()
        self.take("}")
        return found

    def atom(self):
        piece = self.take()
        if piece == r"\left":
            found = self.bracket(self.take())
        elif piece == "(":
            found = self.bracket(piece)
        elif piece == r"\frac":
            found = self.group() / self.group()
        elif piece == r"\sqrt":
            found = math.sqrt(self.group())
        elif piece == r"\pi":
            found = math.pi
        elif piece == r"\sum":
            found = self.over_range()
        elif piece == r"\begin{cases}":
            found = self.cases()
        elif piece in self.functions:
            piece += "'" if self.skip("'") else ""
            grown = self.skip(r"\left")
            self.take("(")
            found = self.functions[piece](self.sum())
            if grown:
                self.take(r"\right")
            self.take(")")
        elif piece[0].isdigit():
            found = float(piece)
        elif piece == "e" and self.peek() == "^":
            found = math.e
        else:
            found = self.element(piece)
        return found

    def bracket(self, opening):
        found = self.sum()
        self.skip(r"\right")
        self.take({"(": ")", "|": "|"}[opening])
        return abs(found) if opening == "|" else found

    def element(self, letter):
        assert letter.isalpha(), f"what is {letter!r} in {self.tokens}?"
        layer = None
        if self.tokens[self.place : self.place + 3] == ["^", "{", "("]:
            self.place += 3
            layer = int(self.take())
            self.take(")"), self.take("}")
        if self.peek() != "_":
            return self.env[letter] if layer is None and letter in self.env else self.arrays[letter, layer]
        self.take(), self.take("{")
        found, start = self.arrays[letter, layer], self.place
        while self.peek() != "}":
            self.place += 1
        for index in (
            "".join(self.tokens[start : self.place]).split(",")
            if "," in self.tokens[start : self.place]
            else "".join(self.tokens[start : self.place])
        ):
            found = found[int(self.env.get(index, index)) - self.base]
        self.take("}")
        return found

    def over_range(self):
        self.take("_"), self.take("{")
        letter = self.take()
        self.take("=")
        low = self.sum()
        self.take("}"), self.take("^")
        high, start = self.group(), self.place
        total, outside = 0.0, self.env.get(letter)
        for number in range(int(low), int(high) + 1):
            self.place, self.env[letter] = start, number
            total += self.product()
        self.env[letter] = outside
        return total

    def cases(self):
        found, decided = None, False
        while True:
            value = self.sum()
            self.take("&")
            if self.peek().startswith(r"\text"):
                holds = self.take() == r"\text{otherwise}"
            else:
                left = self.sum()
                holds = RELATIONS[self.take()](left, self.sum())
            if holds and not decided:
                found, decided = value, True
            if self.take() == r"\end{cases}":
                return found
