"""A network as an extension module of Python: the C file, a wrapper, and both compiled."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.compiler import build_extension, extension_name, find_compiler, headers
from codegen.files import check_target, write_whole
from codegen.modules import description
from codegen.modules.c_style import context, prefix
from codegen.modules.rendering import rendered

if TYPE_CHECKING:
    from derive.spec import Spec

REALS = {"double": "d", "float": "f"}
"""The types that the numbers may have, with their letters in the buffer protocol."""

WIDE = 8
"""Units of a layer from which loops take less time in wider registers than the choice of these takes."""


def wrapper(spec: Spec, real: str) -> str:
    """Return the C source of the module around the file of `codegen.modules.c_style`."""
    network, name = spec.network, prefix(spec)
    widths = [(n, units) for n, units in enumerate(network.sizes) if n]
    return rendered(
        "c_wrapper.c.jinja",
        {
            "title": description.title(spec).replace("*/", "* /").replace("??", "? ?"),
            "version": description.version(),
            "file": f"{name}.c",
            "prefix": name,
            "real": real,
            "letter": REALS[real],
            "count": network.weights,
            "mean": network.reduction == "mean",
            "inputs": network.sizes[0],
            "outputs": network.sizes[-1],
            "values": 2 * sum(units for _, units in widths),
            "order": ", ".join(f"{kind}{n}" for n, _ in widths for kind in "za"),
            "shapes": network.parameter_shapes,
            "wide": max(network.sizes[1:]) >= WIDE,
        },
    )


def build(spec: Spec, folder: Path, real: str = "double", fast_math: bool = False) -> list[Path]:
    """Write the C file, the wrapper and the compiled module into a folder, and return their names.

    Parameters
    ----------
    spec : Spec
    folder : pathlib.Path
        It is created if it does not exist; its own folder has to.
    real : {"double", "float"}
    fast_math : bool
        As in `codegen.modules.generate`.

    Raises
    ------
    codegen.compiler.CompileError
        If it cannot be compiled; nothing is written then.
    codegen.modules.StyleError
        If the network is too large for the style.
    codegen.files.TargetError
        If a file cannot be written.
    """
    name = prefix(spec)
    targets = [folder / f"{name}.c", folder / f"{name}_module.c", folder / extension_name(name)]
    for target in targets if folder.exists() else [folder]:
        check_target(target)
    compiler = find_compiler()
    headers()
    texts = [rendered("module_c.c.jinja", context(spec, fast_math)), wrapper(spec, real)]
    with tempfile.TemporaryDirectory(prefix="chainrule-") as scratch:
        sources = [Path(scratch) / target.name for target in targets]
        for source, text in zip(sources, texts, strict=False):
            source.write_text(text, encoding="utf-8")
        build_extension(sources[1], sources[2], compiler)
        folder.mkdir(exist_ok=True)
        for target, source in zip(targets, sources, strict=True):
            write_whole(target, source.read_bytes())
    return targets
