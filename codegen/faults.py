"""What an input or a call is to blame for, and what to tell the user about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FAULTS = (
    ("codegen.compiler", "CompileError", True),
    ("codegen.files", "TargetError", True),
    ("codegen.handout.limits", "HandoutError", False),
    ("codegen.modules", "StyleError", False),
    ("codegen.selection", "WeightError", False),
    ("codegen.tex_engine", "TexError", True),
    ("derive.network", "NetworkError", False),
    ("derive.notation", "NotationError", False),
    ("derive.read.document_types", "DocumentError", True),
    ("derive.spec_table", "SpecError", True),
    ("derive.trace", "TraceError", True),
    ("derive.views", "TooLargeError", False),
)
"""Where errors whose message is for the user are defined, and whether they name what they are about."""


@contextmanager
def concerning(source: str) -> Iterator[None]:
    """Say of an error inside which network file it is about."""
    try:
        yield
    except Exception as error:
        error.add_note(source)
        raise


def message_of(error: Exception) -> str | None:
    """Return what to tell the user about a fault of an input; None where it is none."""
    if isinstance(error, MemoryError):
        return "not enough memory for a network of this size: use fewer units"
    if isinstance(error, OSError):
        name = "" if error.filename is None else f"{error.filename}: "
        return f"{name}{error.strerror or error}"
    for module, name, complete in FAULTS:
        # A class whose module was never imported has no instances.
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None and isinstance(error, cls):
            notes = getattr(error, "__notes__", [])
            return str(error) if complete or not notes else f"{notes[0]}: {error}"
    return None
