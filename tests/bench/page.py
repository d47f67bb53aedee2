"""The page with the results: tables in Markdown, and what they say in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from accuracy import SCALES, Score
from cells import DTYPES, Cell
from derivation import Against, Element
from timing import Times

NOTES, PRODUCTS = "NumPy notes", "products alone"
PEERS = ("jax.jit", "jax.jit, NumPy in and out", "PyTorch eager", NOTES)
"""What the array style is not to be slower than."""


@dataclass(frozen=True)
class Results:
    """Everything that was measured."""

    machine: Sequence[str]
    cells: Mapping[Cell, Times]
    steps: Mapping[Cell, Times]
    against: Sequence[Against]
    elements: Sequence[Element]
    scores: Mapping[tuple[str, int, str], Score]
    quick: bool


def page(results: Results) -> str:
    """Return the page."""
    parts = [
        "# Benchmark",
        "`make bench` writes this page and its picture. Every contender of a row runs in one process,"
        " in random order within each round; numbers are medians of ratios within a round. What takes less"
        " than 5 ms runs once before it is timed, and so finds its numbers in the caches, as in a loop. All"
        " results of a row are compared before they are timed. Ratios carry over to other machines,"
        " absolute times do not.",
        "\n".join(f"- {line}" for line in results.machine),
        "OpenBLAS takes the kernels that it chooses itself: settings of the environment for it are put"
        " aside.",
        "One run is the loss and its derivatives by all parameters. *One sample*: sigmoid layers and half the"
        " squared error. *Batches*: sigmoid layers, a softmax, the mean cross-entropy.",
        f"In half of the rows, nine of ten rounds took at most {_spread(results):.1f} times the median of the"
        " most uneven contender.",
        *([] if not results.quick else ["This was a quick run (`--quick`): fewer rounds, larger spread."]),
        "![Time of a loss with its gradient, relative to NumPy as in the notes](images/benchmark.svg)",
        "## One sample: ratio to NumPy as in the notes",
        _ratios({c: t for c, t in results.cells.items() if c.batch is None}, NOTES),
        "## Batches: ratio to the matrix products alone",
        "The products are those that any implementation needs, by `np.dot` into given arrays. Below"
        " 1, another library has faster products than the BLAS of this NumPy.",
        _ratios({c: t for c, t in results.cells.items() if c.batch is not None}, PRODUCTS),
        "## One step of gradient descent on one sample: ratio to NumPy as in the notes",
        "*train* keeps the weights in variables between the steps of one call; what is shown is one step.",
        _ratios(results.steps, NOTES),
        "## Where this project does worst",
        *_worst(results.cells),
        "## Accuracy",
        "The norm-relative error of the gradient in units of the dtype's eps (the largest of several"
        " networks), and how many entries are off by more than half, of those that are normal numbers;"
        " against mpmath.",
        _accuracy(results.scores),
        "## Derivation",
        "The composed loss differentiated by every weight with SymPy's `diff`, without printing; here,"
        " derivation with the text of every gradient in general form; and the whole array module.",
        _table(
            ("network", "weights", "SymPy's diff", "derivation", "array module"),
            [
                (
                    a.name,
                    f"{a.weights:,}",
                    *map(_milliseconds, (a.composed, a.derived, a.generated)),
                )
                for a in results.against
            ],
        ),
        "The derivative by each weight as a line of LaTeX, derivation included:",
        _table(
            ("weights", "seconds", "characters"),
            [(f"{e.weights:,}", f"{e.seconds:.3f}", f"{e.characters:,}") for e in results.elements],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _spread(results: Results) -> float:
    return median(times.spread for times in results.cells.values())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ratios(cells: Mapping[Cell, Times], base: str) -> str:
    names = list(dict.fromkeys(name for times in cells.values() for name in times.seconds if name != base))
    rows = []
    for cell, times in cells.items():
        batch = [] if cell.batch is None else [str(cell.batch)]
        found = [times.ratios[base].get(name) for name in names]
        rows.append([cell.name, *batch, cell.dtype, *("" if r is None else _short(r) for r in found),
                     f"{1e6 * times.seconds[base]:.3g} µs"])  # fmt: skip
    single = all(cell.batch is None for cell in cells)
    return _table(["net", *([] if single else ["batch"]), "dtype", *names, f"{base}, time"], rows)


def _short(ratio: float) -> str:
    places = next((n for n, least in enumerate((20, 10, 0.1)) if ratio >= least), 3)
    return f"{ratio:.{places}f}"


def _milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.0f} ms"


def slowest(cells: Mapping[Cell, Times]) -> list[tuple[float, Cell, str, str]]:
    """The array style in each cell, relative to the fastest of the others; the worst first."""
    found = []
    for cell, times in cells.items():
        others = {name: times.seconds[name] for name in PEERS if name in times.seconds}
        own = {name: s for name, s in times.seconds.items() if name.startswith("chainrule array")}
        if others and own:
            peer, name = min(others, key=others.__getitem__), min(own, key=own.__getitem__)
            found.append((times.ratios[peer][name], cell, name, peer))
    return sorted(found, key=lambda entry: -entry[0])


def _worst(cells: Mapping[Cell, Times]) -> list[str]:
    found = slowest(cells)
    over = [entry for entry in found if entry[0] > 1.05]
    summary = (
        f"The array style is slower by more than 5 % than the fastest of {', '.join(PEERS)} in {len(over)}"
        f" of {len(found)} rows."
    )
    rows = [
        (c.name, "one sample" if c.batch is None else str(c.batch), c.dtype, f"{ratio:.2f}", peer)
        for ratio, c, _, peer in (over or found[:5])
    ]
    return [
        summary,
        _table(("net", "batch", "dtype", "array style, ratio to", "the fastest, which is"), rows),
    ]


def _accuracy(scores: Mapping[tuple[str, int, str], Score]) -> str:
    names = list(dict.fromkeys(name for name, _, _ in scores))
    rows = []
    for name in names:
        for dtype in DTYPES:
            found = [scores.get((name, scale, dtype)) for scale in SCALES]
            if any(found):
                rows.append([name, dtype, *("" if s is None else _score(s) for s in found)])
    return _table(("", "dtype", *(f"weights of scale {scale}" for scale in SCALES)), rows)


def _score(score: Score) -> str:
    return f"{score.error:.3g} eps; {score.lost} of {score.entries}"
