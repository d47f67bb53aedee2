import numpy as np


def squash(v):
    return 1 / (1 + np.exp(-v))


def slope(s):
    return s * (1 - s)


class Model:
    def __init__(self, samples, wanted):
        self.samples = samples
        self.wanted = wanted
        self.w1 = np.random.rand(self.samples.shape[1], 4)
        self.w2 = np.random.rand(4, 1)
        self.guess = np.zeros(self.wanted.shape)

    def run(self):
        self.middle = squash(self.samples @ self.w1)
        self.guess = squash(self.middle @ self.w2)

    def learn(self):
        gap = 2 * (self.wanted - self.guess) * slope(self.guess)
        dw2 = np.dot(self.middle.T, gap)
        dw1 = np.dot(self.samples.T, np.dot(gap, self.w2.T) * slope(self.middle))
        self.w1 += dw1
        self.w2 += dw2


model = Model(np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]), np.array([[0], [1], [1], [0]]))
for _ in range(2000):
    model.run()
    model.learn()
print(model.guess)
