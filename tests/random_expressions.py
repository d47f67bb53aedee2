"""Random expressions in elements of tensors, and their values."""

import sympy as sp
from hypothesis import strategies as st

from derive.functions import Sigmoid
from derive.program import element, indices

k = indices("k")[0]


def el(name, *at):
    return element(name, at)


ARRAYS = {
    ("a", 1): [0.7, -1.3, 0.25],
    ("z", 1): [-0.4, 0.9, 2.5],
    ("w", 1): [[0.3, -1.1, 0.8], [1.7, -0.6, 0.45], [-0.2, 0.1, 1.9]],
    ("x", None): [1.5, -0.35, 0.6],
}
NAMES = {"a1": ("a", 1), "z1": ("z", 1), "W1": ("w", 1), "x": ("x", None)}


def number_of(node):
    found = ARRAYS[NAMES[str(node.base.label)]]
    for index in node.indices:
        found = found[int(index)]
    return sp.Float(found, 30)


def true_value(expr):
    done = expr.replace(Sigmoid, lambda u: 1 / (1 + sp.exp(-u)))
    done = done.replace(lambda e: isinstance(e, sp.Sum), lambda e: e.doit())
    return done.xreplace({node: number_of(node) for node in done.atoms(sp.Indexed)}).evalf(30)


LEAVES = st.one_of(
    st.sampled_from([el("a1", n) for n in range(3)] + [el("z1", n) for n in range(3)]),
    st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda at: el("W1", *at)),
    st.fractions(-3, 3, max_denominator=8).map(lambda f: sp.Rational(f.numerator, f.denominator)),
)


def grown(inner):
    pair = st.tuples(inner, inner)
    summed = inner.map(
        lambda e: sp.Sum(e.xreplace({el("a1", 0): el("a1", k), el("z1", 1): el("x", k)}), (k, 0, 2))
    )
    return st.one_of(
        pair.map(lambda ab: ab[0] + ab[1]),
        pair.map(lambda ab: ab[0] - ab[1]),
        pair.map(lambda ab: ab[0] * ab[1]),
        pair.map(lambda ab: ab[0] / (1 + ab[1] ** 2)),
        pair.map(lambda ab: sp.Piecewise((ab[0], ab[1] > 0), (ab[1], True))),
        st.tuples(inner, st.integers(2, 3)).map(lambda ab: ab[0] ** ab[1]),
        inner.map(lambda e: -e),
        inner.map(lambda e: sp.Abs(e, evaluate=False)),
        inner.map(lambda e: sp.exp(-(e**2))),
        inner.map(lambda e: sp.sqrt(1 + e**2)),
        inner.map(lambda e: sp.log(1 + e**2)),
        inner.map(sp.tanh),
        inner.map(Sigmoid),
        summed,
    )


def usable(expr):
    truth = true_value(expr)
    return truth.is_real and abs(truth) < 1e6


EXPRESSIONS = st.recursive(LEAVES, grown, max_leaves=7).filter(lambda expr: usable(expr))
