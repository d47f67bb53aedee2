"""What a run tells: places, overrides, recordings, unknown values."""

import numpy as np
import pytest

from derive.read.code import (
    Assigned,
    Called,
    CodeCell,
    Drawn,
    Printed,
    Returned,
    Shown,
    Unknown,
    Unsupported,
    interpret,
)

NET = """import numpy as np
x = np.array([[1.0], [2.0]])
W = np.array([[0.5, -1.0], [0.25, 2.0]])
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
z = W @ x
a = sigmoid(z)
delta = np.zeros(2)
for i in range(2):
    delta[i] = a[i, 0] * (1 - a[i, 0])
print("a =", a)
a[0, 0]
"""


def follow(*sources, **options):
    return interpret([CodeCell(source, number) for number, source in enumerate(sources)], **options)


def test_assignments_tell_name_value_place_and_whether_they_are_given():
    run = follow(NET)
    by_name = {e.name: e for e in run.of_kind(Assigned)}
    assert by_name["W"].given
    assert by_name["x"].given
    assert not by_name["z"].given
    assert np.allclose(by_name["z"].value, [[-1.5], [4.25]])
    assert (by_name["z"].span.line, by_name["z"].span.column) == (6, 1)
    with pytest.raises(ValueError, match="read-only"):
        by_name["z"].value[0] = 1


def test_elements_tell_their_index_their_loop_and_the_array_when_it_is_full():
    run = follow(NET)
    elements = [e for e in run.of_kind(Assigned) if e.name == "delta[i]"]
    assert [e.resolved for e in elements] == ["delta[0]", "delta[1]"]
    assert [e.loops for e in elements] == [(("i", 0),), (("i", 1),)]
    (full,) = [e for e in run.of_kind(Assigned) if e.kind == "filled"]
    assert full.name == "delta"
    assert np.allclose(full.value, run.names["delta"])
    assert full.order > elements[-1].order


def test_calls_returns_prints_and_the_shown_value_are_told():
    run = follow(NET)
    (called,) = run.of_kind(Called)
    (returned,) = run.of_kind(Returned)
    (printed,) = run.of_kind(Printed)
    (shown,) = run.of_kind(Shown)
    assert called.function == "sigmoid"
    assert np.allclose(dict(called.arguments)["z"], [[-1.5], [4.25]])
    assert np.allclose(returned.value, run.names["a"])
    assert printed.text == f"a = {run.names['a']}\n"
    assert [(p.source, p.text) for p in printed.values] == [("a", str(run.names["a"]))]
    assert shown.text == repr(float(run.names["a"][0, 0]))


def test_values_inside_formatted_text_are_told():
    run = follow("x = 2.5\nprint(f'x is {x:.2f}', '%d' % 3, 'and {}'.format(x))")
    (printed,) = run.of_kind(Printed)
    assert printed.text == "x is 2.50 3 and 2.5\n"
    assert [p.source for p in printed.values] == ["x", "3", "x"]
    assert printed.values[0].text == "2.50"


def test_an_override_changes_what_follows_and_nothing_else():
    def nudged(target, value):
        return np.asarray(value) + 0.125 if target.name == "W" and target.given else None

    plain, changed = follow(NET).names, follow(NET, override=nudged).names
    assert np.allclose(changed["W"] - plain["W"], 0.125)
    assert np.allclose(changed["z"], changed["W"] @ plain["x"])
    assert np.array_equal(changed["x"], plain["x"])
    again = follow(NET, override=nudged).names
    assert all(np.array_equal(changed[name], again[name]) for name in changed)


def test_integers_and_lists_can_be_overridden_by_fractions():
    source = "import numpy as np\nx = np.array([1, 0])\nW = [[1, 2], [3, 4]]\nc = 1\ny = np.dot(W, x) * c"
    run = follow(source, override=lambda t, v: np.asarray(v) + 0.5 if t.given and t.name != "c" else None)
    assert run.names["x"].tolist() == [1.5, 0.5]
    assert run.names["y"].tolist() == [3.5, 7.5]


def test_sub_expressions_are_recorded_for_the_first_and_the_last_execution():
    run = follow(NET, record={(0, 10, 5)})
    recording = run.recorded[0, 10, 5]
    first = {e.source: e.value for e in recording.first}
    last = {e.source: e.value for e in recording.last}
    assert first["i"] == 0
    assert last["i"] == 1
    assert last["(1 - a[i, 0])"[1:-1]] == 1 - run.names["a"][1, 0]
    assert last["a[i, 0]"] == run.names["a"][1, 0]
    assert follow(NET).recorded == {}


def test_long_loops_keep_the_first_events_and_the_last():
    run = follow("s = 0\nfor i in range(1000):\n    s = s + i\n")
    kept = [e for e in run.of_kind(Assigned) if e.name == "s" and e.span.line == 3]
    assert len(kept) == 65
    assert [e.count for e in kept] == [*range(64), 999]
    assert run.counts[0, 3, 5] == 1000


def test_columns_count_characters():
    run = follow("σ = 1.0\nδ_σ = [σ, σ]; ζ = σ + 1")
    spans = {e.name: (e.span.line, e.span.column, e.span.end_column) for e in run.of_kind(Assigned)}
    assert spans == {"σ": (1, 1, 2), "δ_σ": (2, 1, 4), "ζ": (2, 15, 16)}


