import numpy as np

def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()

def relu(z):
    return np.maximum(0, z)

def relu_derivative(z):
    return (z > 0).astype(float)

x = np.array([[1.0], [-2.0]])
y = np.array([[0], [1], [0]])
W1 = np.array([[0.5, -0.3], [0.2, 0.4], [-0.6, -0.7]])
b1 = np.array([[0.1], [0.0], [-0.2]])
W2 = np.array([[0.3, -0.2, 0.5], [-0.4, 0.6, 0.1], [0.2, 0.1, -0.3]])
b2 = np.array([[0.0], [0.1], [-0.1]])

# forward
z1 = W1 @ x + b1
a1 = relu(z1)
z2 = W2 @ a1 + b2
probs = softmax(z2)
loss = -np.sum(y * np.log(probs))

# backward
delta2 = probs - y
grad_W2 = delta2 @ a1.T
grad_b2 = delta2
delta1 = (W2.T @ delta2) * relu_derivative(z1)
grad_W1 = delta1 @ x.T
grad_b1 = delta1

eta = 0.1
W2 = W2 - eta * grad_W2
b2 = b2 - eta * grad_b2
W1 = W1 - eta * grad_W1
b1 = b1 - eta * grad_b1
