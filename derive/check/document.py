"""The verifier: a document and a network file in, a report out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from derive.check.code import check_code
from derive.check.code.convention import Sign
from derive.check.findings import Finding, Inference, Report
from derive.check.formula.check import check_formulas
from derive.check.ledger import Ledger, Told
from derive.check.world import World, world
from derive.read.document_types import Document
from derive.spec import Spec

_SIGNS: Mapping[str, Sign] = MappingProxyType({"gradient": 1, "negative-gradient": -1})


def check_document(document: Document, spec: Spec, assume: Mapping[str, str] | None = None) -> Report:
    """Judge every claim of a document: formulas, displayed numbers, code and printed outputs.

    Parameters
    ----------
    document : Document
    spec : Spec
        The network that the document is about, with its notation and numbers.
    assume : mapping, optional
        Conventions that are taken as they are and not inferred, by name
        (`derive.check.formula.conventions.options`).

    Returns
    -------
    Report
        A finding for every claim read, in the document's order.

    Raises
    ------
    AssumeError
        If `assume` names an unknown convention or value.
    """
    known = world_of(spec)
    ledger = Ledger()
    formulas = check_formulas(document.segments, known, spec.notation, assume, ledger, document.macros)
    code = check_code(document, known, _SIGNS.get(formulas.delta or ""), Told(ledger, formulas.findings))
    findings = joined(formulas.findings, code.findings, links=code.links)
    inferences = _distinct((*formulas.inferences, *code.inferences))
    return Report(document.path, findings, inferences, tuple(dict.fromkeys((*_notes(document), *code.notes))))


def world_of(spec: Spec) -> World:
    """Return the true values at the example of a network file and at random points."""
    if spec.example is None:
        return world(spec.network, None)
    example: dict[str, Any] = {"x": spec.example.x, "y": spec.example.y, **spec.example.parameters}
    # Without a learning rate nothing can be said of updates at the example.
    rate = spec.example.learning_rate
    example["eta"] = math.nan if rate is None else rate
    return world(spec.network, example, spec.samples)


def joined(*groups: Sequence[Finding], links: Mapping[int, int] | None = None) -> tuple[Finding, ...]:
    """Return the findings of several judges in the order of the document, with `because_of` renumbered.

    Parameters
    ----------
    groups : sequences of Finding
    links : mapping of int to int, optional
        Findings of the last group that stand for one of the first, by their positions.
    """
    marked = [(group, k) for group, findings in enumerate(groups) for k in range(len(findings))]
    marked.sort(key=lambda item: groups[item[0]][item[1]].place.order)
    position = {item: number for number, item in enumerate(marked)}
    for ours, theirs in (links or {}).items():
        position[len(groups) - 1, ours] = position[0, theirs]
    return tuple(_renumbered(groups[group][k], group, position) for group, k in marked)


def _renumbered(finding: Finding, group: int, position: Mapping[tuple[int, int], int]) -> Finding:
    if finding.because_of is None:
        return finding
    return replace(finding, because_of=position[group, finding.because_of])


def _distinct(inferences: Sequence[Inference]) -> tuple[Inference, ...]:
    found: dict[str, Inference] = {}
    for inference in inferences:
        found.setdefault(inference.convention, inference)
    return tuple(found.values())


def _notes(document: Document) -> Iterator[str]:
    yield from document.notes
    for segment in document.segments:
        if segment.note:
            yield f"line {segment.start.line}: {segment.note}"
