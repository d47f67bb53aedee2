import numpy as np


class OneUnit:
    def __init__(self, rate=0.01, rounds=1000):
        self.rate = rate
        self.rounds = rounds

    def fit(self, X, y):
        m, n = X.shape
        self.w = np.zeros(n)
        self.b = 0.0
        for _ in range(self.rounds):
            z = np.dot(X, self.w) + self.b
            p = 1 / (1 + np.exp(-z))
            dw = (1 / m) * np.dot(X.T, p - y)
            db = (1 / m) * np.sum(p - y)
            self.w = self.w - self.rate * dw
            self.b = self.b - self.rate * db


X = np.array([[0.5, -1.0, 0.2], [1.5, 0.3, -0.4], [-0.7, 0.8, 1.2], [0.2, 0.9, -0.6]])
y = np.array([1, 0, 1, 0])
OneUnit().fit(X, y)
