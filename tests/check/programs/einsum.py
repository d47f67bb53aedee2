import numpy as np

x = np.array([0.5, -1.0])
y = np.array([1, 0])
W1 = np.array([[0.2, -0.3], [0.4, 0.1], [-0.5, 0.6]])
b1 = np.array([0.1, -0.2, 0.05])
W2 = np.array([[0.3, -0.4, 0.7], [0.25, 0.55, -0.15]])
b2 = np.array([0.05, -0.35])

def f(W1, b1, W2, b2):
    h = np.tanh(np.einsum("ij,j->i", W1, x) + b1)
    o = 1 / (1 + np.exp(-np.einsum("ij,j->i", W2, h) - b2))
    return 0.5 * np.sum((o - y) ** 2), h, o

E, h, o = f(W1, b1, W2, b2)
delta_out = (o - y) * o * (1 - o)
delta_hid = np.einsum("ij,i->j", W2, delta_out) * (1 - h * h)
gW2 = np.einsum("i,j->ij", delta_out, h)
gW1 = np.einsum("i,j->ij", delta_hid, x)

eps = 1e-6
num = np.zeros_like(W1)
for i in range(W1.shape[0]):
    for j in range(W1.shape[1]):
        Wp = W1.copy()
        Wm = W1.copy()
        Wp[i, j] += eps
        Wm[i, j] -= eps
        num[i, j] = (f(Wp, b1, W2, b2)[0] - f(Wm, b1, W2, b2)[0]) / (2 * eps)
print(np.max(np.abs(num - gW1)))
