"""From a network file to the setting that the parts of a handout read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from codegen.handout.matrices import snapped
from codegen.handout.setting import Options, Setting
from codegen.handout.worked import Array, Worked
from derive.derivation import Derivation, derive
from derive.evaluate import evaluate
from derive.optimizers import updated_name
from derive.program import Program, Role
from derive.spec import Spec
from derive.trace import trace


def build_setting(spec: Spec, options: Options) -> Setting:
    """Derive the network of a spec, and evaluate its example.

    Parameters
    ----------
    spec : Spec
    options : Options
    """
    if spec.example is not None:
        trace(spec)  # refuses numbers that leave the range of floats
    worked = _worked(spec, options, spec.samples)
    single = worked if spec.samples is None else _worked(spec, options, None)
    example = spec.example
    rate = example.learning_rate if example else None
    after = _after(worked, rate) if rate is not None else None
    return Setting(worked, single, after, rate, options)


def _worked(spec: Spec, options: Options, samples: int | None) -> Worked:
    derivation = derive(spec.network, samples, spec.assumptions).with_notation(spec.notation)
    values = _values(spec, derivation, first=samples is None and spec.samples is not None)
    sample = str(spec.notation.base) if samples != spec.samples else ""
    return Worked(derivation, spec.notation, values, options.digits, sample)


def _values(spec: Spec, derivation: Derivation, *, first: bool) -> dict[str, Array] | None:
    if spec.example is None:
        return None
    x, y = (np.asarray(v, dtype=float) for v in (spec.example.x, spec.example.y))
    given: dict[str, Any] = {"x": x[0] if first else x, "y": y[0] if first else y, **spec.example.parameters}
    if spec.example.learning_rate is not None:
        given["eta"] = spec.example.learning_rate
    with np.errstate(all="ignore"):  # the trace has found every number finite
        values = evaluate(_without_rate(derivation.numeric, given), given)
    return {name: snapped(value) for name, value in values.items()}


def _without_rate(program: Program, given: Collection[str]) -> Program:
    """Leave the update out where there is no learning rate."""
    if "eta" in given:
        return program
    return replace(
        program,
        inputs=tuple(t for t in program.inputs if t.name != "eta"),
        steps=tuple(s for s in program.steps if s.tensor.role is not Role.UPDATED),
    )


def _after(worked: Worked, rate: float) -> Mapping[str, Array]:
    """Return the forward values with the updated parameters."""
    values, program = worked.values or {}, worked.derivation.numeric
    parameters = {t.name: values[updated_name(t.name)] for t in program.with_role(Role.PARAMETER)}
    with np.errstate(all="ignore"):
        found = evaluate(program, {"x": values["x"], "y": values["y"], "eta": rate, **parameters})
    return {name: snapped(value) for name, value in found.items()}
