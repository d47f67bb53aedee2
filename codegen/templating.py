"""How the templates of this package are read: strict about names, and compiled once for all processes."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any
from zlib import crc32

import jinja2.compiler
from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

_FOLDER = Path(__file__).with_name("templates")


class _CacheBeside(FileSystemBytecodeCache):
    """Compiled templates where Python keeps compiled modules; without one where that cannot be written."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def environment(**options: Any) -> Environment:
    """Return what reads the templates of `codegen/templates`.

    A name that a template shows and its context lacks is an error. Compiling a template takes longer than
    filling it in, so what is compiled is kept, unless Python is told to write no bytecode.

    Parameters
    ----------
    **options
        Of `jinja2.Environment`.
    """
    return Environment(  # noqa: S701  # each caller escapes for its own format
        loader=PackageLoader("codegen"), undefined=StrictUndefined, bytecode_cache=_cache(options), **options
    )


def _cache(options: dict[str, Any]) -> _CacheBeside | None:
    if sys.dont_write_bytecode:
        return None
    folder = Path(cache_from_source(str(_FOLDER / "template.py"))).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    compiler = Path(jinja2.compiler.__file__).stat().st_mtime_ns
    named = sorted((name, str(getattr(value, "__qualname__", value))) for name, value in options.items())
    return _CacheBeside(str(folder), f"%s.jinja-{crc32(repr((compiler, named)).encode()):08x}")
