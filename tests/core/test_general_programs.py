"""The calculus knows no layers: gradients of programs built from steps agree with central differences."""

import core_programs as make
import pytest
import sympy as sp
from core_programs import LOSS, i, j, k, m, p, program, squared_sum, step, tensor
from differences import check_gradient, random_values
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.adjoint import differentiate
from derive.program import Program, total

FEW = settings(max_examples=30, deadline=None, derandomize=True)


def pick() -> Program:
    """Every second element, and each by its square: an index that no unit step solves."""
    x, u = tensor("x", "parameter", 7), tensor("u", "hidden", 3)
    return program((x,), step(u, (i,), x[2 * i] ** 2 + x[i]), squared_sum(u))


def reversal() -> Program:
    x, u = tensor("x", "parameter", 5), tensor("u", "hidden", 5)
    return program((x,), step(u, (i,), x[4 - i] * sp.exp(x[i])), squared_sum(u))


def diagonal() -> Program:
    A, u = tensor("A", "parameter", 4, 4), tensor("u", "hidden", 4)
    return program((A,), step(u, (i,), A[i, i] * A[i, 0] + A[3 - i, i]), squared_sum(u))


def embedding() -> Program:
    """Rows of a table, chosen by numbers that are data."""
    ids, E = tensor("ids", "input", 5), tensor("E", "parameter", 3, 2)
    u = tensor("u", "hidden", 5, 2)
    return program((ids, E), step(u, (i, j), E[ids[i], j] * (i + j + 1)), squared_sum(u))


def running_sums() -> Program:
    x, u = tensor("x", "parameter", 5), tensor("u", "hidden", 5)
    return program((x,), step(u, (i,), sp.Sum(x[k] ** 2, (k, 0, i))), squared_sum(u))


def triangle(nested: bool) -> Program:
    """Sum over one half of a matrix; the range of one index ends at the other."""
    A = tensor("A", "parameter", 4, 4)
    body = A[k, m] ** 2 * A[m, k]
    both = sp.Sum(body, (m, 0, k), (k, 0, 3))
    return program((A,), step(LOSS, (), sp.Sum(sp.Sum(body, (m, 0, k)), (k, 0, 3)) if nested else both))


def one_name_twice() -> Program:
    """Sums that bind one index inside each other, and one that binds the step's own."""
    A, x, u = tensor("A", "parameter", 4, 3), tensor("x", "parameter", 3), tensor("u", "hidden", 4)
    inner = sp.Sum(x[k] ** 3, (k, 0, 2))
    shadowed = sp.Sum(x[m] * sp.cos(sp.Sum(x[m], (m, 0, 2))), (m, 0, 1))
    own = sp.Sum(x[i] * sp.exp(x[i]), (i, 0, 2))
    return program((A, x), step(u, (i,), sp.Sum(A[i, k] * inner, (k, 0, 2)) + shadowed * own), squared_sum(u))


def functions_of_sums() -> Program:
    A, x, u = tensor("A", "parameter", 3, 3), tensor("x", "parameter", 3), tensor("u", "hidden", 3)
    inner = total(A[k, m] * x[m], (m, sp.Integer(3)))
    outer = total(A[i, k] * sp.tanh(inner), (k, sp.Integer(3)))
    return program((A, x), step(u, (i,), sp.log(2 + sp.sin(outer)) / (2 + outer**2)), squared_sum(u))


def log_sum_exp() -> Program:
    x = tensor("x", "parameter", 5)
    return program((x,), step(LOSS, (), sp.log(total(sp.exp(x[i]), (i, sp.Integer(5))))))


def products() -> Program:
    """Bilinear in one tensor, cubic in another, with a sum left over."""
    A, B, C = (tensor("A", "parameter", 2, 3), tensor("B", "parameter", 3, 2), tensor("C", "hidden", 2, 2))
    made = total(A[i, k] * B[k, m] * A[m, p] * B[p, j], (k, 3), (m, 2), (p, 3))
    return program((A, B), step(C, (i, j), made), squared_sum(C))


