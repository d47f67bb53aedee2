"""JAX, PyTorch and HIPS autograd: the loss stated, the gradient by the framework."""

from __future__ import annotations

from typing import Any

import numpy as np
from cells import Cell
from contender import Contender, Result


def _loss(np_: Any, cell: Cell, params: Any, x: Any, y: Any) -> Any:
    """The loss by the functions of a NumPy-like namespace."""
    a, last = x, len(params) // 2
    single = cell.batch is None
    for number in range(1, last + 1):
        W, b = params[2 * number - 2], params[2 * number - 1]
        z = np_.dot(W, a) + b if single else np_.dot(a, W) + b
        a = 1 / (1 + np_.exp(-z)) if single or number < last else z
    if single:
        return 0.5 * np_.sum((a - y) ** 2)
    shifted = a - np_.max(a, axis=1, keepdims=True)
    return -np_.sum(y * (shifted - np_.log(np_.sum(np_.exp(shifted), axis=1, keepdims=True)))) / len(x)


def jax(cell: Cell) -> list[Contender]:
    """`jax.jit` of `value_and_grad`, with arrays of JAX, and with NumPy arrays in and out."""
    import jax as jax_
    import jax.numpy as jnp

    def loss(params: Any, x: Any, y: Any) -> Any:
        a, last = x, len(params) // 2
        single = cell.batch is None
        for number in range(1, last + 1):
            W, b = params[2 * number - 2], params[2 * number - 1]
            z = jnp.dot(W, a) + b if single else jnp.dot(a, W) + b
            a = jax_.nn.sigmoid(z) if single or number < last else z
        if single:
            return 0.5 * jnp.sum((a - y) ** 2)
        return -jnp.sum(y * jax_.nn.log_softmax(a)) / len(x)

    compiled = jax_.jit(jax_.value_and_grad(loss))
    params, x, y = cell.numbers
    device = ([jnp.asarray(p) for p in params], jnp.asarray(x), jnp.asarray(y))

    def arrays_in_and_out() -> Result:
        value, gradient = compiled(params, x, y)
        return float(value), [np.asarray(g) for g in gradient]

    return [
        Contender("jax.jit", lambda: jax_.block_until_ready(compiled(*device)), _read),
        Contender("jax.jit, NumPy in and out", arrays_in_and_out, _read),
    ]


def torch(cell: Cell) -> list[Contender]:
    """PyTorch eager: the functions of `torch.nn.functional`, and `torch.autograd.grad`."""
    import torch as torch_
    from torch.nn import functional

    params, x, y = cell.numbers
    tensors = [torch_.from_numpy(p).requires_grad_() for p in params]
    inputs, targets = torch_.from_numpy(x), torch_.from_numpy(y)
    single, last = cell.batch is None, len(params) // 2

    def run() -> Any:
        a = inputs
        for number in range(1, last + 1):
            W, b = tensors[2 * number - 2], tensors[2 * number - 1]
            z = torch_.addmv(b, W, a) if single else torch_.addmm(b, a, W)
            a = torch_.sigmoid(z) if single or number < last else z
        loss = 0.5 * torch_.sum((a - targets) ** 2) if single else functional.cross_entropy(a, targets)
        return loss, torch_.autograd.grad(loss, tensors)

    return [Contender("PyTorch eager", run, _read)]


def autograd(cell: Cell) -> list[Contender]:
    """HIPS autograd, which wraps NumPy."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    params, x, y = cell.numbers
    compute = value_and_grad(lambda p: _loss(anp, cell, p, x, y))
    return [Contender("autograd", lambda: compute(params), _read)]


def _read(result: Any) -> Result:
    loss, gradient = result
    loss = loss.detach() if hasattr(loss, "detach") else loss
    return float(loss), [np.asarray(g.detach() if hasattr(g, "detach") else g) for g in gradient]
