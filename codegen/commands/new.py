"""``chainrule new``: write a commented network file to start from."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

import click


@click.command(epilog="\b\nExample:\n  chainrule new mynet.toml")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Write a commented network file to FILE, which must end in .toml and not exist yet."""
    from codegen.files import TargetError, check_target, write_whole

    check_target(file, (".toml",))
    if file.exists():
        raise TargetError(f"{file}: exists already: name a new file")
    name = shlex.quote(str(file)) if str(file).isprintable() else "FILE"
    template = (files("codegen") / "templates" / "new.toml").read_text(encoding="utf-8")
    write_whole(file, template.replace("{name}", name))
    click.echo(f"wrote {file}; next: chainrule trace {name}")
