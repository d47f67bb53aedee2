"""What the verifier found, for machines; the keys are a promise to scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from derive.check.findings import Finding, Report


def report_json(reports: Sequence[Report], faults: Sequence[tuple[str, str]] = ()) -> str:
    """Return the reports as one line of JSON, in ASCII.

    Parameters
    ----------
    reports : sequence of Report
    faults : sequence of tuple of str
        The documents that could not be read, each with its message; the key is left out where there is none.
    """
    document: dict[str, Any] = {"documents": [_report(report) for report in reports]}
    if faults:
        document["faults"] = [{"path": path, "message": message} for path, message in faults]
    return json.dumps(document, allow_nan=False)


def _report(report: Report) -> dict[str, Any]:
    inferences = [
        {"convention": inference.convention, "value": inference.value, "evidence": inference.evidence}
        for inference in report.inferences
    ]
    return {
        "path": report.path,
        "summary": report.summary,
        "inferences": inferences,
        "notes": list(report.notes),
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "verdict": finding.verdict.value,
        "code": finding.code,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "cell": place.cell,
        "claim": finding.claim,
        "expected": finding.expected,
        "given": finding.given,
        "hint": finding.hint,
        "counterexample": finding.counterexample,
        "evidence": finding.evidence,
        "because_of": finding.because_of,
    }
