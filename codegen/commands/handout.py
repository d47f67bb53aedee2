"""``chainrule handout``: write the derivation as a handout."""

from __future__ import annotations

from pathlib import Path

import click

SUFFIXES = (".tex", ".pdf", ".html", ".md", ".ipynb")


@click.command(
    epilog="\b\nExamples:\n  chainrule handout lecture6 -o lecture6.pdf\n"
    "  chainrule handout mynet.toml -o notes.html --detail brief"
)
@click.argument("spec")
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path),
              help=f"The file to write; its suffix chooses: {' '.join(SUFFIXES)}.")  # fmt: skip
@click.option("--detail", type=click.Choice(("brief", "full")), default="full", show_default=True,
              help="In general only, or for every weight too.")  # fmt: skip
@click.option("--digits", type=click.IntRange(1, 17), default=6, show_default=True,
              help="Significant digits of numbers.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write handouts beyond the usual size, too.")
def command(spec: str, file: Path, detail: str, digits: int, force: bool) -> None:
    """Write the derivation of the gradient of SPEC as a handout."""
    from codegen.console import working
    from codegen.faults import concerning
    from codegen.files import check_target

    check_target(file, SUFFIXES)
    from derive.spec import load

    loaded = load(spec)
    with working(f"writing {file.name}"), concerning(spec):
        from codegen.handout import write_handout

        written = write_handout(loaded, file, detail=detail, digits=digits, force=force)
    for path in written:
        click.echo(f"wrote {path}")
