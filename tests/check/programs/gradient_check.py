import numpy as np

x = np.array([0.5, -1.0])
y = np.array([1, 0])
theta = {
    "W1": np.array([[0.2, -0.3], [0.4, 0.1], [-0.5, 0.6]]),
    "b1": np.array([0.1, -0.2, 0.05]),
    "W2": np.array([[0.3, -0.4, 0.7], [0.25, 0.55, -0.15]]),
    "b2": np.array([0.05, -0.35]),
}

def forward(theta):
    h = np.tanh(theta["W1"] @ x + theta["b1"])
    o = 1 / (1 + np.exp(-(theta["W2"] @ h + theta["b2"])))
    return h, o

def loss(theta):
    _, o = forward(theta)
    return 0.5 * np.sum((o - y) ** 2)

def gradients(theta):
    h, o = forward(theta)
    delta_o = (o - y) * o * (1 - o)
    delta_h = theta["W2"].T @ delta_o * (1 - h ** 2)
    return {
        "W1": np.outer(delta_h, x),
        "b1": delta_h,
        "W2": np.outer(delta_o, h),
        "b2": delta_o,
    }

grads = gradients(theta)
eps = 1e-5
for name, value in theta.items():
    numeric = np.zeros_like(value)
    it = np.nditer(value, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        old = value[i]
        value[i] = old + eps
        plus = loss(theta)
        value[i] = old - eps
        minus = loss(theta)
        value[i] = old
        numeric[i] = (plus - minus) / (2 * eps)
        it.iternext()
    error = np.linalg.norm(numeric - grads[name]) / np.linalg.norm(numeric + grads[name])
    print(name, error)
