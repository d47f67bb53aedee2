"""NumPy as in the notes, the matrix products alone, and the notes compiled by Numba."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from cells import Cell
from contender import Contender, Result


def one_sample(params: list[Any], x: Any, y: Any) -> Result:
    """Sigmoid layers and half the squared error, as a course writes it."""
    activations, a = [x], x
    for W, b in zip(params[::2], params[1::2], strict=True):
        a = 1 / (1 + np.exp(-(W @ a + b)))
        activations.append(a)
    loss = 0.5 * np.sum((a - y) ** 2)
    delta, gradient = (a - y) * a * (1 - a), []
    for number in range(len(params) // 2, 0, -1):
        a = activations[number - 1]
        gradient += [delta, np.outer(delta, a)]
        if number > 1:
            delta = (params[2 * number - 2].T @ delta) * a * (1 - a)
    return loss, gradient[::-1]


def batch(params: list[Any], x: Any, y: Any) -> Result:
    """Sigmoid layers, a softmax and the mean cross-entropy, as a course writes it."""
    activations, a, last = [x], x, len(params) // 2
    for number in range(1, last + 1):
        z = a @ params[2 * number - 2] + params[2 * number - 1]
        if number < last:
            a = 1 / (1 + np.exp(-z))
        else:
            e = np.exp(z - np.max(z, axis=1, keepdims=True))
            a = e / np.sum(e, axis=1, keepdims=True)
        activations.append(a)
    loss = -np.mean(np.sum(y * np.log(a), axis=1))
    delta, gradient = (a - y) / len(x), []
    for number in range(last, 0, -1):
        a = activations[number - 1]
        gradient += [np.sum(delta, axis=0), a.T @ delta]
        if number > 1:
            delta = (delta @ params[2 * number - 2].T) * a * (1 - a)
    return loss, gradient[::-1]


def notes(cell: Cell) -> Contender:
    params, x, y = cell.numbers
    compute = one_sample if cell.batch is None else batch
    return Contender("NumPy notes", lambda: compute(params, x, y), lambda result: result)


def products(cell: Cell) -> Contender:
    """`np.dot` into given arrays, for each product that the gradient needs, of the same shapes."""
    params, x, _ = cell.numbers
    weights, rows = params[::2], np.atleast_2d(x)
    if cell.batch is None:
        weights = [W.T for W in weights]
    widths, samples, dtype = cell.sizes, len(rows), cell.dtype
    a = [rows, *(np.full((samples, width), 0.5, dtype) for width in widths[1:])]
    d = [np.full((samples, width), 0.5, dtype) for width in widths]
    z = [np.empty((samples, width), dtype) for width in widths]
    dW = [np.empty((m, n), dtype) for m, n in pairwise(widths)]
    calls = []
    for n, W in enumerate(weights):
        calls += [(a[n], W, z[n + 1]), (a[n].T, d[n + 1], dW[n])]
        calls += [(d[n + 1], W.T, z[n])] if n else []

    def run() -> None:
        for left, right, out in calls:
            np.dot(left, right, out)

    return Contender("products alone", run, None)


def numba(cell: Cell) -> Contender:
    """The notes for a batch compiled; weights and biases as tuples, since each kind has one type."""
    params, x, y = cell.numbers
    x, y = np.atleast_2d(x), np.atleast_2d(y)
    single = cell.batch is None
    weights = tuple(np.ascontiguousarray(W.T) if single else W for W in params[::2])
    run = _compiled()
    arguments = (weights, tuple(params[1::2]), x, y, single)

    def read(result: Any) -> Result:
        loss, dW, db = result
        pairs = zip(dW, db, strict=True)
        return float(loss), [g for W, b in pairs for g in (W.T if single else W, b)]

    return Contender("Numba", lambda: run(*arguments), read)


@cache
def _compiled() -> Any:
    from numba import njit

    return njit(_compiled_source)


def _compiled_source(weights, biases, x, y, single):  # type: ignore[no-untyped-def]  # typed by Numba
    one, count = x.dtype.type(1), len(weights)
    activations = [x]
    a = x
    for number in range(count):
        z = np.dot(a, weights[number]) + biases[number]
        if single or number < count - 1:
            a = one / (one + np.exp(-z))
        else:
            a = np.empty_like(z)
            for n in range(len(z)):
                e = np.exp(z[n] - np.max(z[n]))
                a[n] = e / np.sum(e)
        activations.append(a)
    if single:
        loss = np.sum((a - y) ** 2) / 2
        delta = (a - y) * a * (one - a)
    else:
        loss = -np.sum(y * np.log(a)) / len(x)
        delta = (a - y) / x.dtype.type(len(x))
    dW, db = [weights[0]], [biases[0]]
    for number in range(count - 1, -1, -1):
        a = activations[number]
        db.append(np.sum(delta, axis=0))
        dW.append(np.dot(np.ascontiguousarray(a.T), delta))
        if number:
            delta = np.dot(delta, np.ascontiguousarray(weights[number].T)) * a * (one - a)
    return loss, dW[:0:-1], db[:0:-1]
