"""A network as a class, trained on one sample."""
import numpy as np


class NeuralNetwork:
    def __init__(self):
        self.W1 = np.array([[0.1, -0.2], [0.4, 0.3], [0.25, 0.15]])
        self.b1 = np.array([0.05, -0.1])
        self.W2 = np.array([[0.6, -0.3], [0.2, 0.8]])
        self.b2 = np.array([0.1, 0.0])

    def forward(self, X):
        self.z1 = np.dot(X, self.W1) + self.b1
        self.h = np.tanh(self.z1)
        self.out = np.dot(self.h, self.W2) + self.b2
        return self.out

    def backward(self, X, y, lr):
        d_out = self.out - y
        dW2 = np.outer(self.h, d_out)
        db2 = d_out
        dh = np.dot(d_out, self.W2.T)
        dz1 = dh * (1 - self.h ** 2)
        dW1 = np.outer(X, dz1)
        db1 = dz1
        self.W1 -= lr * dW1
        self.b1 -= lr * db1
        self.W2 -= lr * dW2
        self.b2 -= lr * db2


X = np.array([1.0, -0.5, 2.0])
y = np.array([0.5, -0.2])
net = NeuralNetwork()
for epoch in range(100):
    out = net.forward(X)
    loss = 0.5 * np.sum((out - y) ** 2)
    net.backward(X, y, 0.1)
    if epoch % 10 == 0:
        print(epoch, loss)
