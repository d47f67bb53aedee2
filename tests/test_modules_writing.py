"""How expressions, steps and lines become text: parentheses, broadcasting, layout."""

import ast
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_truth import imported

from codegen.modules.array_dialect import NUMPY
from codegen.modules.array_forms import array_expression
from codegen.modules.comments import index_form
from codegen.modules.heads import ExpMinus, ExpMinusAbs, Log1p
from codegen.modules.lines import WIDTH, Line, laid_out, needed, statement, wrapped_element
from codegen.modules.numbers import array_literal, flat_literal
from codegen.modules.scalar_dialect import Names, dialect
from codegen.modules.writing import CannotWriteError
from derive.activations import ACTIVATIONS, apply
from derive.arithmetic import FLOAT
from derive.derivation import derive
from derive.evaluate import evaluate_step
from derive.functions import Expm1, LogSoftplus, NormalCdf, OneWhereZero, Sigmoid, Softplus
from derive.index_arrays import Scope
from derive.network import Dense, Network
from derive.program import Role, Rule, Step, Tensor, element, index, total

NETWORK = Network([Dense(3, "gelu"), Dense(2, "softmax")], inputs=2, loss="cross-entropy")


# Expressions

LETTER = index("i")
u, v = element("u", (LETTER,)), element("v", (LETTER,))
z, y = sp.symbols("z y", real=True)


@st.composite
def expressions(draw, depth=4):
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        numbers = st.sampled_from([sp.Integer(2), sp.Rational(1, 3), sp.Rational(-3, 2), sp.sqrt(2)])
        return draw(st.one_of(st.sampled_from([z, y]), numbers))
    inner = expressions(depth - 1)
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return draw(inner) + draw(inner)
    if kind == 1:
        return draw(inner) * draw(inner)
    if kind == 2:
        return draw(inner) - draw(inner)
    if kind == 3:
        return draw(inner) / (1 + draw(inner) ** 2)
    if kind == 4:
        return -draw(inner)
    if kind == 5:
        return sp.tanh(draw(inner)) ** draw(st.integers(1, 3))
    return sp.Piecewise((draw(inner), draw(inner) > 0), (draw(inner), True))


def value_of_text(text, names):
    """The value of an expression of Python, over its syntax tree, with this project out of the way."""
    code = "from math import *\nimport numpy as np\ndef value(z, y):\n    return " + text + "\n"
    with imported(code) as module:
        return float(module.value(**names))


@settings(max_examples=60, deadline=None)
@given(expressions().filter(lambda expr: not expr.has(sp.ITE)))  # no guard of a network holds cases itself
def test_parentheses_signs_and_quotients(expr):
    at = {z: 0.7, y: -1.3}
    names = {"z": np.array(0.7), "y": np.array(-1.3)}
    truth = float(sp.re(expr.xreplace({k: sp.Float(v, 30) for k, v in at.items()}).evalf(25)))
    spelled = dialect(Names({name: Tensor(name, Role.INPUT, ()) for name in ("z", "y")}))
    elements = expr.xreplace({z: element("z", ()), y: element("y", ())})
    for text in (NUMPY.compile(expr)({}).source, spelled.compile(elements)({}).source):
        assert value_of_text(text, names) == pytest.approx(truth, rel=1e-9, abs=1e-12), text


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        ((z - y) ** 2 / 2, "(z - y) ** 2 / 2"),
        (-z * y / 3, "-z * y / 3"),
        (z / (y * (1 + z)), "z / (y * (1 + z))"),
        (1 - z**2, "1 - z ** 2"),
        (z - (y - 1), "1 + z - y"),
        (sp.Max(z, 0), "np.maximum(z, 0)"),
        (2**z, "2 ** z"),
        (1 / (1 + sp.exp(-z)), "1 / (1 + np.exp(-z))"),
        (sp.Piecewise((z, z > 0), (y, True)), "np.where(z > 0, z, y)"),
        (y * sp.Piecewise((1, z > 0), (0, True)), "y * (z > 0)"),
        (sp.Piecewise((1, z > 0), (-1, True)), "np.where(z > 0, 1, -1).astype(z.dtype)"),
    ],
)
def test_arrays_are_written_as_a_person_would(expr, text):
    assert NUMPY.compile(expr)({}).source == text


def test_what_has_no_text_is_refused():
    with pytest.raises(CannotWriteError, match="gamma"):
        NUMPY.compile(sp.gamma(z))


# Steps that the recogniser of matrices leaves alone

i, j, k, n = (index(name) for name in "ijkn")
N = sp.Symbol("N", integer=True, positive=True)
TENSORS = {
    t.name: t
    for t in (
        Tensor("u", Role.INPUT, (N, sp.Integer(3))),
        Tensor("v", Role.INPUT, (N, sp.Integer(3))),
        Tensor("s", Role.INPUT, (N,)),
        Tensor("T", Role.INPUT, (sp.Integer(3), sp.Integer(3), sp.Integer(2))),
    )
}


U, V, S = (lambda *at, name=name: element(name, at) for name in "uvs")
THREE = element("T", (i, k, j)) * U(n, i) * V(n, k)


