"""The arithmetic of the benchmark: activations with their derivatives, products, and when sides differ."""

import numpy as np

from mutations.spelling import AmbiguousError, NoValueError


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


ELEMENTWISE = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "linear": (lambda z: z, lambda z: np.ones_like(z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
}


def jacobian(activation, z):
    if activation == "softmax":
        a = np.exp(z) / np.exp(z).sum()
        return np.diag(a) - np.outer(a, a)
    if activation not in ELEMENTWISE:
        raise NoValueError(activation)
    return np.diag(ELEMENTWISE[activation][1](z))


def times(left, right, op):
    """Return a product; a matrix with one entry is a number."""
    left, right = (np.asarray(value).item() if np.size(value) == 1 else value for value in (left, right))
    if not (np.ndim(left) and np.ndim(right)):
        return left * right
    if op != r"\odot" and left.shape == right.shape and 1 in left.shape:
        raise AmbiguousError("two vectors that lie alike: element by element, or their dot product")
    if op == r"\odot":
        if left.shape != right.shape:
            raise NoValueError("shapes")
        return left * right
    if left.shape[1] != right.shape[0]:
        raise NoValueError("shapes")
    return left @ right


def differ(first, second):
    """Tell whether two sides differ beyond rounding, at any point; how a vector lies is no difference."""
    for one, other in zip(first, second, strict=True):
        if one is None and other is None:
            continue
        if one is None or other is None or not _fits(one, other):
            return True
        if not np.allclose(one.ravel(), other.ravel(), rtol=1e-6, atol=1e-9):
            return True
    return False


def _fits(one, other):
    vectors = min(one.shape, default=1) == 1 and min(other.shape, default=1) == 1
    return one.shape == other.shape or (vectors and one.size == other.size)
