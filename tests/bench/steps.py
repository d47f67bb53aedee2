"""One step of gradient descent on one sample, in a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cells import ONE_SAMPLE, Cell
from contender import Contender
from generated_code import extension_of, module_of
from notes import one_sample
from timing import Times, timed

RATE = 1e-3
STEPS = 200
"""Steps of one call of `train`, so that what the call itself costs does not count."""


def steps(compiler: bool, seconds: float) -> dict[Cell, Times]:
    """Time steps as in the notes, in the scalar style and, with a compiler, in C."""
    found = {}
    for cell in (Cell(sizes, None, "float64") for sizes in ONE_SAMPLE):
        makers: list[Callable[[Cell], Contender]] = [_notes, _auto, _scalar, _train]
        makers += [_compiled, _compiled_train] if compiler else []
        found[cell] = timed([make(cell) for make in makers], seconds)
    return found


def _notes(cell: Cell) -> Contender:
    params, x, y = cell.numbers
    state = [value.copy() for value in params]

    def run() -> None:
        _, gradient = one_sample(state, x, y)
        for number, slope in enumerate(gradient):
            state[number] = state[number] - RATE * slope

    return Contender("NumPy notes", run, None)


def _auto(cell: Cell) -> Contender:
    module, (params, x, y) = module_of(cell, "auto"), cell.numbers
    state: list[Any] = [module.Params(*params)]

    def run() -> None:
        _, state[0] = module.sgd_step(state[0], x, y, RATE)

    return Contender("chainrule auto", run, None)


def _scalar(cell: Cell) -> Contender:
    module, (params, x, y) = module_of(cell, "scalar"), cell.numbers
    state: list[Any] = [module.pack(params)]
    sample, target = x.tolist(), y.tolist()

    def run() -> None:
        _, state[0] = module.sgd_step(state[0], sample, target, RATE)

    return Contender("chainrule scalar", run, None)


def _train(cell: Cell) -> Contender:
    module, (params, x, y) = module_of(cell, "scalar"), cell.numbers
    state: list[Any] = [module.pack(params)]
    samples, targets = [x.tolist()], [y.tolist()]

    def run() -> None:
        _, state[0] = module.train(state[0], samples, targets, RATE, STEPS)

    return Contender("chainrule scalar, train", run, None, STEPS)


def _compiled(cell: Cell) -> Contender:
    module, (params, x, y) = extension_of(cell), cell.numbers
    state = np.concatenate([np.ravel(value) for value in params])
    gradient = np.empty_like(state)
    return Contender("chainrule C", lambda: module.sgd_step(state, x, y, RATE, gradient), None)


def _compiled_train(cell: Cell) -> Contender:
    module, (params, x, y) = extension_of(cell), cell.numbers
    state = np.concatenate([np.ravel(value) for value in params])
    gradient, losses = np.empty_like(state), np.empty(STEPS, state.dtype)

    def run() -> None:
        module.train(state, x, y, RATE, losses, gradient)

    return Contender("chainrule C, train", run, None, STEPS)
