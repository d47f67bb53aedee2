"""``chainrule build`` with the headers of NumPy: its arrays are looked at directly, and no less closely."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from c_compiled import with_headers
from test_build import imported

from codegen.compiler import build_extension, numpy_options
from codegen.modules.extension import build
from derive.spec import load

PARAMS, X, Y = np.linspace(-1, 1, 12), np.array([1.0, 0.0]), np.array([0.0, 1.0])
ALONE = """
import sys
from array import array
sys.path.insert(0, sys.argv[1])
import lecture6
gradient = array("d", [0.0] * 12)
loss = lecture6.value_and_grad(array("d", [0.1] * 12), array("d", [1, 0]), array("d", [0, 1]), gradient)
print(loss > 0, any(gradient), any(name.startswith("numpy") for name in sys.modules))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with_headers()
    made = tmp_path_factory.mktemp("build")
    build(load("lecture6"), made)
    return made


def called(module, **change):
    """Call `value_and_grad` on arrays of NumPy, once such an array is known; return the loss."""
    module.loss(PARAMS, X, Y)
    given = {"params": PARAMS, "x": X, "y": Y, "gradient": np.zeros(12)} | change
    return module.value_and_grad(*given.values())


def left_behind(module) -> int:
    """Return how much memory a call leaves behind on new arrays: NumPy keeps what describes a buffer."""
    module.loss(PARAMS, X, Y)
    given = [PARAMS.copy(), X.copy(), Y.copy(), np.zeros(12)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    module.value_and_grad(*given)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


def test_no_buffer_is_asked_for(folder, tmp_path, monkeypatch):
    assert numpy_options(), "NumPy comes with its headers"
    assert left_behind(imported(next(folder.glob("lecture6.*.so")), "lecture6")) == 0
    monkeypatch.setattr("codegen.compiler.numpy_options", list)
    without = imported(build(load("lecture6"), tmp_path)[-1], "lecture6")
    assert left_behind(without) > 0


def test_numpy_is_not_imported(folder):
    command = [sys.executable, "-I", "-c", ALONE, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True True False\n", "")


class Mine(np.ndarray):
    """A class of one's own."""


@pytest.mark.parametrize("change", [np.asfortranarray, lambda a: a.view(Mine), lambda a: a.reshape(3, 1, 4)])
def test_other_arrays_give_the_same(change, folder):
    module = imported(next(folder.glob("lecture6.*.so")), "lecture6")
    expected, given = np.zeros(12), change(np.zeros(12))
    assert called(module, params=change(PARAMS), gradient=given) == called(module, gradient=expected)
    np.testing.assert_array_equal(np.ravel(given), expected)


def _reading_only():
    array = np.zeros(12)
    array.flags.writeable = False
    return array


BOTH = np.zeros(23)
CHECKS = {
    "PyArray_TYPE(array) != NPY_DOUBLE ||": ("", {"params": np.zeros(12, "i8")}, "of type double"),
    "|| !PyArray_ISNOTSWAPPED(array)": ("", {"x": X.astype(">f8")}, "of type double"),
    "!PyArray_CHKFLAGS(array, flags)": ("0", {"x": np.zeros(4)[::2]}, "in one piece"),
    "what->flags ? NPY_ARRAY_CARRAY :": ("", {"gradient": _reading_only()}, "written to"),
    "count == what->count": ("count <= what->count", {"params": np.zeros(11)}, "expected 12 numbers"),
    "what[i].flags | what[j].flags": ("0", {"gradient": BOTH[:12], "params": BOTH[:12]}, "shares memory"),
    "a < b + what[j].count": ("a < b", {"params": BOTH[:12], "gradient": BOTH[11:]}, "shares memory"),
    "b < a + what[i].count": ("b < a", {"params": BOTH[11:], "gradient": BOTH[:12]}, "shares memory"),
}
"""What a check becomes when it is weakened, what it refuses then no longer, and the words of the refusal."""


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_is_needed(check, folder, tmp_path):
    """Every check refuses an array, which would be taken if it were weaker."""
    weaker, change, words = CHECKS[check]
    with pytest.raises(ValueError, match=words):
        called(imported(next(folder.glob("lecture6.*.so")), "lecture6"), **change)
    source = (folder / "lecture6_module.c").read_text()
    assert source.count(check) == 1
    (tmp_path / "lecture6.c").write_text((folder / "lecture6.c").read_text())
    (tmp_path / "weaker.c").write_text(source.replace(check, weaker))
    build_extension(tmp_path / "weaker.c", tmp_path / "weaker.so")
    assert np.isfinite(called(imported(tmp_path / "weaker.so", "lecture6"), **change))
