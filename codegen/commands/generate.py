"""``chainrule generate``: write a NumPy module that computes the gradient."""

from __future__ import annotations

from pathlib import Path

import click

FAST_MATH = "Slopes by their textbook forms, a (1 - a): less exact where an output is near a limit."


@click.command(
    epilog="\b\nExamples:\n  chainrule generate lecture6 -o lecture6.py\n"
    "  chainrule generate mynet.toml -o fast.py --style scalar"
)
@click.argument("spec")
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path),
              help="The file to write; its name ends in .py, or in .c for C.")  # fmt: skip
@click.option("--style", type=click.Choice(("auto", "array", "scalar", "c")), default="auto",
              show_default=True, help="Arrays, and one sample of a small network unrolled on floats; arrays"
              " alone; one sample alone, unrolled on floats; or one sample in C99.")  # fmt: skip
@click.option("--fast-math", is_flag=True, help=FAST_MATH)
def command(spec: str, file: Path, style: str, fast_math: bool) -> None:
    """Write a NumPy module, or a C file, that computes the loss of SPEC, its gradient and updates."""
    from codegen.console import working
    from codegen.faults import concerning
    from codegen.files import check_target, write_whole

    check_target(file, (".c",) if style == "c" else (".py",))
    from derive.spec import load

    loaded = load(spec)
    with working(f"writing {file.name}"), concerning(spec):
        from codegen.modules import generate

        source = generate(loaded, style=style, fast_math=fast_math)
    write_whole(file, source)
    click.echo(f"wrote {file}")
