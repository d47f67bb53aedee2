import numpy as np

x = np.random.randn(2, 3)
y = np.random.randn(2, 2)
w1 = np.random.randn(3, 4)
w2 = np.random.randn(4, 2)
rate = 1e-4
for t in range(500):
    z = x.dot(w1)
    r = np.maximum(z, 0)
    pred = r.dot(w2)
    loss = np.square(pred - y).sum()
    grad_pred = 2.0 * (pred - y)
    grad_w2 = r.T.dot(grad_pred)
    grad_r = grad_pred.dot(w2.T)
    grad_z = grad_r.copy()
    grad_z[z < 0] = 0
    grad_w1 = x.T.dot(grad_z)
    w1 -= rate * grad_w1
    w2 -= rate * grad_w2
