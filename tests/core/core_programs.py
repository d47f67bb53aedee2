"""Programs built straight from steps: what the core is given when no network describes it."""

import sympy as sp

from derive.program import Program, Role, Rule, Step, Tensor, index, indices, total

i, j, k, m, p, q, r = indices("i j k m p q r")
LOSS = Tensor("L", Role.LOSS, ())


def tensor(name: str, role: str, *shape: int) -> Tensor:
    return Tensor(name, Role(role), tuple(map(sp.Integer, shape)))


def step(to: Tensor, where: tuple[sp.Symbol, ...], expr: sp.Expr) -> Step:
    return Step(to, where, expr, Rule("definition", f"the definition of {to.name}"))


def program(inputs: tuple[Tensor, ...], *steps: Step) -> Program:
    return Program(tuple(inputs), tuple(steps))


def squared_sum(of: Tensor) -> Step:
    """Half the sum of squares, which tells every element of `of` from every other."""
    where = tuple(index(f"s{axis}") for axis in range(len(of.shape)))
    return step(LOSS, (), total(of[where] ** 2, *zip(where, of.shape, strict=True)) / 2)


def softmax_cross_entropy(n: int = 4) -> Program:
    z, a, y = tensor("z", "parameter", n), tensor("a", "hidden", n), tensor("y", "target", n)
    return program(
        (z, y),
        step(a, (i,), sp.exp(z[i]) / total(sp.exp(z[k]), (k, n))),
        step(LOSS, (), -total(y[i] * sp.log(a[i]), (i, sp.Integer(n)))),
    )


def convolution(length: int, width: int, stride: int = 1, dilation: int = 1) -> Program:
    n = (length - dilation * (width - 1) - 1) // stride + 1
    x, w = tensor("x", "parameter", length), tensor("w", "parameter", width)
    z = tensor("z", "hidden", n)
    taps = total(w[k] * x[stride * i + dilation * k], (k, sp.Integer(width)))
    return program((x, w), step(z, (i,), taps), squared_sum(z))


def convolution_2d(size: tuple[int, int], kernel: tuple[int, int], stride: int = 1) -> Program:
    rows, columns = ((n - w) // stride + 1 for n, w in zip(size, kernel, strict=True))
    x, w = tensor("x", "parameter", *size), tensor("w", "parameter", *kernel)
    z = tensor("z", "hidden", rows, columns)
    taps = w[p, q] * x[stride * i + p, stride * j + q]
    ranges = ((p, sp.Integer(kernel[0])), (q, sp.Integer(kernel[1])))
    return program((x, w), step(z, (i, j), total(taps, *ranges)), squared_sum(z))


def padded_convolution(length: int, width: int) -> Program:
    """A convolution of the same length: what lies outside is 0."""
    x, w = tensor("x", "parameter", length), tensor("w", "parameter", width)
    z, at = tensor("z", "hidden", length), i + k - width // 2
    inside = sp.And(at >= 0, at <= length - 1)
    taps = total(w[k] * sp.Piecewise((x[at], inside), (0, True)), (k, sp.Integer(width)))
    return program((x, w), step(z, (i,), taps), squared_sum(z))


def attention(n: int, d: int, causal: bool = False) -> Program:
    """One head over given queries, keys and values."""
    Q, K, V = (tensor(name, "parameter", n, d) for name in "QKV")
    return program((Q, K, V), *_attend(Q, K, V, n, d, causal))


def attention_from_weights(n: int, d: int, e: int) -> Program:
    """One head whose queries, keys and values come from one input by three matrices."""
    x = tensor("x", "parameter", n, e)
    weights = [tensor(f"W{name}", "parameter", e, d) for name in "QKV"]
    Q, K, V = (tensor(name, "hidden", n, d) for name in "QKV")
    projections = [
        step(to, (i, m), total(x[i, r] * W[r, m], (r, sp.Integer(e))))
        for to, W in zip((Q, K, V), weights, strict=True)
    ]
    return program((x, *weights), *projections, *_attend(Q, K, V, n, d))


def _attend(Q: Tensor, K: Tensor, V: Tensor, n: int, d: int, causal: bool = False) -> list[Step]:
    s, a, o = tensor("s", "hidden", n, n), tensor("a", "hidden", n, n), tensor("o", "hidden", n, d)
    last = i if causal else sp.Integer(n - 1)
    weights = sp.exp(s[i, j]) / sp.Sum(sp.exp(s[i, k]), (k, 0, last))
    return [
        step(s, (i, j), total(Q[i, m] * K[j, m], (m, sp.Integer(d))) / sp.sqrt(d)),
        step(a, (i, j), weights),
        step(o, (i, m), sp.Sum(a[i, j] * V[j, m], (j, 0, last))),
        squared_sum(o),
    ]


def normalisation(samples: int, units: int, over: str) -> Program:
    """Batch normalisation (`over` = "samples") or layer normalisation (`over` = "units")."""
    x, g, b = (
        tensor("x", "parameter", samples, units),
        tensor("g", "parameter", units),
        tensor("b", "parameter", units),
    )
    own, other, count = (k, i, samples) if over == "samples" else (i, k, units)
    mean, spread = (
        tensor(name, "hidden", units if over == "samples" else samples) for name in ("mean", "var")
    )
    h = tensor("h", "hidden", samples, units)
    ranges = (other, sp.Integer(count))
    centred = x[i, k] - mean[own]
    return program(
        (x, g, b),
        step(mean, (own,), total(x[i, k], ranges) / count),
        step(spread, (own,), total(centred**2, ranges) / count),
        step(h, (i, k), g[k] * centred / sp.sqrt(spread[own] + sp.Rational(1, 100)) + b[k]),
        step(LOSS, (), total(sp.sin(h[i, k]) + h[i, k] ** 3, (i, sp.Integer(samples)), (k, units))),
    )


def recurrent(inputs: int, units: int, times: int) -> Program:
    """A recurrent net, written out in time; every step of time uses the same ``W``, ``U`` and ``b``."""
    W, U = tensor("W", "parameter", units, units), tensor("U", "parameter", units, inputs)
    b, h0 = tensor("b", "parameter", units), tensor("h0", "parameter", units)
    xs = [tensor(f"x{t}", "input", inputs) for t in range(1, times + 1)]
    steps, before = [], h0
    for t, x in enumerate(xs, start=1):
        now = tensor(f"h{t}", "hidden", units)
        inside = total(W[i, j] * before[j], (j, sp.Integer(units))) + b[i]
        inside += total(U[i, k] * x[k], (k, sp.Integer(inputs)))
        steps.append(step(now, (i,), sp.tanh(inside)))
        before = now
    return program((W, U, b, h0, *xs), *steps, squared_sum(before))
