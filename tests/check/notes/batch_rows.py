# the same network, samples as rows
import numpy as np

X = np.array([[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8], [0.2, 0.9]])
y = np.array([[1], [0], [1], [0]])
W1 = np.array([[0.2, 0.4, -0.5], [-0.3, 0.1, 0.6]])
b1 = np.array([[0.1, -0.2, 0.0]])
W2 = np.array([[0.3], [-0.4], [0.7]])
b2 = np.array([[0.05]])
m = X.shape[0]

Z1 = X @ W1 + b1
A1 = np.tanh(Z1)
Z2 = A1 @ W2 + b2
A2 = 1.0 / (1.0 + np.exp(-Z2))
loss = -np.mean(y * np.log(A2) + (1 - y) * np.log(1 - A2))

dZ2 = (A2 - y) / m
dW2 = A1.T @ dZ2
db2 = np.sum(dZ2, axis=0, keepdims=True)
dA1 = dZ2 @ W2.T
dZ1 = dA1 * (1 - A1**2)
dW1 = X.T @ dZ1
db1 = np.sum(dZ1, axis=0, keepdims=True)

lr = 0.2
W1 -= lr * dW1
b1 -= lr * db1
W2 -= lr * dW2
b2 -= lr * db2
