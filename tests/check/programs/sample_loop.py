import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

X = np.array([[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8]])
Y = np.array([[1, 0], [0, 1], [1, 0]])
W1 = np.array([[0.2, -0.3], [0.4, 0.1], [-0.5, 0.6]])
b1 = np.array([0.1, -0.2, 0.0])
W2 = np.array([[0.3, -0.4, 0.7], [0.25, 0.55, -0.15]])
b2 = np.array([0.05, -0.35])
lr = 2.0
n = len(X)

for epoch in range(200):
    gW1 = np.zeros_like(W1)
    gb1 = np.zeros_like(b1)
    gW2 = np.zeros_like(W2)
    gb2 = np.zeros_like(b2)
    loss = 0
    for x, y in zip(X, Y):
        z1 = W1 @ x + b1
        a1 = sigmoid(z1)
        z2 = W2 @ a1 + b2
        a2 = sigmoid(z2)
        loss += 0.5 * np.sum((a2 - y) ** 2)
        delta2 = (a2 - y) * a2 * (1 - a2)
        delta1 = (W2.T @ delta2) * a1 * (1 - a1)
        gW2 += np.outer(delta2, a1)
        gb2 += delta2
        gW1 += np.outer(delta1, x)
        gb1 += delta1
    W1 -= lr * gW1 / n
    b1 -= lr * gb1 / n
    W2 -= lr * gW2 / n
    b2 -= lr * gb2 / n
    loss /= n
