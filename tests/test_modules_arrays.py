"""The parts that array modules are made by: how arrays lie, calls into given arrays, which arrays, pieces."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_truth import imported
from test_modules_gradients import networks

from codegen.modules import heads
from codegen.modules.array_dialect import NUMPY
from codegen.modules.array_forms import array_expression, symbol
from codegen.modules.array_layout import (
    NARROW,
    turned,
    vectors,
)
from codegen.modules.array_shapes import broadcast, shape_of, shape_text
from codegen.modules.array_style import SAMPLES, TASTE
from codegen.modules.array_turned import Layout, Vectors
from codegen.modules.lowering import lowered
from codegen.modules.one_sample import of_one_sample
from derive.arithmetic import FLOAT
from derive.derivation import derive
from derive.evaluate import evaluate_step
from derive.index_arrays import Scope
from derive.network import Dense, Network
from derive.program import index

N = SAMPLES
i, j, k, n = (index(name) for name in "ijkn")


def program_of(network):
    gradient = [f"d{name}" for name in network.parameter_shapes]
    return lowered(derive(network, N).numeric.needed_for(["L", *gradient]), TASTE)


# Orientation


def test_narrow_layers_lie_turned_and_wide_ones_do_not():
    layers = [Dense(NARROW + 1, "sigmoid"), Dense(NARROW, "tanh"), Dense(2, "softmax")]
    program = program_of(Network(layers, inputs=3, loss="cross-entropy"))
    lying = turned(program, N)
    assert {"z2", "a2", "dz2", "z3", "max_a3", "sum_a3", "y"} <= lying
    assert not {"x", "z1", "a1", "e1", "dz1", "W2", "b2", "dW2"} & lying
    assert "z1" in turned(program, N, narrow=NARROW + 1)
    assert not {"z2", "max_a3", "y"} & turned(program, N, narrow=1)


def stored(layout, name, value):
    """The array that holds a tensor, from one in the order of its axes."""
    if isinstance(layout, Vectors):
        return value[0] if layout.has_samples(name) else value
    if not layout.has_samples(name):
        return value
    if name in layout.turned:
        return np.ascontiguousarray(value.T)
    return value if value.ndim == 2 else value[:, None]


@settings(max_examples=15, deadline=None)
@given(networks(), st.sets(st.integers(0, 60)))
def test_every_step_as_its_arrays_lie(network, chosen):
    """Any choice of what lies turned, and one sample by vectors, gives the numbers of the index form."""
    program, rng = program_of(network), np.random.default_rng(0)
    tensors = program.tensors
    having = sorted(vectors(tensors, N))
    some = frozenset(name for place, name in enumerate(having) if place in chosen and name != "x")
    for layout, count in ((Layout(tensors, N, some), 4), (Vectors(tensors, N, frozenset(having)), 1)):
        shapes = {
            t.name: [count if extent == N else int(extent) for extent in t.shape] for t in tensors.values()
        }
        values = {name: rng.uniform(0.1, 0.9, size=shape) for name, shape in shapes.items()}
        arrays = {name: stored(layout, name, value) for name, value in values.items()}
        for step in program.steps:
            name = step.tensor.name
            expr = layout.placed(name, array_expression(step, tensors, N, network.layout))
            if expr.has(heads.Inner) or name == "L":
                continue
            found = computed(expr, arrays, count)
            truth = evaluate_step(replace(step, expr=plain(step.expr)), Scope(FLOAT, values, {N: count}))
            expected = stored(layout, name, truth)
            assert broadcast([shape_of(expr, layout.shape), layout.shape(name)]) == layout.shape(name)
            np.testing.assert_allclose(
                np.broadcast_to(found, expected.shape), expected, rtol=1e-11, atol=1e-13
            )


def plain(expr):
    """An expression by functions that SymPy has."""
    for head, function in (
        (heads.ExpHeld, sp.exp),
        (heads.ExpMinusAbs, lambda u: sp.exp(-sp.Abs(u))),
        (heads.Log1p, lambda u: sp.log(1 + u)),
    ):
        expr = expr.replace(head, function)
    return expr


HELPERS = """
import math
import numpy as np
def _exp_held(z): return np.exp(np.minimum(z, 700))
def _log_softplus(z): return np.log(np.log1p(np.exp(z)))
def _normal_cdf(z): return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))(z)
def _erf(z): return np.vectorize(math.erf)(z)
def _with_one(a): return np.hstack([np.ones((len(a), 1)), a])
"""


def computed(expr, arrays, count):
    """The value of an array expression, by Python."""
    for inner in expr.atoms(heads.WithOneAbove):  # no module writes this in one expression
        joined = np.concatenate(
            [np.ones_like(computed(inner.args[0], arrays, count)[:1]), computed(inner.args[0], arrays, count)]
        )
        arrays = arrays | {"joined": joined}
        expr = expr.xreplace({inner: symbol("joined")})
    names = sorted(s.name for s in expr.free_symbols if s.name in arrays)
    text = f"{HELPERS}def value(N, ones, {', '.join(names)}):\n    return {NUMPY.compile(expr)({}).source}\n"
    with imported(text) as module, np.errstate(all="ignore"):
        return np.asarray(module.value(count, np.ones(count), **{name: arrays[name] for name in names}))


def test_of_one_sample_a_step_is_that_of_a_derivation_for_one():
    network = Network([Dense(3, "tanh", "folded"), Dense(2, "softmax")], inputs=2, loss="cross-entropy")
    batch, one = (derive(network, samples).numeric for samples in (N, None))
    rng = np.random.default_rng(1)
    shapes = {t.name: t.shape for t in one.tensors.values()}
    values = {name: rng.uniform(0.1, 0.9, size=[int(v) for v in shape]) for name, shape in shapes.items()}
    for step in one.steps:
        same = of_one_sample(batch.step(step.tensor.name), batch.tensors, N)
        assert same.tensor.shape == step.tensor.shape
        assert not same.expr.has(N)
        found, expected = (evaluate_step(s, Scope(FLOAT, values, {})) for s in (same, step))
        np.testing.assert_allclose(found, expected, rtol=1e-13)


# Shapes


@given(st.lists(st.lists(st.sampled_from([1, 3]), max_size=3).map(tuple), min_size=1, max_size=3))
def test_shapes_broadcast_as_in_numpy(shapes):
    found = broadcast([tuple(map(sp.Integer, shape)) for shape in shapes])
    assert tuple(map(int, found)) == np.broadcast_shapes(*shapes)


@pytest.mark.parametrize(("shape", "text"), [((), "()"), ((N,), "(N,)"), ((sp.Integer(3), N), "(3, N)")])
def test_shapes_as_python_writes_them(shape, text):
    assert shape_text(shape) == text
