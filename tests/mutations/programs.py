"""Gradient code as people write it, in the styles of real notes; each computes what its network file says."""

PREFACE = "import numpy as np\n\n"

PLAIN_FOLDED = """\
x = np.array([1., 0.])
t = np.array([0., 1.])
W1 = np.array([[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]])
W2 = np.array([[-0.15, -0.25, 0.15], [-0.45, 0.75, -0.65]])
eta = 0.1

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

# forward
x1 = np.concatenate([[1.], x])
z1 = W1 @ x1
a1 = sigmoid(z1)
x2 = np.concatenate([[1.], a1])
z2 = W2 @ x2
a2 = sigmoid(z2)
loss = 0.5 * np.sum((a2 - t) ** 2)
# backward
delta2 = (a2 - t) * a2 * (1 - a2)
dW2 = np.outer(delta2, x2)
delta1 = (W2[:, 1:].T @ delta2) * a1 * (1 - a1)
dW1 = np.outer(delta1, x1)
W1_new = W1 - eta * dW1
W2_new = W2 - eta * dW2
"""

ROW_FUNCTIONS = """\
X = np.array([[1., 4., 5.]])
y = np.array([[0.1, 0.05]])
W1 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
b1 = np.array([[0.5, 0.5]])
W2 = np.array([[0.7, 0.8], [0.9, 0.1]])
b2 = np.array([[0.5, 0.5]])
learning_rate = 0.01

def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

def sigmoid_derivative(a):
    return a * (1.0 - a)

def forward(X):
    z1 = X @ W1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    return z1, a1, z2, a2

z1, a1, z2, a2 = forward(X)
L = np.sum((a2 - y) ** 2) / 2
dz2 = (a2 - y) * sigmoid_derivative(a2)
dW2 = a1.T @ dz2
db2 = dz2
dz1 = (dz2 @ W2.T) * sigmoid_derivative(a1)
dW1 = X.T @ dz1
db1 = dz1
W1 = W1 - learning_rate * dW1
b1 = b1 - learning_rate * db1
W2 = W2 - learning_rate * dW2
b2 = b2 - learning_rate * db2
"""

LISTS = """\
W = [np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), np.array([[0.7, 0.8], [0.9, 0.1]])]
b = [np.array([0.5, 0.5]), np.array([0.5, 0.5])]
x = np.array([1., 4., 5.])
y = np.array([0.1, 0.05])
eta = 0.01

def sigma(z):
    return 1 / (1 + np.exp(-z))

def sigma_prime(z):
    return sigma(z) * (1 - sigma(z))

z = [None, None]
a = [None, None]
z[0] = x @ W[0] + b[0]
a[0] = sigma(z[0])
z[1] = a[0] @ W[1] + b[1]
a[1] = sigma(z[1])
delta = [None, None]
delta[1] = (a[1] - y) * sigma_prime(z[1])
delta[0] = (delta[1] @ W[1].T) * sigma_prime(z[0])
dW = [np.outer(x, delta[0]), np.outer(a[0], delta[1])]
W[0] = W[0] - eta * dW[0]
W[1] = W[1] - eta * dW[1]
"""

CLASS = """\
class Network:
    def __init__(self):
        self.W1 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
        self.b1 = np.array([0.5, 0.5])
        self.W2 = np.array([[0.7, 0.8], [0.9, 0.1]])
        self.b2 = np.array([0.5, 0.5])

    def sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def forward(self, x):
        self.z1 = np.dot(x, self.W1) + self.b1
        self.a1 = self.sigmoid(self.z1)
        self.z2 = np.dot(self.a1, self.W2) + self.b2
        self.a2 = self.sigmoid(self.z2)
        return self.a2

    def backward(self, x, y, lr):
        self.delta2 = (self.a2 - y) * self.a2 * (1 - self.a2)
        self.delta1 = np.dot(self.delta2, self.W2.T) * self.a1 * (1 - self.a1)
        self.dW2 = np.outer(self.a1, self.delta2)
        self.dW1 = np.outer(x, self.delta1)
        self.W2 -= lr * self.dW2
        self.b2 -= lr * self.delta2
        self.W1 -= lr * self.dW1
        self.b1 -= lr * self.delta1

x = np.array([1., 4., 5.])
y = np.array([0.1, 0.05])
net = Network()
out = net.forward(x)
net.backward(x, y, 0.01)
"""

LOOPS = """\
x = np.array([1., 4., 5.])
y = np.array([0.1, 0.05])
W1 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
b1 = np.array([0.5, 0.5])
W2 = np.array([[0.7, 0.8], [0.9, 0.1]])
b2 = np.array([0.5, 0.5])

z1 = np.zeros(2)
a1 = np.zeros(2)
for i in range(2):
    for j in range(3):
        z1[i] += W1[j, i] * x[j]
    z1[i] += b1[i]
    a1[i] = 1 / (1 + np.exp(-z1[i]))
z2 = np.zeros(2)
a2 = np.zeros(2)
for i in range(2):
    for j in range(2):
        z2[i] += W2[j, i] * a1[j]
    z2[i] += b2[i]
    a2[i] = 1 / (1 + np.exp(-z2[i]))
delta2 = np.zeros(2)
dW2 = np.zeros((2, 2))
for i in range(2):
    delta2[i] = (a2[i] - y[i]) * a2[i] * (1 - a2[i])
for j in range(2):
    for i in range(2):
        dW2[j, i] = a1[j] * delta2[i]
delta1 = np.zeros(2)
dW1 = np.zeros((3, 2))
for j in range(2):
    for i in range(2):
        delta1[j] += W2[j, i] * delta2[i]
    delta1[j] *= a1[j] * (1 - a1[j])
for k in range(3):
    for j in range(2):
        dW1[k, j] = x[k] * delta1[j]
"""

PROGRAMS = {
    "plain script": ("lecture6", PREFACE + PLAIN_FOLDED),
    "functions, rows": ("row-vectors", PREFACE + ROW_FUNCTIONS),
    "lists of layers": ("row-vectors", PREFACE + LISTS),
    "a class": ("row-vectors", PREFACE + CLASS),
    "loops over units": ("row-vectors", PREFACE + LOOPS),
}
"""By style: the network and the source."""