def test_a_method_of_an_earlier_cell_prints_under_the_cell_that_calls_it():
    run = follow("class N:\n    def go(self):\n        self.a = 1\n        print(self.a)", "n = N()\nn.go()")
    (printed,) = run.of_kind(Printed)
    assert (printed.span.cell, printed.running) == (0, 1)
    assert run.names["n.a"] == 1
    (assigned,) = [e for e in run.of_kind(Assigned) if e.name == "self.a"]
    assert assigned.calls == ("N.go",)


def test_draws_are_told_and_can_be_supplied():
    source = "import numpy as np\nnp.random.seed(0)\nW = np.random.rand(2, 2)"
    (drawn,) = follow(source).of_kind(Drawn)
    assert (drawn.kind, drawn.shape, drawn.seeded, drawn.supplied) == ("rand", (2, 2), True, False)
    assert np.array_equal(drawn.value, np.random.RandomState(0).rand(2, 2))
    run = follow(source, draw=lambda _kind, shape, _span: np.full(shape, 0.25))
    assert run.names["W"].tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert run.of_kind(Drawn)[0].supplied
    (assigned,) = run.of_kind(Assigned)
    assert assigned.drawn
    assert not follow("import numpy as np\nW = np.random.rand(2)").of_kind(Drawn)[0].seeded


def test_unknown_values_spread_and_stop_at_a_new_assignment():
    run = follow("import torch\nw = torch.ones(3)\nv = w * 2 + 1\nprint('v', v)\nv = 3\nu = v + 1")
    assert isinstance(run.names["w"], Unknown)
    assert run.names["u"] == 4
    (printed,) = run.of_kind(Printed)
    assert not printed.complete
    assert "torch" in run.of_kind(Unsupported)[0].reason


@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        ("if torch.rand(1) > 0: W[0] = 5", {"W", "V"}),
        ("for t in torch.data: W[0] = 5", {"W", "V", "t"}),
        ("while torch.more(): n = n + 1", {"n"}),
        ("W[torch.index] = 5", {"W", "V"}),
        ("W[0] = torch.value", {"W", "V"}),
        ("W += torch.value", {"W", "V"}),
        ("strange(W)", {"W", "V"}),
        ("if torch.more: touch()", {"W", "V"}),
        ("net.w = torch.value", {"net.w"}),
        ("if torch.more: net.grow()", {"net.w"}),
        ("torch.show(W)", set()),
    ],
)
def test_whatever_an_unknown_path_may_have_changed_is_unknown(change, unknown):
    source = (
        "import numpy as np\nimport torch\nW = np.zeros(3)\nV = W\nn = 0\n"
        "strange = torch_made = unknown_name\n"
        "def touch(): W[0] = 1\n"
        "class Net:\n    def grow(self): self.w = 2\nnet = Net()\nnet.w = 1\n"
    )
    names = follow(source, change).names
    expected = unknown | {"torch", "strange", "torch_made"}
    assert {name for name, value in names.items() if isinstance(value, Unknown)} == expected


def test_an_unknown_return_makes_the_whole_call_unknown():
    run = follow(
        "import torch\ndef f(x):\n    if torch.flag(x): return 1\n    return 2\ny = f(1)\nz = 3",
    )
    assert isinstance(run.names["y"], Unknown)
    assert run.names["z"] == 3


def test_python_two_prints_and_notebook_magic_are_followed_with_columns_kept():
    run = follow("%matplotlib inline\n!pip list\nx = 3\nprint 'x:', x  # so\nfor i in range(2): print i, x")
    assert [e.text for e in run.of_kind(Printed)] == ["x: 3\n", "0 3\n", "1 3\n"]
    assert run.of_kind(Printed)[0].values[0].span.column == 13
    assert run.of_kind(Unsupported) == ()


def test_lines_that_are_not_python_are_reported_and_the_rest_followed():
    run = follow("a = 1\nthis is no python code\nb = a + 1\nc = (1,\n")
    assert run.names == {"a": 1, "b": 2}
    assert [(e.span.line, e.kind) for e in run.of_kind(Unsupported)] == [(2, "refused"), (4, "refused")]


def test_a_mistake_of_the_code_is_reported_as_python_would():
    run = follow("import numpy as np\nW = np.array([1, 2])\nV = np.ones(2) @ np.ones(3)\nW -= 0.1 * W\nu = 1")
    kinds = [(e.span.line, e.kind) for e in run.of_kind(Unsupported)]
    assert kinds == [(3, "failed"), (4, "failed")]
    assert isinstance(run.names["W"], Unknown)
    assert run.names["u"] == 1


def test_arguments_written_in_numbers_can_be_overridden():
    source = (
        "import numpy as np\nclass Net:\n    def __init__(self, W, rate=0.1):\n"
        "        self.W, self.rate = W, rate\ndef double(x): return 2 * x\n"
        "net = Net(np.array([1.0, 2.0]), rate=0.5)\ny = double(net.W)\nz = double(3)"
    )
    plain = follow(source)
    told = [(e.name, e.span.line) for e in plain.of_kind(Assigned) if e.kind == "parameter"]
    assert told == [("W", 6), ("rate", 6), ("x", 8)]
    run = follow(source, override=lambda t, v: np.asarray(v) + 1 if t.kind == "parameter" else None)
    assert run.names["y"].tolist() == [4.0, 6.0]
    assert run.names["z"] == 8
    assert run.names["net.rate"] == 1.5
