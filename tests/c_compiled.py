"""Generated C, compiled and called through ctypes: a library alone, without Python in it."""

import ctypes
import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from codegen.compiler import CompileError, find_compiler, headers
from codegen.modules import generate
from codegen.modules.c_style import prefix

STRICT = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-ffp-contract=off")
_numbers = itertools.count()


def compiler() -> list[str]:
    """The machine's compiler; the test is skipped where there is none."""
    try:
        return find_compiler()
    except CompileError as error:
        pytest.skip(str(error))


def with_headers() -> None:
    compiler()
    try:
        headers()
    except CompileError as error:
        pytest.skip(str(error))


def compiled(sources: list[Path], target: Path, *options: str) -> subprocess.CompletedProcess:
    command = [*compiler(), *options, "-o", str(target), *map(str, sources), "-lm"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Library:
    """The functions of a network on NumPy arrays."""

    def __init__(self, path: Path, name: str, network, dtype: str) -> None:
        self.network, self.dtype = network, np.dtype(dtype)
        self._library, self._name = ctypes.CDLL(str(path)), name
        self._real = ctypes.c_float if dtype == "float32" else ctypes.c_double

    def _call(self, function: str, *arguments, result=None):
        found = getattr(self._library, f"{self._name}_{function}")
        found.restype = result
        kinds = {float: self._real, int: ctypes.c_size_t}
        found.argtypes = [kinds.get(type(a), ctypes.c_void_p) for a in arguments]
        return found(*(a if type(a) in kinds else a.ctypes.data for a in arguments))

    def flat(self, params: dict) -> np.ndarray:
        return np.concatenate([np.ravel(value) for value in params.values()]).astype(self.dtype)

    def unflat(self, flat: np.ndarray) -> dict:
        shapes = self.network.parameter_shapes
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
        return {n: p.reshape(s) for (n, s), p in zip(shapes.items(), np.split(flat, ends[:-1]), strict=True)}

    def sample(self, x, y):
        return np.asarray(x, self.dtype).copy(), np.asarray(y, self.dtype).copy()

    def loss(self, params, x, y) -> float:
        return self._call("loss", self.flat(params), *self.sample(x, y), result=self._real)

    def value_and_grad(self, params, x, y):
        given = self.flat(params)
        gradient = np.full_like(given, np.nan)
        loss = self._call("value_and_grad", given, *self.sample(x, y), gradient, result=self._real)
        return loss, self.unflat(gradient)

    def forward(self, params, x):
        widths = self.network.sizes[1:]
        values = np.full(2 * sum(widths), np.nan, self.dtype)
        self._call("forward", self.flat(params), np.asarray(x, self.dtype).copy(), values)
        parts = np.split(values, np.cumsum(np.repeat(widths, 2))[:-1])
        return {
            f"{kind}{n}": parts[2 * n - 2 + (kind == "a")] for n in range(1, len(widths) + 1) for kind in "za"
        }

    def sgd_step(self, params, x, y, rate):
        given = self.flat(params)
        arrays = (*self.sample(x, y), float(rate), np.empty_like(given))
        loss = self._call("sgd_step", given, *arrays, result=self._real)
        return loss, self.unflat(given)

    def batch(self, params, x, y, rate):
        """The loss of a batch by each function of batches, its gradient, and the parameters after a step."""
        given, count = self.flat(params), len(x)
        xs, ys = self.sample(x, y)
        gradient, again = np.full_like(given, np.nan), np.full_like(given, np.nan)
        losses = [
            self._call("batch_loss", given, xs, ys, count, result=self._real),
            self._call("batch_value_and_grad", given, xs, ys, count, gradient, result=self._real),
            self._call("batch_sgd_step", given, xs, ys, count, float(rate), again, result=self._real),
        ]
        assert np.array_equal(gradient, again)
        return losses, self.unflat(gradient), self.unflat(given)

    def epoch(self, params, x, y, rate):
        given, count = self.flat(params), len(x)
        arguments = (*self.sample(x, y), count, float(rate), np.full_like(given, np.nan))
        return self._call("epoch", given, *arguments, result=self._real), self.unflat(given)


@contextmanager
def library(
    spec, dtype: str = "float64", change: Callable[[str], str] = str, fast_math: bool = False
) -> Iterator[Library]:
    """Compile the C file of a network without a warning, and load it; `change` may spoil it first."""
    name = f"lib{next(_numbers)}"
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / f"{name}.c", Path(folder) / f"{name}.so"
        source.write_text(change(generate(spec, style="c", fast_math=fast_math)), encoding="utf-8")
        real = ("-DCHAINRULE_FLOAT", "-Wconversion") if dtype == "float32" else ()
        done = compiled([source], target, *STRICT, *real, "-O1", "-shared", "-fPIC")
        assert done.returncode == 0, done.stderr
        yield Library(target, prefix(spec), spec.network, dtype)


def undefined_symbols(spec, folder: Path) -> set[str]:
    """What a compiled file needs from elsewhere, by `nm`."""
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    source, target = folder / "net.c", folder / "net.o"
    source.write_text(generate(spec, style="c"), encoding="utf-8")
    done = compiled([source], target, "-std=c99", "-O2", "-c", "-fno-stack-protector", "-fno-builtin-memcpy")
    assert done.returncode == 0, done.stderr
    found = subprocess.run(["nm", "-u", str(target)], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].lstrip("_") for line in found.splitlines() if line.strip()}
