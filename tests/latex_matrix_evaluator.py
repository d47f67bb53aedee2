"""A reader of printed matrix algebra that computes it with NumPy."""

import numpy as np
from latex_evaluator import STOPS, Evaluator


class Ones:
    """A column of ones (or, transposed, a row) as long as it has to be."""

    def __init__(self, row=False):
        self.row = row


def times(left, right):
    """The product of matrices, with as many ones as fit."""
    if isinstance(left, Ones):
        return right.sum(axis=0, keepdims=True) if left.row else repeated(right, 0)
    if isinstance(right, Ones):
        return repeated(left, 1) if right.row else left.sum(axis=1, keepdims=True)
    return left @ right


def repeated(array, axis):
    assert array.shape[axis] == 1, "only what has length 1 along an axis can be repeated along it"
    return array  # NumPy repeats it where that is needed


class MatrixEvaluator(Evaluator):
    """Computes matrix algebra in the default notation.

    Every array has two axes; a batch of several samples of any size, and layers of distinct sizes, show a
    product that is turned round.
    """

    def __init__(self, arrays, functions):
        super().__init__(arrays)
        self.functions = functions

    def product(self):
        scale, total = 1.0, None
        while True:
            factor = self.power()
            if not isinstance(factor, Ones) and np.size(factor) == 1:
                scale = scale * factor
            else:
                total = factor if total is None else times(total, factor)
            if not self.peek() or self.peek() in STOPS | {r"\odot", r"\end{bmatrix}"}:
                return scale if total is None else scale * total

    def sum(self):
        total = -self.hadamard() if self.skip("-") else self.hadamard()
        while self.peek() in ("+", "-"):
            total = total + self.hadamard() if self.take() == "+" else total - self.hadamard()
        return total

    def hadamard(self):
        total = self.product()
        while self.skip(r"\odot"):
            total = total * self.product()
        return total

    def power(self):
        base = self.atom()
        if self.skip("^"):
            self.take("{")
            if self.skip(r"\mathsf"):
                self.take("{"), self.take("T"), self.take("}"), self.take("}")
                return Ones(row=True) if isinstance(base, Ones) else base.T
            base = base ** self.sum()
            self.take("}")
        if self.tokens[self.place : self.place + 2] == ["_", "{"]:
            self.place += 2
            start = self.place
            while self.peek() != "}":
                self.place += 1
            where = "".join(self.tokens[start : self.place])
            self.take("}")
            base = {"1:": np.delete(base, 0, int(base.shape[1] > 1)), "1:,:": base[1:], ":,1:": base[:, 1:]}[
                where
            ]
        return base

    def atom(self):
        if self.peek() == r"\mathbf":
            self.place += 4
            return Ones()
        if self.tokens[self.place : self.place + 3] == [r"\frac", "{", r"\partial"]:
            self.place += 7  # up to the second \partial
            found = self.arrays["d" + "".join(self.name())]
            self.take("}")
            return found
        if self.peek() == r"\begin{bmatrix}":
            return self.with_ones()
        if self.peek() == r"\delta":
            return self.arrays["dz" + self.name()[1]]
        return super().atom()

    def element(self, letter):
        return self.arrays["".join(self.name(letter))]

    def name(self, letter=""):
        letter, layer = letter or self.take(), ""
        if self.tokens[self.place : self.place + 3] == ["^", "{", "("]:
            layer = self.tokens[self.place + 3]
            self.place += 6
        return letter, layer

    def with_ones(self):
        self.take()
        one = self.power()
        assert isinstance(one, Ones) or one == 1
        axis = 1 if self.take() == "&" else 0
        rest = self.sum()
        self.take(r"\end{bmatrix}")
        return np.insert(rest, 0, 1.0, axis)
