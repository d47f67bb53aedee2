"""The generated modules of this project as contenders."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np
from cells import Cell
from contender import Contender, Result

from codegen.compiler import find_compiler, headers
from codegen.modules import generate
from codegen.modules.extension import build

MAX_SCALAR = 2_000
"""Weights up to which the scalar style is timed."""

MAX_COMPILED = 20_000
"""Weights up to which the C style is timed: it is for small networks, and has no products of a BLAS."""


def module_of(cell: Cell, style: str) -> ModuleType:
    """Import a generated module, from a file."""
    name = f"generated_{style}_{cell.name.replace('-', '_')}_{cell.batch is None}"
    if name in sys.modules:
        return sys.modules[name]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(generate(cell.spec, style=style), encoding="utf-8")
        found = importlib.util.spec_from_file_location(name, path)
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        sys.modules[name] = module
        found.loader.exec_module(module)
    return module


@cache
def extension_of(cell: Cell) -> Any:
    """Build the C style of one sample as an extension module, and import it."""
    find_compiler()
    headers()
    with TemporaryDirectory() as folder:
        path = build(cell.spec, Path(folder), "float" if cell.dtype == "float32" else "double")[-1]
        found = importlib.util.spec_from_file_location(path.name.partition(".")[0], path)
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
    return module


def array(cell: Cell) -> list[Contender]:
    """The array style; also with a workspace, where the module takes one."""
    module, (params, x, y) = module_of(cell, "array"), cell.numbers
    given = module.Params(*params)
    made = [Contender("chainrule array", lambda: module.value_and_grad(given, x, y), lambda r: r)]
    if "workspace" in inspect.signature(module.value_and_grad).parameters:
        space = module.workspace(*(() if cell.batch is None else (cell.batch,)), dtype=cell.dtype)
        run = _with_workspace(module, given, x, y, space)
        made.append(Contender("chainrule array, workspace", run, lambda r: r))
    return made


def _with_workspace(module: ModuleType, params: Any, x: Any, y: Any, space: Any) -> Any:
    return lambda: module.value_and_grad(params, x, y, workspace=space)


def auto(cell: Cell) -> list[Contender]:
    """The default style, where it differs from the style array: on one sample."""
    if cell.batch is not None:
        return []
    module, (params, x, y) = module_of(cell, "auto"), cell.numbers
    given = module.Params(*params)
    return [Contender("chainrule auto", lambda: module.value_and_grad(given, x, y), lambda r: r)]


def scalar(cell: Cell) -> list[Contender]:
    """The scalar style: flat lists, and flat arrays in and out."""
    if cell.batch is not None or cell.dtype != "float64" or cell.network.weights > MAX_SCALAR:
        return []
    module, (params, x, y) = module_of(cell, "scalar"), cell.numbers
    flat, xs, ys = list(module.pack(params)), x.tolist(), y.tolist()
    packed = np.array(flat)

    def read(result: Any) -> Result:
        loss, gradient = result
        return loss, module.unpack(gradient)

    def arrays() -> Any:
        loss, gradient = module.value_and_grad(packed, x, y)
        return loss, np.array(gradient)

    return [
        Contender("chainrule scalar, lists", lambda: module.value_and_grad(flat, xs, ys), read),
        Contender("chainrule scalar, arrays", arrays, read),
    ]


def compiled(cell: Cell) -> list[Contender]:
    """The C style: arrays in, and the gradient into an array of the caller's."""
    if cell.network.weights > MAX_COMPILED:
        return []
    plain = Cell(cell.sizes, None if cell.batch is None else 1, cell.dtype)
    module, (params, x, y) = extension_of(plain), cell.numbers
    flat = np.concatenate([np.ravel(value) for value in params])
    gradient = np.empty_like(flat)
    ends = np.cumsum([value.size for value in params])[:-1]

    def read(loss: Any) -> Result:
        parts = np.split(gradient.copy(), ends)
        return loss, [part.reshape(value.shape) for part, value in zip(parts, params, strict=True)]

    return [Contender("chainrule C", lambda: module.value_and_grad(flat, x, y, gradient), read)]
