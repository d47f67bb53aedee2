"""A network file that is read, to be broken in many ways."""

GOOD = """\
title = "A test"
[network]
inputs = 2
loss = "half-squared-error"
layout = "column"
bias = "folded"
reduction = "mean"
[[network.layers]]
units = 2
activation = "sigmoid"
[[network.layers]]
units = 1
[notation]
profile = "subscript"
[example]
x = [1, 0]
y = [0.5]
learning_rate = 0.1
[example.parameters]
W1 = [[-0.1, -0.2, 0.1], [-0.4, 0.7, -0.6]]
W2 = [
    [-0.15, -0.25, 0.15],
]
"""
