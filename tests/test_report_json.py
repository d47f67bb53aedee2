"""The JSON of a report: the keys that scripts rely on."""

import json

from reports import HOSTILE, REPORT, hostile_report

from codegen.report_json import report_json

PROMISED = {"verdict", "code", "line", "column", "cell", "claim", "expected", "hint", "because_of"}


def test_the_promised_keys_are_there():
    (document,) = json.loads(report_json([REPORT]))["documents"]
    assert document["path"] == "notes.md"
    assert document["summary"] == {"right": 1, "wrong": 1, "follows": 2, "undecided": 1}
    assert len(document["findings"]) == len(REPORT.findings)
    assert all(finding.keys() >= PROMISED for finding in document["findings"])


def test_a_finding_has_its_values():
    finding = json.loads(report_json([REPORT]))["documents"][0]["findings"][1]
    assert finding == {
        "verdict": "wrong",
        "code": "sign",
        "line": 2,
        "column": 20,
        "end_line": 2,
        "end_column": 26,
        "cell": None,
        "claim": "-(t - y) = -t - y",
        "expected": "-t + y",
        "given": "-t - y",
        "hint": "this term should be added",
        "counterexample": "at the example: -0.5 against -1.5",
        "evidence": "",
        "because_of": None,
    }


def test_the_order_and_the_causes_are_kept():
    findings = json.loads(report_json([REPORT]))["documents"][0]["findings"]
    assert [finding["because_of"] for finding in findings] == [None, None, 1, 2, None]


def test_inferences_and_notes_are_told():
    document = json.loads(report_json([REPORT]))["documents"][0]
    assert document["inferences"] == [
        {"convention": "delta", "value": "negative-gradient", "evidence": "2 of 2 deltas"}
    ]
    assert document["notes"] == ["line 9: a picture"]


def test_faults_are_told_where_there_are_some():
    assert "faults" not in json.loads(report_json([REPORT]))
    assert json.loads(report_json([], [("a.md", "gone")]))["faults"] == [{"path": "a.md", "message": "gone"}]


def test_hostile_text_comes_back_exactly_and_goes_out_as_ascii():
    report, _ = hostile_report()
    text = report_json([report])
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["documents"][0]["findings"][0]["claim"] == HOSTILE
