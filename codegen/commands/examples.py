"""``chainrule examples``: list the bundled examples."""

from __future__ import annotations

import click


@click.command(epilog="\b\nExample:\n  chainrule examples\n  chainrule trace lecture6")
def command() -> None:
    """List the bundled examples: a name from the list stands for SPEC in every command."""
    from codegen.console import print_table
    from derive import examples
    from derive.spec import load

    rows = []
    for name in examples.names():
        network = load(name).network
        sizes = "-".join(map(str, network.sizes))
        kinds = ", ".join(dict.fromkeys(layer.activation for layer in network.layers))
        rows.append((name, sizes, kinds, f"{network.layout}, {network.bias}", network.title))
    print_table(("name", "units", "activations", "layout, bias", "title"), rows)
