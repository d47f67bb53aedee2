import math

# inputs, targets
x = [0.5, -1.0]
t = [1, 0]
w1 = [[0.2, -0.3], [0.4, 0.1], [-0.5, 0.6]]
b1 = [0.1, -0.2, 0.05]
w2 = [[0.3, -0.4, 0.7], [0.25, 0.55, -0.15]]
b2 = [0.05, -0.35]
lr = 0.1

def sigmoid(z):
    return 1 / (1 + math.exp(-z))

# forward
h = []
for j in range(3):
    s = b1[j]
    for i in range(2):
        s += w1[j][i] * x[i]
    h.append(math.tanh(s))
o = []
for k in range(2):
    s = b2[k]
    for j in range(3):
        s += w2[k][j] * h[j]
    o.append(sigmoid(s))
E = sum((o[k] - t[k]) ** 2 for k in range(2)) / 2

# backward
delta_o = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
delta_h = []
for j in range(3):
    s = 0.0
    for k in range(2):
        s += w2[k][j] * delta_o[k]
    delta_h.append(s * (1 - h[j] ** 2))

# update
for k in range(2):
    for j in range(3):
        w2[k][j] -= lr * delta_o[k] * h[j]
    b2[k] -= lr * delta_o[k]
for j in range(3):
    for i in range(2):
        w1[j][i] -= lr * delta_h[j] * x[i]
    b1[j] -= lr * delta_h[j]
