"""What a module costs to derive and to write: as much for each layer, however many there are."""

import sys
from collections import Counter
from pathlib import Path

import sympy as sp

from codegen.modules import array_buffers, generate
from codegen.modules.array_instructions import OUT, Instruction, Kind
from derive.network import Dense, Network
from derive.notation import Notation
from derive.spec import Spec

PACKAGES = tuple(str(Path(sys.modules[name].__file__).parent) for name in ("codegen", "derive"))


def deep(layers: int) -> Spec:
    network = Network([Dense(8, "sigmoid")] * layers, inputs=8, loss="half-squared-error")
    return Spec(network, Notation(), None, "deep")


def lines_run(work) -> Counter:
    """Return how many lines of this program some work runs, by the file; each round of a loop counts."""
    counted: Counter = Counter()

    def local(frame, event, _):
        counted[Path(frame.f_code.co_filename).name] += event == "line"
        return local

    def trace(frame, _, __):
        name = frame.f_code.co_filename
        return local if name.startswith(PACKAGES) and name.endswith(".py") else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def test_each_layer_costs_the_same():
    """Twice as many more layers run twice as many more lines, in every file."""
    generate(deep(24), style="array")  # what is found once for all modules
    few, some, many = (lines_run(lambda n=n: generate(deep(n), style="array")) for n in (6, 12, 24))
    more = {name: some[name] - few[name] for name in many}
    assert sum(more.values()) > 50_000
    grown = {name: (many[name] - some[name]) / n for name, n in more.items() if n}
    # Sums with a term in common are compared in pairs, all `1 + e` too: 1 in 500 lines at 100 layers.
    assert {name for name, ratio in grown.items() if ratio > 2.02} <= {"array_arithmetic.py"}


def chain(length: int, *last: str) -> list[Instruction]:
    """Return sums of which each reads the one before; `last` are read at the end."""
    reads = [("x", "y"), *((f"v{n}", "y") for n in range(length - 1)), ("x", *last)]
    names = [*(f"v{n}" for n in range(length)), "g"]
    return [
        Instruction(name, f"np.add({', '.join(read)}, out={OUT})", Kind.PRODUCT, (sp.Integer(4),))
        for name, read in zip(names, reads, strict=True)
    ]


def test_lines_are_counted_where_each_step_looks_at_all_others(monkeypatch):
    """What the count is to notice: values that are looked through at every statement."""
    plain = array_buffers._State.release

    def release(state, number):
        for name in state.kept_in:
            state.dies(name, number)
        plain(state, number)

    def growth() -> float:
        works = [chain(n, *(f"v{k}" for k in range(n))) for n in (20, 40, 80)]
        runs = [lines_run(lambda work=work: array_buffers.assigned(work, ["g"])) for work in works]
        few, some, many = (run.total() for run in runs)
        return (many - some) / (some - few)

    assert growth() == 2.0
    monkeypatch.setattr(array_buffers._State, "release", release)
    assert growth() > 2.2


def test_an_array_is_used_again_once_its_value_is_read_no_more():
    """A chain of sums needs two arrays in turn, however long it is; what is read at the end keeps its own."""
    found = array_buffers.assigned(chain(6), ["g"])
    assert [(buffer.name, buffer.values) for buffer in found.buffers] == [
        ("v0", ["v0", "v2", "v4"]),
        ("v1", ["v1", "v3", "v5"]),
    ]
    kept = array_buffers.assigned(chain(6, "v1"), ["g"])
    assert [(buffer.name, buffer.values) for buffer in kept.buffers] == [
        ("v0", ["v0", "v2", "v4"]),
        ("v1", ["v1"]),
        ("v3", ["v3", "v5"]),
    ]
