"""Hostile code is answered at once, without being run, and the statements after it are followed."""

import pytest

from derive.read.code import Budget, CodeCell, Unknown, Unsupported, interpret

HOSTILE = [
    "__import__('os').system('true')",
    "import os\nos.system('true')",
    "().__class__.__mro__",
    "(lambda: 0).__globals__",
    "''.format.__self__",
    "np.ones(3).__array_interface__",
    "np.lib.npyio",
    "exec('1')",
    "eval('1')",
    "compile('1', '', 'exec')",
    "open('x').read()",
    "getattr(1, 'real')",
    "globals()",
    "'{0.__class__}'.format(1)",
    "'{0[0]}'.format([1])",
    "while True: pass",
    "while True:\n    x = 1",
    "for i in range(10**12): pass",
    "def f(n): return f(n + 1)\nf(0)",
    "def f(n): return f(n) + f(n)\nf(1)",
    "f = lambda n: f(n)\nf(1)",
    "class A:\n    def __getitem__(self, i): return self[i]\nA()[0]",
    "np.zeros((10**6, 10**6))",
    "np.ones(10**10)",
    "np.eye(10**6)",
    "np.arange(1e12)",
    "np.linspace(0, 1, 10**10)",
    "np.random.rand(10**6, 10**6)",
    "np.random.choice(10**9, 3, False)",
    "np.outer(np.ones(10**5), np.ones(10**5))",
    "np.einsum('ij,kl,mn->ijklmn', np.ones((99, 99)), np.ones((99, 99)), np.ones((99, 99)))",
    "np.ones((3000, 3000)) @ np.ones((3000, 3000))",
    "np.broadcast_to(1, (10**5, 10**5)).copy()",
    "np.repeat(1, 10**10)",
    "np.tile([1], 10**10)",
    "np.pad(np.ones(3), 10**10)",
    "np.array_split(np.ones(3), 10**8)",
    "np.zeros_like(np.ones(3), shape=(10**6, 10**6))",
    "np.ones((10**4, 1)) + np.ones(10**5)",
    "np.eye(5000)[np.zeros(10**6, dtype=int)]",
    "9**9**9",
    "1 << 10**10",
    "x = 3\nwhile True: x = x * x",
    "'a' * 10**9",
    "[0] * 10**9",
    "[*range(10**9)]",
    "print(*range(10**9))",
    "sum(range(10**12))",
    "sorted(range(10**12))",
    "[x for x in range(10**12)]",
    "set().union(range(10**9))",
    "a, *b = range(10**9)",
    "x = [1]\nwhile True: x = x + x",
    "x = []\nwhile True: x.append(x)",
    "x = [1]\nfor i in range(60): x = [x, x]\nprint(x)\nx == x\nnp.array(x)",
    "t = (1,)\nfor i in range(60): t = (t, t)\n{t: 1}",
    "x = np.ones(10)\nwhile True: x = np.concatenate([x, x])",
    "s = 'a'\nwhile True: s = s + s",
    "f'{1:>1000000000}'",
    "'%1000000000d' % 1",
    "'{:1000000000}'.format(1)",
    "'a'.ljust(10**9)",
    "'a'.replace('a', 'b' * 10**5).replace('b', 'c' * 10**5)",
    "round(1.5, 10**9)",
    "int('9' * 5000)",
    "import math\nmath.factorial(10**9)",
    "x = " + "(" * 5000 + "1" + ")" * 5000,
    "x = " + "[" * 500 + "]" * 500,
    "x = " + "-" * 5000 + "1",
    "x = 1" + " + 1" * 4000,
    "x = " + "1 + " * 250_000 + "1",
    "x = '" + "a" * 1_000_000 + "'",
    "def g():\n    yield 1\nlist(g())",
    "@decorated\ndef f(): return 1\nf()",
    "async def f(): await g()",
    "class M(metaclass=type): pass",
    "with open('x') as f: f.read()",
    "raise SystemExit",
    "import sys\nsys.exit()",
    "x = 1 / 0",
    "x: int = [",
    "  indented = 1",
    "\x00",
]


@pytest.mark.parametrize("source", HOSTILE, ids=[s[:40].encode("unicode_escape").decode() for s in HOSTILE])
def test_hostile_code_is_answered_and_the_rest_followed(source):
    cells = [CodeCell("import numpy as np", 0), CodeCell(f"{source}\n\nafter = 6 * 7\n", 1)]
    run = interpret(cells)
    # No clock: the steps are what bounds the time.
    assert run.steps <= Budget().steps
    assert run.names["after"] == 42
    assert run.of_kind(Unsupported), "nothing was reported"


def test_a_clean_program_reports_nothing():
    run = interpret([CodeCell("import numpy as np\nx = np.ones(3)\nafter = x.sum()")])
    assert run.of_kind(Unsupported) == ()


def test_each_limit_is_what_stops():
    source = (
        "import numpy as np\nx = np.ones(1000)\ny = 0\nfor i in range(500): y = y + i\n"
        "z = 'a' * 500\nw = 2**500"
    )
    names = interpret([CodeCell(source)]).names
    assert names["y"] == sum(range(500))
    assert len(names["z"]) == 500
    assert names["w"] == 2**500
    for budget, name in (
        (Budget(bytes=5000), "x"),
        (Budget(steps_per_statement=300), "y"),
        (Budget(characters=400), "z"),
        (Budget(integer_bits=400), "w"),
    ):
        assert isinstance(interpret([CodeCell(source)], budget=budget).names[name], Unknown)


def test_what_a_broken_off_loop_had_begun_to_change_is_unknown():
    source = (
        "import numpy as np\nW = np.zeros(3)\nV = W\nlosses = []\n"
        "class Net: pass\nnet = Net()\nnet.b = 1\nnet.c = 2\ncount = 0\n"
        "def step():\n    global count\n    count += 1\n    net.b = net.b + 1\n"
        "while True:\n    W[0] += 1\n    losses.append(W[0])\n    step()\n"
        "after = net.c\n"
    )
    names = interpret([CodeCell(source)]).names
    for name in ("W", "V", "losses", "count", "net.b"):
        assert isinstance(names[name], Unknown), name
    assert names["after"] == 2