PROGRAMS = {
    "convolution": (make.convolution(9, 3), ("x", "w")),
    "convolution, stride 2": (make.convolution(9, 3, stride=2), ("x", "w")),
    "convolution, stride 2, not to the end": (make.convolution(10, 3, stride=2), ("x", "w")),
    "convolution, dilation 2": (make.convolution(9, 3, dilation=2), ("x", "w")),
    "convolution, stride 3, dilation 2": (make.convolution(11, 3, stride=3, dilation=2), ("x", "w")),
    "convolution, kernel as long as the input": (make.convolution(4, 4), ("x", "w")),
    "convolution, padded": (make.padded_convolution(6, 3), ("x", "w")),
    "convolution in two dimensions": (make.convolution_2d((4, 5), (2, 3)), ("x", "w")),
    "convolution in two dimensions, stride 2": (make.convolution_2d((5, 6), (3, 2), stride=2), ("x", "w")),
    "attention": (make.attention(3, 2), ("Q", "K", "V")),
    "attention, causal": (make.attention(3, 2, causal=True), ("Q", "K", "V")),
    "attention from weights": (make.attention_from_weights(3, 2, 2), ("x", "WQ", "WK", "WV")),
    "layer normalisation": (make.normalisation(2, 4, "units"), ("x", "g", "b")),
    "batch normalisation": (make.normalisation(4, 2, "samples"), ("x", "g", "b")),
    "recurrent": (make.recurrent(2, 3, 3), ("W", "U", "b", "h0")),
    "pick": (pick(), ("x",)),
    "reversal": (reversal(), ("x",)),
    "diagonal": (diagonal(), ("A",)),
    "running sums": (running_sums(), ("x",)),
    "triangle": (triangle(nested=False), ("A",)),
    "triangle, nested": (triangle(nested=True), ("A",)),
    "one name twice": (one_name_twice(), ("A", "x")),
    "functions of sums": (functions_of_sums(), ("A", "x")),
    "log-sum-exp": (log_sum_exp(), ("x",)),
    "products": (products(), ("A", "B")),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_of_central_differences(name):
    forward, wrt = PROGRAMS[name]
    check_gradient(forward, wrt, random_values(forward, seed=7))


def test_an_embedding_adds_up_the_rows_that_were_chosen():
    forward = embedding()
    values = random_values(forward, seed=3) | {"ids": [2, 0, 2, 2, 1]}
    check_gradient(forward, ["E"], values)


def test_softmax_with_cross_entropy():
    forward = make.softmax_cross_entropy()
    values = random_values(forward, seed=5) | {"y": [0.25, 0.5, 0.125, 0.125]}
    check_gradient(forward, ["z"], values)
    check_gradient(forward, ["z"], values | {"y": [0.5, -0.25, 2.0, 1.0]})


def test_sigmoid_with_binary_cross_entropy():
    z, a, y = tensor("z", "parameter", 3), tensor("a", "hidden", 3), tensor("y", "target", 3)
    loss = -total(y[i] * sp.log(a[i]) + (1 - y[i]) * sp.log(1 - a[i]), (i, sp.Integer(3)))
    forward = program((z, y), step(a, (i,), 1 / (1 + sp.exp(-z[i]))), step(LOSS, (), loss))
    check_gradient(forward, ["z"], {"z": [0.5, -1.25, 2.0], "y": [0.75, 0.0, 1.0]})


def test_the_gradient_of_a_hidden_tensor_can_be_asked_for():
    found = differentiate(make.recurrent(2, 3, 3), wrt=["h2"])
    assert [s.tensor.name for s in found.steps if s.tensor.role.value == "adjoint"] == ["dh3", "dh2"]


def test_the_gradient_of_the_input_of_a_convolution_is_clipped_at_the_borders():
    found = differentiate(make.convolution(9, 3)).step("dx")
    ((_, low, high),) = found.expr.limits
    (at,) = found.indices
    ranges = [(low.subs(at, here), high.subs(at, here)) for here in range(9)]
    assert [high - low + 1 for low, high in ranges] == [1, 2, 3, 3, 3, 3, 3, 2, 1]


def test_a_shared_weight_gets_one_term_for_each_use():
    found = differentiate(make.recurrent(2, 3, 3))
    expr = found.step("dW").expr
    assert {str(node.base) for node in expr.atoms(sp.Indexed)} >= {"dh1", "dh2", "dh3", "h0", "h1", "h2"}
    assert len(sp.Add.make_args(sp.expand(expr))) >= 3
    assert "several uses" in found.step("dW").rule.name


@FEW
@given(st.data())
def test_any_affine_index_is_contracted(data):
    """``u[i, j] = Sum(w[k] x[a i + b j + c k + d])``, with signs and strides, in one or two sums."""
    small = st.integers(-2, 2)
    a, b, c, d = data.draw(small), data.draw(small), data.draw(small), data.draw(small)
    sizes = {
        i: data.draw(st.integers(1, 3)),
        j: data.draw(st.integers(1, 3)),
        k: data.draw(st.integers(1, 3)),
    }
    ends = {i: a, j: b, k: c}
    low = sum(min(0, slope * (sizes[t] - 1)) for t, slope in ends.items())
    high = sum(max(0, slope * (sizes[t] - 1)) for t, slope in ends.items())
    shift = abs(d) - low
    x = tensor("x", "parameter", high + shift + 1 + abs(d))
    w, u = tensor("w", "parameter", sizes[k]), tensor("u", "hidden", sizes[i], sizes[j])
    last = data.draw(st.sampled_from([sp.Integer(sizes[k] - 1), sp.Min(i, sizes[k] - 1)]))
    body = w[k] * x[a * i + b * j + c * k + shift] * (1 + x[0])
    forward = program((x, w), step(u, (i, j), sp.Sum(body, (k, 0, last)) + 1), squared_sum(u))
    values = random_values(forward, seed=data.draw(st.integers(0, 99)), low=0.25, high=1.0)
    check_gradient(forward, ["x", "w"], values)
