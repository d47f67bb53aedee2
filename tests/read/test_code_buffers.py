"""Code that keeps its arrays between calls, against Python itself, and what of it is not known."""

import pytest
from test_code_python import run_for_real

from derive.read.code import CodeCell, Printed, Unknown, Unsupported, interpret

PROGRAMS = {
    "tuples with names": """
import typing
from typing import Any, NamedTuple
import numpy as np

class Point(NamedTuple):
    '''A point.'''
    x: Any
    y: float = 2.0

    def norm(self):
        return self.x ** 2 + self.y ** 2

class Pair(typing.NamedTuple):
    first: Point
    second: Point = Point(0.0)
    third: Any = None

p = Point(1.0)
q = p._replace(y=5)
a, b = p
print(a, b, p.x, q.y, q[1], q[-1], len(q), Point(*q) == q, q == (1.0, 5), p.norm())
print(Point._fields, q._asdict())
print(Pair(p).third is None, Pair(p).third or p.y)
print(Pair(p).second.x, isinstance(q, Point), isinstance(q, tuple), type(q) is Point, [v for v in q])
print(sum(q), q[:1], q + (3,))
print(Point(*(2 * v for v in q)), max(q), Point(y=1, x=3), tuple(q), Point._make([1, 2]))
""",
    "buffers": """
import numpy as np
x = np.arange(6.0).reshape(2, 3)
w = np.linspace(-1, 1, 6).reshape(3, 2)
z = np.empty((2, 2))
print(np.matmul(x, w, out=z) is z, z)
np.dot(x, w, out=z)
view = z[:1]
np.exp(view, out=view)
np.multiply(z, 2, z)
np.add(z, z[0], out=z)
np.negative(z, out=z)
z -= 1
z *= z
print(z)
t = np.empty((5, 2))
for start in range(0, 5, 2):
    tile = t[start:start + 2]
    np.copyto(tile, start)
    tile += 1
    np.subtract(1, tile, out=tile)
    np.maximum(tile, -2, out=tile)
print(t)
s = np.empty(2)
np.sum(t, axis=0, out=s)
t.sum(axis=0, out=s)
print(s, np.add.reduce(t, axis=0), np.maximum.reduce(t))
space = np.empty(12)
first, second = space[:4].reshape(2, 2), space[4:8].reshape(2, 2)
first[...] = 1
second.fill(2)
np.matmul(first, second, out=second)
first[:] = second.T
print(space[:8], np.einsum("ij,jk->ik", x, w, out=z))
x.T.dot(x, out=np.empty((3, 3)))
np.dot(x.T, x, np.empty((3, 3)))
np.tanh(z, out=(z,))
print(z)
""",
    "types of arrays": """
import numpy as np
x = np.zeros(2, dtype=np.float32)
y = np.zeros(2)
print(x.dtype, x.dtype == np.float32, x.dtype == "float32", y.dtype is np.dtype(np.float64))
print(np.dtype("float32").kind, y.dtype.name)
print(type(1) is int, type(1.0) is float, type(x) is np.ndarray, isinstance(x, np.ndarray))
print(x.dtype != y.dtype)
print(type("a") == str)
print(list(np.ndindex(2, 2)), np.result_type(x, y), np.result_type(x.dtype, np.float32))
print(np.promote_types(np.float32, np.float64))
np.testing.assert_allclose(x, y)
print(np.issubdtype(x.dtype, np.floating), x.astype(y.dtype).dtype, np.empty_like(x).dtype)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_print_what_python_prints(name):
    lines = PROGRAMS[name].split("\n")
    real = run_for_real(lines)
    assert real is not None
    run = interpret([CodeCell("\n".join(lines))])
    assert run.of_kind(Unsupported) == ()
    assert "".join(event.text for event in run.of_kind(Printed)) == real[1]


@pytest.mark.parametrize(
    "write",
    ["np.exp(lost, out=x)", "np.add(x, lost, x)", "np.copyto(x, lost)", "np.exp(x, out=x, casting='no')"],
)
def test_a_buffer_that_takes_an_unknown_result_is_unknown(write):
    source = f"import numpy as np, other\nlost = other.values()\nx = np.ones(2)\n{write}\ny = 2 * x"
    assert isinstance(interpret([CodeCell(source)]).names["y"], Unknown)


def test_a_result_that_does_not_fit_its_buffer_is_no_result():
    run = interpret([CodeCell("import numpy as np\nx = np.ones((2, 2))\nnp.exp(np.ones(2), out=x)\ny = x")])
    assert run.of_kind(Unsupported)
