import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z)), Z


def relu(Z):
    return np.maximum(0, Z), Z


def through_relu(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def through_sigmoid(dA, Z):
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s * (1 - s)
    return dZ


def start(widths):
    np.random.seed(3)
    parameters = {}
    for l in range(1, len(widths)):
        parameters["W" + str(l)] = np.random.randn(widths[l], widths[l - 1]) * 0.1
        parameters["b" + str(l)] = np.zeros((widths[l], 1))
    return parameters


def layer(A_before, W, b, activate):
    Z = W.dot(A_before) + b
    A, kept = activate(Z)
    return A, ((A_before, W, b), kept)


def forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A, cache = layer(A, parameters["W" + str(l)], parameters["b" + str(l)], relu)
        caches.append(cache)
    AL, cache = layer(A, parameters["W" + str(L)], parameters["b" + str(L)], sigmoid)
    caches.append(cache)
    return AL, caches


def cost_of(AL, Y):
    m = Y.shape[1]
    cost = -(np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T)) / m
    return np.squeeze(cost)


def affine_back(dZ, linear):
    A_before, W, b = linear
    m = A_before.shape[1]
    dW = 1.0 / m * np.dot(dZ, A_before.T)
    db = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_before = np.dot(W.T, dZ)
    return dA_before, dW, db


def back(AL, Y, caches):
    grads = {}
    L = len(caches)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    linear, kept = caches[L - 1]
    dZ = through_sigmoid(dAL, kept)
    grads["dA" + str(L - 1)], grads["dW" + str(L)], grads["db" + str(L)] = affine_back(dZ, linear)
    for l in reversed(range(L - 1)):
        linear, kept = caches[l]
        dZ = through_relu(grads["dA" + str(l + 1)], kept)
        grads["dA" + str(l)], grads["dW" + str(l + 1)], grads["db" + str(l + 1)] = affine_back(dZ, linear)
    return grads


def update(parameters, grads, rate):
    for l in range(len(parameters) // 2):
        name = str(l + 1)
        parameters["W" + name] = parameters["W" + name] - rate * grads["dW" + name]
        parameters["b" + name] = parameters["b" + name] - rate * grads["db" + name]
    return parameters


def fit(X, Y, widths, rate=0.0075, rounds=2500):
    parameters = start(widths)
    for i in range(rounds):
        AL, caches = forward(X, parameters)
        cost = cost_of(AL, Y)
        grads = back(AL, Y, caches)
        parameters = update(parameters, grads, rate)
        if i % 100 == 0:
            print("cost", cost)
    return parameters


X = np.array([[0.5, 1.5, -0.7, 0.2, 1.1], [-1.0, 0.3, 0.8, 0.9, -0.4]])
Y = np.array([[1, 0, 1, 0, 1]])
parameters = fit(X, Y, [2, 4, 3, 1])
