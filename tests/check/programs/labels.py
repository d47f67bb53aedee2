import numpy as np

X = np.array([[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8], [0.2, 0.9]])
y = np.array([0, 2, 1, 2])
units, classes = 5, 3
W = 0.01 * np.random.randn(2, units)
b = np.zeros((1, units))
W2 = 0.01 * np.random.randn(units, classes)
b2 = np.zeros((1, classes))
rate = 0.5
n = X.shape[0]
for i in range(10000):
    h = np.maximum(0, X @ W + b)
    scores = h @ W2 + b2
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    loss = np.sum(-np.log(p[range(n), y])) / n
    dscores = p
    dscores[range(n), y] -= 1
    dscores /= n
    dW2 = np.dot(h.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dh = np.dot(dscores, W2.T)
    dh[h <= 0] = 0
    dW = np.dot(X.T, dh)
    db = np.sum(dh, axis=0, keepdims=True)
    W += -rate * dW
    b += -rate * db
    W2 += -rate * dW2
    b2 += -rate * db2
