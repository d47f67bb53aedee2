"""What has no name of its own: results, entries of displays, appended items; and loops that are cut short."""

from __future__ import annotations

import numpy as np
import pytest

from derive.read.code import Assigned, AssignTarget, Budget, CodeCell, Run, Unsupported, interpret


def run(text: str, budget: Budget | None = None) -> Run:
    return interpret([CodeCell("import numpy as np\n" + text, 0)], budget=budget)


def named(found: Run) -> dict[str, object]:
    return {e.resolved: e.value for e in found.of_kind(Assigned)}


@pytest.mark.parametrize(
    ("text", "resolved", "value"),
    [
        ('d = {"z": 1 + 1, "a": 3}', "d['z']", 2),
        ("d = [2 * k for k in range(3)]", "d[2]", 4),
        ("d = []\nd.append(1 + 1)\nd.append(2 + 3)", "d[1]", 5),
        ("def double(x):\n    return 2 * x\nprint(double(4))", "double", 8),
        ('def grads(x):\n    return {"W1": 2 * x}\ng = grads(4)', "grads['W1']", 8),
        ("def pair(x):\n    return x, x + 1\np, q = pair(1)", "pair[1]", 2),
    ],
)
def test_a_value_without_a_name_of_its_own_is_logged(text: str, resolved: str, value: int) -> None:
    assert named(run(text))[resolved] == value


def test_a_mere_name_is_not_logged_again() -> None:
    text = "a = 1 + 1\nd = {'z': a}\ne = []\ne.append(a)\ndef f():\n    return a\nf()"
    assert set(named(run(text))) == {"a", "d", "e"}


def test_an_entry_can_be_replaced() -> None:
    def other(target: AssignTarget, value: object) -> object:
        return 7.0 if target.resolved == "w[0]" and value == 2.0 else None

    found = interpret([CodeCell("w = [1.0 + 1, 2.0]\nb = w[0]", 0)], override=other)
    assert found.names["b"] == 7.0


def test_a_long_loop_is_cut_and_says_so() -> None:
    text = "total = 0\nfor k in range(100000):\n    total += 1\nafter = total"
    found = run(text, Budget(loop_steps=50))
    cuts = [e for e in found.of_kind(Unsupported) if e.kind == "cut"]
    assert [e.span.line for e in cuts] == [3]
    assert 3 <= int(str(found.names["after"])) < 30
    assert "first" in cuts[0].reason


def test_a_short_loop_is_not_cut_however_dear_its_passes() -> None:
    text = "total = 0\nfor k in range(3):\n    for j in range(200):\n        total += 1"
    assert run(text, Budget(loop_steps=1000)).names["total"] == 600
    assert run(text).names["total"] == 600


def test_each_execution_keeps_its_own_operands() -> None:
    text = "import numpy as np\nx = np.ones(2)\nfor k in range(4):\n    x = x * 2"
    found = interpret([CodeCell(text, 0)], record={(0, 4, 5)})
    seen = found.recorded[0, 4, 5].executions
    before = [next(e.value for e in seen[n] if e.source == "x") for n in range(4)]
    assert [float(np.asarray(v)[0]) for v in before] == [1.0, 2.0, 4.0, 8.0]
    numbers = [e.execution for e in found.of_kind(Assigned) if e.name == "x" and e.span.line == 4]
    assert numbers == [0, 1, 2, 3]
