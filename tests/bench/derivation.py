"""Time of the derivation: against SymPy's `diff` of the composed loss, and by the number of weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp
from cells import Cell

from codegen.latex import Speller, stamped
from codegen.modules import generate
from derive.derivation import derive
from derive.network import Dense, Network
from derive.notation import Notation

COMPOSED = ((2, 2, 2), (4, 4, 3), (4, 8, 3), (4, 8, 8, 3))
WEIGHTS = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Against:
    """Seconds for one network: SymPy's `diff` by every weight, the derivation, and the array module."""

    name: str
    weights: int
    composed: float
    derived: float
    generated: float


@dataclass(frozen=True)
class Element:
    """Seconds for the lines of all derivatives by weights, as LaTeX, and how many lines and characters."""

    weights: int
    seconds: float
    characters: int


def against_sympy(largest: int) -> list[Against]:
    """Measure the networks of up to so many weights."""
    first = Cell((2, 3, 4), None, "float64")
    _seconds(lambda: generate(first.spec, style="array"))  # what is done once for all networks
    found = []
    for sizes in COMPOSED:
        cell = Cell(sizes, None, "float64")
        if cell.network.weights <= largest:
            composed = _seconds(lambda cell=cell: _composed(cell))
            derived = _seconds(lambda cell=cell: _derivation(cell))
            made = _seconds(lambda cell=cell: generate(cell.spec, style="array"))
            found.append(Against(cell.name, cell.network.weights, composed, derived, made))
    return found


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _derivation(cell: Cell) -> None:
    names = cell.network.parameter_shapes
    derivation = derive(cell.network)
    for name in names:
        derivation.gradient(name).text()


def _composed(cell: Cell) -> list[sp.Expr]:
    """Differentiate the loss as one expression by every weight."""
    sizes, every = cell.sizes, []
    a = list(sp.symbols(f"x:{sizes[0]}", real=True))
    for number, (m, n) in enumerate(pairwise(sizes), start=1):
        W = sp.symbols(f"W{number}_:{n}:{m}", real=True)
        b = sp.symbols(f"b{number}_:{n}", real=True)
        z = [sum((W[i * m + j] * a[j] for j in range(m)), b[i]) for i in range(n)]
        a = [1 / (1 + sp.exp(-value)) for value in z]
        every += [*W, *b]
    y = sp.symbols(f"y:{sizes[-1]}", real=True)
    loss = sum((u - v) ** 2 for u, v in zip(a, y, strict=True)) / 2
    return [sp.diff(loss, weight) for weight in every]


def element_view(largest: int) -> list[Element]:
    """Write the derivative by each weight of the first layer of a network of so many weights."""
    found = []
    for weights in (w for w in WEIGHTS if w <= largest):
        inputs = 50
        units = weights // inputs
        layers = [Dense(units, "sigmoid"), Dense(1)]
        network = Network(layers, inputs=inputs, loss="half-squared-error", bias="none")
        start = time.perf_counter()
        derivation = derive(network)
        step = derivation.step("dW1")
        lines = stamped(step, Speller(derivation.program, Notation())).lines(weights)
        characters = sum(len(line) for line in lines)
        found.append(Element(units * inputs, time.perf_counter() - start, characters))
    return found
