"""``chainrule derive``: print the derivation of a gradient, or that of one weight."""

from __future__ import annotations

import click

VIEWS = ("index", "element", "path", "matrix")
FORMATS = ("text", "latex", "json")


@click.command(
    epilog="\b\nExamples:\n  chainrule derive lecture6\n  chainrule derive lecture6 --view matrix\n"
    "  chainrule derive lecture6 --weight 'W1[0,1]' --format latex"
)
@click.argument("spec")
@click.option("--view", type=click.Choice(VIEWS),
              help="In general (index, the default), by element (the default with --weight), by path,"
                   " or as matrix algebra.")  # fmt: skip
@click.option("--weight", metavar="'W1[0,1]'", help="One weight alone; indices count from 0.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--force", is_flag=True, help="Print views beyond the usual size, too.")
def command(spec: str, view: str | None, weight: str | None, form: str, force: bool) -> None:
    """Print the derivation of the gradient of SPEC, or that of one weight."""
    from codegen.console import working
    from codegen.faults import concerning
    from derive.spec import load

    loaded = load(spec)
    view = view or ("element" if weight else "index")
    with working("deriving"), concerning(spec):
        from codegen.derivation_text import render

        text = render(loaded, view=view, weight=weight, format=form, force=force)
    click.echo(text.rstrip("\n"))
