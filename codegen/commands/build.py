"""``chainrule build``: compile the gradient of a network for Python."""

from __future__ import annotations

from pathlib import Path

import click

from codegen.commands.generate import FAST_MATH


@click.command(
    epilog="\b\nExamples:\n  chainrule build lecture6 -o build\n"
    "  chainrule build mynet.toml -o build --real float"
)
@click.argument("spec")
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path),
              help="The folder to write into; it is created if it does not exist.")  # fmt: skip
@click.option("--real", type=click.Choice(("double", "float")), default="double", show_default=True,
              help="The type of all numbers.")  # fmt: skip
@click.option("--fast-math", is_flag=True, help=FAST_MATH)
def command(spec: str, folder: Path, real: str, fast_math: bool) -> None:
    """Write the loss of SPEC and its gradient in C, and compile them for this Python.

    The compiled module works on one sample or a batch, on the arrays of its caller, through the buffer
    protocol, and trains; it needs no library. The C file stands alone.
    """
    from codegen.console import working
    from codegen.faults import concerning
    from derive.spec import load

    loaded = load(spec)
    with working("compiling"), concerning(spec):
        from codegen.modules.extension import build

        written = build(loaded, folder, real, fast_math)
    for path in written:
        click.echo(f"wrote {path}")
