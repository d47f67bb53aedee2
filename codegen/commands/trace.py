"""``chainrule trace``: every number of the worked example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from derive.spec import Example, Spec
    from derive.trace import Trace


@click.command(epilog="\b\nExamples:\n  chainrule trace lecture6\n  chainrule trace mynet.toml --json")
@click.argument("spec")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, in full precision.")
@click.option("--digits", type=click.IntRange(1, 17), default=6, show_default=True,
              help="Significant digits of the table.")  # fmt: skip
def command(spec: str, as_json: bool, digits: int) -> None:
    """Print every number of the worked example of SPEC: values, gradients, one update, the loss."""
    from codegen.console import working
    from derive.spec import load

    loaded = load(spec)
    with working("evaluating"):
        from derive.trace import trace

        result = trace(loaded)
    if as_json:
        click.echo(as_document(result))
    else:
        _print(loaded, result, digits)
    for name in result.beyond_floats:
        click.echo(f"note: dL/d{name} leaves the range of floats{' (null)' if as_json else ''}", err=True)


def as_document(result: Trace) -> str:
    """Return the numbers as JSON; what is infinite is null."""
    document = {
        "loss": result.loss,
        "loss_after": result.loss_after,
        "values": _lists(result.values),
        "gradients": _lists(result.gradients),
        "updated": _lists(result.updated),
    }
    return json.dumps(document, allow_nan=False)


def _lists(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _finite(array.tolist()) for name, array in arrays.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return value if abs(value) < float("inf") else None


def _print(spec: Spec, result: Trace, digits: int) -> None:
    from codegen.console import print_table

    example = spec.example
    if example is None:  # there is no trace without one
        return
    click.echo(spec.title)
    values = {"x": example.x, "y": example.y, **result.values, **example.parameters}
    order = ("x", *result.values, "y", *example.parameters)
    columns = ("", "value", "dL/d(...)", "after the update")
    tables = (values, result.gradients, result.updated)
    rows = [(name, *(_cell(table.get(name), digits) for table in tables)) for name in order]
    used = [number for number in range(4) if number == 0 or any(row[number] for row in rows)]
    print_table([columns[n] for n in used], [[row[n] for n in used] for row in rows])
    click.echo(f"loss {result.loss:.{digits}g}{_after(result, example, digits)}")


def _after(result: Trace, example: Example, digits: int) -> str:
    if result.loss_after is None:
        return "; no update: the example has no learning_rate"
    return f", after the update with learning rate {example.learning_rate:g}: {result.loss_after:.{digits}g}"


def _cell(value: Any, digits: int) -> str:
    """Return an array as lines of aligned numbers, a line for each row."""
    if value is None:
        return ""
    import numpy as np

    rows = np.atleast_2d(np.asarray(value))
    # Adding 0.0 makes -0.0 a plain 0.
    words = [[f"{number + 0.0:.{digits}g}" for number in row] for row in rows]
    width = max(len(word) for row in words for word in row)
    return "\n".join(" ".join(word.rjust(width) for word in row) for row in words)
