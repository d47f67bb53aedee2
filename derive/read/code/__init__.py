"""Gradient code, followed over its syntax tree and never run."""

from derive.read.code.budget import Budget
from derive.read.code.events import (
    Assigned,
    Called,
    Drawn,
    Evaluated,
    Event,
    Printed,
    PrintedValue,
    Recording,
    Returned,
    Run,
    Shown,
    Unsupported,
)
from derive.read.code.interpret import interpret
from derive.read.code.machine import AssignTarget
from derive.read.code.source import CodeCell, CodeSpan
from derive.read.code.values import Opaque, Unknown

__all__ = [
    "AssignTarget",
    "Assigned",
    "Budget",
    "Called",
    "CodeCell",
    "CodeSpan",
    "Drawn",
    "Evaluated",
    "Event",
    "Opaque",
    "Printed",
    "PrintedValue",
    "Recording",
    "Returned",
    "Run",
    "Shown",
    "Unknown",
    "Unsupported",
    "interpret",
]
