"""``chainrule explain``: the statement of a kind of mistake, with an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from derive.check.catalogue import Mistake


@click.command(epilog="\b\nExamples:\n  chainrule explain\n  chainrule explain stale-number")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a kind of mistake that verify names, by its CODE; list all of them without one."""
    from codegen.console import print_table
    from derive.check.catalogue import MISTAKES
    from derive.suggest import unknown

    if code is None:
        print_table(("code", "mistake"), [(mistake.code, mistake.title) for mistake in MISTAKES.values()])
    elif code in MISTAKES:
        click.echo(explanation(MISTAKES[code]))
    else:
        raise click.UsageError(unknown("code", code, tuple(MISTAKES)))


def explanation(mistake: Mistake) -> str:
    """Return the statement of a mistake with its pair of examples."""
    examples = (("wrong", mistake.wrong), ("right", mistake.right))
    shown = [_example(label, text) for label, text in examples if text]
    return "\n\n".join([f"{mistake.code}: {mistake.title}", mistake.statement, "\n".join(shown)])


def _example(label: str, text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([f"  {label}:  {first}", *(f"          {line}" for line in rest)])
