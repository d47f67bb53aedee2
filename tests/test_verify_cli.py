"""``chainrule verify``: statuses, forms, many documents."""

import gc
import io
import json
import signal
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import active_children
from pathlib import Path

import pytest
from reports import BAD, verify, write_notes

from codegen import report_run
from codegen.cli import AT_FAULT, DONE
from codegen.report import plain, report_lines
from codegen.report_html import report_page
from codegen.report_json import report_json
from codegen.report_run import judge, judge_all
from derive.spec import load

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
WRONG = 1

pytestmark = pytest.mark.usefixtures("notes")


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """Return a folder with documents, which is the current one."""
    write_notes(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# The verdict


def test_nothing_wrong(capsys):
    assert verify("good.md") == DONE
    printed = capsys.readouterr()
    assert printed.out.rstrip("\n") == "good.md: nothing wrong, 1 right"
    assert printed.err == ""


def test_something_wrong(capsys):
    assert verify("bad.md") == WRONG
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "error[sign]: bad.md:3:54: a wrong sign"
    text, carets = lines[2], lines[3]
    assert text == "3 | " + BAD.splitlines()[2]
    assert text[carets.index("^") : carets.rindex("^") + 1] == "y_i"
    assert any("should be subtracted" in line for line in lines)
    assert lines[-1] == "bad.md: 1 wrong, 0 right"


def test_no_claims_are_said_to_be_none(capsys):
    assert verify("none.md") == DONE
    assert capsys.readouterr().out == "none.md: no claim was found in it\n"


def test_right_claims_are_listed_on_request(capsys):
    assert verify("good.md", "--all") == DONE
    assert "right: good.md:1:" in capsys.readouterr().out


def test_json(capsys):
    assert verify("bad.md", "--json") == WRONG
    (document,) = json.loads(capsys.readouterr().out)["documents"]
    assert document["path"] == "bad.md"
    (finding,) = document["findings"]
    assert (finding["verdict"], finding["code"], finding["line"], finding["cell"]) == (
        "wrong",
        "sign",
        3,
        None,
    )


def test_a_page_is_written_and_named(capsys):
    assert verify("bad.md", "--html", "report.html") == WRONG
    assert capsys.readouterr().out.endswith("wrote report.html\n")
    text = Path("report.html").read_text()
    assert '<mark class="wrong">y_i</mark>' in text
    assert "<h1>bad.md</h1>" in text


def test_json_stays_json_with_a_page(capsys):
    assert verify("bad.md", "--json", "--html", "report.html") == WRONG
    assert json.loads(capsys.readouterr().out)
    assert Path("report.html").exists()


def test_a_convention_that_is_stated_is_not_inferred(capsys):
    Path("delta.md").write_text(
        "$\\delta^{(2)}_i = (y_i - a^{(2)}_i) a^{(2)}_i (1 - a^{(2)}_i)$ and\n\n"
        "$\\frac{\\partial L}{\\partial z^{(2)}_i} = -\\delta^{(2)}_i$\n"
    )
    assert verify("delta.md") == DONE
    assert "inferred: delta = negative-gradient" in capsys.readouterr().out
    assert verify("delta.md", "--assume", "delta=negative-gradient") == DONE
    assert "inferred: delta" not in capsys.readouterr().out
    assert verify("delta.md", "--assume", "delta=gradient") == WRONG


# Many documents


def test_many_documents_end_with_a_table(capsys):
    assert verify("good.md", "bad.md", "none.md") == WRONG
    lines = capsys.readouterr().out.rstrip("\n").splitlines()
    assert [line.split() for line in lines[-4:]] == [
        ["document", "wrong", "follows", "undecided", "right"],
        ["good.md", "0", "0", "0", "1"],
        ["bad.md", "1", "0", "0", "0"],
        ["none.md", "0", "0", "0", "0"],
    ]


def test_parallel_processes_say_the_same_in_the_same_order(capsys):
    documents = ["bad.md", "gone.md", "good.md"]
    told = []
    for jobs in ("1", "2"):
        assert verify(*documents, "--jobs", jobs) == AT_FAULT
        told.append(capsys.readouterr())
    assert told[0] == told[1]
    assert "gone.md: No such file" in told[0].err


def test_one_page_holds_all_documents():
    assert verify("good.md", "bad.md", "--html", "report.html") == WRONG
    text = Path("report.html").read_text()
    assert "<h1>2 documents</h1>" in text
    assert "<h2>good.md</h2>" in text
    assert "<h2>bad.md</h2>" in text


def test_the_others_are_judged_though_one_cannot_be_read(capsys):
    assert verify("bad.md", "gone.md", "good.md", "--html", "report.html") == AT_FAULT
    printed = capsys.readouterr()
    assert "error[sign]: bad.md:3" in printed.out
    assert "good.md: nothing wrong" in printed.out
    assert ["gone.md", "-", "-", "-", "-"] in [line.split() for line in printed.out.splitlines()]
    assert printed.err.startswith("chainrule: gone.md: No such file")
    assert "report.html was not written" in printed.err
    assert not Path("report.html").exists()


def test_json_tells_of_the_document_that_cannot_be_read(capsys):
    assert verify("good.md", "gone.md", "--json") == AT_FAULT
    document = json.loads(capsys.readouterr().out)
    assert [entry["path"] for entry in document["documents"]] == ["good.md"]
    assert [entry["path"] for entry in document["faults"]] == ["gone.md"]


def test_progress_is_shown_on_a_terminal_alone(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    error = Terminal()
    with redirect_stderr(error), redirect_stdout(io.StringIO()):
        verify("good.md", "none.md")
    assert "verifying" in error.getvalue()
    verify("good.md", "none.md")
    assert capsys.readouterr().err == ""


def test_a_process_that_dies_is_told():
    future: Future[report_run.Outcome] = Future()
    future.set_exception(BrokenProcessPool("gone"))
    outcome = report_run._outcome("a.md", future)
    assert outcome.fault.startswith("a.md: the process that judged it")


def test_an_interrupt_ends_the_processes(capfd):
    def interrupt() -> None:
        raise KeyboardInterrupt

    before = set(active_children())  # whatever other tests of this process have started
    documents = ["gone.md", *["good.md"] * 20]
    with pytest.raises(KeyboardInterrupt):
        judge_all(documents, load("lecture6"), {}, jobs=2, done=interrupt)
    assert set(active_children()) <= before
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    assert "Traceback" not in "".join(capfd.readouterr())


def test_every_document_that_is_done_counts():
    done = []
    outcomes = judge_all(["good.md", "gone.md"], load("lecture6"), {}, done=lambda: done.append(1))
    assert len(done) == 2
    assert [outcome.path for outcome in outcomes] == ["good.md", "gone.md"]


# The seed documents

NETWORKS = {
    "000": "lecture6",
    "001": "single-instance",
    "002": "linear-output",
    "003": "row-vectors",
    "004": "no-bias",
}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not beside this copy")
@pytest.mark.parametrize("number", NETWORKS)
def test_a_seed_is_shown_in_every_form_alike(number):
    (seed,) = SEEDS.glob(f"{number}_*")
    outcome = judge(str(seed), load(NETWORKS[number]), {})
    assert outcome.report is not None
    (document,) = json.loads(report_json([outcome.report]))["documents"]
    text = "\n".join(map(plain, report_lines(outcome.report, outcome.pages, everything=True)))
    page = report_page([(outcome.report, outcome.pages)], NETWORKS[number])
    assert sum(document["summary"].values()) == len(document["findings"]) > 10
    for position, finding in enumerate(document["findings"]):
        place = f":{finding['line']}:{finding['column']}: "
        if finding["verdict"] == "wrong":
            assert f"error[{finding['code']}]: {seed}{place}" in text
        elif finding["verdict"] != "follows":
            assert f"{finding['verdict']}: {seed}{place}" in text
        assert page.count(f'id="d0-f{position}"') == 1
        assert page.count(f'id="d0-m{position}"') == 1


@pytest.mark.parametrize("threshold", [0, 700, 50_000])
def test_garbage_is_collected_as_before_once_a_document_is_judged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, threshold: int
) -> None:
    during: list[int] = []

    def failing(*_: object) -> None:
        during.append(gc.get_threshold()[0])
        raise ValueError

    monkeypatch.setattr("codegen.report_run.check_document", failing)
    path = tmp_path / "notes.md"
    path.write_text("$z = 1$\n", encoding="utf-8")
    before = gc.get_threshold()
    try:
        gc.set_threshold(threshold, 10, 10)
        assert isinstance(judge(str(path), load("lecture6"), {}).broken, ValueError)
        assert gc.get_threshold() == (threshold, 10, 10)
    finally:
        gc.set_threshold(*before)
    assert during == [threshold and max(threshold, 10_000)]
