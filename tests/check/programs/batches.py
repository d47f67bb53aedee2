import random

import numpy as np


def sigma(v):
    return 1.0 / (1.0 + np.exp(-v))


def sigma_slope(v):
    return sigma(v) * (1 - sigma(v))


class Layers:
    def __init__(self, widths):
        self.depth = len(widths)
        self.weights = [np.random.randn(n, m) for m, n in zip(widths[:-1], widths[1:])]
        self.biases = [np.random.randn(n, 1) for n in widths[1:]]

    def train(self, pairs, rounds, size, eta):
        for k in range(rounds):
            random.shuffle(pairs)
            for start in range(0, len(pairs), size):
                self.step(pairs[start : start + size], eta)

    def step(self, batch, eta):
        sum_w = [np.zeros(w.shape) for w in self.weights]
        sum_b = [np.zeros(b.shape) for b in self.biases]
        for x, y in batch:
            grad_w, grad_b = self.gradients(x, y)
            sum_w = [s + g for s, g in zip(sum_w, grad_w)]
            sum_b = [s + g for s, g in zip(sum_b, grad_b)]
        self.weights = [w - (eta / len(batch)) * s for w, s in zip(self.weights, sum_w)]
        self.biases = [b - (eta / len(batch)) * s for b, s in zip(self.biases, sum_b)]

    def gradients(self, x, y):
        grad_w = [None] * (self.depth - 1)
        grad_b = [None] * (self.depth - 1)
        outs, nets = [x], []
        for w, b in zip(self.weights, self.biases):
            net = np.dot(w, outs[-1]) + b
            nets.append(net)
            outs.append(sigma(net))
        delta = (outs[-1] - y) * sigma_slope(nets[-1])
        grad_b[-1] = delta
        grad_w[-1] = np.dot(delta, outs[-2].transpose())
        for k in range(2, self.depth):
            delta = np.dot(self.weights[-k + 1].transpose(), delta) * sigma_slope(nets[-k])
            grad_b[-k] = delta
            grad_w[-k] = np.dot(delta, outs[-k - 1].transpose())
        return grad_w, grad_b


pairs = [
    (np.array([[0.5], [-1.0]]), np.array([[1], [0]])),
    (np.array([[1.5], [0.3]]), np.array([[0], [1]])),
    (np.array([[-0.7], [0.8]]), np.array([[1], [0]])),
]
Layers([2, 3, 2]).train(pairs, 30, 3, 2.0)
