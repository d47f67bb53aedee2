"""Where the time of each command goes, in fresh processes: imports, derivation, printing, TeX."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from codegen.tex_engine import TexError, find_engine

ROOT = Path(__file__).parents[2]

FLOOR = {
    "the interpreter alone": "pass",
    "with NumPy": "import numpy",
    "with SymPy": "import sympy",
    "with NumPy and SymPy": "import numpy, sympy",
    "with NumPy, SymPy and Jinja": "import numpy, sympy, jinja2",
}

COMMANDS = {
    "--help": "--help",
    "trace lecture6": "trace lecture6",
    "derive lecture6": "derive lecture6",
    "generate lecture6 --style array": "generate lecture6 --style array -o lecture6.py",
    "handout lecture6, .md": "handout lecture6 -o lecture6.md",
    "handout lecture6, .html": "handout lecture6 -o lecture6.html",
    "handout lecture6, .tex": "handout lecture6 -o lecture6.tex",
    "handout lecture6, .pdf": "handout lecture6 -o lecture6.pdf",
    "verify, that handout as .md": "verify lecture6.md --net lecture6",
}
"""In an order in which each finds what it reads."""

FIXED = ("the interpreter", "import of NumPy", "import of SymPy", "TeX")
"""The stages of a handout that are not this program's."""

STAGES = """
import json, resource, sys
def clock():
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
marks, inside = [("start", clock())], {}
def mark(name): marks.append((name, clock()))
def timed(owner, name, label):
    function = getattr(owner, name)
    def call(*args, **keywords):
        start = clock()
        try:
            return function(*args, **keywords)
        finally:
            inside[label] = inside.get(label, 0.0) + clock() - start
    setattr(owner, name, call)
import numpy; mark("import of NumPy")
import sympy; mark("import of SymPy")
import jinja2; mark("import of Jinja")
import codegen.cli
from derive.derivation import Derivation
from derive.spec import load
from codegen.handout import part_check, worked
from codegen.handout.document import document_of, prepared
from codegen.handout.render_tex import render_tex
from codegen.handout.setting import Options
from codegen.tex_engine import compile_tex
mark("import of this package, with click")
timed(worked, "matrix_form", "matrix forms and their proofs")
timed(worked, "holds", "matrix forms and their proofs")
timed(Derivation, "paths", "chains for every weight")
timed(part_check, "gradient_by_differences", "differences to 40 digits")
spec = load("lecture6")
setting = prepared(spec, Options()); mark("derivation, and the numbers of the example")
document = document_of(spec, setting); mark("the rest of the document: printing")
text = render_tex(document); mark("the template")
if sys.argv[1] == "pdf":
    compile_tex(text); mark("TeX")
taken = {}
for (_, start), (name, end) in zip(marks, marks[1:]):
    if name.startswith("the rest"):
        taken |= inside
        start += sum(inside.values())
    taken[name] = end - start
print(json.dumps(taken))
"""

FIRST_CALL = """
import json, sys, time
import numpy, sympy, jinja2
import codegen.modules.array_style, codegen.modules.rendering
from codegen.modules import generate
from derive.network import Dense, Network
from derive.notation import Notation
from derive.spec import Spec
*hidden, last = json.loads(sys.argv[1])
output, loss = ("softmax", "cross-entropy") if last > 2 else ("sigmoid", "half-squared-error")
layers = [*(Dense(units, "sigmoid") for units in hidden[1:]), Dense(last, output)]
spec = Spec(Network(layers, inputs=hidden[0], loss=loss), Notation(), None, "network")
taken = []
for _ in range(1 if len(layers) > 20 else 6):
    start = time.process_time()
    generate(spec, style="array")
    taken.append(time.process_time() - start)
print(json.dumps([taken[0], min(taken)]))
"""

NETWORKS = {
    "2-2-2": [2, 2, 2],
    "784-128-10": [784, 128, 10],
    "784-512-512-10": [784, 512, 512, 10],
    "25 layers of 5": [5] * 25 + [2],
    "50 layers of 5": [5] * 50 + [2],
    "100 layers of 5": [5] * 100 + [2],
}


