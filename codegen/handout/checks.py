"""Code cells that compute the numbers of a handout again, with the generated module and NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
from jinja2 import Template

from codegen.handout.setting import Setting
from codegen.handout.worked import Array
from codegen.templating import environment
from derive.adjoint import adjoint_name
from derive.optimizers import updated_name
from derive.program import Role

MOST_NUMBERS = 400
"""So many numbers of one kind are compared; more would hide the text."""

MOST_DIFFERENCES = 20
"""So many entries of each array are compared with finite differences."""


def check_cells(setting: Setting) -> Iterator[tuple[str, str]]:
    """Yield code cells, each with the title of the section that it stands behind; none without an example."""
    program = setting.worked.derivation.program
    layers = range(1, len(setting.network.layers) + 1)
    parameters = [t.name for t in program.with_role(Role.PARAMETER)]
    kinds = (
        ("Forward pass", "forward", {f"{letter}{n}": f"{letter}{n}" for n in layers for letter in "za"}),
        ("Backward pass", "gradients", {name: adjoint_name(name) for name in parameters}),
        ("Update", "updated", {name: updated_name(name) for name in parameters}),
    )
    for title, kind, names in kinds:
        values = setting.worked.values or {}
        numbers = {name: values[of] for name, of in names.items() if of in values}
        if numbers:
            yield title, _cell(kind, numbers, setting.options.digits)
    if setting.has_numbers:
        yield "Check by finite differences", _cell("differences", {}, setting.options.digits)


def _cell(kind: str, numbers: Mapping[str, Array], digits: int) -> str:
    few = sum(value.size for value in numbers.values()) <= MOST_NUMBERS
    literals = [(name, _literal(value, digits)) for name, value in numbers.items()] if few else []
    made = _template().render(
        kind=kind,
        numbers=literals,
        digits=digits,
        tolerance=f"5e-{digits}",
        most=MOST_DIFFERENCES,
    )
    return made.strip()


def _literal(value: Array, digits: int) -> str:
    """Return numbers as a Python list, rounded as they are printed."""
    rounded = np.vectorize(lambda v: float(f"{v:.{digits}g}"), otypes=[float])(value)
    return repr(rounded.tolist())


@cache
def _template() -> Template:
    # Python, not HTML: what goes in are canonical names and literals of numbers.
    return environment(trim_blocks=True, lstrip_blocks=True).get_template("handout_cell.py.jinja")
