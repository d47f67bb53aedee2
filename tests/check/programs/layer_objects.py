import numpy as np


class Affine:
    def __init__(self, inputs, outputs):
        self.weights = np.random.randn(outputs, inputs)
        self.bias = np.random.randn(outputs, 1)

    def forward(self, values):
        self.values = values
        return self.weights @ self.values + self.bias

    def backward(self, gradient, rate):
        weights_gradient = gradient @ self.values.T
        passed_on = self.weights.T @ gradient
        self.weights -= rate * weights_gradient
        self.bias -= rate * gradient
        return passed_on


class Tanh:
    def forward(self, values):
        self.values = values
        return np.tanh(values)

    def backward(self, gradient, rate):
        return gradient * (1 - np.tanh(self.values) ** 2)


layers = [Affine(2, 3), Tanh(), Affine(3, 1), Tanh()]
x = np.array([[1.0], [0.0]])
y = np.array([[1.0]])
output = x
for layer in layers:
    output = layer.forward(output)
error = np.mean((y - output) ** 2)
gradient = 2 * (output - y) / y.size
for layer in reversed(layers):
    gradient = layer.backward(gradient, 0.1)
