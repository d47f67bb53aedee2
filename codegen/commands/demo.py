"""``chainrule demo``: the main job on a bundled example, from the network file to checked code."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from derive.spec import Spec

EXAMPLE = "lecture6"
STYLES = {"array": f"{EXAMPLE}.py", "scalar": f"{EXAMPLE}_scalar.py"}
AGREEMENT = 1e-12
"""How far apart two computations of a gradient may be, relative to its largest element."""


@click.command(epilog="\b\nExample:\n  chainrule demo -o demo")
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), default=Path("chainrule-demo"),
              show_default=True, metavar="DIR", help="The folder to write into.")  # fmt: skip
def command(folder: Path) -> None:
    """Do the main job on a bundled example: write its handout and its modules, and check them."""
    from codegen.console import working
    from derive.spec import load

    spec = load(EXAMPLE)
    _make(folder)
    click.echo(f"{spec.title}: a bundled network of {'-'.join(map(str, spec.network.sizes))} units\n")
    with working("writing the handout and the modules"):
        messages = list(_written(spec, folder))
    click.echo("\n".join(messages))
    with working("checking"):
        rows, agree = _check(spec, folder)
    _report(rows, agree, folder)


def _make(folder: Path) -> None:
    from codegen.files import TargetError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise TargetError(f"{folder}: a file is in the way: name another folder with -o DIR") from None


def _written(spec: Spec, folder: Path) -> Iterator[str]:
    """Write the handouts and the modules, and say for each what it is."""
    from codegen.files import write_whole
    from codegen.handout import write_handout
    from codegen.modules import generate
    from codegen.tex_engine import TexError

    for suffix in (".tex", ".html", ".pdf"):
        target = folder / f"{EXAMPLE}{suffix}"
        try:
            for path in write_handout(spec, target, detail="full", digits=6, force=False):
                yield f"wrote {path}: the derivation as a handout"
        except TexError as error:
            yield f"did not write {target}: {error}"
    for style, name in STYLES.items():
        write_whole(folder / name, generate(spec, style=style))
        yield f"wrote {folder / name}: the gradient as a NumPy module, style {style}"


def _check(spec: Spec, folder: Path) -> tuple[list[tuple[str, ...]], bool]:
    """Compare the gradients of the modules, of the trace and of differences, parameter by parameter."""
    import numpy as np

    from derive.differences import gradient_by_differences
    from derive.trace import trace

    if spec.example is None:  # the bundled example has one
        return [], False
    traced = trace(spec).gradients
    others = [_module_gradient(folder / name, spec) for name in STYLES.values()]
    others.append(gradient_by_differences(spec.network, spec.example))
    rows, agree = [], True
    for name in spec.network.parameter_shapes:
        apart = [float(np.max(np.abs(other[name] - traced[name]))) for other in others]
        largest = float(np.max(np.abs(traced[name])))
        agree = agree and max(apart) <= AGREEMENT * largest
        rows.append((name, f"{largest:.6g}", *(f"{difference:.1e}" for difference in apart)))
    return rows, agree


def _module_gradient(path: Path, spec: Spec) -> Mapping[str, Any]:
    """Return the gradient that a module written just now computes at its own example."""
    module = runpy.run_path(str(path))
    params, x, y, _ = module["example"]()
    _, gradient = module["value_and_grad"](params, x, y)
    if "unpack" in module:
        gradient = module["unpack"](gradient)
    return dict(zip(spec.network.parameter_shapes, gradient, strict=True))


def _report(rows: list[tuple[str, ...]], agree: bool, folder: Path) -> None:
    from codegen.console import print_table

    click.echo("\nThe gradient, computed four times; how far each is from the evaluated derivation:\n")
    print_table(("", "largest element", "array module", "scalar module", "differences of the loss"), rows)
    if not agree:
        raise AssertionError("the modules, the derivation and the differences of the loss do not agree")
    click.echo("\nThey agree. What to do next:")
    click.echo(f"  open {folder / EXAMPLE}.html")
    click.echo("  chainrule new mynet.toml      and then: chainrule trace mynet.toml")
    click.echo("  chainrule --help")
