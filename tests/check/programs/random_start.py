import numpy as np

inputs = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
targets = np.array([[0, 1, 1, 0]]).T
first = 2 * np.random.random((3, 4)) - 1
second = 2 * np.random.random((4, 1)) - 1
for epoch in range(60000):
    hidden = 1 / (1 + np.exp(-np.dot(inputs, first)))
    output = 1 / (1 + np.exp(-np.dot(hidden, second)))
    missed = targets - output
    if epoch % 10000 == 0:
        print("mean error", np.mean(np.abs(missed)))
    output_delta = missed * (output * (1 - output))
    hidden_delta = output_delta.dot(second.T) * (hidden * (1 - hidden))
    second += hidden.T.dot(output_delta)
    first += inputs.T.dot(hidden_delta)
