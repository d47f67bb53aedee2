"""Run the benchmark and write `docs/benchmark.md` with its picture: ``python tests/bench [--quick]``."""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cells import Cell
    from contender import Contender
    from timing import Times

DOCS = Path(__file__).parents[2] / "docs"
COMPILER = "a C compiler"
OPTIONAL = ("torch", "jax", "autograd", "numba", "threadpoolctl")


def one_thread() -> None:
    """Hold every library to one thread, and the process to one CPU; before any of them is imported.

    Libraries with a pool of threads of their own (XLA) take no more than there are CPUs to run on. OpenBLAS
    chooses its code for this processor by itself, as the other libraries do.
    """
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ.update(JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu", JAX_CPU_ENABLE_ASYNC_DISPATCH="0")


def main() -> int:
    """Run everything; the status is 1 if two contenders disagree."""
    parser = argparse.ArgumentParser(prog="python tests/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes, with fewer rounds")
    parser.add_argument("--only", help="only the networks of this name, such as 2-3-2; nothing is written")
    options = parser.parse_args()
    one_thread()

    from accuracy import scores
    from cells import all_cells
    from commands import profile_page
    from contender import DisagreementError
    from derivation import against_sympy, element_view
    from page import Results, page
    from picture import picture
    from steps import steps

    makers, absent = contenders()
    machine = machine_lines()
    if absent:
        machine.append(f"not installed, so not measured: {', '.join(absent)}")
    say("; ".join(machine))
    cells: dict[Cell, Times] = {}
    try:
        for cell in all_cells():
            if options.only in (None, cell.name):
                cells[cell] = measured(cell, makers, 0.4 if options.quick else 4.0)
    except DisagreementError as error:
        say(f"nothing is written: {error}")
        return 1
    if options.only is not None:
        return 0
    taken = steps(COMPILER not in absent, 1.0 if options.quick else 6.0)
    say("derivation ...")
    against = against_sympy(100 if options.quick else 1000)
    elements = element_view(100_000 if options.quick else 1_000_000)
    say("accuracy ...")
    results = Results(machine, cells, taken, against, elements, scores(makers), options.quick)
    (DOCS / "benchmark.md").write_text(page(results), encoding="utf-8")
    (DOCS / "images").mkdir(exist_ok=True)
    (DOCS / "images" / "benchmark.svg").write_text(picture(cells), encoding="utf-8")
    say("commands ...")
    (DOCS / "profile.md").write_text(profile_page(2 if options.quick else 7, machine), encoding="utf-8")
    say(f"wrote {DOCS.name}/benchmark.md, {DOCS.name}/profile.md and {DOCS.name}/images/benchmark.svg")
    return 0


def contenders() -> tuple[list[Callable[[Cell], list[Contender]]], list[str]]:
    """Return what makes contenders, and the names of the libraries that are absent."""
    import frameworks
    import generated_code
    import notes

    from codegen.compiler import CompileError, find_compiler, headers

    absent = [name for name in OPTIONAL if importlib.util.find_spec(name) is None]
    makers = [lambda cell: [notes.notes(cell)]]
    makers += [generated_code.array, generated_code.auto, generated_code.scalar]
    try:
        find_compiler()
        headers()
    except CompileError:
        absent.append(COMPILER)
    else:
        makers.append(generated_code.compiled)
    optional = {
        "jax": frameworks.jax,
        "torch": frameworks.torch,
        "autograd": frameworks.autograd,
        "numba": lambda cell: [notes.numba(cell)],
    }
    makers += [make for name, make in optional.items() if name not in absent]
    if "torch" not in absent:
        import torch

        torch.set_num_threads(1)
    return makers, absent


def machine_lines() -> list[str]:
    """Say what the numbers were measured with: kind of processor, versions, threads; no names of machines."""
    from importlib.metadata import version

    import numpy as np

    versions = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    versions += [f"{name} {version(name)}" for name in OPTIONAL[:4] if importlib.util.find_spec(name)]
    lines = [f"{platform.system()} on {platform.machine()}, {processor()}", ", ".join(versions)]
    if importlib.util.find_spec("threadpoolctl"):
        from threadpoolctl import threadpool_info

        pools = [
            f"{p['internal_api']}{_kernels(p)} with {p['num_threads']} thread" for p in threadpool_info()
        ]
        lines.append(", ".join(dict.fromkeys(pools)))
    return lines


def _kernels(pool: dict[str, Any]) -> str:
    """Return for which processor a BLAS has chosen its code."""
    return f" (kernels for {pool['architecture']})" if pool.get("architecture") else ""


def processor() -> str:
    """Return the kind of processor and how many there are."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        fields = [line.partition(":") for line in info.read_text(encoding="utf-8").splitlines()]
        names = [value.strip() for key, _, value in fields if key.strip() == "model name"]
        model = names[0] if names else ""
    held = (
        "the process held to one of them" if hasattr(os, "sched_setaffinity") else "not held to one of them"
    )
    return f"{model or platform.processor() or 'unknown processor'}, {os.cpu_count()} CPUs, {held}"


def measured(cell: Cell, makers: list[Callable[[Cell], list[Contender]]], seconds: float) -> Times:
    """Compare and time all contenders of a cell."""
    import numpy as np
    from contender import compare
    from notes import batch, one_sample, products
    from page import PRODUCTS
    from timing import timed

    found = [products(cell), *(contender for make in makers for contender in make(cell))]
    params, x, y = cell.numbers
    exact = [np.asarray(p, np.float64) for p in params], x.astype(np.float64), y.astype(np.float64)
    compare(found, (one_sample if cell.batch is None else batch)(*exact), cell.dtype)
    times = timed(found, seconds)
    shown = ", ".join(f"{name} {ratio:.3g}" for name, ratio in times.ratios[PRODUCTS].items())
    what = f"{cell.name} {cell.batch or 'one'} {cell.dtype}"
    say(f"{what} ({times.rounds} rounds, spread {times.spread:.2f}): {shown}")
    return times


def say(text: str) -> None:
    """Show progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
