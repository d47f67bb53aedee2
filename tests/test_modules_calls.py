"""Array expressions as calls into given arrays: which calls, which arrays, and in pieces."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_truth import imported
from test_modules_arrays import program_of
from test_modules_gradients import networks

from codegen.modules import heads
from codegen.modules.array_buffers import assigned
from codegen.modules.array_forms import symbol
from codegen.modules.array_instructions import OUT, Definition, Instruction, Kind
from codegen.modules.array_layout import (
    ONE_PIECE_FROM,
    TILED_FROM,
    TILED_TO,
    products,
    samples_in_one_piece,
    tiled,
)
from codegen.modules.array_pieces import additive
from codegen.modules.array_style import SAMPLES
from codegen.modules.array_turned import Layout
from codegen.modules.array_writer import instructions
from derive.program import Program, Role, Rule, Step, Tensor, element, index, total

N = SAMPLES
i, n = index("i"), index("n")


# Calls

TENSORS = {
    t.name: t
    for t in (
        Tensor("x", Role.INPUT, (N, sp.Integer(3))),
        Tensor("v", Role.INPUT, (N, sp.Integer(3))),
        Tensor("s", Role.INPUT, (N,)),
        Tensor("b", Role.PARAMETER, (sp.Integer(3),)),
        Tensor("o", Role.HIDDEN, (N, sp.Integer(3))),
        Tensor("p", Role.HIDDEN, (N, sp.Integer(3))),
    )
}
LAYOUT = Layout(TENSORS, N, frozenset(("v", "s", "o", "p")))
V, S, B = (symbol(name) for name in "vsb")
C = heads.AsColumn(B)


def written(*definitions):
    made = instructions([Definition(name, expr, name) for name, expr in definitions], LAYOUT)
    return made, [line.code for line in assigned(made, ["p"]).lines]


@pytest.mark.parametrize(
    ("expr", "lines"),
    [
        (V - V**2, ["o = np.multiply(v, v, out=o)", "np.subtract(v, o, out=o)"]),
        (2 * V / 3, ["o = np.multiply(v, 2, out=o)", "o /= 3"]),
        (1 / (1 + V), ["o = np.add(one, v, out=o)", "np.divide(one, o, out=o)"]),
        (
            -V - S,
            ["spread_s[...] = s", "o = np.add(spread_s, v, out=spread_s)", "np.negative(o, out=o)"],
        ),
        (sp.exp(-V), ["o = np.negative(v, out=o)", "np.exp(o, out=o)"]),
        (heads.ExpHeld(V), ["o = v.clip(low, held, out=o)", "np.exp(o, out=o)"]),
        (V + C, ["spread_b[...] = b[:, None]", "o = np.add(v, spread_b, out=spread_b)"]),
        (sp.Max(V, 0), ["o = np.maximum(v, 0, out=o)"]),
        (V * sp.Piecewise((1, V > 0), (0, True)), ["o = np.multiply(v, v > 0, out=o)"]),
        (sp.sqrt(V) / (1 + V), ["o = np.sqrt(v, out=o)", "t = np.add(one, v, out=t)", "o /= t"]),
        (sp.Piecewise((V, V > 0), (sp.sin(V), True)), ["o[...] = np.where(v > 0, v, np.sin(v))"]),
        (
            V * heads.SumDown(V * V),
            [
                "t_b = np.multiply(v, v, out=t_b)",
                "t = ones_3.dot(t_b, out=t)",
                "spread_t = t_b",
                "spread_t[...] = t",
                "o = np.multiply(v, spread_t, out=t_b)",
            ],
        ),
    ],
)
def test_expressions_are_calls_into_arrays(expr, lines):
    _, found = written(("o", expr))
    assert found == lines


def test_a_sum_that_a_longer_one_has_is_computed_once():
    _, found = written(("o", sp.exp(V - S)), ("p", V - S - sp.sin(V)))
    assert sum("np.subtract" in line for line in found) == 2
    assert sum("spread_s[...]" in line for line in found) == 1


def test_a_value_is_computed_where_it_is_first_needed_under_its_name():
    made, _ = written(("o", sp.exp(heads.SumDown(V - S)) * V), ("p", V - S))
    assert [m.target for m in made].index("p") < [m.target for m in made].index("o")
    assert sum(m.kind is Kind.ELEMENTWISE and m.target == "p" for m in made) == 1


# Arrays


@st.composite
def computations(draw):
    """Values from one or two values before them, two changed in place, the last two as results."""
    made, names = [], ["x0", "x1"]
    for number in range(draw(st.integers(3, 12))):
        reads = draw(st.lists(st.sampled_from(names[-6:]), min_size=1, max_size=2))
        kind = draw(st.sampled_from([Kind.ELEMENTWISE, Kind.PRODUCT, Kind.COPIED]))
        name = f"y{number}"
        if kind is Kind.COPIED:
            made.append(Instruction(name, reads[0], kind, (N,)))
        else:
            function = "f" if kind is Kind.ELEMENTWISE else "g"
            made.append(Instruction(name, f"{function}({', '.join(reads)}, out={OUT})", kind, (N,)))
        if draw(st.booleans()):
            made.append(Instruction(name, f"{name} += {draw(st.sampled_from(names))}", Kind.CHANGED, (N,)))
        if draw(st.integers(0, 4)) == 0:
            made.append(Instruction(f"v{number}", name, Kind.VIEW, (N,)))
            names.append(f"v{number}")
        names.append(name)
    return made, [m.target for m in made if m.kind is not Kind.CHANGED][-2:]


def run(lines, buffers, results):
    """What a computation of one number for each array leaves in its results."""

    def f(*arrays, out):
        out[...] = sum((place + 2) * array for place, array in enumerate(arrays)) % 101
        return out

    def g(*arrays, out):  # as a matrix product, it writes before it has read everything
        out[...] = 0
        return f(*arrays, out=out)

    names = [buffer.name for buffer in buffers]
    text = "def value(f, g, np, x0, x1):\n"
    for name in dict.fromkeys([*names, *results]):
        text += f"    {name} = np.zeros(1)\n"
    text += "".join(f"    {line.code}\n" for line in lines)
    with imported(f"{text}    return {', '.join(results)}\n") as module:
        return [float(v[0]) for v in module.value(f, g, np, np.array([3.0]), np.array([5.0]))]


@settings(max_examples=150, deadline=None)
@given(computations())
def test_arrays_are_used_again_only_when_nothing_reads_them(computation):
    made, results = computation
    plain = []
    for m in made:
        separate = {Kind.ELEMENTWISE: "np.empty(1)", Kind.PRODUCT: "np.empty(1)"}.get(m.kind)
        code = (
            m.source.replace(OUT, separate)
            if separate
            else f"{m.source}.copy()"
            if m.kind is Kind.COPIED
            else m.source
        )
        plain.append(code if m.kind is Kind.CHANGED else f"{m.target} = {code}")

    class Code:
        def __init__(self, code):
            self.code = code

    found = assigned(made, results)
    assert run(found.lines, found.buffers, results) == run([Code(code) for code in plain], [], results)
    assert len(found.buffers) <= len(made)


def test_a_chain_needs_few_arrays():
    made = [Instruction(f"y{n}", f"f(y{n - 1}, out={OUT})", Kind.ELEMENTWISE, (N,)) for n in range(1, 9)]
    assert len(assigned(made, []).buffers) == 1
    made = [Instruction(f"y{n}", f"f(y{n - 1}, out={OUT})", Kind.PRODUCT, (N,)) for n in range(1, 9)]
    assert len(assigned(made, []).buffers) == 2
    shapes = [(N,), (N, sp.Integer(2))] * 4
    made = [
        Instruction(f"y{n}", f"f(y{n - 1}, out={OUT})", Kind.ELEMENTWISE, s) for n, s in enumerate(shapes, 1)
    ]
    assert [buffer.shape for buffer in assigned(made, []).buffers] == shapes[:2]


# Pieces, and the rule


def step(name, shape, indices, expr):
    return Step(Tensor(name, Role.HIDDEN, shape), indices, expr, Rule("test", ""))


X = lambda *at: element("x", at)  # noqa: E731  # an array by its name


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([step("L", (), (), total(X(n, i), (i, 3), (n, N)) / N)], True),
        ([step("L", (), (), total(X(n, i) ** 2, (i, 3), (n, N)) + total(X(n, 0), (n, N)))], True),
        ([step("L", (), (), sp.sqrt(total(X(n, i), (i, 3), (n, N))))], False),
        ([step("L", (), (), 1 + total(X(n, i), (i, 3), (n, N)))], False),
        ([step("L", (), (), total(X(n, 0), (n, N)) * total(X(n, 1), (n, N)))], False),
        (
            [
                step("m", (sp.Integer(3),), (i,), total(X(n, i), (n, N))),
                step("d", (N, sp.Integer(3)), (n, i), X(n, i) - element("m", (i,))),
                step("L", (), (), total(element("d", (n, i)), (i, 3), (n, N))),
            ],
            False,
        ),
    ],
)
def test_what_is_computed_in_pieces(steps, expected):
    program = Program((TENSORS["x"],), tuple(steps))
    assert additive(program, N, ["L"]) is expected


@settings(max_examples=10, deadline=None)
@given(networks())
def test_losses_and_derivatives_of_networks_add_up(network):
    program = program_of(network)
    assert additive(program, N, ["L", *(f"d{name}" for name in network.parameter_shapes)])


def test_the_rule_of_pieces():
    assert tiled(TILED_FROM, TILED_FROM * TILED_TO, additive=True)
    assert not tiled(TILED_FROM, TILED_FROM * TILED_TO, additive=False)
    assert not tiled(TILED_FROM - 1, 0, additive=True)
    assert not tiled(TILED_FROM, TILED_FROM * TILED_TO + 1, additive=True)
    assert products([784, 128, 10]) == 2 * 784 * 128 + 3 * 128 * 10
    assert samples_in_one_piece(ONE_PIECE_FROM) == 1
    assert samples_in_one_piece(ONE_PIECE_FROM // 2 - 1) == 3
