"""Judge single formulas, for the tests of the judge of formulas."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derive.check.document import world_of
from derive.check.findings import Finding, Verdict
from derive.check.formula.check import Judged, check_formulas
from derive.check.world import World, world
from derive.network import Dense, Network
from derive.notation import Notation
from derive.read.document_math import find_math
from derive.read.document_types import Segment, Source
from derive.spec import Spec, load

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

TWO_LAYERS = Network([Dense(3, "sigmoid"), Dense(2, "sigmoid")], inputs=2, loss="half-squared-error")
NUMBERS: Mapping[str, Any] = {
    "x": [0.25, 0.5],
    "y": [0.75, 0.1],
    "eta": 0.1,
    "W1": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
    "b1": [0.1, 0.2, 0.3],
    "W2": [[0.7, 0.8, 0.9], [0.15, 0.25, 0.35]],
    "b2": [0.05, 0.06],
}

RIGHT_CLAIM = r"\delta^{(2)}_i = (a^{(2)}_i - y_i) a^{(2)}_i (1 - a^{(2)}_i)"


@cache
def known(name: str) -> tuple[Spec, World]:
    """Return a bundled example with its world."""
    spec = load(name)
    return spec, world_of(spec)


@cache
def two_layers() -> World:
    """Return the world of a column network with a separate bias and numbers."""
    return world(TWO_LAYERS, NUMBERS)


def segments(formulas: Sequence[str]) -> list[Segment]:
    """Return each formula as a segment of its own."""
    return [Source(text).segment("formula", 0, len(text)) for text in formulas]


def judged(
    *formulas: str,
    example: str = "",
    at: World | None = None,
    notation: Notation | None = None,
    assume: Mapping[str, str] | None = None,
) -> Judged:
    """Judge formulas one after the other, as one document."""
    if example:
        spec, here = known(example)
        return check_formulas(segments(formulas), here, notation or spec.notation, assume)
    return check_formulas(segments(formulas), at or two_layers(), notation or Notation(), assume)


def verdicts(found: Judged) -> list[str]:
    """Return the verdicts in order, with the codes of the wrong ones."""
    return [f.code or "wrong" if f.verdict is Verdict.WRONG else f.verdict.value for f in found.findings]


@cache
def seed(number: str) -> str:
    """Return the text of a seed document."""
    if not SEEDS.is_dir():
        pytest.skip("the seed documents are not in this checkout")
    (path,) = SEEDS.glob(f"{number}_*")
    return path.read_text(encoding="utf-8")


@cache
def seed_findings(number: str, example: str) -> tuple[Finding, ...]:
    """Return the findings of the formulas of a seed document."""
    source = Source(seed(number))
    spans = [s for s in find_math(source.text) if s.inner_end > s.inner_start]
    parts = [source.segment("formula", s.inner_start, s.inner_end, s.form) for s in spans]
    spec, here = known(example)
    return check_formulas(parts, here, spec.notation).findings