@pytest.mark.parametrize(
    ("indices", "shape", "expr", "start"),
    [
        ((n,), (N,), total(sp.exp(U(n, k) - S(n)), (k, 3)), "np.exp(u - s).sum(axis=1, keepdims=True)"),
        ((), (), total(U(n, i) * (V(n, i) - S(n)), (i, 3), (n, N)), "np.vdot(u, v - s)"),
        ((i,), (3,), total(U(n, i) ** 2, (n, N)), "np.dot(ones, u ** 2)"),
        ((n, j), (N, 2), total(THREE, (i, 3), (k, 3)), "np.einsum("),
    ],
)
def test_index_forms_become_broadcasting_or_einsum(indices, shape, expr, start):
    step = Step(Tensor("r", Role.HIDDEN, tuple(map(sp.S, shape))), indices, expr, Rule("test", ""))
    source = NUMPY.compile(array_expression(step, TENSORS, N, "column"))({}).source
    assert source.startswith(start)
    rng = np.random.default_rng(0)
    values = {"u": rng.normal(size=(4, 3)), "v": rng.normal(size=(4, 3)), "T": rng.normal(size=(3, 3, 2))}
    stored = values | {"s": rng.normal(size=(4, 1)), "ones": np.ones(4)}
    expected = evaluate_step(step, Scope(FLOAT, values | {"s": stored["s"][:, 0]}, {N: 4}))
    arguments = ", ".join(stored)
    with imported(f"import numpy as np\ndef value({arguments}):\n    return {source}\n") as module:
        found = np.asarray(module.value(**stored))
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-13)


# Layout


def test_long_lines_are_broken_and_comments_go_above():
    long = Line("z", " + ".join(f"name{number} * other{number}" for number in range(20)), "c " * 60)
    lines = laid_out([Line("a", "b", "short"), long])
    assert lines[0] == "    a = b  # short"
    assert lines[1].startswith("    # c c")
    assert all(len(line) <= WIDTH for line in lines)
    tree = ast.parse("def f():\n" + "\n".join(lines) + "\n")
    assert ast.unparse(tree.body[0].body[1].value) == long.source


@pytest.mark.parametrize("terms", [1, 20])
def test_elements_of_a_tuple_are_broken_too(terms):
    source = "w - rate * (" + " + ".join(f"name{number} * other{number}" for number in range(terms)) + ")"
    lines = wrapped_element(source, 8)
    assert all(len(line) <= WIDTH and line.startswith(" " * 8) for line in lines)
    assert (len(lines) == 1) is (terms == 1)
    assert ast.unparse(ast.parse("(\n" + "\n".join(lines) + "\n)").body[0].value.elts[0]) == source


def test_lines_that_nothing_needs_are_left_out():
    lines = [Line("a", "x"), Line("b", "a + aa"), Line("c", "y"), Line("d", "b")]
    assert [line.target for line in needed(lines, ["d"])] == ["a", "b", "d"]


@pytest.mark.parametrize("count", [1, 2, 60])
def test_unpackings_and_returns(count):
    names = [f"name_{number}" for number in range(count)]
    for start, source in (("", "values"), ("return", ""), ("return L, Params", "")):
        text = "\n".join(statement(start, source, names))
        assert max(map(len, text.splitlines())) <= WIDTH - 4
        node = ast.parse(f"def f():\n    {text}").body[0].body[0]
        value = node.value if start else node.targets[0]
        value = value.elts[1] if "Params" in start else value
        parts = value.args if "Params" in start else value.elts
        assert [part.id for part in parts] == names


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_literals_give_the_same_floats(data):
    assert list(ast.literal_eval(flat_literal(data, 4))) == data
    assert ast.literal_eval(array_literal([data, data], 8)) == [data, data]


def test_a_comment_is_the_index_form():
    program = derive(NETWORK).program
    assert index_form(program.step("z1"), program.tensors) == "z1[i] = sum_j(W1[i, j] * x[j]) + b1[i]"
    assert index_form(program.step("dW2"), program.tensors) == "dW2[i, j] = dz2[i] * a1[j]"
    assert NUMPY.number(Fraction(1, 2)).source == "0.5"


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (sp.Abs(u - v), "abs(u[i] - v[i])"),
        (Sigmoid(-u), "sigmoid(-u[i])"),
        (Softplus(u) * v, "v[i] * softplus(u[i])"),
        (NormalCdf(u), "Phi(u[i])"),
        (Log1p(u * v), "log(1 + u[i] * v[i])"),
        (v * Expm1(u + v), "v[i] * (exp(u[i] + v[i]) - 1)"),
        (LogSoftplus(u), "log(softplus(u[i]))"),
        (sp.log(OneWhereZero(v, u)), "log(1 if v[i] == 0 else u[i])"),
        (ExpMinus(u + v), "exp(-(u[i] + v[i]))"),
        (ExpMinusAbs(u - v), "exp(-|u[i] - v[i]|)"),
        (sp.Max(u, 0), "max(0, u[i])"),
        (apply(ACTIVATIONS["leaky-relu"], u, 1), "leaky_relu'(u[i])"),
        (total(element("u", (index("k"),)), (index("k"), 2)), "sum_k(u[k])"),
    ],
)
def test_a_comment_spells_functions_as_readers_expect_them(expr, text):
    tensors = {name: Tensor(name, Role.HIDDEN, (3,)) for name in "tuv"}
    step = Step(tensors["t"], (LETTER,), expr, Rule("loss", ""))
    assert index_form(step, tensors) == f"t[i] = {text}"


def test_a_double_sum_of_a_comment_is_one_sum_within_the_other():
    program = derive(NETWORK, 2).program
    assert index_form(program.step("L"), program.tensors).startswith("L = -sum_n(sum_i(y[n, i] * log(")