class Runner:
    """Starts Python in a folder of its own, where compiled modules are kept as in an installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        outside = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self.environment = {**outside, "PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONPATH": paths}

    def __call__(self, code: str, *arguments: str) -> str:
        """Run code in a new process and return what it prints."""
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            what = " ".join(arguments) or code
            raise RuntimeError(f"{what!r} ended with {done.returncode}: {done.stderr[-500:]}")
        return done.stdout


def measured(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median of processor seconds of each task, all in processes that it starts.

    The tasks are run once before, and then in random order.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name in sorted(tasks, key=lambda _: random.random()) if number else tasks:  # noqa: S311
            start = _processor_time()
            tasks[name]()
            seconds[name].append(_processor_time() - start)
    return {name: median(found[1:]) for name, found in seconds.items()}


def _processor_time() -> float:
    """Return the time that ended processes took of the processor; others at work do not lengthen it much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def shares(found: Sequence[Mapping[str, float]], interpreter: float) -> Iterator[tuple[str, float]]:
    """Yield the stages of a handout with their medians, in the order in which they come."""
    yield "the interpreter", interpreter
    for name in found[0]:
        yield name, median(run[name] for run in found)


def profile_page(rounds: int, machine: Sequence[str]) -> str:
    """Measure and return the page."""
    with tempfile.TemporaryDirectory() as name:
        run = Runner(Path(name))
        pdf = _has_tex()
        kept = {label: text for label, text in COMMANDS.items() if pdf or not label.endswith(".pdf")}
        command = "from codegen.cli import main; main()"
        tasks: dict[str, Callable[[], object]] = {
            **{label: lambda code=code: run(code) for label, code in FLOOR.items()},
            **{label: lambda text=text: run(command, *text.split()) for label, text in kept.items()},
        }
        seconds = measured(tasks, rounds)
        stages = [json.loads(run(STAGES, "pdf" if pdf else "tex")) for _ in range(rounds + 1)][1:]
        first = {
            label: [json.loads(run(FIRST_CALL, json.dumps(sizes))) for _ in range(rounds + 1)][1:]
            for label, sizes in NETWORKS.items()
        }
    return page(seconds, list(shares(stages, seconds["the interpreter alone"])), first, machine)


def page(
    seconds: Mapping[str, float],
    stages: Sequence[tuple[str, float]],
    first: Mapping[str, Sequence[Sequence[float]]],
    machine: Sequence[str],
) -> str:
    """Return the page as Markdown."""
    total = sum(taken for _, taken in stages)
    fixed = sum(taken for name, taken in stages if name in FIXED)
    base = seconds["the interpreter alone"]
    floor = seconds["with NumPy and SymPy"]
    parts = [
        "# Where the time goes",
        "`make bench` writes this page. Every number is the median of processes that start anew, in random"
        " order, with compiled modules and templates in place as after the first call: processor time, which"
        " is the time by the clock on an idle machine.",
        "\n".join(f"- {line}" for line in machine),
        "## The commands",
        "SymPy imports all of itself as soon as any part is asked for, so that every command that derives"
        f" starts at {_ms(floor)}; what is beyond is this program's own.",
        _table(
            ("", "time", "beyond Python with NumPy and SymPy"),
            [(name, _ms(t), _ms(t - floor) if t > floor else "") for name, t in seconds.items()],
        ),
        f"`chainrule --help` takes {_ms(seconds['--help'] - base)} more than the interpreter.",
        f"## `chainrule handout lecture6`: {_ms(total)}",
        _table(
            ("stage", "time", "share"),
            [(name, _ms(taken), f"{100 * taken / total:.0f} %") for name, taken in stages],
        ),
        f"The interpreter, NumPy, SymPy and TeX are the floor: {_ms(fixed)}, {100 * fixed / total:.0f} %.",
        "## The source of an array module, beyond the imports",
        "The first call in a process, and the best of the five after it (of deep networks the first alone).",
        _table(
            ("network", "first call", "later", "first call, for each layer"),
            [
                (name, _ms(median(r[0] for r in runs)), _ms(median(r[1] for r in runs)),
                 f"{1e3 * median(r[0] for r in runs) / (len(NETWORKS[name]) - 1):.1f} ms")
                for name, runs in first.items()
            ],
        ),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _has_tex() -> bool:
    try:
        find_engine()
    except TexError:
        return False
    return True


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])


def _ms(seconds: float) -> str:
    return f"{1e3 * seconds:.0f} ms"
