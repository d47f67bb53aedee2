"""Functions that a document defines by a letter and a mere variable: ``g(x) = 1 + e^{-x}``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derive.check.formula.definition import Definition
from derive.check.formula.errors import Undecided
from derive.check.formula.evaluate import Evaluator
from derive.check.formula.frame import Frame
from derive.check.formula.mere import STEP, is_of_mere_variable
from derive.check.formula.words import only
from derive.check.intervals import Interval, Value, low_of
from derive.read.tree import Call

OF_ANYTHING, OF_MERE_VARIABLES = "()", "(mere)"
"""What the keys of such functions end with: those of the document's own, and letters that it says are a
known activation, which only for mere variables outweighs what the layers have."""


def own_function(ev: Evaluator, node: Call, frame: Frame) -> Value | None:
    """Return the value of a function that the document has defined, or of its derivative; None for others."""
    base = node.function.base
    definition = ev.definitions.get(base + OF_ANYTHING)
    if definition is None and is_of_mere_variable(node):
        definition = ev.definitions.get(base + OF_MERE_VARIABLES)
    if definition is None or len(node.arguments) != 1 or node.function.subscripts:
        return None
    if node.function.primes > 1:
        raise Undecided(f"a higher derivative of {base}")
    here = ev.value(only(node), frame)
    if node.function.primes == 0:
        return _at(ev, definition, here, frame)
    if isinstance(here, Interval) or np.iscomplexobj(here):
        raise Undecided(f"a derivative of {base} at an uncertain place")
    return np.asarray(np.imag(low_of(_at(ev, definition, here + 1j * STEP, frame))) / STEP)


def _at(ev: Evaluator, definition: Definition, argument: Value, frame: Frame) -> Value:
    if ev.expanding > 20:
        raise Undecided("a definition that goes round in a circle")
    (variable,) = definition.symbols
    moved = replace(ev, free={**ev.free, variable: argument}, kept=None, expanding=ev.expanding + 1)
    value = moved.value(definition.node, frame)
    return value if isinstance(value, Interval) else np.asarray(value)
